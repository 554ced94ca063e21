"""update-subscription, in this process: changes that wait for their time or for a payment."""

from typing import Any

import pytest

from tests.support.amendments import (
    ACTION,
    LATER,
    SEATS,
    SSO,
    SUPPORT,
    addons,
    crash,
    differences,
    heard,
    more,
    patches,
    sent,
    update,
)
from tests.support.harness import Harness
from tests.support.requests import LINE, grant, in_stigg, sold, sold_in_the_app

MONTH = 32 * 24 * 60 * 60
CHARGE = {"id": "feature-api-calls", "quantity": 1000, "type": "FEATURE"}
OTHER_CHARGE = {"id": "cred-type-tokens", "quantity": 50, "type": "CREDIT"}
MONEY = {"amount": 500, "currency": "usd"}
DAY = 24 * 60 * 60
CARD = {"stripe": {"paymentMethodId": "pm_1"}}


def waiting(actions: Harness, subscription_id: str) -> list[tuple[str, str]]:
    """Return what waits in Stigg: kind and status."""
    updates = in_stigg(actions, subscription_id)["futureUpdates"]
    return [(one["subscriptionScheduleType"], one["scheduleStatus"]) for one in updates]


def scheduled(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return kind and status of the scheduled changes of an answer."""
    return [(change["change"], change["status"]) for change in body["scheduledChanges"]]


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
    wanted = {"addons": [SUPPORT], "charges": [OTHER_CHARGE], "metadata": {"deal": "2"}}

    body = actions.ok(ACTION, update(**wanted, scheduleStrategy="End of billing period"))
    in_force = actions.terms(subscription_id)
    let_a_month_pass(actions)
    now_in_force = sent(actions, subscription_id)["charges"]
    after = actions.ok(ACTION, update(charges=[{**CHARGE, "quantity": 3}]))

    assert (body["outcome"], body["addons"], body["active"]) == ("scheduled", [SEATS], True)
    assert scheduled(body) == [("ADDON", "SCHEDULED"), ("UNIT_AMOUNT", "SCHEDULED")]
    changes, takes_effect = differences(body), body["scheduledChanges"][0]["takesEffectAt"]
    assert changes.keys() == {"metadata.deal", "scheduled.ADDON", "scheduled.UNIT_AMOUNT"}
    assert (changes["scheduled.ADDON"][0], str(changes["scheduled.ADDON"][1])[:19]) == (None, takes_effect[:19])
    assert (in_force["addons"], in_force["charges"]) == ([SEATS], [CHARGE])
    assert differences(after) == {"charges.feature-api-calls": ("1000", "3")}
    assert (now_in_force, after["addons"]) == ([CHARGE, OTHER_CHARGE], [SEATS, SUPPORT])
    assert actions.terms(subscription_id)["charges"] == [{**CHARGE, "quantity": 3}, OTHER_CHARGE]
    assert sent(actions, subscription_id)["charges"] == [{**CHARGE, "quantity": 3}, OTHER_CHARGE]
    assert actions.history(LINE) == ["created", "updateScheduled", "updated"]


@pytest.mark.parametrize(
    ("second", "same", "becomes"),
    [
        ({"addons": [more(9)]}, {"addons": [more(9), SUPPORT]}, {"addon-seats": 9, "addon-support": 1}),
        (
            {"removeAddons": ["addon-seats"]},
            {"addons": [SUPPORT], "removeAddons": ["addon-seats"]},
            {"addon-support": 1},
        ),
    ],
)
def test_deferred_changes_of_one_list_join(
    actions: Harness, second: dict[str, Any], same: dict[str, Any], becomes: dict[str, int]
) -> None:
    """A second deferred change is merged into the first, which waits; the same again changes nothing of it."""
    subscription_id = sold(actions, addons=[SEATS])
    actions.ok(ACTION, update(addons=[SUPPORT], **LATER))

    body = actions.ok(ACTION, update(**second, **LATER))
    again = actions.ok(ACTION, update(**same, **LATER))
    meanwhile = addons(actions, subscription_id)
    let_a_month_pass(actions)

    assert (body["outcome"], scheduled(body), again["outcome"]) == ("scheduled", [("ADDON", "SCHEDULED")], "scheduled")
    assert (meanwhile, addons(actions, subscription_id)) == ({"addon-seats": 5}, becomes)


@pytest.mark.parametrize(
    ("deferred", "kind"), [({"addons": [SUPPORT]}, "ADDON"), ({"billingPeriod": "ANNUALLY"}, "BILLING_PERIOD")]
)
def test_an_immediate_change_withdraws_what_waits(actions: Harness, deferred: dict[str, Any], kind: str) -> None:
    """A change at once takes the place of one that waits, says so, and the withdrawn one never takes effect."""
    subscription_id = sold(actions, addons=[SEATS])
    first = differences(actions.ok(ACTION, update(**deferred, **LATER)))

    body = actions.ok(ACTION, update(addons=[more(9)]))
    left = waiting(actions, subscription_id)
    let_a_month_pass(actions)

    withdrawn = (first[f"scheduled.{kind}"][1], None)
    assert differences(body) == {"addons.addon-seats": ("5", "9"), f"scheduled.{kind}": withdrawn}
    assert (body["outcome"], body["scheduledChanges"], left) == ("updated", [], [])
    assert addons(actions, subscription_id) == {"addon-seats": 9}
    assert actions.terms(subscription_id)["billingPeriod"] == "MONTHLY"


def test_what_waits_is_taken_back(actions: Harness) -> None:
    """To ask for what is in force already is a change as long as another one waits: that is withdrawn."""
    subscription_id = sold(actions, addons=[SEATS])
    actions.ok(ACTION, update(addons=[more(2)], **LATER))

    body = actions.ok(ACTION, update(addons=[SEATS]))
    let_a_month_pass(actions)

    assert (body["outcome"], set(differences(body))) == ("updated", {"scheduled.ADDON"})
    assert addons(actions, subscription_id) == {"addon-seats": 5}


def test_what_cannot_wait_is_in_force_at_once(actions: Harness) -> None:
    """Beside a deferred change, what Stigg does not defer is remembered as in force."""
    subscription_id = sold(actions)

    body = actions.ok(
        ACTION,
        update(addons=[SUPPORT], entitlements=[SSO], minimumSpend=MONEY, scheduleStrategy="END_OF_BILLING_MONTH"),
    )

    assert body["outcome"] == "scheduled"
    assert [change["field"] for change in body["changes"]] == [
        "entitlements.feature-sso",
        "minimumSpend",
        "scheduled.ADDON",
    ]
    assert actions.terms(subscription_id)["entitlements"] == [SSO]
    assert "addons" not in actions.terms(subscription_id)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"appliedCoupon": {"couponId": "coupon-welcome"}}, "COUPON"),
        ({"billingPeriod": "ANNUALLY"}, "BILLING_PERIOD"),
        ({"charges": [CHARGE]}, "UNIT_AMOUNT"),
        ({"planBaseChargeOverride": {"amount": 80, "currency": "usd"}}, "PRICE_OVERRIDE"),
    ],
)
def test_every_kind_of_change_that_can_wait(actions: Harness, changes: dict[str, Any], kind: str) -> None:
    """A change that Stigg defers is scheduled, comes into force at its time, and is unchanged if requested then."""
    sold(actions)

    body = actions.ok(ACTION, update(**changes, **LATER))
    let_a_month_pass(actions)
    later = actions.ok(ACTION, update(**changes))

    assert (body["outcome"], scheduled(body)) == ("scheduled", [(kind, "SCHEDULED")])
    assert (later["outcome"], later["scheduledChanges"], patches(actions)) == ("unchanged", [], 1)


def test_a_change_of_something_else_leaves_what_waits(actions: Harness) -> None:
    """What waits goes on waiting, there and here, when something is changed that cannot wait."""
    subscription_id = sold(actions, charges=[CHARGE])
    actions.ok(ACTION, update(charges=[OTHER_CHARGE], **LATER))

    body = actions.ok(ACTION, update(minimumSpend=MONEY))
    let_a_month_pass(actions)
    actions.ok(ACTION, update(removeCharges=["feature-api-calls"]))

    assert (body["outcome"], scheduled(body)) == ("updated", [("UNIT_AMOUNT", "SCHEDULED")])
    assert [change["field"] for change in body["changes"]] == ["minimumSpend"]
    assert [charge["id"] for charge in sent(actions, subscription_id)["charges"]] == ["cred-type-tokens"]


def test_a_deferred_change_of_another_list_takes_the_first_along(actions: Harness) -> None:
    """Stigg keeps one package that waits: a deferred change of another list is sent with what waits already."""
    subscription_id = sold(actions, addons=[SEATS])
    actions.ok(ACTION, update(addons=[SUPPORT], **LATER))

    body = actions.ok(ACTION, update(charges=[OTHER_CHARGE], **LATER))
    let_a_month_pass(actions)

    assert (body["outcome"], scheduled(body)) == ("scheduled", [("ADDON", "SCHEDULED"), ("UNIT_AMOUNT", "SCHEDULED")])
    assert [change["field"] for change in body["changes"]] == ["scheduled.UNIT_AMOUNT"]
    assert list(addons(actions, subscription_id)) == ["addon-seats", "addon-support"]


def test_a_deferred_change_is_asked_for_again_a_day_later(actions: Harness) -> None:
    """It is still one change that waits, and nothing is given twice when its time comes."""
    subscription_id = sold(actions, addons=[SEATS])
    deferred = update(addons=[SUPPORT], **LATER)
    actions.ok(ACTION, deferred)
    again = actions.ok(ACTION, deferred)
    actions.clock.skip(DAY + 60)

    later = actions.ok(ACTION, deferred)
    let_a_month_pass(actions)

    assert (again["replayed"], later["replayed"]) == (True, False)
    assert (later["outcome"], scheduled(later)) == ("scheduled", [("ADDON", "SCHEDULED")])
    assert in_stigg(actions, subscription_id)["addons"] == [SEATS, SUPPORT]


def test_without_a_billing_period_nothing_is_deferred(actions: Harness) -> None:
    """A subscription that is not billed has no period to wait for: the change is in force at once."""
    subscription_id = sold(actions, planId="plan-enterprise", billingPeriod=None)

    body = actions.ok(ACTION, update(addons=[SUPPORT], **LATER))

    assert (body["outcome"], body["scheduledChanges"]) == ("updated", [])
    assert actions.terms(subscription_id)["addons"] == [SUPPORT]


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
    meanwhile = actions.terms(subscription_id)["charges"]
    let_a_month_pass(actions)

    assert (body["outcome"], len(body["scheduledChanges"]), patches(actions)) == ("scheduled", 1, 1)
    assert meanwhile == [CHARGE]
    assert heard(actions, update(removeCharges=["feature-api-calls"])) == [{"charges": [OTHER_CHARGE]}]
    assert sent(actions, subscription_id)["charges"] == [OTHER_CHARGE]
    assert actions.history(LINE) == ["created", "updateScheduled", "updated"]


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


@pytest.mark.parametrize("changes", [{"addons": [SUPPORT]}, {"charges": [OTHER_CHARGE]}])
def test_a_killed_change_that_awaits_payment(actions: Harness, changes: dict[str, Any]) -> None:
    """The repeat of a killed change tells that payment is awaited; once paid, the next finds it in force."""
    paid = {"isInvoicePaid": True}
    subscription_id = sold(actions, paymentCollectionMethod="CHARGE", billingInformation=paid)
    crash(actions, update(**changes), after=True)
    actions.clock.skip(11)

    waiting = actions.ok(ACTION, update(**changes))
    actions.emulator.checkout(subscription_id)
    done = actions.ok(ACTION, update(**changes))

    assert (waiting["outcome"], done["outcome"]) == ("paymentRequired", "updated")
    assert actions.terms(subscription_id).items() >= changes.items()
