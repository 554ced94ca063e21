"""Promotional entitlements: one for a customer and a feature, over by the clock, and what is refused."""

import pytest

from local.stigg_emulator.hosting import Emulator
from tests.contract.client import Api, Json, data, refusal

PATH = "/customers/acme/promotional-entitlements"


@pytest.fixture(autouse=True)
def customer(api: Api, emulator: Emulator) -> None:
    """Create the customer `acme` on the last day of January 2040."""
    emulator.set_clock("2040-01-31T00:00:00Z")
    api.customer()


def promote(api: Api, feature_id: str, **terms: object) -> Json:
    """Grant a promotional entitlement; return it."""
    (granted,) = api.promote(feature_id, **terms).json()["data"]
    return dict(granted)


def seen(api: Api) -> list[Json]:
    """Read the customer's entitlements."""
    items: list[Json] = data(api.get("/customers/acme/entitlements"))["entitlements"]
    return items


@pytest.mark.parametrize(
    ("period", "end"),
    [("1 week", "2040-02-07"), ("1 month", "2040-02-29"), ("6 month", "2040-07-31"), ("1 year", "2041-01-31")],
)
def test_periods(api: Api, period: str, end: str) -> None:
    """A period counts from the grant; months keep their day where the month has it."""
    granted = promote(api, "feature-sso", period=period)

    assert granted["endDate"][:10] == end


def test_over_by_the_clock(api: Api, emulator: Emulator) -> None:
    """What has expired entitles to nothing, and is still listed."""
    api.promote("feature-sso", period="custom", customEndDate="2040-02-10T00:00:00Z")
    before = [item["feature"]["id"] for item in seen(api)]
    emulator.set_clock("2040-02-10T00:00:01Z")

    assert (before, seen(api)) == (["feature-sso"], [])
    assert [item["status"] for item in api.get(PATH).json()["data"]] == ["Expired"]
    assert api.get(f"{PATH}?status=Active,Paused").json()["data"] == []


def test_granted_again(api: Api, emulator: Emulator) -> None:
    """A second grant takes the place of the first, and counts from then."""
    first = promote(api, "feature-sso")
    emulator.set_clock("2040-02-10T00:00:00Z")
    second = promote(api, "feature-sso")

    assert (first["id"], first["createdAt"]) == (second["id"], second["createdAt"])
    assert first["endDate"] < second["endDate"]
    assert len(api.get(PATH).json()["data"]) == 1


@pytest.mark.parametrize(
    ("terms", "limit"),
    [({"usageLimit": 5}, 10), ({"usageLimit": 70}, 70), ({"hasUnlimitedUsage": True}, None)],
)
def test_beside_a_plan(api: Api, terms: Json, limit: int | None) -> None:
    """Beside a plan's entitlement, the more generous one holds."""
    api.subscribe("sub-1")
    api.promote("feature-seats", **terms)

    assert [item["usageLimit"] for item in seen(api) if item["feature"]["id"] == "feature-seats"] == [limit]


@pytest.mark.parametrize(
    ("reset", "anchor", "end"),
    [
        ("MONTH", {"monthlyResetPeriodConfiguration": {"accordingTo": "StartOfTheMonth"}}, "2040-02-01"),
        ("MONTH", {"monthlyResetPeriodConfiguration": {"accordingTo": "SubscriptionStart"}}, "2040-02-29"),
        ("WEEK", {"weeklyResetPeriodConfiguration": {"accordingTo": "EveryFriday"}}, "2040-02-03"),
        ("WEEK", {}, "2040-02-07"),
        ("DAY", {}, "2040-02-01"),
    ],
)
def test_usage(api: Api, emulator: Emulator, reset: str, anchor: Json, end: str) -> None:
    """Usage counts towards the limit until its period ends, and no longer in the next one."""
    promote(api, "feature-seats", period="1 year", usageLimit=5, resetPeriod=reset, **anchor)
    report = {"customerId": "acme", "featureId": "feature-seats", "value": 3}
    (measured,) = api.post("/usage", usages=[report]).json()["data"]
    (before,) = seen(api)
    emulator.set_clock(f"{end}T00:01:00Z")
    (after,) = seen(api)

    assert (measured["usagePeriodEnd"][:10], before["usagePeriodEnd"][:10]) == (end, end)
    assert (measured["currentUsage"], before["currentUsage"], after["currentUsage"]) == (3, 3, 0)


@pytest.mark.parametrize(
    ("terms", "problem"),
    [
        ({"period": "2 weeks"}, "BadUserInput"),
        ({"period": "custom"}, "BadUserInput"),
        ({"customEndDate": "2041-01-01T00:00:00Z"}, "BadUserInput"),
        ({"period": "custom", "customEndDate": "2040-01-01T00:00:00Z"}, "BadUserInput"),
        ({"usageLimit": 1.5}, "BadUserInput"),
        ({"yearlyResetPeriodConfiguration": {"accordingTo": "SubscriptionStart"}}, "InvalidEntitlementResetPeriod"),
    ],
)
def test_refused_terms(api: Api, terms: Json, problem: str) -> None:
    """Terms that contradict each other, or that no period knows, are refused."""
    assert refusal(api.promote("feature-seats", **terms)) == (400, problem)


def test_refused(api: Api) -> None:
    """Unknown things are refused, and so is a grant of nothing, or to an archived customer."""
    assert refusal(api.promote("feature-x")) == (400, "FeatureNotFound")
    assert refusal(api.post(PATH, promotionalEntitlements=[])) == (400, "BadUserInput")
    assert refusal(api.post(PATH, promotionalEntitlements=[{"featureId": "feature-sso"}])) == (400, "BadUserInput")
    assert refusal(api.call("DELETE", f"{PATH}/feature-x")) == (404, "FeatureNotFound")
    assert refusal(api.call("DELETE", f"{PATH}/feature-sso")) == (404, "PromotionalEntitlementNotFound")
    assert refusal(api.get("/customers/nobody/promotional-entitlements")) == (404, "CustomerNotFound")
    assert refusal(api.get(f"{PATH}?status=Gone")) == (400, "BadUserInput")
    api.post("/customers/acme/archive")
    assert refusal(api.promote("feature-sso")) == (400, "EntityIsArchivedError")
