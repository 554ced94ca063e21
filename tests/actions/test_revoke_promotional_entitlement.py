"""revoke-promotional-entitlement, in this process: once, and without harm if there is nothing to revoke."""

from datetime import UTC, datetime, timedelta

import pytest

from stigg_actions.errors import NotFound
from tests.support import crashes
from tests.support.harness import Harness
from tests.support.promotions import GRANT, REVOKE, SEATS, SSO, promotion, promotions, revocation, sent
from tests.support.requests import ACCOUNT

DELETE = "DELETE .*/promotional-entitlements/"
IN_STIGG = "/promotional-entitlements/"
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _customer(actions: Harness) -> None:
    """A customer, linked to its account."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "A", "salesforceAccountId": ACCOUNT})


def ago(seconds: float) -> str:
    """Return a moment of the past."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def later(actions: Harness, seconds: float) -> None:
    """Let time pass, here and in Stigg."""
    actions.clock.skip(seconds)
    actions.emulator.advance(seconds)


@pytest.mark.parametrize("name", [{}, {"customerId": None, "salesforceAccountId": ACCOUNT}], ids=str)
def test_revoked(actions: Harness, name: dict[str, str | None]) -> None:
    """A promotional entitlement is taken back, others stay, and the answer says what was there."""
    granted = actions.ok(GRANT, promotion())
    actions.ok(GRANT, promotion(featureId=SEATS, usageLimit=3))

    body = actions.ok(REVOKE, revocation(**name, correlationId="flow-1"))

    assert body == {
        "success": True,
        "outcome": "revoked",
        "correlationId": "flow-1",
        "replayed": False,
        "customerId": "cust-acme",
        "featureId": SSO,
        "active": False,
        "previousPeriod": "1 month",
        "previousEndDate": granted["endDate"],
    }
    assert [one["featureId"] for one in promotions(actions)] == [SEATS]


def test_nothing_there(actions: Harness) -> None:
    """Where there is nothing to revoke, the outcome is unchanged, today and later."""
    first = actions.ok(REVOKE, revocation())
    later(actions, 2 * DAY)
    again = actions.ok(REVOKE, revocation())

    assert (first["outcome"], first["active"], again["outcome"], again["replayed"]) == (
        "unchanged", False, "unchanged", False,
    )  # fmt: skip


def test_expired(actions: Harness) -> None:
    """What has expired is no longer there."""
    actions.ok(GRANT, promotion(period="1 week"))
    later(actions, 8 * DAY)

    assert actions.ok(REVOKE, revocation())["outcome"] == "unchanged"


def test_a_repeat(actions: Harness) -> None:
    """A repeat gets the stored answer; what was granted since is revoked by it, but not under the caller's own key."""
    actions.ok(GRANT, promotion())
    keyed = revocation(idempotencyKey="end-1")
    first = actions.ok(REVOKE, keyed)
    actions.ok(GRANT, promotion(period="1 year"))
    with_key = actions.ok(REVOKE, keyed)
    kept = len(promotions(actions))
    actions.ok(REVOKE, revocation())
    again = actions.ok(REVOKE, revocation())
    actions.ok(GRANT, promotion(period="1 week"))

    newer = actions.ok(REVOKE, revocation())

    assert (first["outcome"], with_key["replayed"], kept, again["replayed"]) == ("revoked", True, 1, True)
    assert (newer["outcome"], newer["replayed"], newer["previousPeriod"]) == ("revoked", False, "1 week")
    assert promotions(actions) == []


def test_granted_in_the_app_since(actions: Harness) -> None:
    """A repeat revokes what somebody has granted in the Stigg app since."""
    actions.ok(REVOKE, revocation())
    terms = dict.fromkeys(
        ["customEndDate", "enumValues", "hasSoftLimit", "hasUnlimitedUsage", "isVisible", "resetPeriod", "usageLimit"]
    )
    anchors = dict.fromkeys(f"{one}ResetPeriodConfiguration" for one in ("monthly", "weekly", "yearly"))
    item = {**terms, **anchors, "featureId": SSO, "period": "lifetime"}
    path = "/api/v1/customers/cust-acme/promotional-entitlements"
    actions.emulator.by_hand("POST", path, {"promotionalEntitlements": [item]})

    assert actions.ok(REVOKE, revocation())["previousPeriod"] == "lifetime"


def test_a_repeat_while_stigg_is_away(actions: Harness) -> None:
    """A repeat gets the stored answer if Stigg cannot be asked."""
    actions.ok(GRANT, promotion())
    actions.ok(REVOKE, revocation())
    actions.emulator.fault("GET", "/promotional-entitlements", "status", 503)

    assert actions.ok(REVOKE, revocation())["replayed"]


def test_an_older_revocation(actions: Harness) -> None:
    """A revocation from older data leaves a newer grant, and shows it."""
    actions.ok(GRANT, promotion(asOf=ago(10)))

    body = actions.ok(REVOKE, revocation(asOf=ago(60)))

    assert (body["outcome"], body["active"], body["period"]) == ("superseded", True, "1 month")
    assert body["supersededBy"].startswith("entitle-")
    assert actions.ok(REVOKE, revocation(asOf=ago(5)))["outcome"] == "revoked"


def test_an_unknown_feature(actions: Harness) -> None:
    """An id that is no feature is refused with similar ids, although there is nothing to revoke."""
    reply = actions.post(REVOKE, revocation(featureId="feature-sos"))

    assert (reply.status, reply.body["errorCode"]) == (404, "FEATURE_NOT_FOUND")
    assert "Ids similar to feature-sos: feature-sso" in reply.body["errorMessage"]
    assert [detail["field"] for detail in reply.body["details"]] == ["featureId"]


def test_an_unknown_customer(actions: Harness) -> None:
    """A customer that Stigg does not have is not found."""
    with pytest.raises(NotFound, match="CUSTOMER_NOT_FOUND"):
        actions.invoke(REVOKE, revocation(customerId="cust-nobody"))


def test_revoked_in_between(actions: Harness) -> None:
    """What disappears between look and write is gone as wanted."""
    actions.ok(GRANT, promotion())
    refusal = {"status": 404, "body": {"message": "none", "code": "PromotionalEntitlementNotFound"}}
    actions.emulator.fault("DELETE", IN_STIGG, "status", refusal)

    assert actions.ok(REVOKE, revocation())["outcome"] == "revoked"


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_revocation_is_carried_on(actions: Harness, *, after: bool) -> None:
    """A repeat of a revocation whose process died finds it or makes it, and knows what was there."""
    actions.ok(GRANT, promotion())
    crashes.crash(actions, REVOKE, revocation(), DELETE, after=after)
    later(actions, 11)

    body = actions.ok(REVOKE, revocation())

    assert (body["outcome"], body["previousPeriod"]) == ("revoked", "1 month")
    assert promotions(actions) == []
    assert sent(actions) == ["POST", "DELETE"]


def test_a_lost_answer(actions: Harness) -> None:
    """A revocation whose answer is lost is found in Stigg."""
    actions.ok(GRANT, promotion())
    actions.emulator.fault("DELETE", IN_STIGG, "cutAfter", times=1)

    assert actions.ok(REVOKE, revocation())["outcome"] == "revoked"


def test_by_itself(actions: Harness) -> None:
    """The reconciliation alone settles a revocation whose process died, whether it reached Stigg or not."""
    actions.ok(GRANT, promotion())
    crashes.crash(actions, REVOKE, revocation(), DELETE, after=False)
    later(actions, 100)
    actions.invoke("reconcile", {})
    not_sent = actions.operations()
    crashes.crash(actions, REVOKE, revocation(), DELETE, after=True)
    later(actions, 100)
    actions.invoke("reconcile", {})

    assert ("revoke", "FAILED") in not_sent
    assert ("revoke", "SUCCEEDED") in actions.operations()
