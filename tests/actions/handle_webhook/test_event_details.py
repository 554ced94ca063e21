"""What a followed webhook leaves, in full: its event on the bus, its item in the table, its lines in the log."""

from collections.abc import Iterator
from copy import replace
from datetime import datetime
from typing import Any

import pytest

from stigg_actions.clock import iso
from tests.support.clocks import StillClock
from tests.support.crashes import CrashError, dying_container
from tests.support.days import in_days
from tests.support.harness import ORG, Harness
from tests.support.requests import LINE, in_stigg, sold, sold_in_the_app
from tests.support.webhooks import Doorway, Webhooks, another, followed_webhooks

A_DAY = 24 * 3600
FOREVER = "2099-01-31T23:59:59.000Z"


@pytest.fixture
def hooks(actions: Harness) -> Iterator[Webhooks]:
    """What follows webhooks, at a time that stands still."""
    with followed_webhooks(replace(actions, clock=StillClock()).with_queues()) as webhooks:
        yield webhooks


def key_of(hooks: Webhooks, kind: str) -> str:
    """Return the operation key of the one write of a kind."""
    tables = hooks.actions.tables
    (key,) = (item["operation_key"]["S"] for item in tables.items(tables.operations) if item["kind"]["S"] == kind)
    return str(key)


def last(hooks: Webhooks, kind: str) -> dict[str, Any]:
    """Return the latest webhook of a kind."""
    return [event for event in hooks.events() if event["type"] == kind][-1]


def followed(hooks: Webhooks, event: dict[str, Any]) -> dict[str, Any]:
    """Follow a webhook; return all that is told of it, without what every event has."""
    assert hooks.deliver(event) == []
    (detail,) = hooks.published()
    assert detail.pop("eventId").startswith("webhook-")
    assert (detail.pop("environment"), detail.pop("type")) == ("development", event["type"])
    assert detail.pop("receivedAt") == iso(hooks.actions.clock.now())
    return detail


def test_what_is_told_of_our_own_doing(hooks: Webhooks) -> None:
    """The ids, what is true of the subscription now, and the call that has done it."""
    made = sold(hooks.actions, correlationId="flow-1", cancellationDate="2099-01-31")

    assert followed(hooks, last(hooks, "subscription.created")) == {
        "detail-type": "Stigg Subscription Changed",
        "salesforceOrgId": ORG,
        "salesforceRecordId": LINE,
        "customerId": "cust-acme",
        "subscriptionId": made,
        "status": "ACTIVE",
        "active": True,
        "planId": "plan-growth",
        "cancellationDate": FOREVER,
        "endsOn": FOREVER[:10],
        "changedOutside": False,
        "correlationId": "flow-1",
        "operationKey": key_of(hooks, "provision"),
    }


def test_what_is_told_of_a_replacement(hooks: Webhooks) -> None:
    """The subscription of the same record that an action replaced."""
    old = sold(hooks.actions)
    new = sold(hooks.actions, planId="plan-starter")
    (event,) = (one for one in hooks.events() if (one["type"], one["id"]) == ("subscription.created", new))

    assert followed(hooks, event)["replacedSubscriptionId"] == old


def test_what_is_told_of_a_successor_in_the_app(hooks: Webhooks) -> None:
    """What somebody sells in the Stigg app with the marks of a record says which subscription it replaced."""
    old = sold(hooks.actions)
    marks = in_stigg(hooks.actions, old)["metadata"]
    new = sold_in_the_app(hooks.actions, planId="plan-starter", metadata=marks)
    *_, end, start = hooks.events()

    hooks.deliver(end)
    hooks.deliver(start)

    told = {one["subscriptionId"]: one for one in hooks.published()}
    assert (told[new]["replacedSubscriptionId"], told[new]["salesforceRecordId"]) == (old, LINE)


@pytest.mark.parametrize("newest_first", [False, True])
def test_what_is_told_of_a_follower(actions: Harness, *, newest_first: bool) -> None:
    """The subscription of a grace plan says what it follows, whichever of the two webhooks is followed first."""
    with followed_webhooks(actions.with_queues()) as hooks:
        old = sold(actions, cancellationDate=in_days(200))
        new = actions.ok("downgrade-subscription", {"salesforceRecordId": LINE, "downgradeWhen": "endOfContract"})
        known = len(hooks.events())
        actions.emulator.advance(201 * A_DAY)

        assert hooks.deliver(*sorted(hooks.events()[known:], key=_is_end, reverse=not newest_first)) == []
        replaced = {one["subscriptionId"]: one.get("replacedSubscriptionId") for one in hooks.published()}

    assert replaced == {old: None, new["subscriptionId"]: old}


def _is_end(event: dict[str, Any]) -> bool:
    return bool(event["type"] == "subscription.canceled")


def test_what_is_told_of_a_trial(hooks: Webhooks) -> None:
    """The end of a trial is told."""
    trial = {"isTrial": True, "trialEndDate": "2099-01-31T23:59:59Z"}
    made = sold(hooks.actions, trialOverrideConfiguration=trial)
    detail = followed(hooks, last(hooks, "subscription.created"))

    assert (detail["subscriptionId"], detail["status"], detail["active"]) == (made, "IN_TRIAL", True)
    assert detail["trialEndDate"] == FOREVER


def test_what_is_told_of_an_end_by_hand(hooks: Webhooks) -> None:
    """When it ended, and that no action has done it."""
    made = sold(hooks.actions)
    hooks.actions.stigg_app("POST", f"/api/v1/subscriptions/{made}/cancel", {"cancellationTime": "IMMEDIATE"})
    ended = in_stigg(hooks.actions, made)["endDate"]

    assert followed(hooks, last(hooks, "subscription.canceled")) == {
        "detail-type": "Stigg Subscription Changed",
        "salesforceOrgId": ORG,
        "salesforceRecordId": LINE,
        "customerId": "cust-acme",
        "subscriptionId": made,
        "status": "CANCELED",
        "active": False,
        "planId": "plan-growth",
        "cancellationDate": ended,
        "endDate": ended,
        "endsOn": iso(datetime.fromisoformat(ended).timestamp() - 1)[:10],
        "changedOutside": True,
    }


def test_what_is_told_of_a_replacement_by_hand(hooks: Webhooks) -> None:
    """Which subscription took the place of the one that ended."""
    made = sold(hooks.actions)
    new = sold_in_the_app(hooks.actions, planId="plan-starter")
    detail = followed(hooks, last(hooks, "subscription.canceled"))

    assert (detail["subscriptionId"], detail["replacedBySubscriptionId"], detail["changedOutside"]) == (
        made,
        new,
        True,
    )


def test_what_is_told_of_a_payment_that_failed(hooks: Webhooks) -> None:
    """When it was noted, as long as it is owed."""
    made = sold(hooks.actions, paymentCollectionMethod="INVOICE")
    hooks.actions.emulator.invoice(made, "OPEN")
    detail = followed(hooks, last(hooks, "customer.payment_failed"))

    assert (detail["detail-type"], detail["subscriptionId"]) == ("Stigg Customer Changed", made)
    assert detail["paymentFailedAt"] == iso(hooks.actions.clock.now())
    assert hooks.actions.history(LINE) == ["created", "paymentFailed"]


@pytest.mark.parametrize("is_archived", [False, True])
def test_what_is_told_of_a_customer(hooks: Webhooks, *, is_archived: bool) -> None:
    """Whether it is archived, and the call that changed it last."""
    hooks.actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "correlationId": "flow-1"})
    if is_archived:
        hooks.actions.stigg_app("POST", "/api/v1/customers/cust-acme/archive", {})

    assert followed(hooks, another(last(hooks, "customer.created"), "customer.updated")) == {
        "detail-type": "Stigg Customer Changed",
        "customerId": "cust-acme",
        "customerArchived": is_archived,
        "changedOutside": False,
        "correlationId": "flow-1",
        "operationKey": key_of(hooks, "customer"),
    }


def test_what_is_told_of_what_is_no_records(hooks: Webhooks) -> None:
    """A subscription of the Stigg app for a customer that is not known here names no record, org or call."""
    made = sold_in_the_app(hooks.actions)

    assert followed(hooks, last(hooks, "subscription.created")) == {
        "detail-type": "Stigg Subscription Changed",
        "customerId": "cust-acme",
        "subscriptionId": made,
        "status": "ACTIVE",
        "active": True,
        "planId": "plan-growth",
        "changedOutside": True,
    }


@pytest.mark.parametrize(("seconds", "is_ours"), [(600, True), (601, False)])
def test_how_long_a_change_is_ours(hooks: Webhooks, seconds: int, *, is_ours: bool) -> None:
    """A message up to ten minutes after a call was caused by it; later ones are told without."""
    sold(hooks.actions, correlationId="flow-1")
    hooks.actions.clock.skip(seconds)
    detail = followed(hooks, last(hooks, "subscription.created"))

    assert detail.get("correlationId") == ("flow-1" if is_ours else None)
    assert ("operationKey" in detail) == is_ours


@pytest.mark.parametrize(("seconds", "is_outside"), [(600, True), (601, False)])
def test_how_long_a_change_by_hand_is_another_messages(hooks: Webhooks, seconds: int, *, is_outside: bool) -> None:
    """A second message up to ten minutes after one that showed a change by hand is of that change, too."""
    made = sold(hooks.actions)
    hooks.actions.clock.skip(A_DAY)
    hooks.actions.stigg_app("POST", f"/api/v1/subscriptions/{made}/cancel", {"cancellationTime": "IMMEDIATE"})
    event = last(hooks, "subscription.canceled")
    followed(hooks, event)
    hooks.forget()
    hooks.actions.clock.skip(seconds)

    assert followed(hooks, another(event, "subscription.updated"))["changedOutside"] == is_outside


def test_the_message_that_showed_it_first(hooks: Webhooks) -> None:
    """The message by which a change by hand was seen is told as that, however late it is delivered again."""
    made = sold(hooks.actions)
    hooks.actions.stigg_app("POST", f"/api/v1/subscriptions/{made}/cancel", {"cancellationTime": "IMMEDIATE"})
    event = last(hooks, "subscription.canceled")
    followed(hooks, event)
    hooks.forget()
    hooks.actions.clock.skip(A_DAY)

    assert followed(hooks, event)["changedOutside"] is True


def test_what_is_kept(hooks: Webhooks) -> None:
    """A message is known again for thirty days."""
    sold(hooks.actions)
    event = last(hooks, "subscription.created")
    now = int(hooks.actions.clock.now())
    hooks.deliver(event, event)
    (item,) = hooks.actions.tables.items(hooks.table)

    assert item["message_key"] == item["told"]["M"]["eventId"]
    assert (item["received_at"], item["expires_at"]) == ({"N": str(now)}, {"N": str(now + 30 * A_DAY)})


def logged(caplog: pytest.LogCaptureFixture, message: str, *names: str) -> list[tuple[object, ...]]:
    """Return these fields of the log lines with a message."""
    lines = [vars(record) for record in caplog.records if record.getMessage() == message]
    return [tuple(line.get(name) for name in names) for line in lines]


def test_lines_of_the_door(caplog: pytest.LogCaptureFixture) -> None:
    """A webhook that is queued, and one that is refused, have one line each."""
    doorway = Doorway()
    doorway.post({"type": "customer.updated", "messageId": "m-1", "id": "cust-acme"})
    refused = doorway.post({"type": "customer.updated"}, {})
    (key,) = doorway.queue.messages

    names = ("action", "webhookKey", "type", "outcome", "errorCode", "levelname")
    assert logged(caplog, "webhook", *names) == [
        ("receive_webhook", key, "customer.updated", "queued", None, "INFO"),
        ("receive_webhook", None, None, "failed", "WEBHOOK_REFUSED", "INFO"),
    ]
    assert logged(caplog, "webhook", "correlationId")[-1] == (refused.body["correlationId"],)


def test_the_line_of_a_followed_one(hooks: Webhooks, caplog: pytest.LogCaptureFixture) -> None:
    """What is told on the bus is one line of the log."""
    sold(hooks.actions, correlationId="flow-1")
    detail = followed(hooks, last(hooks, "subscription.created"))
    detail.pop("detail-type")

    assert logged(caplog, "followed", *detail) == [tuple(detail.values())]


def test_the_line_of_one_that_waits(hooks: Webhooks, caplog: pytest.LogCaptureFixture) -> None:
    """A webhook that comes again later has a line with the reason."""
    sold(hooks.actions)
    event = last(hooks, "subscription.created")
    dying = dying_container(hooks.actions, "POST .*/cancel", after=True)
    with pytest.raises(CrashError):
        hooks.actions.post("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"}, dying)
    (held,) = hooks.deliver(event)
    hooks.actions.emulator.fault("GET", "/subscriptions/", "status", 503)
    hooks.deliver(event)

    assert logged(caplog, "later", "action", "reason", "levelname") == [
        ("handle_webhook", "IN_PROGRESS", "WARNING"),
        ("handle_webhook", "STIGG_UNAVAILABLE", "WARNING"),
    ]
    assert held
