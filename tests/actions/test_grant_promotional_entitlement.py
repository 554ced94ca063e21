"""grant-promotional-entitlement, in this process: granted, extended, replaced; once, and not by older requests."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stigg_actions.errors import NotFound, RequestInvalid
from tests.support import crashes
from tests.support.harness import Harness
from tests.support.promotions import GRANT, REVOKE, SEATS, SSO, promotion, promotions, revocation, sent
from tests.support.requests import ACCOUNT, LINE, OTHER_ACCOUNT

POST = "POST .*/promotional-entitlements$"
IN_STIGG = "/promotional-entitlements$"
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _customers(actions: Harness) -> None:
    """Two customers, each linked to its account."""
    for customer_id, account_id in (("cust-acme", ACCOUNT), ("cust-beta", OTHER_ACCOUNT)):
        actions.ok("create-customer", {"customerId": customer_id, "name": "A", "salesforceAccountId": account_id})


def ago(seconds: float) -> str:
    """Return a moment of the past."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def later(actions: Harness, seconds: float) -> None:
    """Let time pass, here and in Stigg."""
    actions.clock.skip(seconds)
    actions.emulator.advance(seconds)


def in_the_app(actions: Harness, method: str, feature_id: str = SSO, **terms: Any) -> None:  # noqa: ANN401 - any field
    """Grant or revoke in Stigg's own app."""
    path = f"/api/v1/customers/cust-acme/promotional-entitlements{f'/{feature_id}' if method == 'DELETE' else ''}"
    names = (
        "customEndDate",
        "enumValues",
        "hasSoftLimit",
        "hasUnlimitedUsage",
        "isVisible",
        "resetPeriod",
        "usageLimit",
    )
    anchors = ("monthly", "weekly", "yearly")
    every = dict.fromkeys([*names, *(f"{anchor}ResetPeriodConfiguration" for anchor in anchors)])
    item = {**every, "featureId": feature_id, "period": "lifetime", **terms}
    actions.emulator.by_hand(method, path, {} if method == "DELETE" else {"promotionalEntitlements": [item]})


def test_granted(actions: Harness) -> None:
    """A feature is granted for a period, and the answer says until when."""
    body = actions.ok(GRANT, promotion(correlationId="flow-1"))

    start, end = (datetime.fromisoformat(body.pop(name)) for name in ("startDate", "endDate"))
    assert timedelta(days=28) <= end - start <= timedelta(days=31)
    assert body == {
        "success": True,
        "outcome": "created",
        "correlationId": "flow-1",
        "replayed": False,
        "customerId": "cust-acme",
        "featureId": SSO,
        "active": True,
        "status": "Active",
        "period": "1 month",
    }
    assert [(one["customerId"], one["featureId"], one["status"]) for one in promotions(actions)] == [
        ("cust-acme", SSO, "Active")
    ]


@pytest.mark.parametrize(
    ("asked", "days"),
    [("1 week", 7), ("1 Month", 28), ("6 months", 181), ("6 month", 181), ("1 year", 365), ("Lifetime", None)],
)
def test_periods(actions: Harness, asked: str, days: int | None) -> None:
    """Every period of Stigg is accepted, as a picklist may write it."""
    body = actions.ok(GRANT, promotion(period=asked))

    length = datetime.fromisoformat(body["endDate"]) - datetime.fromisoformat(body["startDate"]) if days else None
    assert (length is None) == ("endDate" not in body)
    shortest = timedelta(days=days or 0, seconds=-1)  # each of the moments is shown to the millisecond
    assert length is None or shortest <= length <= timedelta(days=(days or 0) + 3)


@pytest.mark.parametrize("period", [None, "custom"])
def test_until_a_date(actions: Harness, period: str | None) -> None:
    """A date without a time is the end of that day in the time zone of the request."""
    body = actions.ok(GRANT, promotion(period=period, customEndDate="2099-12-31", timeZone="America/New_York"))

    assert (body["period"], body["endDate"]) == ("custom", "2100-01-01T04:59:59Z")


def test_limits(actions: Harness) -> None:
    """Limit, reset period and its start reach Stigg, as do visibility and values."""
    body = actions.ok(
        GRANT,
        promotion(
            featureId=SEATS,
            usageLimit=25.0,
            hasSoftLimit=True,
            resetPeriod="Month",
            monthlyResetPeriodConfiguration={"accordingTo": "StartOfTheMonth"},
            isVisible=False,
            enumValues='["gold"]',
        ),
    )

    (shown,) = promotions(actions)
    assert (body["usageLimit"], body["hasSoftLimit"], body["resetPeriod"]) == (25, True, "MONTH")
    assert shown["resetPeriodConfiguration"] == {"accordingTo": "StartOfTheMonth"}
    assert (shown["isVisible"], shown["enumValues"]) == (False, ["gold"])


def test_unlimited(actions: Harness) -> None:
    """A feature is granted without a limit, and the customer's entitlements show it."""
    body = actions.ok(GRANT, promotion(featureId=SEATS, hasUnlimitedUsage="true", period="lifetime"))

    assert (body["hasUnlimitedUsage"], body["period"]) == (True, "lifetime")


def test_by_account(actions: Harness) -> None:
    """The customer is found by its account; an account of another customer, and one without, are refused."""
    body = actions.ok(GRANT, promotion(customerId=None, salesforceAccountId=ACCOUNT))
    other = actions.post(GRANT, promotion(salesforceAccountId=OTHER_ACCOUNT))
    unlinked = actions.post(GRANT, promotion(customerId=None, salesforceAccountId="001000000000009AAA"))

    assert body["customerId"] == "cust-acme"
    assert (other.body["errorCode"], unlinked.body["errorCode"]) == ("CUSTOMER_MISMATCH", "CUSTOMER_NOT_FOUND")


def test_replaced(actions: Harness) -> None:
    """Other terms replace what stands, and the answer says what was there."""
    first = actions.ok(GRANT, promotion(featureId=SEATS, usageLimit=5, hasSoftLimit=True, resetPeriod="WEEK"))

    body = actions.ok(GRANT, promotion(featureId=SEATS, usageLimit=9, period="1 year"))

    assert (body["outcome"], body["usageLimit"], body["period"]) == ("updated", 9, "1 year")
    assert {name: value for name, value in body.items() if name.startswith("previous")} == {
        "previousPeriod": "1 month",
        "previousEndDate": first["endDate"],
        "previousUsageLimit": 5,
        "previousHasSoftLimit": True,
        "previousResetPeriod": "WEEK",
    }
    assert len(promotions(actions)) == 1


def test_extended(actions: Harness) -> None:
    """Under a key of its own, the same period counts from now again."""
    first = actions.ok(GRANT, promotion(idempotencyKey="trial-1"))
    later(actions, 20 * DAY)

    body = actions.ok(GRANT, promotion(idempotencyKey="trial-2"))

    assert (body["outcome"], body["previousEndDate"]) == ("updated", first["endDate"])
    assert body["endDate"] > first["endDate"]


def test_what_stands_as_requested(actions: Harness) -> None:
    """What the customer has exactly so, without or until the same end, is unchanged, and nothing is sent."""
    in_the_app(actions, "POST")
    in_the_app(actions, "POST", SEATS, period="custom", customEndDate="2099-12-31T23:59:59Z")

    lifetime = actions.ok(GRANT, promotion(period="lifetime"))
    custom = actions.ok(GRANT, promotion(featureId=SEATS, period=None, customEndDate="2099-12-31"))

    assert (lifetime["outcome"], custom["outcome"]) == ("unchanged", "unchanged")
    assert (lifetime["previousPeriod"], custom["previousEndDate"]) == ("lifetime", "2099-12-31T23:59:59Z")
    assert sent(actions) == []


@pytest.mark.parametrize("after", [60, 3 * DAY])
def test_a_repeat(actions: Harness, after: int) -> None:
    """The same request extends nothing while what it has granted stands, however late it comes."""
    first = actions.ok(GRANT, promotion())
    later(actions, after)

    body = actions.ok(GRANT, promotion())

    assert (body["endDate"], body["active"]) == (first["endDate"], True)
    assert (body["outcome"], body["replayed"]) == (("created", True) if after == 60 else ("unchanged", False))
    assert sent(actions) == ["POST"]


def test_a_repeat_after_the_end(actions: Harness) -> None:
    """The same request grants again what has expired; under the caller's own key it shows that it has expired."""
    actions.ok(GRANT, promotion(idempotencyKey="trial"))
    later(actions, 40 * DAY)
    keyed = actions.ok(GRANT, promotion(idempotencyKey="trial"))
    actions.ok(GRANT, promotion())
    later(actions, 40 * DAY)

    body = actions.ok(GRANT, promotion())

    assert (keyed["replayed"], keyed["active"], keyed["status"]) == (True, False, "Expired")
    assert (body["outcome"], body["active"], "previousPeriod" in body) == ("created", True, False)
    assert sent(actions) == ["POST"] * 3


def test_a_repeat_after_a_revocation(actions: Harness) -> None:
    """What was revoked in the Stigg app is granted again by the same request, but not under the caller's own key."""
    actions.ok(GRANT, promotion(idempotencyKey="trial"))
    in_the_app(actions, "DELETE")
    keyed = actions.ok(GRANT, promotion(idempotencyKey="trial"))
    actions.ok(GRANT, promotion())
    in_the_app(actions, "DELETE")

    body = actions.ok(GRANT, promotion())

    assert (keyed["replayed"], body["outcome"], body["replayed"]) == (True, "created", False)
    assert sent(actions) == ["POST"] * 3


@pytest.mark.parametrize("after", [60, 3 * DAY])
def test_a_repeat_after_a_change(actions: Harness, after: int) -> None:
    """What was given other terms in the Stigg app is granted as requested again, although its end is the same."""
    wanted = promotion(featureId=SEATS, usageLimit=5, period="lifetime")
    actions.ok(GRANT, wanted)
    in_the_app(actions, "POST", SEATS, usageLimit=9)
    later(actions, after)

    body = actions.ok(GRANT, wanted)

    assert (body["outcome"], body["usageLimit"], body["previousUsageLimit"]) == ("updated", 5, 9)
    assert [one["usageLimit"] for one in promotions(actions)] == [5]


def test_a_repeat_while_stigg_is_away(actions: Harness) -> None:
    """A repeat gets the stored answer if Stigg cannot be asked."""
    first = actions.ok(GRANT, promotion())
    actions.emulator.fault("GET", IN_STIGG, "status", 503)

    body = actions.ok(GRANT, promotion(correlationId=first["correlationId"]))

    assert body == first | {"replayed": True}


def test_an_older_request(actions: Harness) -> None:
    """A request from older data neither replaces a newer grant nor undoes a newer revocation."""
    actions.ok(GRANT, promotion(period="1 year", asOf=ago(10)))
    older = actions.ok(GRANT, promotion(period="1 week", asOf=ago(60)))
    actions.ok(REVOKE, revocation(asOf=ago(5)))
    before_the_end = actions.ok(GRANT, promotion(period="1 week", asOf=ago(8)))
    newer = actions.ok(GRANT, promotion(period="1 week", asOf=ago(1)))

    assert (older["outcome"], older["period"], older["active"]) == ("superseded", "1 year", True)
    assert older["supersededBy"].startswith("entitle-")
    assert (before_the_end["outcome"], before_the_end["active"]) == ("superseded", False)
    assert before_the_end["supersededBy"].startswith("revoke-")
    assert (newer["outcome"], newer["period"]) == ("created", "1 week")


def test_other_features_and_customers(actions: Harness) -> None:
    """A newer change of another feature, or of another customer, stands in no request's way."""
    actions.ok(GRANT, promotion(featureId=SEATS, usageLimit=3, asOf=ago(10)))
    actions.ok(GRANT, promotion(customerId="cust-beta", asOf=ago(10)))

    assert actions.ok(GRANT, promotion(asOf=ago(60)))["outcome"] == "created"
    assert len(promotions(actions)) == 3


def test_an_unknown_feature(actions: Harness) -> None:
    """An unknown feature is refused with similar ids, under the name of its field."""
    reply = actions.post(GRANT, promotion(featureId="feature-sos"))

    assert (reply.status, reply.body["errorCode"]) == (404, "FEATURE_NOT_FOUND")
    assert "Ids similar to feature-sos: feature-sso" in reply.body["errorMessage"]
    assert [detail["field"] for detail in reply.body["details"]] == ["featureId"]


def test_an_unknown_customer(actions: Harness) -> None:
    """A customer that Stigg does not have is not found, and no operation is left behind."""
    with pytest.raises(NotFound, match="CUSTOMER_NOT_FOUND"):
        actions.invoke(GRANT, promotion(customerId="cust-nobody"))

    assert ("entitle", "STARTED") not in actions.operations()


def test_an_end_in_the_past(actions: Harness) -> None:
    """An end that lies in the past is refused, with the way to take a feature back."""
    with pytest.raises(RequestInvalid, match=r"customEndDate.*revoke-promotional-entitlement"):
        actions.invoke(GRANT, promotion(period=None, customEndDate="2020-01-01"))

    assert sent(actions) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"period": None}, "period"),
        ({"period": "2 weeks"}, "period"),
        ({"period": 6}, "period"),
        ({"period": "custom"}, "customEndDate"),
        ({"customEndDate": "2099-12-31"}, "period"),
        ({"featureId": None}, "featureId"),
        ({"customerId": None}, "customerId"),
        ({"usageLimit": 2.5}, "usageLimit"),
        ({"usageLimit": 2, "hasUnlimitedUsage": True}, "usageLimit"),
        ({"monthlyResetPeriodConfiguration": {"accordingTo": "StartOfTheMonth"}}, "monthlyResetPeriodConfiguration"),
    ],
)
def test_malformed(actions: Harness, changes: dict[str, Any], field: str) -> None:
    """The field that is missing, wrong or too many is named."""
    reply = actions.post(GRANT, promotion(**changes))

    assert (reply.status, [detail["field"] for detail in reply.body["details"]]) == (400, [field])


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("stood", [False, True])
def test_a_killed_grant_is_carried_on(actions: Harness, *, stood: bool, after: bool) -> None:
    """A repeat of a grant whose process died finds it or makes it, and knows what was there before."""
    before = actions.ok(GRANT, promotion(idempotencyKey="first")) if stood else {}
    crashes.crash(actions, GRANT, promotion(), POST, after=after)
    later(actions, 11)

    body = actions.ok(GRANT, promotion())

    assert (body["outcome"], body.get("previousEndDate")) == ("updated" if stood else "created", before.get("endDate"))
    assert len(sent(actions)) == 1 + stood
    assert actions.operations().count(("entitle", "SUCCEEDED")) == 1 + stood


def test_a_lost_answer_is_found(actions: Harness) -> None:
    """A grant whose answer is lost is found in Stigg by comparing."""
    actions.emulator.fault("POST", IN_STIGG, "cutAfter", times=3)

    body = actions.ok(GRANT, promotion(featureId=SEATS, usageLimit=7))

    assert (body["outcome"], body["usageLimit"]) == ("created", 7)
    assert [one["usageLimit"] for one in promotions(actions)] == [7]


@pytest.mark.parametrize(
    "made",
    [
        {"period": "1 week"},
        {"period": "1 month", "usageLimit": 1},
        {"period": "1 month", "isVisible": False},
        {"period": "1 month", "enumValues": ["x"]},
    ],
    ids=str,
)
def test_what_somebody_else_made(actions: Harness, made: dict[str, Any]) -> None:
    """A promotional entitlement with other terms is not taken for what was asked for."""
    wanted = promotion(isVisible=True, enumValues=["gold"])
    crashes.crash(actions, GRANT, wanted, POST, after=False)
    in_the_app(actions, "POST", **made)
    later(actions, 100)
    actions.invoke("reconcile", {})

    assert ("entitle", "FAILED") in actions.operations()
    assert actions.ok(GRANT, wanted)["outcome"] == "updated"


def test_by_itself(actions: Harness) -> None:
    """The reconciliation alone settles what a dead process has granted, and what it has not."""
    crashes.crash(actions, GRANT, promotion(), POST, after=True)
    crashes.crash(actions, GRANT, promotion(customerId="cust-beta"), POST, after=False)
    later(actions, 100)

    actions.invoke("reconcile", {})

    assert [one for one in actions.operations() if one[0] == "entitle"] == [
        ("entitle", "FAILED"),
        ("entitle", "SUCCEEDED"),
    ]


def test_record(actions: Harness) -> None:
    """A record that the request names is kept with the operation, and does not need a subscription."""
    actions.ok(GRANT, promotion(salesforceRecordId=LINE))
    listed = actions.invoke("list-operations", {"salesforceRecordId": LINE})

    assert [operation["kind"] for operation in listed["operations"]] == ["entitle"]


def test_a_customer_that_is_gone_when_its_grant_is_settled(actions: Harness) -> None:
    """A grant that never arrived is settled as failed, also if Stigg no longer knows the customer."""
    crashes.crash(actions, GRANT, promotion(), POST, after=False)
    actions.emulator.reset()
    actions.clock.skip(100)
    actions.invoke("reconcile", {})

    assert ("entitle", "FAILED") in actions.operations()
