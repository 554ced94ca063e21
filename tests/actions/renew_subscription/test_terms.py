"""renew-subscription, in this process: what it decides, why, and what it takes over."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionProvisionParams, SubscriptionUpdateParams

from tests.contract.sdk_shapes import body_problems
from tests.support.crashes import listening_container
from tests.support.harness import Harness
from tests.support.renewing import (
    ACTION,
    ANOTHER_PLAN,
    AS_WANTED,
    ASKED_TO_REPLACE,
    ENTITLEMENTS,
    IN_PLACE,
    MORE_SEATS,
    PATCH,
    POST,
    SEATS,
    by_id,
    current,
    renewal,
    running,
    sent,
)
from tests.support.requests import LINE, in_stigg, sold, sold_in_the_app

AMENDED_ONLY = (
    "billingInformation, priceOverrides: not kept, because Stigg accepts it only in place; "
    "set it with update-subscription afterwards."
)
PRICE = {"amount": 150, "currency": "usd"}
NOT_OURS = (
    "The subscription was not provisioned by the actions: charges, prices and billing details that Stigg does not "
    "return are only kept if the request gives them."
)


def decided(body: dict[str, Any]) -> tuple[str, str, list[str]]:
    """Return outcome, decision and reasons of an answer."""
    return body["outcome"], body["decision"], body["reasons"]


def test_amends_in_place_what_can_be(actions: Harness) -> None:
    """Add-ons, entitlements, period and end change in place: the same subscription, explained field by field."""
    subscription_id = sold(actions, addons=SEATS)
    wanted = {
        "addons": MORE_SEATS,
        "entitlements": ENTITLEMENTS,
        "billingPeriod": "ANNUALLY",
        "cancellationDate": "2099-12-31",
    }

    body = actions.ok(ACTION, renewal(**wanted))

    assert decided(body) == ("updated", "amend", [IN_PLACE])
    assert body["subscriptionId"] == subscription_id == current(actions)
    assert body["changes"] == [
        {"field": "addons.addon-seats", "before": "5", "after": "20"},
        {"field": "billingPeriod", "before": "MONTHLY", "after": "ANNUALLY"},
        {"field": "cancellationDate", "after": "2099-12-31T23:59:59.000Z"},
        {"field": "entitlements.feature-seats", "after": '{"usageLimit":80}'},
    ]
    assert (body["blockers"], body["scheduledChanges"], body["salesforceRecordId"]) == ([], [], LINE)
    assert sent(actions, subscription_id)["entitlements"] == ENTITLEMENTS
    assert actions.terms(subscription_id)["billingPeriod"] == "ANNUALLY"
    assert actions.history(LINE) == ["created", "renewed"]


def test_what_is_as_wanted_is_left_alone(actions: Harness) -> None:
    """A wanted state that stands already sends nothing, and is no event."""
    sold(actions, addons=SEATS, entitlements=ENTITLEMENTS)
    before = len(actions.writes_to_stigg())

    body = actions.ok(ACTION, renewal(planId="plan-growth", addons=SEATS, entitlements=ENTITLEMENTS))

    assert decided(body) == ("unchanged", "none", [AS_WANTED])
    assert (body["changes"], len(actions.writes_to_stigg())) == ([], before)
    assert actions.history(LINE) == ["created"]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"planId": "plan-starter"}, ANOTHER_PLAN),
        ({"unitQuantity": 3}, "unitQuantity: Stigg cannot change the unit quantity of a subscription in place."),
        (
            {"paymentCollectionMethod": "INVOICE"},
            "paymentCollectionMethod: Stigg cannot change the payment collection method of a subscription in place.",
        ),
        (
            {"priceOverrides": [{"baseCharge": True, "amount": 9, "currency": "usd", "billingCountryCode": "US"}]},
            "priceOverrides: Stigg cannot change such a price of a subscription in place.",
        ),
        (
            {"trialOverrideConfiguration": {"isTrial": False}},
            "trialOverrideConfiguration: Stigg cannot change the trial of a subscription in place.",
        ),
        ({"strategy": "replace"}, ASKED_TO_REPLACE),
    ],
)  # fmt: skip
def test_replaces_what_cannot_be_amended(actions: Harness, wanted: dict[str, Any], reason: str) -> None:
    """What Stigg takes only when it provisions leads to a new subscription, and the reasons name it."""
    sold(actions)

    body = actions.ok(ACTION, renewal(**wanted))

    assert (body["decision"], body["reasons"]) == ("replace", [reason])
    assert current(actions) == body["subscriptionId"]


def test_a_replacement_takes_over_what_stands(actions: Harness) -> None:
    """Add-ons, entitlements, charges, period, coupon, spend, metadata and end go on; what is asked for comes on top."""
    old = sold(
        actions,
        addons=SEATS,
        entitlements=ENTITLEMENTS,
        charges=[{"id": "feature-api-calls", "quantity": 4, "type": "FEATURE"}],
        billingPeriod="ANNUALLY",
        appliedCoupon={"couponId": "coupon-welcome"},
        minimumSpend={"amount": 50, "currency": "usd"},
        metadata={"tier": "gold"},
        cancellationDate="2099-12-31",
        billingId="bill-1",
        salesforceAccountId="001000000000001AAA",
    )

    body = actions.ok(ACTION, renewal(planId="plan-starter", addons=MORE_SEATS, metadata={"deal": "2"}))

    before, after = sent(actions, old), sent(actions, body["subscriptionId"])
    kept = {"entitlements", "charges", "billingPeriod", "appliedCoupon", "minimumSpend", "salesforceId"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert (after["planId"], after["addons"], after.get("billingId")) == ("plan-starter", MORE_SEATS, None)
    assert after["metadata"].items() >= {"tier": "gold", "deal": "2", "salesforceRecordId": LINE}.items()
    assert after["metadata"]["stiggActionsKey"] != before["metadata"]["stiggActionsKey"]
    assert body["cancellationDate"] == "2099-12-31T23:59:59Z"
    assert decided(body)[:2] == ("replaced", "replace")
    assert (body["replacedSubscriptionId"], in_stigg(actions, old)["status"]) == (old, "CANCELED")
    assert actions.terms(body["subscriptionId"]).keys() >= kept
    assert body["changes"] == [
        {"field": "addons.addon-seats", "before": "5", "after": "20"},
        {"field": "metadata.deal", "after": "2"},
        {"field": "planId", "before": "plan-growth", "after": "plan-starter"},
    ]


def test_the_price_of_a_plan_is_not_taken_to_another(actions: Harness) -> None:
    """A base charge agreed for one plan stays behind with it, and the reasons say so; that of an add-on goes on."""
    addon_price = {"addonId": "addon-seats", "baseCharge": True, "amount": 5, "currency": "usd"}
    sold(actions, addons=SEATS, planBaseChargeOverride=PRICE, priceOverrides=[addon_price])

    same_plan = actions.ok(ACTION, renewal(strategy="replace"))
    kept = sent(actions, same_plan["subscriptionId"])["priceOverrides"]
    other_plan = actions.ok(ACTION, renewal(planId="plan-starter"))

    assert kept == [{"baseCharge": True, **PRICE}, addon_price]
    assert sent(actions, other_plan["subscriptionId"])["priceOverrides"] == [addon_price]
    assert other_plan["reasons"] == [
        ANOTHER_PLAN,
        "The price of the present plan is not kept for another plan; give planBaseChargeOverride.",
    ]


def test_a_new_price_for_the_new_plan(actions: Harness) -> None:
    """Given its own price, the new plan has that, and nothing is left to be said."""
    sold(actions, planBaseChargeOverride=PRICE)

    body = actions.ok(ACTION, renewal(planId="plan-starter", planBaseChargeOverride={"amount": 40, "currency": "USD"}))

    assert body["reasons"] == [ANOTHER_PLAN]
    (price,) = sent(actions, body["subscriptionId"])["priceOverrides"]
    assert price == {"baseCharge": True, "amount": 40, "currency": "usd"}


def test_what_only_an_amendment_sets_is_named(actions: Harness) -> None:
    """What Stigg takes only in place cannot be taken over to a new subscription, and the reasons say what to do."""
    sold(actions)
    prices = [{"currencyId": "cred-type-tokens", "amount": 2, "currency": "usd"}]
    billing = {"couponId": "billing-coupon", "taxPercentage": 19}
    actions.ok(
        "update-subscription", {"salesforceRecordId": LINE, "priceOverrides": prices, "billingInformation": billing}
    )

    body = actions.ok(ACTION, renewal(strategy="replace"))

    assert body["reasons"] == [
        ASKED_TO_REPLACE,
        AMENDED_ONLY,
    ]
    new = sent(actions, body["subscriptionId"])
    assert (new["billingInformation"], "priceOverrides" in new) == ({"taxPercentage": 19}, False)


def test_what_waits_is_not_taken_over(actions: Harness) -> None:
    """A change that waits for its time is withdrawn with its subscription, and the reasons say so."""
    sold(actions, addons=SEATS)
    later = {"salesforceRecordId": LINE, "addons": MORE_SEATS, "scheduleStrategy": "END_OF_BILLING_PERIOD"}
    actions.ok("update-subscription", later)

    body = actions.ok(ACTION, renewal(planId="plan-starter"))

    assert body["reasons"] == [
        ANOTHER_PLAN,
        "Changes that still wait are not kept (ADDON); give them in the request if they are needed.",
    ]
    assert body["addons"] == SEATS


def test_what_waits_stays_with_an_amendment(actions: Harness) -> None:
    """A change that waits is no follower: an amendment leaves it waiting, tells it, and has nothing to warn of."""
    sold(actions, addons=SEATS)
    later = {"salesforceRecordId": LINE, "addons": MORE_SEATS, "scheduleStrategy": "END_OF_BILLING_PERIOD"}
    actions.ok("update-subscription", later)

    body = actions.ok(ACTION, renewal(metadata={"deal": "2"}))

    assert body["reasons"] == [IN_PLACE]
    assert [change["change"] for change in body["scheduledChanges"]] == ["ADDON"]


def test_an_ended_subscription_is_replaced(actions: Harness) -> None:
    """What has ended goes on as a new subscription with the same terms, but without the end."""
    old = sold(actions, addons=SEATS)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})

    body = actions.ok(ACTION, renewal())

    assert decided(body) == (
        "created",
        "replace",
        [f"Subscription {old} has ended (CANCELED), so a new one replaces it."],
    )
    assert (body["addons"], body.get("cancellationDate")) == (SEATS, None)
    assert running(actions) == [current(actions)]
    assert actions.history(LINE)[-1] == "renewed"


@pytest.mark.parametrize(
    ("wanted", "field", "problem"),
    [
        ({"planId": "plan-starter"}, "planId", "cannot be changed in place; use strategy auto or replace"),
        ({"startDate": "2098-01-01"}, "startDate", "cannot be changed in place; use strategy auto or replace"),
    ],
)
def test_amend_alone_refuses_what_it_cannot(actions: Harness, wanted: dict[str, Any], field: str, problem: str) -> None:
    """Asked to amend, it refuses by name what would need a new subscription, and sends nothing."""
    sold(actions)
    before = actions.writes_to_stigg()

    reply = actions.post(ACTION, renewal(strategy="amend", **wanted))

    assert (reply.status, reply.body["details"]) == (400, [{"field": field, "problem": problem}])
    assert actions.writes_to_stigg() == before


def test_amend_alone_refuses_what_has_ended(actions: Harness) -> None:
    """What has ended cannot be amended."""
    sold(actions)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})

    reply = actions.post(ACTION, renewal(strategy="amend", addons=SEATS))

    (detail,) = reply.body["details"]
    assert (reply.status, detail["field"]) == (400, "strategy")
    assert "has ended; use replace" in detail["problem"]


def test_amend_alone_amends(actions: Harness) -> None:
    """Asked to amend, it does, with the price of the plan among what it can."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, renewal(strategy="amend", addons=SEATS, planBaseChargeOverride=PRICE))

    assert decided(body) == ("updated", "amend", [IN_PLACE])
    assert sent(actions, subscription_id)["priceOverrides"] == [{"baseCharge": True, **PRICE}]


def test_fields_are_emptied(actions: Harness) -> None:
    """What clearFields names is emptied in place, and not taken over by a replacement."""
    terms = {"minimumSpend": {"amount": 50, "currency": "usd"}, "budget": {"limit": 9, "hasSoftLimit": True}}
    amended = sold(actions, **terms, cancellationDate="2099-12-31")

    in_place = actions.ok(ACTION, renewal(clearFields=["minimumSpend", "cancellationDate"]))
    anew = actions.ok(ACTION, renewal(planId="plan-starter", clearFields=["budget"]))

    assert (in_place["decision"], in_place.get("cancellationDate")) == ("amend", None)
    assert "minimumSpend" not in actions.terms(amended)
    assert {"budget", "minimumSpend"} & sent(actions, anew["subscriptionId"]).keys() == set()
    assert anew.get("cancellationDate") is None


def test_a_new_billing_cycle_is_a_change(actions: Harness) -> None:
    """A renewal that only starts a billing cycle amends."""
    sold(actions)

    body = actions.ok(ACTION, renewal(billingCycleAnchor="NOW"))

    assert decided(body) == ("updated", "amend", [IN_PLACE])


def test_metadata_is_merged_and_our_marks_stay(actions: Harness) -> None:
    """Metadata that is not named stays, in place as anew; the marks stay those of the record."""
    subscription_id = sold(actions, metadata={"tier": "gold"})

    actions.ok(ACTION, renewal(metadata={"deal": "2"}))

    marks = in_stigg(actions, subscription_id)["metadata"]
    assert marks.items() >= {"tier": "gold", "deal": "2", "salesforceRecordId": LINE}.items()


def test_billing_information_is_merged(actions: Harness) -> None:
    """Of the billing information what is not named stays, in place as anew."""
    subscription_id = sold(actions, billingInformation={"invoiceDaysUntilDue": 30})

    actions.ok(ACTION, renewal(billingInformation={"taxPercentage": 19}))
    anew = actions.ok(ACTION, renewal(strategy="replace"))

    both = {"invoiceDaysUntilDue": 30, "taxPercentage": 19}
    assert sent(actions, subscription_id)["billingInformation"] == both
    assert sent(actions, anew["subscriptionId"])["billingInformation"] == both


@pytest.mark.parametrize(("wanted", "pattern", "shape"), [
    ({"addons": SEATS, "clearFields": ["budget"]}, PATCH, SubscriptionUpdateParams),
    ({"planId": "plan-starter", "addons": SEATS}, POST, SubscriptionProvisionParams),
])  # fmt: skip
def test_what_is_sent_is_as_the_sdk_types_it(
    actions: Harness, wanted: dict[str, Any], pattern: str, shape: type
) -> None:
    """A renewal sends one PATCH or one POST, as Stigg's own SDK types it."""
    sold(actions, entitlements=ENTITLEMENTS, budget={"limit": 9, "hasSoftLimit": True})
    heard: list[dict[str, Any]] = []

    actions.post(ACTION, renewal(**wanted), listening_container(actions, pattern, heard))

    assert [body_problems(shape, body) for body in heard] == [[]]


@pytest.mark.parametrize(
    ("date", "problem"),
    [
        ("2020-01-31", "lies in the past; to end it now, use cancel-subscription"),
        ("2097-12-31", "lies before the start of the subscription; give a later date"),
    ],
)
def test_impossible_ends_are_refused_by_us(actions: Harness, date: str, problem: str) -> None:
    """An end in the past or before the start never goes to Stigg."""
    sold(actions, startDate="2098-01-01")

    reply = actions.post(ACTION, renewal(cancellationDate=date))

    assert (reply.status, reply.body["details"]) == (400, [{"field": "cancellationDate", "problem": problem}])


def test_a_plan_of_another_product_is_refused(actions: Harness) -> None:
    """Such a plan would run beside the present one, which Stigg does not end for it; what has ended runs no more."""
    sold(actions, planId="plan-workspace", resourceId="site-1")

    refused = [actions.post(ACTION, renewal(planId="plan-starter", dryRun=dry_run)) for dry_run in (True, False)]
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})
    ended = actions.ok(ACTION, renewal(planId="plan-starter"))

    told = "is of another product, so Stigg would not end the present subscription; use create-subscription"
    assert [(reply.status, reply.body["details"]) for reply in refused] == [
        (400, [{"field": "planId", "problem": told}])
    ] * 2
    assert (ended["outcome"], running(actions)) == ("created", [ended["subscriptionId"]])


def test_what_was_sold_in_the_app_is_amended_by_id(actions: Harness) -> None:
    """What Stigg shows of a subscription of its own app can be changed in place."""
    subscription_id = sold_in_the_app(actions)

    body = actions.ok(ACTION, by_id(subscription_id, addons=SEATS))

    assert (body["decision"], body["subscriptionId"], "salesforceRecordId" in body) == ("amend", subscription_id, False)
    assert sent(actions, subscription_id)["addons"] == SEATS


def test_what_was_sold_in_the_app_is_replaced_by_id(actions: Harness) -> None:
    """Replaced, what Stigg shows is taken over, what it does not show is not, and the reasons say so."""
    subscription_id = sold_in_the_app(actions, addons=SEATS, metadata={"tier": "gold"})

    body = actions.ok(ACTION, by_id(subscription_id, planId="plan-starter", billingPeriod="MONTHLY"))

    assert decided(body) == ("replaced", "replace", [ANOTHER_PLAN, NOT_OURS])
    assert (body["replacedSubscriptionId"], body["addons"]) == (subscription_id, SEATS)
    assert running(actions) == [body["subscriptionId"]] == actions.live("cust-acme")
    assert in_stigg(actions, body["subscriptionId"])["metadata"]["tier"] == "gold"


@pytest.mark.parametrize("dry_run", [False, True])
def test_entitlements_are_not_dropped_unknowingly(actions: Harness, *, dry_run: bool) -> None:
    """Entitlements whose amounts nobody knows are at stake in a replacement: refused by id, unless all are given."""
    subscription_id = sold_in_the_app(actions, entitlements=ENTITLEMENTS)
    wish = by_id(subscription_id, planId="plan-starter", billingPeriod="MONTHLY", dryRun=dry_run)

    refused = actions.post(ACTION, wish)
    given = actions.ok(ACTION, {**wish, "entitlements": ENTITLEMENTS})

    told = "must be given, because Stigg does not return the limits of feature-seats; give all that are to stay"
    assert (refused.status, refused.body["details"]) == (400, [{"field": "entitlements", "problem": told}])
    assert given["decision"] == "replace"


def test_entitlements_stay_where_nothing_is_dropped(actions: Harness) -> None:
    """An amendment leaves entitlements alone of which nobody knows how much they grant."""
    subscription_id = sold_in_the_app(actions, entitlements=ENTITLEMENTS)

    actions.ok(ACTION, by_id(subscription_id, addons=SEATS))

    assert sent(actions, subscription_id)["entitlements"] == ENTITLEMENTS


def test_an_unknown_subscription_is_named(actions: Harness) -> None:
    """An id that Stigg does not know, and a record without a subscription, are not found, by name."""
    by_name = actions.post(ACTION, by_id("sub-nowhere", addons=SEATS))
    by_record = actions.post(ACTION, renewal(addons=SEATS))

    assert (by_name.status, by_name.body["errorCode"]) == (404, "SUBSCRIPTION_NOT_FOUND")
    assert (by_record.status, by_record.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")


def test_amend_replace_amend(actions: Harness) -> None:
    """A line is amended, replaced and amended again; each goes on from what stands then."""
    first = sold(actions)
    actions.ok(ACTION, renewal(addons=SEATS))
    second = actions.ok(ACTION, renewal(planId="plan-starter", billingPeriod="MONTHLY"))
    third = actions.ok(ACTION, renewal(entitlements=ENTITLEMENTS))

    assert second["subscriptionId"] == third["subscriptionId"] != first
    assert (third["decision"], third["addons"]) == ("amend", SEATS)
    assert actions.history(LINE) == ["created", *["renewed"] * 3]
    assert running(actions) == [current(actions)]
