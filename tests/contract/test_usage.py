"""Usage: amounts and totals, counted once by key, in the periods of an entitlement; what is refused."""

import pytest
from stigg import Stigg

from local.stigg_emulator.hosting import Emulator
from tests.contract.client import Api, Json, data, refusal

CALLS = "feature-api-calls"
REPORT = {"customerId": "acme", "featureId": CALLS, "value": 3}


@pytest.fixture(autouse=True)
def customer(api: Api, emulator: Emulator) -> None:
    """Create the customer `acme` at the start of 2040."""
    emulator.set_clock("2040-01-01T00:00:00Z")
    api.customer()


def report(api: Api, **fields: object) -> Json:
    """Report usage once; return the measurement."""
    measured: list[Json] = api.post("/usage", usages=[{**REPORT, **fields}]).json()["data"]
    return measured[0]


def entitle(api: Api, reset: str | None) -> None:
    """Entitle the customer to calls, whose usage is reset after a period."""
    entitlement = {"type": "FEATURE", "id": CALLS, "usageLimit": 100, "resetPeriod": reset}
    given = {name: value for name, value in entitlement.items() if value is not None}
    api.provision("sub-1", "plan-growth", entitlements=[given])


def shown(api: Api) -> Json:
    """Return the customer's entitlement to calls."""
    entitlements = data(api.get("/customers/acme/entitlements"))["entitlements"]
    return next(one for one in entitlements if one.get("feature", {}).get("id") == CALLS)


def test_amounts_and_totals(api: Api) -> None:
    """An amount is added, a total takes the place of the sum; each resource is counted by itself."""
    seen = [
        report(api)["currentUsage"],
        report(api, value=-1)["currentUsage"],
        report(api, value=10, updateBehavior="SET")["currentUsage"],
        report(api, value=4, resourceId="site-1")["currentUsage"],
        report(api, value=0.000004)["currentUsage"],
    ]

    assert seen == [3, 2, 10, 4, 10]


def test_a_key_is_counted_once(api: Api, emulator: Emulator) -> None:
    """The same key is counted once within seven days, and is new usage after that."""
    seen = [report(api, idempotencyKey="k")["currentUsage"]]
    for _ in range(2):
        emulator.advance(6 * 24 * 3600)
        seen.append(report(api, idempotencyKey="k")["currentUsage"])

    assert seen == [3, 3, 6]


@pytest.mark.parametrize(
    ("reset", "end"),
    [
        ("HOUR", "2040-01-01T01:00:00"),
        ("DAY", "2040-01-02T00:00:00"),
        ("WEEK", "2040-01-08T00:00:00"),
        ("MONTH", "2040-02-01T00:00:00"),
        ("YEAR", "2041-01-01T00:00:00"),
    ],
)
def test_periods(api: Api, emulator: Emulator, reset: str, end: str) -> None:
    """Usage counts until its period ends; the customer's entitlement shows usage and period."""
    entitle(api, reset)
    measured = report(api)
    before = shown(api)
    emulator.set_clock(f"{end[:-1]}9Z")
    after = shown(api)

    assert measured["usagePeriodEnd"].startswith(end)
    assert measured["nextResetDate"] == before["usagePeriodEnd"] == after["usagePeriodStart"]
    assert (before["currentUsage"], after["currentUsage"]) == (3, 0)


def test_without_a_period(api: Api) -> None:
    """Usage of an entitlement that never resets counts whenever it took place."""
    entitle(api, None)
    report(api, createdAt="2030-01-01T00:00:00Z")

    assert (shown(api)["currentUsage"], shown(api)["usagePeriodEnd"]) == (3, None)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"customerId": "nobody"}, (400, "CustomerNotFound")),
        ({"featureId": "feature-nothing"}, (400, "FeatureNotFound")),
        ({"featureId": "feature-sso"}, (400, "BadUserInput")),
        ({"value": "3"}, (400, "BadUserInput")),
        ({"dimensions": {"region": ["eu"]}}, (400, "BadUserInput")),
        ({"dimensions": "eu"}, (400, "BadUserInput")),
        ({"unit": "calls"}, (400, "BadUserInput")),
    ],
    ids=str,
)
def test_refused(api: Api, emulator: Emulator, fields: Json, expected: tuple[int, str]) -> None:
    """One report that is refused leaves all of its request uncounted."""
    assert refusal(api.post("/usage", usages=[REPORT, {**REPORT, **fields}])) == expected
    assert emulator.state()["usage"] == []


def test_archived(api: Api) -> None:
    """An archived customer's usage is not counted."""
    api.post("/customers/acme/archive")

    assert refusal(api.post("/usage", usages=[REPORT])) == (400, "EntityIsArchivedError")


def test_the_sdk(stigg: Stigg) -> None:
    """The official SDK reports usage with every field, though it prefers the second version, and reads the answer."""
    with pytest.deprecated_call():
        answer = stigg.v1.usage.report(
            usages=[
                {
                    "customer_id": "acme",
                    "feature_id": CALLS,
                    "value": 2.5,
                    "update_behavior": "DELTA",
                    "resource_id": "site-1",
                    "dimensions": {"region": "eu", "size": 3, "test": False},
                    "created_at": "2040-01-01T00:00:00Z",
                    "idempotency_key": "k",
                }
            ]
        )

    assert [(one.value, one.current_usage, one.resource_id) for one in answer.data] == [(2.5, 2.5, "site-1")]
