"""update-subscription, in this process: changes that wait for their time or for a payment."""

from typing import Any

import pytest

from tests.support.amendments import (
    ACTION,
    LATER,
    SEATS,
    SUPPORT,
    addons,
    crash,
    heard,
    more,
    patches,
    sent,
    told,
    update,
)
from tests.support.harness import Harness
from tests.support.requests import LINE, grant, in_stigg, sold, sold_in_the_app

MONTH = 32 * 24 * 60 * 60
CHARGE = {"id": "feature-api-calls", "quantity": 1000, "type": "FEATURE"}
OTHER_CHARGE = {"id": "cred-type-tokens", "quantity": 50, "type": "CREDIT"}
CARD = {"stripe": {"paymentMethodId": "pm_1"}}


def waiting(actions: Harness, subscription_id: str) -> list[tuple[str, str]]:
    """Return what waits in Stigg: kind and status."""
    updates = in_stigg(actions, subscription_id)["futureUpdates"]
    return [(one["subscriptionScheduleType"], one["scheduleStatus"]) for one in updates]


def let_a_month_pass(actions: Harness) -> None:
    """Let the billing period end, for Stigg and for the actions."""
    actions.emulator.advance(MONTH)
    actions.clock.skip(MONTH)


def sold_to_be_charged(actions: Harness, **changes: Any) -> str:  # noqa: ANN401 - any field of a request
    """Provision what is charged to a card, and then lose the card."""
    customer = {"customerId": "cust-acme", "name": "Acme"}
    actions.ok("create-customer", {**customer, "passthrough": CARD})
    subscription_id = sold(actions, paymentCollectionMethod="CHARGE", **changes)
    actions.stigg_app("PATCH", "/api/v1/customers/cust-acme", {"passthrough": {}})
    return subscription_id


def test_a_change_of_the_next_period_waits(actions: Harness) -> None:
    """A deferred change leaves the old terms in force; when its time has come, the new ones are known."""
    subscription_id = sold(actions, addons=[SEATS], charges=[CHARGE])

    body = actions.ok(ACTION, update(addons=[more(2)], charges=[OTHER_CHARGE], metadata={"deal": "2"}, **LATER))
    in_force = actions.terms(subscription_id)
    let_a_month_pass(actions)
    after = actions.ok(ACTION, update(charges=[{**CHARGE, "quantity": 3}]))

    assert (body["outcome"], body["addons"], body["active"]) == ("scheduled", [SEATS], True)
    assert [(one["change"], one["status"]) for one in body["scheduledChanges"]] == [
        ("ADDON", "SCHEDULED"),
        ("UNIT_AMOUNT", "SCHEDULED"),
    ]
    assert told(body).keys() == {"metadata.deal", "scheduled.ADDON", "scheduled.UNIT_AMOUNT"}
    assert (in_force["addons"], in_force["charges"]) == ([SEATS], [CHARGE])
    assert told(after) == {"charges.feature-api-calls": ("1000", "3")}
    assert sent(actions, subscription_id)["charges"] == [{**CHARGE, "quantity": 3}, OTHER_CHARGE]
    assert actions.history(LINE) == ["created", "updateScheduled", "updated"]


def test_deferred_changes_of_one_list_join(actions: Harness) -> None:
    """A second deferred change is merged into the first, which waits; the same again changes nothing of it."""
    subscription_id = sold(actions, addons=[SEATS])
    actions.ok(ACTION, update(addons=[SUPPORT], **LATER))

    body = actions.ok(ACTION, update(removeAddons=["addon-seats"], **LATER))
    same = actions.ok(ACTION, update(addons=[SUPPORT], removeAddons=["addon-seats"], **LATER))
    let_a_month_pass(actions)

    assert (body["outcome"], same["outcome"]) == ("scheduled", "scheduled")
    assert addons(actions, subscription_id) == {"addon-support": 1}


def test_an_immediate_change_withdraws_what_waits(actions: Harness) -> None:
    """A change at once takes the place of one that waits, says so, and what was withdrawn never counts as in force."""
    subscription_id = sold(actions, addons=[SEATS])
    actions.ok(ACTION, update(billingPeriod="ANNUALLY", **LATER))

    body = actions.ok(ACTION, update(addons=[SUPPORT]))

    changes = told(body)
    assert (changes["addons.addon-support"], changes["scheduled.BILLING_PERIOD"][1]) == ((None, "1"), None)
    assert (body["scheduledChanges"], waiting(actions, subscription_id)) == ([], [])
    assert actions.terms(subscription_id)["billingPeriod"] == "MONTHLY"


def test_what_waits_is_taken_back(actions: Harness) -> None:
    """To ask for what is in force already is a change as long as another one waits: that is withdrawn."""
    subscription_id = sold(actions, addons=[SEATS])
    actions.ok(ACTION, update(addons=[more(2)], **LATER))

    body = actions.ok(ACTION, update(addons=[SEATS]))
    let_a_month_pass(actions)

    assert (body["outcome"], set(told(body))) == ("updated", {"scheduled.ADDON"})
    assert addons(actions, subscription_id) == {"addon-seats": 5}


@pytest.mark.parametrize("settled_by", ["repeat", "another"])
def test_what_a_killed_one_withdrew_is_not_in_force(actions: Harness, settled_by: str) -> None:
    """What a change withdrew before its process was killed is not taken for something that has come into force."""
    subscription_id = sold(actions)
    actions.ok(ACTION, update(billingPeriod="ANNUALLY", **LATER))
    crash(actions, update(addons=[SEATS]), after=True)
    actions.clock.skip(31)

    actions.ok(*((ACTION, update(addons=[SEATS])) if settled_by == "repeat" else ("create-credit-grant", grant())))

    assert actions.terms(subscription_id)["billingPeriod"] == "MONTHLY"
    assert heard(actions, update(billingPeriod="ANNUALLY")) == [{"billingPeriod": "ANNUALLY"}]


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_deferred_change_is_carried_on(actions: Harness, *, after: bool) -> None:
    """Killed before or after the PATCH, a change of the next period is scheduled once, and known when it comes."""
    subscription_id = sold(actions, charges=[CHARGE])
    wish = update(charges=[OTHER_CHARGE], **LATER)
    crash(actions, wish, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, wish)
    let_a_month_pass(actions)

    assert (body["outcome"], patches(actions)) == ("scheduled", 1)
    assert heard(actions, update(removeCharges=["feature-api-calls"])) == [{"charges": [OTHER_CHARGE]}]
    assert sent(actions, subscription_id)["charges"] == [OTHER_CHARGE]


def test_what_waits_in_the_app_is_not_overridden_by_a_merge(actions: Harness) -> None:
    """A change that somebody deferred in Stigg's app cannot be read: one that would join it is refused."""
    subscription_id = sold_in_the_app(actions, addons=[SEATS])
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": [SUPPORT], **LATER})
    by_id = {"salesforceRecordId": None, "subscriptionId": subscription_id, **LATER}

    refused = actions.post(ACTION, update(**by_id, addons=[more(2)]))
    body = actions.ok(ACTION, update(**by_id, addons=[more(2), SUPPORT], mode="replace"))

    assert refused.body["details"] == [
        {
            "field": "addons",
            "problem": "cannot be merged: Stigg does not return the result of the change that waits. "
            "Give all of it, with mode replace",
        }
    ]
    assert body["outcome"] == "scheduled"


def test_a_change_that_must_be_paid(actions: Harness) -> None:
    """Without a card a change waits for its payment: the old terms stay; once it is paid, the repeat says so."""
    subscription_id = sold_to_be_charged(actions)
    wish = update(addons=[SEATS], charges=[CHARGE])

    body = actions.ok(ACTION, wish)
    unpaid = actions.ok(ACTION, wish)
    before = actions.terms(subscription_id)
    actions.emulator.checkout(subscription_id)
    paid = actions.ok(ACTION, wish)
    again = actions.ok(ACTION, wish)

    assert (body["outcome"], body["addons"]) == ("paymentRequired", [])
    assert [one["status"] for one in body["scheduledChanges"]] == ["PENDING_PAYMENT"] * 2
    assert (unpaid["outcome"], unpaid["replayed"]) == ("paymentRequired", True)
    assert not {"addons", "charges"} & before.keys()
    assert (paid["outcome"], paid["addons"], paid["replayed"]) == ("updated", [SEATS], False)
    assert (again["outcome"], again["replayed"], patches(actions)) == ("updated", True, 1)
    assert actions.terms(subscription_id).items() >= {"addons": [SEATS], "charges": [CHARGE]}.items()
    assert actions.history(LINE) == ["created", "updateAwaitsPayment", "updated"]


def test_a_payment_that_nobody_repeats(actions: Harness) -> None:
    """What was paid for is known to the next change, though the request was never repeated."""
    subscription_id = sold_to_be_charged(actions)
    actions.ok(ACTION, update(charges=[CHARGE]))
    actions.emulator.checkout(subscription_id)
    actions.stigg_app("PATCH", "/api/v1/customers/cust-acme", {"passthrough": CARD})

    actions.ok(ACTION, update(charges=[OTHER_CHARGE]))

    assert sent(actions, subscription_id)["charges"] == [CHARGE, OTHER_CHARGE]


def test_a_payment_that_never_came(actions: Harness) -> None:
    """When Stigg has dropped the change that nobody paid for, the repeat makes it anew, and not of a lapsed one."""
    subscription_id = sold_to_be_charged(actions)
    wish = update(addons=[SEATS])
    actions.ok(ACTION, wish)
    path = f"/api/v1/subscriptions/{subscription_id}/future-update/pending-payment"
    actions.stigg_app("DELETE", path, {})
    actions.stigg_app("PATCH", "/api/v1/customers/cust-acme", {"passthrough": CARD})

    body = actions.ok(ACTION, wish)

    assert (body["outcome"], body["replayed"], patches(actions)) == ("updated", False, 2)
    assert addons(actions, subscription_id) == {"addon-seats": 5}


def test_a_payment_for_a_subscription_that_is_gone(actions: Harness) -> None:
    """When Stigg knows the subscription no more, the answer that stands is given again."""
    subscription_id = sold_to_be_charged(actions)
    actions.ok(ACTION, update(addons=[SEATS]))
    actions.emulator.fault("GET", f"/subscriptions/{subscription_id}$", "status", 404)

    assert actions.ok(ACTION, update(addons=[SEATS]))["replayed"] is True


def test_a_killed_change_that_must_be_paid(actions: Harness) -> None:
    """Killed after its PATCH, a change that awaits payment is recorded as such by another write."""
    sold_to_be_charged(actions)
    crash(actions, update(addons=[SEATS]), after=True)
    actions.clock.skip(31)

    actions.ok("create-credit-grant", grant())

    assert ("update", "SUCCEEDED") in actions.operations()
    assert actions.history(LINE) == ["created", "updateAwaitsPayment"]


def test_metadata_that_stigg_defers_counts_as_done(actions: Harness) -> None:
    """Metadata that waits does not show the mark: then a change is done if all that is left of it waits."""
    subscription_id = sold(actions)
    update_ = {"scheduleStatus": "SCHEDULED", "subscriptionScheduleType": "ADDITIONAL_META_DATA"}
    shown = {**in_stigg(actions, subscription_id), "futureUpdates": [update_]}
    answer = {"status": 200, "body": {"data": shown}}
    actions.emulator.fault("PATCH", "/subscriptions/", "statusAfter", answer, times=1)
    actions.emulator.fault("GET", f"/subscriptions/{subscription_id}$", "latency", 0, times=1)
    actions.emulator.fault("GET", f"/subscriptions/{subscription_id}$", "status", answer, times=1)

    body = actions.ok(ACTION, update(metadata={"tier": "gold"}))

    assert body["outcome"] == "scheduled"
    assert [one["change"] for one in body["scheduledChanges"]] == ["ADDITIONAL_META_DATA"]
