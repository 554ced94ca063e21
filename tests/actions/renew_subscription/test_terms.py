"""renew-subscription, in this process: what it decides, why, and what it takes over."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionProvisionParams, SubscriptionUpdateParams

from tests.contract.sdk_shapes import body_problems
from tests.support.crashes import listening_container
from tests.support.harness import Harness
from tests.support.renewals import (
    A_DAY,
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
    decided,
    everything,
    problems,
    renewal,
    running,
    sent,
)
from tests.support.requests import LINE, current, in_stigg, sold

AMENDED_ONLY = (
    "billingInformation, priceOverrides: not kept, because Stigg accepts it only in place; "
    "set it with update-subscription afterwards."
)
PRICE = {"amount": 150, "currency": "usd"}


def test_what_patch_can_express_is_amended(actions: Harness) -> None:
    """A change that Stigg makes in place keeps the subscription; the answer names each field."""
    subscription_id = sold(actions, addons=SEATS)
    wanted = {
        "addons": MORE_SEATS,
        "entitlements": ENTITLEMENTS,
        "minimumSpend": {"amount": 20, "currency": "USD"},
        "planBaseChargeOverride": PRICE,
        "metadata": {"tier": "gold"},
        "billingPeriod": "ANNUALLY",
        "cancellationDate": "2099-12-31",
    }

    body = actions.ok(ACTION, renewal(**wanted))

    assert decided(body) == ("updated", "amend", [IN_PLACE])
    assert [subscription_id] == actions.live("cust-acme") == running(actions) == [current(actions)]
    assert body["changes"] == [
        {"field": "addons.addon-seats", "before": "5", "after": "20"},
        {"field": "billingPeriod", "before": "MONTHLY", "after": "ANNUALLY"},
        {"field": "cancellationDate", "after": "2099-12-31T23:59:59.000Z"},
        {"field": "entitlements.feature-seats", "after": '{"usageLimit":80}'},
        {"field": "metadata.tier", "after": "gold"},
        {"field": "minimumSpend", "after": '{"amount":20,"currency":"usd"}'},
        {"field": "priceOverrides.baseCharge", "after": '{"amount":150,"baseCharge":true,"currency":"usd"}'},
    ]
    assert (body["blockers"], body["scheduledChanges"], body["salesforceRecordId"]) == ([], [], LINE)
    assert sent(actions, subscription_id)["entitlements"] == ENTITLEMENTS
    assert actions.terms(subscription_id)["billingPeriod"] == "ANNUALLY"
    assert actions.history(LINE) == ["created", "renewed"]


def test_what_is_as_wanted_is_left_alone(actions: Harness) -> None:
    """A wanted state that stands already sends nothing, and is no event."""
    sold(actions, addons=SEATS, entitlements=ENTITLEMENTS)
    before = len(actions.writes_to_stigg())
    same = {"planId": "plan-growth", "addons": SEATS, "entitlements": ENTITLEMENTS, "billingPeriod": "MONTHLY"}

    body = actions.ok(ACTION, renewal(**same))

    assert decided(body) == ("unchanged", "none", [AS_WANTED])
    assert (body["changes"], len(actions.writes_to_stigg())) == ([], before)
    assert actions.history(LINE) == ["created"]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"strategy": "replace"}, ASKED_TO_REPLACE),
        ({"planId": "plan-starter"}, ANOTHER_PLAN),
        *(
            (wanted, f"{next(iter(wanted))}: Stigg cannot change {what} of a subscription in place.")
            for wanted, what in (
                ({"unitQuantity": 3}, "the unit quantity"),
                ({"paymentCollectionMethod": "INVOICE"}, "the payment collection method"),
                ({"billingCountryCode": "US"}, "the billing country"),
                ({"billingId": "b-1"}, "the id at the billing provider"),
                ({"startDate": "2020-01-01"}, "the start date"),
                ({"payingCustomerId": "cust-payer"}, "the paying customer"),
                ({"priceOverrides": [{"baseCharge": True, **PRICE, "billingCountryCode": "US"}]}, "such a price"),
            )
        ),
    ],
)
def test_what_patch_cannot_express_is_replaced(actions: Harness, wanted: dict[str, Any], reason: str) -> None:
    """A field that Stigg takes only when it provisions leads to a new subscription, and the reasons name it."""
    actions.ok("create-customer", {"customerId": "cust-payer", "name": "Payer"})
    old = sold(actions)

    body = actions.ok(ACTION, renewal(**wanted))

    assert (decided(body), body["replacedSubscriptionId"]) == (("replaced", "replace", [reason]), old)
    assert [body["subscriptionId"]] == [current(actions)] == running(actions) == actions.live("cust-acme")
    assert actions.history(LINE) == ["created", "renewed"]


def test_a_tiered_price_is_replaced_once(actions: Harness) -> None:
    """A price in tiers needs a replacement; a day later the same price needs none."""
    tiered = [{"featureId": "feature-seats", "tiers": [{"unitPrice": {"amount": 3, "currency": "USD"}}]}]
    sold(actions)

    body = actions.ok(ACTION, renewal(priceOverrides=tiered))
    actions.clock.skip(A_DAY)
    again = actions.ok(ACTION, renewal(priceOverrides=tiered))

    reason = "priceOverrides: Stigg cannot change such a price of a subscription in place."
    assert decided(body) == ("replaced", "replace", [reason])
    assert decided(again) == ("unchanged", "none", [AS_WANTED])


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
        startDate="2020-01-01",
        trialOverrideConfiguration={"isTrial": False},
    )

    body = actions.ok(ACTION, renewal(planId="plan-starter", addons=MORE_SEATS, metadata={"deal": "2"}))

    before, after = sent(actions, old), sent(actions, body["subscriptionId"])
    kept = {"entitlements", "charges", "billingPeriod", "appliedCoupon", "minimumSpend", "salesforceId"}
    sent_anew = kept | {"cancellationDate", "paymentCollectionMethod"}
    assert {name: after[name] for name in sent_anew} == {name: before[name] for name in sent_anew}
    assert {"startDate", "trialOverrideConfiguration"}.isdisjoint(after)
    assert body_problems(SubscriptionProvisionParams, after) == []
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
    assert [change["field"] for change in other_plan["changes"]] == ["planId", "priceOverrides.baseCharge"]
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


@pytest.mark.parametrize("place", ["action", "app"])
def test_an_ended_subscription_is_replaced(actions: Harness, place: str) -> None:
    """A subscription that ended cannot be amended; a new one has its terms, without the end."""
    old = sold(actions, addons=SEATS)
    if place == "app":
        actions.stigg_app("POST", f"/api/v1/subscriptions/{old}/cancel", {"cancellationTime": "IMMEDIATE"})
    else:
        actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})

    (refused,) = problems(actions, renewal(strategy="amend", metadata={"tier": "gold"}))
    body = actions.ok(ACTION, renewal(metadata={"tier": "gold"}))

    reason = f"Subscription {old} has ended (CANCELED), so a new one replaces it."
    assert (refused["field"], "has ended; use replace" in refused["problem"]) == ("strategy", True)
    assert decided(body) == ("created", "replace", [reason])
    assert (sent(actions, body["subscriptionId"])["addons"], body.get("cancellationDate")) == (SEATS, None)
    assert running(actions) == [current(actions)] == actions.live("cust-acme")
    assert actions.history(LINE)[-1] == "renewed"


@pytest.mark.parametrize(("start", "kept"), [("2099-12-30", True), ("2100-01-01", False)])
def test_an_end_before_the_new_start_is_left_behind(actions: Harness, start: str, *, kept: bool) -> None:
    """The end is kept if it lies after the start of the new subscription."""
    sold(actions, cancellationDate="2099-12-31")

    body = actions.ok(ACTION, renewal(startDate=start))

    assert ("cancellationDate" in sent(actions, body["subscriptionId"])) is kept


def test_strategy_amend_names_each_field(actions: Harness) -> None:
    """Strategy amend refuses every field that needs a replacement, and changes nothing."""
    sold(actions)
    before = everything(actions)[0]
    wanted = {"planId": "plan-starter", "unitQuantity": 2, "startDate": "2098-01-01"}

    details = problems(actions, renewal(strategy="amend", addons=SEATS, **wanted))

    problem = "cannot be changed in place; use strategy auto or replace"
    assert sorted(detail["field"] for detail in details) == sorted(wanted)
    assert {detail["problem"] for detail in details} == {problem}
    assert everything(actions)[0] == before


def test_strategy_amend_amends(actions: Harness) -> None:
    """Strategy amend makes a change that is possible in place."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, renewal(strategy="amend", addons=SEATS, planBaseChargeOverride=PRICE))

    assert decided(body) == ("updated", "amend", [IN_PLACE])
    assert sent(actions, subscription_id)["priceOverrides"] == [{"baseCharge": True, **PRICE}]


@pytest.mark.parametrize(("wanted", "decision"), [({}, "amend"), ({"planId": "plan-starter"}, "replace")])
def test_fields_are_cleared(actions: Harness, wanted: dict[str, Any], decision: str) -> None:
    """A field that clearFields names is empty afterwards, in place and in a replacement."""
    budget = {"limit": 9, "hasSoftLimit": True}
    sold(actions, minimumSpend=PRICE, budget=budget, cancellationDate="2099-12-31")
    cleared = ["budget", "cancellationDate", "minimumSpend"]

    body = actions.ok(ACTION, renewal(clearFields=cleared, **wanted))

    subscription = in_stigg(actions, body["subscriptionId"])
    assert (body["decision"], body.get("cancellationDate")) == (decision, None)
    assert (subscription["cancellationDate"], subscription["minimumSpend"]) == (None, None)
    assert not subscription["sent"].get("budget")
    assert actions.terms(body["subscriptionId"]).keys().isdisjoint(cleared)
    assert [change["field"] for change in body["changes"] if "after" not in change] == cleared


def test_a_new_billing_cycle_is_a_change(actions: Harness) -> None:
    """A renewal that only starts a billing cycle amends."""
    sold(actions)

    body = actions.ok(ACTION, renewal(billingCycleAnchor="NOW"))

    assert decided(body) == ("updated", "amend", [IN_PLACE])


def test_metadata_is_merged(actions: Harness) -> None:
    """Metadata that is not named stays, in place and in a replacement; the marks stay those of the record."""
    subscription_id = sold(actions, metadata={"tier": "gold", "region": "eu"})

    actions.ok(ACTION, renewal(metadata={"tier": "silver"}))
    amended = in_stigg(actions, subscription_id)["metadata"]
    body = actions.ok(ACTION, renewal(metadata={"tier": "bronze"}, strategy="replace"))
    replaced = in_stigg(actions, body["subscriptionId"])["metadata"]

    assert amended.items() >= {"tier": "silver", "region": "eu", "salesforceRecordId": LINE}.items()
    assert replaced.items() >= {"tier": "bronze", "region": "eu", "salesforceRecordId": LINE}.items()


def test_billing_information_is_merged(actions: Harness) -> None:
    """Of the billing information what is not named stays, in place as anew."""
    subscription_id = sold(actions, billingInformation={"invoiceDaysUntilDue": 30})

    actions.ok(ACTION, renewal(billingInformation={"taxPercentage": 19}))
    anew = actions.ok(ACTION, renewal(strategy="replace"))

    both = {"invoiceDaysUntilDue": 30, "taxPercentage": 19}
    assert sent(actions, subscription_id)["billingInformation"] == both
    assert sent(actions, anew["subscriptionId"])["billingInformation"] == both


@pytest.mark.parametrize(("wanted", "pattern", "shape"), [
    ({"addons": SEATS, "minimumSpend": PRICE, "scheduleStrategy": "IMMEDIATE", "clearFields": ["budget"]}, PATCH,
     SubscriptionUpdateParams),
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


def test_only_what_differs_is_sent(actions: Harness) -> None:
    """A PATCH has only the fields that differ; how to make a change goes with it, and is no change by itself."""
    sold(actions, addons=SEATS)
    heard: list[dict[str, Any]] = []
    container = listening_container(actions, PATCH, heard)
    how, spend = {"scheduleStrategy": "IMMEDIATE"}, {"amount": 20, "currency": "usd"}

    unchanged = actions.post(ACTION, renewal(**how), container)
    actions.post(ACTION, renewal(addons=SEATS, billingPeriod="MONTHLY", minimumSpend=spend), container)
    actions.post(ACTION, renewal(addons=MORE_SEATS, **how), container)

    plain, immediate = heard
    assert (unchanged.body["decision"], plain) == ("none", {"minimumSpend": spend})
    assert immediate.items() >= {"addons": MORE_SEATS, **how}.items()


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

    message = "is of another product, so Stigg would not end the present subscription; use create-subscription"
    assert [(reply.status, reply.body["details"]) for reply in refused] == [
        (400, [{"field": "planId", "problem": message}])
    ] * 2
    assert (ended["outcome"], running(actions)) == ("created", [ended["subscriptionId"]])


def test_an_unknown_subscription_is_named(actions: Harness) -> None:
    """An id that Stigg does not know, and a record without a subscription, are not found, by name."""
    by_name = actions.post(ACTION, by_id("sub-nowhere", addons=SEATS))
    by_record = actions.post(ACTION, renewal(addons=SEATS))

    assert (by_name.status, by_name.body["errorCode"]) == (404, "SUBSCRIPTION_NOT_FOUND")
    assert (by_record.status, by_record.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")


def test_amend_replace_amend(actions: Harness) -> None:
    """Each renewal starts from the present terms, including those that Stigg does not return."""
    more = [{**ENTITLEMENTS[0], "usageLimit": 100}]
    first = sold(actions, entitlements=ENTITLEMENTS)

    actions.ok(ACTION, renewal(entitlements=more))
    second = actions.ok(ACTION, renewal(planId="plan-starter", billingPeriod="MONTHLY"))["subscriptionId"]
    third = actions.ok(ACTION, renewal(addons=SEATS))

    assert actions.terms(first)["entitlements"] == sent(actions, second)["entitlements"] == more
    assert (third["decision"], third["subscriptionId"], third["addons"]) == ("amend", second, SEATS)
    assert actions.terms(second).items() >= {"entitlements": more, "planId": "plan-starter"}.items()
    assert actions.terms(second)["billingPeriod"] == "MONTHLY"
    assert actions.history(LINE) == ["created", *["renewed"] * 3]
    assert running(actions) == [current(actions)]
