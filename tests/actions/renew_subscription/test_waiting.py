"""renew-subscription that waits, for a payment or for the end of the billing period."""

import pytest

from tests.support.harness import Harness
from tests.support.renewals import (
    A_DAY,
    ACTION,
    ANOTHER_PLAN,
    SEATS,
    lose_card,
    renewal,
    running,
    sold_by_card,
)
from tests.support.requests import LINE, PAGE, RENEWAL_LINE, current, in_stigg, sold

REPLACED = {"planId": "plan-starter", "addons": SEATS}


@pytest.mark.parametrize("move", [{}, {"newSalesforceRecordId": RENEWAL_LINE}])
def test_a_replacement_that_must_be_paid_first(actions: Harness, move: dict[str, str]) -> None:
    """Without a card the old subscription goes on, and the answer has a payment page; once paid, the repeat renews."""
    old = sold_by_card(actions)
    lose_card(actions)
    request, record = renewal(**REPLACED, **move, checkoutOptions=PAGE), move.get("newSalesforceRecordId", LINE)

    asked = actions.ok(ACTION, request)
    waiting = actions.ok(ACTION, request)
    unpaid, before = actions.mapping(record), (current(actions), running(actions), actions.live("cust-acme"))
    actions.emulator.checkout(asked["subscriptionId"])
    paid = actions.ok(ACTION, request)
    after = actions.mapping(record)

    new = asked["subscriptionId"]
    assert (asked["outcome"], asked["active"], asked["decision"]) == ("paymentRequired", False, "replace")
    assert (waiting["checkoutUrl"], waiting["replayed"]) == (asked["checkoutUrl"], True)
    assert before == (old, [old], [old])
    assert unpaid is not None
    assert unpaid.pending is not None
    assert unpaid.pending.subscription_id == new
    assert (paid["outcome"], paid["decision"], paid["replacedSubscriptionId"]) == ("replaced", "replace", old)
    assert (paid["subscriptionId"], paid["reasons"]) == (new, [ANOTHER_PLAN])
    assert after is not None
    assert after.pending is None
    assert [current(actions, record)] == [new] == actions.live("cust-acme") == running(actions)
    assert actions.history(record)[-2:] == ["paymentRequired", "renewed"]
    assert actions.history(LINE)[-1] == ("closed" if move else "renewed")


def test_a_page_that_was_not_paid_gives_way(actions: Harness) -> None:
    """A day later an unpaid page gives way to a new one, and the old subscription still goes on."""
    old = sold_by_card(actions)
    lose_card(actions)
    asked = actions.ok(ACTION, renewal(**REPLACED, checkoutOptions=PAGE))
    actions.clock.skip(A_DAY)

    again = actions.ok(ACTION, renewal(**REPLACED, checkoutOptions=PAGE))

    assert (again["outcome"], again["replayed"]) == ("paymentRequired", False)
    assert again["checkoutUrl"] != asked["checkoutUrl"]
    assert (current(actions), running(actions), actions.live("cust-acme")) == (old, [old], [old])


def test_an_amendment_that_must_be_paid_first(actions: Harness) -> None:
    """Without a card a change in place waits; a repeat says so again, and once it is paid, that it is in force."""
    subscription_id = sold_by_card(actions)
    lose_card(actions)
    wish = renewal(addons=SEATS)

    asked = actions.ok(ACTION, wish)
    waiting = actions.ok(ACTION, wish)
    actions.stigg_app("PATCH", "/api/v1/customers/cust-acme", {"passthrough": {"stripe": {"paymentMethodId": "pm_2"}}})
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": SEATS})
    paid = actions.ok(ACTION, wish)

    assert (asked["outcome"], asked["decision"], asked["addons"]) == ("paymentRequired", "amend", [])
    assert [change["status"] for change in asked["scheduledChanges"]] == ["PENDING_PAYMENT"]
    assert (waiting["outcome"], waiting["replayed"]) == ("paymentRequired", True)
    assert (paid["outcome"], paid["addons"], in_stigg(actions, subscription_id)["addons"]) == ("updated", SEATS, SEATS)
    assert actions.history(LINE) == ["created", "renewalAwaitsPayment", "renewed"]


def test_a_change_for_later(actions: Harness) -> None:
    """A change in place at the end of the period is scheduled; the record keeps its subscription."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, renewal(addons=SEATS, scheduleStrategy="END_OF_BILLING_PERIOD"))

    assert (body["outcome"], body["decision"], body["addons"]) == ("scheduled", "amend", [])
    assert [change["change"] for change in body["scheduledChanges"]] == ["ADDON"]
    assert (current(actions), actions.history(LINE)) == (subscription_id, ["created", "renewalScheduled"])
