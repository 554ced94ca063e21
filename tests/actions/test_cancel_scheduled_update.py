"""cancel-scheduled-update, in this process: what waits is dropped once, from Stigg and from the mapping."""

from typing import Any

import pytest

from stigg_actions.errors import NotFound, Refused
from tests.support import crashes
from tests.support.harness import Harness
from tests.support.requests import (
    LINE,
    OTHER_LINE,
    RENEWAL_LINE,
    TO_BE_PAID,
    current,
    in_stigg,
    sold,
    sold_in_the_app,
    subscription,
    upcoming,
)

ACTION, PROVISION = "cancel-scheduled-update", "create-subscription-with-return-data"
BY_RECORD = {"salesforceRecordId": LINE}
SEATS = {"id": "addon-seats", "quantity": 5}
CHARGE = {"id": "feature-api-calls", "quantity": 1000, "type": "FEATURE"}
LATER = {"scheduleStrategy": "END_OF_BILLING_PERIOD"}
DOWN = {"salesforceRecordId": LINE, "downgradeWhen": "endOfBillingPeriod"}
SCHEDULE, PAYMENT = "future-update/schedule$", "future-update/pending-payment$"
NOTHING = {"status": 404, "body": {"message": "none", "code": "FutureUpdateNotFound"}}
DAY, MONTH = 24 * 3600, 32 * 24 * 3600


def update(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a request
    """Change the subscription of the line."""
    return {"salesforceRecordId": LINE, **changes}


def unpaid(actions: Harness, **changes: Any) -> str:  # noqa: ANN401 - any field of a request
    """Provision a subscription whose next change is to be charged to a card that does not exist; return its id."""
    paid_first = {"paymentCollectionMethod": "CHARGE", "billingInformation": {"isInvoicePaid": True}}
    return sold(actions, **paid_first, **changes)


def waiting(actions: Harness, subscription_id: str) -> list[tuple[str, str]]:
    """Return what waits in Stigg: kind and status."""
    updates = in_stigg(actions, subscription_id)["futureUpdates"]
    return [(one["subscriptionScheduleType"], one["scheduleStatus"]) for one in updates]


def dropped(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return kind and status of what an answer says was dropped."""
    return [(change["change"], change["status"]) for change in body["dropped"]]


def deletes(actions: Harness) -> int:
    """Count the drops that Stigg carried out."""
    return sum(method == "DELETE" for method, _ in actions.writes_to_stigg())


def pages(actions: Harness) -> list[str]:
    """Return the subscriptions that can still be paid on a page."""
    return [one["subscriptionId"] for one in actions.emulator.state()["checkouts"]]


def test_a_scheduled_change(actions: Harness) -> None:
    """A change of the next period is dropped: the answer names it, and it does not come when its time has come."""
    subscription_id = sold(actions, charges=[CHARGE])
    actions.ok(
        "update-subscription",
        update(addons=[SEATS], charges=[{"id": "cred-type-tokens", "quantity": 50, "type": "CREDIT"}], **LATER),
    )

    body = actions.ok(ACTION, BY_RECORD | {"correlationId": "flow-1"})
    actions.emulator.advance(MONTH)
    actions.clock.skip(MONTH)
    after = actions.ok("update-subscription", update(metadata={"a": "b"}))

    assert [change.pop("takesEffectAt")[-1] for change in body["dropped"]] == ["Z", "Z"]
    assert body.pop("startDate")
    assert body == {
        "success": True,
        "outcome": "dropped",
        "correlationId": "flow-1",
        "replayed": False,
        "customerId": "cust-acme",
        "subscriptionId": subscription_id,
        "status": "ACTIVE",
        "active": True,
        "planId": "plan-growth",
        "addons": [],
        "dropped": [
            {"change": "ADDON", "status": "SCHEDULED"},
            {"change": "UNIT_AMOUNT", "status": "SCHEDULED"},
        ],
        "scheduledChanges": [],
    }
    assert (after["addons"], actions.terms(subscription_id)["charges"]) == ([], [CHARGE])
    assert actions.history(LINE) == ["created", "updateScheduled", "updateDropped", "updated"]


def test_a_scheduled_downgrade(actions: Harness) -> None:
    """A downgrade that was to come is dropped with its subscription, which the record no longer expects."""
    subscription_id = sold(actions)
    actions.ok("downgrade-subscription", DOWN)
    coming = str(upcoming(actions))

    body = actions.ok(ACTION, BY_RECORD)

    assert dropped(body) == [("DOWNGRADE", "SCHEDULED")]
    assert body["dropped"][0]["planId"] == "plan-grace"
    assert in_stigg(actions, coming)["status"] == "CANCELED"
    assert (current(actions), upcoming(actions)) == (subscription_id, None)
    assert actions.live("cust-acme") == [subscription_id]
    assert actions.history(LINE)[-2:] == ["calledOff", "updateDropped"]
    assert actions.ok("downgrade-subscription", DOWN)["outcome"] == "scheduled"


def test_a_renewal_on_another_record(actions: Harness) -> None:
    """What was to start on another record is dropped there, too: that record shows it as canceled."""
    subscription_id = sold(actions)
    renewal = subscription(salesforceRecordId=RENEWAL_LINE, planId="plan-starter", **LATER)
    coming = actions.ok(PROVISION, renewal)["subscriptionId"]

    body = actions.ok(ACTION, {"subscriptionId": subscription_id})

    assert dropped(body) == [("DOWNGRADE", "SCHEDULED")]
    assert actions.live("cust-acme") == [subscription_id]
    mapping = actions.mapping(RENEWAL_LINE)
    assert mapping is not None
    assert mapping.current is not None
    assert (mapping.current.subscription_id, mapping.current.status) == (coming, "CANCELED")
    assert actions.history(RENEWAL_LINE) == ["scheduled", "calledOff"]
    assert actions.ok(PROVISION, renewal)["outcome"] == "scheduled"


def test_an_unpaid_change(actions: Harness) -> None:
    """A change that awaits payment is dropped; the request that made it is made again, not taken for paid."""
    subscription_id = unpaid(actions)
    wish = update(charges=[CHARGE])
    first = actions.ok("update-subscription", wish)

    body = actions.ok(ACTION, BY_RECORD)
    terms = actions.terms(subscription_id)
    again = actions.ok("update-subscription", wish)

    assert (first["outcome"], dropped(body)) == ("paymentRequired", [("UNIT_AMOUNT", "PENDING_PAYMENT")])
    assert "charges" not in terms
    assert (again["outcome"], again["replayed"]) == ("paymentRequired", False)
    assert waiting(actions, subscription_id) == [("UNIT_AMOUNT", "PENDING_PAYMENT")]


def test_an_unpaid_change_of_the_app(actions: Harness) -> None:
    """A change of the app in the place of a scheduled one is dropped; that one can be scheduled again."""
    subscription_id = unpaid(actions)
    wish = update(addons=[SEATS], **LATER)
    actions.ok("update-subscription", wish)
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": [SEATS]})

    body = actions.ok(ACTION, BY_RECORD)

    assert dropped(body) == [("ADDON", "PENDING_PAYMENT")]
    assert actions.ok("update-subscription", wish)["outcome"] == "scheduled"


def test_under_its_own_key(actions: Harness) -> None:
    """A change under a key of the caller that was dropped unpaid is made again under the same key."""
    unpaid(actions)
    wish = update(charges=[CHARGE], idempotencyKey="deal-1")
    actions.ok("update-subscription", wish)
    actions.ok(ACTION, BY_RECORD)

    again = actions.ok("update-subscription", wish)

    assert (again["outcome"], again["replayed"]) == ("paymentRequired", False)


def test_only_one_of_two(actions: Harness) -> None:
    """With waitsFor, what waits for its date or what waits for a payment is dropped; the other goes on waiting."""
    subscription_id = unpaid(actions)
    actions.ok("downgrade-subscription", DOWN)
    actions.ok("update-subscription", update(addons=[SEATS], charges=[CHARGE]))

    body = actions.ok(ACTION, BY_RECORD | {"waitsFor": "Payment"})

    assert dropped(body) == [("ADDON", "PENDING_PAYMENT"), ("UNIT_AMOUNT", "PENDING_PAYMENT")]
    assert [change["change"] for change in body["scheduledChanges"]] == ["DOWNGRADE"]
    assert upcoming(actions) is not None
    assert dropped(actions.ok(ACTION, BY_RECORD | {"waitsFor": "date"})) == [("DOWNGRADE", "SCHEDULED")]
    assert waiting(actions, subscription_id) == []


def test_both_at_once(actions: Harness) -> None:
    """Without waitsFor, what waits for its date and what waits for a payment are dropped."""
    subscription_id = unpaid(actions)
    actions.ok("downgrade-subscription", DOWN)
    actions.ok("update-subscription", update(addons=[SEATS]))

    body = actions.ok(ACTION, BY_RECORD)

    assert sorted(dropped(body)) == [("ADDON", "PENDING_PAYMENT"), ("DOWNGRADE", "SCHEDULED")]
    assert (waiting(actions, subscription_id), deletes(actions)) == ([], 2)


def test_a_subscription_that_was_never_paid_for(actions: Harness) -> None:
    """The payment page of a record is dropped: it cannot be paid, the record is free, and a repeat makes a new page."""
    wanted = subscription(customerName="Acme", **TO_BE_PAID)
    first = actions.ok(PROVISION, wanted)

    body = actions.ok(ACTION, BY_RECORD)
    again = actions.ok(ACTION, BY_RECORD)
    left, record = pages(actions), actions.mapping(LINE)
    second = actions.ok(PROVISION, wanted)

    assert body["dropped"] == [
        {
            "change": "SUBSCRIPTION",
            "status": "PENDING_PAYMENT",
            "planId": "plan-growth",
            "subscriptionId": first["subscriptionId"],
        }
    ]
    assert (body["outcome"], body["status"], body["active"]) == ("dropped", "CANCELED", False)
    assert (again["dropped"], again["replayed"]) == (body["dropped"], True)
    assert left == []
    assert record is not None
    assert record.awaited == ()
    assert (second["outcome"], second["replayed"]) == ("paymentRequired", False)
    assert second["subscriptionId"] != first["subscriptionId"]
    assert actions.history(LINE) == ["paymentRequired", "pageDropped", "paymentRequired"]


def test_a_page_beside_a_subscription(actions: Harness) -> None:
    """The page of a replacement is dropped by its record; the running subscription stays as it is."""
    subscription_id = sold(actions)
    page = actions.ok(PROVISION, subscription(planId="plan-starter", **TO_BE_PAID))["subscriptionId"]

    kept = actions.ok(ACTION, BY_RECORD | {"waitsFor": "date"})
    body = actions.ok(ACTION, BY_RECORD)

    assert (kept["outcome"], dropped(body)) == ("unchanged", [("SUBSCRIPTION", "PENDING_PAYMENT")])
    assert (body["dropped"][0]["subscriptionId"], body["subscriptionId"]) == (page, subscription_id)
    assert (pages(actions), current(actions)) == ([], subscription_id)


def test_a_page_that_stigg_forgot(actions: Harness) -> None:
    """A page that has expired in Stigg is forgotten here as well; one that is only asked for its date stays."""
    page = actions.ok(PROVISION, subscription(customerName="Acme", **TO_BE_PAID))["subscriptionId"]
    actions.emulator.advance(2 * DAY)

    dated = actions.ok(ACTION, BY_RECORD | {"waitsFor": "date"})
    body = actions.ok(ACTION, BY_RECORD)

    assert (dated["outcome"], dated["status"], dated["dropped"]) == ("unchanged", "PAYMENT_REQUIRED", [])
    assert (body["outcome"], body["dropped"][0]["subscriptionId"]) == ("dropped", page)


def test_a_page_that_was_paid_in_between(actions: Harness) -> None:
    """A subscription that is paid for while its page is dropped stays, with its record."""
    page = actions.ok(PROVISION, subscription(customerName="Acme", **TO_BE_PAID))["subscriptionId"]

    container = crashes.container_that_first(
        actions, "DELETE .*pending-payment", lambda: actions.emulator.checkout(page)
    )
    body = actions.post(ACTION, BY_RECORD, container).body

    assert (body["outcome"], body["status"], body["active"], body["dropped"]) == ("unchanged", "ACTIVE", True, [])
    assert actions.ok("get-subscription", BY_RECORD)["subscriptionId"] == page


def test_nothing_waits(actions: Harness) -> None:
    """Without anything that waits, nothing is sent and nothing changes; a cancellation is not this action's matter."""
    subscription_id = sold(actions, cancellationDate="2099-12-31")

    body = actions.ok(ACTION, BY_RECORD)

    assert (body["outcome"], body["dropped"], body["cancellationDate"][:10]) == ("unchanged", [], "2099-12-31")
    assert (deletes(actions), actions.history(LINE)) == (0, ["created"])
    assert body["subscriptionId"] == subscription_id


def test_a_subscription_of_the_app(actions: Harness) -> None:
    """A subscription that no table knows is named by its id; what was scheduled in the app is dropped."""
    subscription_id = sold_in_the_app(actions)
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": [SEATS], **LATER})

    body = actions.ok(ACTION, {"subscriptionId": subscription_id})

    assert (dropped(body), waiting(actions, subscription_id)) == ([("ADDON", "SCHEDULED")], [])


def test_a_repeat(actions: Harness) -> None:
    """A repeat gets the stored answer; once something waits again, the same request drops that."""
    subscription_id = sold(actions)
    actions.ok("update-subscription", update(addons=[SEATS], **LATER))
    first = actions.ok(ACTION, BY_RECORD | {"correlationId": "flow-1"})
    repeated = actions.ok(ACTION, BY_RECORD | {"correlationId": "flow-1"})
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": [SEATS], **LATER})

    again = actions.ok(ACTION, BY_RECORD)

    assert repeated == first | {"replayed": True}
    assert (again["outcome"], again["replayed"]) == ("dropped", False)
    assert deletes(actions) == 2


@pytest.mark.parametrize("after", [False, True])
def test_killed(actions: Harness, *, after: bool) -> None:
    """Killed before or after the DELETE, the repeat says what was dropped, once."""
    subscription_id = unpaid(actions)
    actions.ok("update-subscription", update(addons=[SEATS]))
    crashes.crash(actions, ACTION, BY_RECORD, "DELETE .*pending-payment", after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, BY_RECORD)

    assert (body["outcome"], dropped(body)) == ("dropped", [("ADDON", "PENDING_PAYMENT")])
    assert (waiting(actions, subscription_id), deletes(actions)) == ([], 1)
    assert actions.history(LINE)[-1] == "updateDropped"


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_a_page(actions: Harness, *, after: bool) -> None:
    """Killed before or after a page was dropped, the repeat frees the record, and so does it after a reconciliation."""
    actions.ok(PROVISION, subscription(customerName="Acme", **TO_BE_PAID))
    crashes.crash(actions, ACTION, BY_RECORD, "DELETE .*pending-payment", after=after)
    actions.clock.skip(100)
    actions.invoke("reconcile", {})

    body = actions.ok(ACTION, BY_RECORD)

    record = actions.mapping(LINE)
    assert record is not None
    assert (body["outcome"], pages(actions), record.awaited) == ("dropped", [], ())


def test_a_newer_change_is_left_alone(actions: Harness) -> None:
    """What was scheduled after a drop whose process died is not dropped by the repeat."""
    subscription_id = sold(actions)
    actions.ok("update-subscription", update(addons=[SEATS], **LATER))
    crashes.crash(actions, ACTION, BY_RECORD, "DELETE .*schedule", after=True)
    newer = {"billingPeriod": "ANNUALLY", **LATER}
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", newer)
    actions.clock.skip(11)

    body = actions.ok(ACTION, BY_RECORD)

    assert (dropped(body), waiting(actions, subscription_id)) == (
        [("ADDON", "SCHEDULED")],
        [("BILLING_PERIOD", "SCHEDULED")],
    )


def test_dropped_in_between(actions: Harness) -> None:
    """What somebody else drops, or what comes into force, between look and drop is gone as well."""
    subscription_id = sold(actions)
    actions.ok("update-subscription", update(addons=[SEATS], **LATER))
    path = f"/api/v1/subscriptions/{subscription_id}/future-update/schedule"
    container = crashes.container_that_first(
        actions, "DELETE .*schedule", lambda: actions.emulator.by_hand("DELETE", path, {})
    )

    body = actions.post(ACTION, BY_RECORD, container).body

    assert (body["outcome"], waiting(actions, subscription_id)) == ("dropped", [])


def test_stigg_refuses(actions: Harness) -> None:
    """A refusal of Stigg is passed on, and the change goes on waiting."""
    subscription_id = sold(actions)
    actions.ok("update-subscription", update(addons=[SEATS], **LATER))
    refusal = {"status": 400, "body": {"message": "not now", "code": "InvalidSubscriptionStatus"}}
    actions.emulator.fault("DELETE", SCHEDULE, "status", refusal)

    with pytest.raises(Refused, match="REFUSED_BY_STIGG"):
        actions.invoke(ACTION, BY_RECORD)

    assert waiting(actions, subscription_id) == [("ADDON", "SCHEDULED")]


def test_stigg_does_not_do_it(actions: Harness) -> None:
    """What Stigg claims to have dropped and still shows has an unknown outcome; the repeat drops it."""
    subscription_id = sold(actions)
    actions.ok("update-subscription", update(addons=[SEATS], **LATER))
    done = {"status": 200, "body": {"data": {"id": subscription_id}}}
    actions.emulator.fault("DELETE", SCHEDULE, "status", done, times=1)

    reply = actions.post(ACTION, BY_RECORD)
    body = actions.ok(ACTION, BY_RECORD)

    assert (reply.status, reply.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (body["outcome"], waiting(actions, subscription_id)) == ("dropped", [])


def test_the_rest_is_refused(actions: Harness) -> None:
    """Where one of two is dropped and the other is refused, the outcome is unknown, and the repeat drops the rest."""
    subscription_id = unpaid(actions)
    actions.ok("downgrade-subscription", DOWN)
    actions.ok("update-subscription", update(addons=[SEATS]))
    refusal = {"status": 400, "body": {"message": "not now", "code": "InvalidSubscriptionStatus"}}
    actions.emulator.fault("DELETE", PAYMENT, "status", refusal, times=1)

    reply = actions.post(ACTION, BY_RECORD)
    actions.clock.skip(100)
    body = actions.ok(ACTION, BY_RECORD)

    assert (reply.status, reply.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (body["outcome"], waiting(actions, subscription_id)) == ("dropped", [])
    assert (upcoming(actions), actions.live("cust-acme")) == (None, [subscription_id])


def test_unknown(actions: Harness) -> None:
    """A record without a subscription, and a subscription that Stigg does not know, are not found."""
    with pytest.raises(NotFound, match="MAPPING_NOT_FOUND"):
        actions.invoke(ACTION, {"salesforceRecordId": OTHER_LINE})
    with pytest.raises(NotFound, match="SUBSCRIPTION_NOT_FOUND"):
        actions.invoke(ACTION, {"subscriptionId": "sub-none"})


def test_an_older_request_for_a_page(actions: Harness) -> None:
    """A drop that is older than the page it would drop changes nothing and shows the page's subscription."""
    actions.ok(PROVISION, subscription(customerName="Acme", **TO_BE_PAID))

    body = actions.ok(ACTION, BY_RECORD | {"asOf": "2020-01-01T00:00:00Z"})

    assert (body["outcome"], body["status"], len(pages(actions))) == ("superseded", "PAYMENT_REQUIRED", 1)


def test_the_way_out_of_a_pending_payment(actions: Harness) -> None:
    """The blocker PENDING_PAYMENT names this action."""
    unpaid(actions)
    actions.ok("update-subscription", update(addons=[SEATS]))
    price = {"customerId": "cust-acme", "planId": "plan-starter", "billingPeriod": "MONTHLY"}

    blockers = actions.ok("preview-subscription", price)["blockers"]

    assert [blocker["code"] for blocker in blockers] == ["PENDING_PAYMENT"]
    assert "drop it with cancel-scheduled-update" in blockers[0]["message"]
