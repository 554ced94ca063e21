"""The dry run of renew-subscription, in this process: what would be done, at which price, what stands in the way."""

from typing import Any

import pytest

from tests.support.harness import Harness
from tests.support.renewals import (
    ACTION,
    ANOTHER_PLAN,
    AS_WANTED,
    IN_PLACE,
    MORE_SEATS,
    SEATS,
    by_id,
    everything,
    lose_card,
    renewal,
    running,
    sold_by_card,
)
from tests.support.requests import LINE, RENEWAL_LINE, current, sold, sold_in_the_app

INVOICED = {"paymentCollectionMethod": "INVOICE"}


def calls_since(actions: Harness, before: int) -> set[str]:
    """Return what was called of Stigg after so many calls."""
    return {
        "preview" if call["path"].endswith("/preview") else call["method"]
        for call in actions.emulator.state()["calls"][before:]
    }


def invoiced(actions: Harness) -> str:
    """Sell a subscription whose first invoice falls overdue."""
    subscription_id = sold(actions, **INVOICED)
    actions.emulator.invoice(subscription_id, "OPEN")
    return subscription_id


@pytest.mark.parametrize("wanted", [
    {"addons": MORE_SEATS},
    {"addons": MORE_SEATS, "newSalesforceRecordId": RENEWAL_LINE},
    {"planId": "plan-starter", "newSalesforceRecordId": RENEWAL_LINE},
    {"startDate": "2098-01-01"},
    {"addons": SEATS},
])  # fmt: skip
def test_nothing_is_changed(actions: Harness, wanted: dict[str, Any]) -> None:
    """A dry run leaves ledger, mappings and Stigg as they were to the byte; it reads, and asks for a price."""
    sold(actions, addons=SEATS)
    before, calls = everything(actions), len(actions.emulator.state()["calls"])

    body = actions.ok(ACTION, renewal(dryRun=True, **wanted))

    assert body["salesforceRecordId"] == wanted.get("newSalesforceRecordId", LINE)
    assert everything(actions) == before
    assert calls_since(actions, calls) <= {"GET", "preview"}


def test_tells_what_an_amendment_would_be(actions: Harness) -> None:
    """Decision, reasons, differences and price of a change in place; the subscription is told as it is now."""
    subscription_id = sold(actions, addons=SEATS)

    body = actions.ok(ACTION, renewal(addons=MORE_SEATS, dryRun=True))

    assert (body["outcome"], body["decision"], body["reasons"], body["blockers"]) == ("dryRun", "amend", [IN_PLACE], [])
    assert body["changes"] == [{"field": "addons.addon-seats", "before": "5", "after": "20"}]
    assert (body["subscriptionId"], body["addons"], body["salesforceRecordId"]) == (subscription_id, SEATS, LINE)
    assert (body["recurringTotal"], body["recurringCurrency"]) == (199 + 20 * 9.9, "usd")
    assert (body["replayed"], "immediateTotal" in body) == (False, False)


def test_tells_what_a_replacement_would_be(actions: Harness) -> None:
    """The price is that of all that would be taken over, and the record is the one it would belong to."""
    sold(actions, addons=SEATS)

    body = actions.ok(ACTION, renewal(planId="plan-starter", newSalesforceRecordId=RENEWAL_LINE, dryRun=True))

    assert (body["decision"], body["reasons"], body["salesforceRecordId"]) == ("replace", [ANOTHER_PLAN], RENEWAL_LINE)
    assert body["changes"] == [{"field": "planId", "before": "plan-growth", "after": "plan-starter"}]
    assert (body["recurringTotal"], body["isPlanDowngrade"], body["blockers"]) == (49 + 5 * 9.9, True, [])
    assert "immediateTotal" in body


def test_tells_that_nothing_would_be_done(actions: Harness) -> None:
    """Where all is as wanted there is no price to be asked for."""
    sold(actions, addons=SEATS)

    body = actions.ok(ACTION, renewal(addons=SEATS, dryRun=True))

    assert (body["decision"], body["reasons"], body["changes"]) == ("none", [AS_WANTED], [])
    assert "recurringTotal" not in body


@pytest.mark.parametrize(("wanted", "recurring"), [
    ({"planId": "plan-starter", "addons": MORE_SEATS}, 49 + 20 * 9.9),
    ({"addons": MORE_SEATS}, 199 + 20 * 9.9),
    ({"metadata": {"tier": "gold"}, "strategy": "replace"}, 199 + 5 * 9.9),
])  # fmt: skip
def test_the_real_run_does_what_the_dry_run_says(actions: Harness, wanted: dict[str, Any], recurring: float) -> None:
    """Decision, reasons and differences are the same in the real run; a dry run is no repeat of it."""
    sold(actions, addons=SEATS)
    rehearsed = actions.ok(ACTION, renewal(**wanted, dryRun=True))

    body = actions.ok(ACTION, renewal(**wanted))

    explained = ("decision", "reasons", "changes")
    assert [body[name] for name in explained] == [rehearsed[name] for name in explained]
    assert rehearsed["recurringTotal"] == recurring
    assert actions.ok(ACTION, renewal(**wanted, dryRun=False))["replayed"]


def test_an_open_invoice_blocks_a_replacement(actions: Harness) -> None:
    """The dry run tells the invoice as a blocker, the real run is refused for it, and goes through once it is paid."""
    subscription_id = invoiced(actions)
    wanted = renewal(planId="plan-starter")

    message = actions.ok(ACTION, {**wanted, "dryRun": True})
    refused = actions.post(ACTION, wanted)
    before = (running(actions), actions.live("cust-acme"), actions.history(LINE))
    actions.emulator.invoice(subscription_id, "PAID")
    done = actions.ok(ACTION, wanted)

    assert [blocker["code"] for blocker in message["blockers"]] == ["OPEN_INVOICE"]
    assert (refused.status, refused.body["errorCode"]) == (409, "OPEN_INVOICE")
    assert before == ([subscription_id], [subscription_id], ["created"])
    assert (done["outcome"], done["replacedSubscriptionId"]) == ("replaced", subscription_id)
    assert current(actions) == done["subscriptionId"]


def test_an_open_invoice_does_not_block_an_amendment(actions: Harness) -> None:
    """What is changed in place meets no invoice, in the dry run as in earnest."""
    invoiced(actions)

    message = actions.ok(ACTION, renewal(addons=SEATS, dryRun=True))
    done = actions.ok(ACTION, renewal(addons=SEATS))

    assert (message["decision"], message["blockers"], done["outcome"]) == ("amend", [], "updated")


def test_a_change_that_awaits_payment_blocks_a_replacement(actions: Harness) -> None:
    """A pending payment is a blocker in the dry run, and the error of the real run where Stigg refuses it for that."""
    sold_by_card(actions)
    lose_card(actions)
    actions.ok(ACTION, renewal(addons=SEATS))
    wanted = renewal(planId="plan-starter")
    refusal = {"message": "The customer has a pending payment", "code": "SomethingNew"}
    actions.emulator.fault("POST", "/subscriptions$", "status", {"status": 400, "body": refusal}, times=1)

    message = actions.ok(ACTION, {**wanted, "dryRun": True})
    refused = actions.post(ACTION, wanted)

    assert [blocker["code"] for blocker in message["blockers"]] == ["PENDING_PAYMENT"]
    assert [change["status"] for change in message["scheduledChanges"]] == ["PENDING_PAYMENT"]
    assert (refused.status, refused.body["errorCode"]) == (409, "PENDING_PAYMENT")


def test_what_stigg_would_refuse_is_a_blocker(actions: Harness) -> None:
    """A plan that Stigg does not know is told as a blocker, without a price."""
    sold(actions)

    body = actions.ok(ACTION, renewal(planId="plan-nowhere", dryRun=True))

    assert [blocker["code"] for blocker in body["blockers"]] == ["PLAN_NOT_FOUND"]
    assert "recurringTotal" not in body


def test_what_was_sold_in_the_app_is_rehearsed(actions: Harness) -> None:
    """A subscription of Stigg's app is rehearsed by its id, in its resource."""
    subscription_id = sold_in_the_app(actions, planId="plan-workspace", resourceId="site-1")

    body = actions.ok(ACTION, by_id(subscription_id, billingPeriod="ANNUALLY", dryRun=True))

    assert (body["decision"], body["recurringTotal"], body["resourceId"]) == ("amend", 190, "site-1")


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"cancellationDate": "2020-01-31"}, "cancellationDate"),
        ({"strategy": "amend", "planId": "plan-starter"}, "planId"),
    ],
)
def test_what_cannot_be_done_is_refused(actions: Harness, wanted: dict[str, Any], field: str) -> None:
    """A wish that the real run would refuse is refused by the dry run, by name."""
    sold(actions)

    reply = actions.post(ACTION, renewal(dryRun=True, **wanted))

    assert (reply.status, [detail["field"] for detail in reply.body["details"]]) == (400, [field])


def test_an_unmapped_record_is_not_found(actions: Harness) -> None:
    """A record without a subscription has nothing to rehearse."""
    reply = actions.post(ACTION, renewal(dryRun=True))

    assert (reply.status, reply.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
