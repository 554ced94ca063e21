"""renew-subscription, in this process: what it decides, why, and what comes of it."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionProvisionParams, SubscriptionUpdateParams

from tests.contract.sdk_shapes import body_problems
from tests.support.crashes import listening_container
from tests.support.harness import Harness
from tests.support.renewals import (
    ACTION,
    LIMITS,
    SEATS,
    everything,
    made,
    problems,
    renew,
    renew_by_id,
    running,
    sent,
    told,
)
from tests.support.requests import LINE, PAGE, RENEWAL_LINE, in_stigg, sold, sold_in_the_app

KEEPS_USAGE = "Stigg can make all changes in place, which keeps the usage history."
NOT_OURS = (
    "The subscription was not provisioned by the actions: charges, prices and billing details that Stigg does not "
    "return are only kept if the request gives them."
)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"addons": SEATS}, "addons.addon-seats"),
        ({"entitlements": LIMITS}, "entitlements.feature-seats"),
        ({"minimumSpend": {"amount": 20, "currency": "USD"}}, "minimumSpend"),
        ({"planBaseChargeOverride": {"amount": 150, "currency": "USD"}}, "priceOverrides.baseCharge"),
        ({"metadata": {"tier": "gold"}}, "metadata.tier"),
        ({"cancellationDate": "2099-12-31"}, "cancellationDate"),
    ],
)
def test_what_patch_can_express_is_amended(actions: Harness, terms: dict[str, object], field: str) -> None:
    """A change that Stigg takes in place keeps the subscription, and with it its usage."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, renew(**terms))

    assert told(body) == ("amend", "updated", subscription_id)
    assert body["reasons"] == [KEEPS_USAGE]
    assert [change["field"] for change in body["changes"]] == [field]
    assert (body["blockers"], body["scheduledChanges"], body["salesforceRecordId"]) == ([], [], LINE)
    assert (made(actions), actions.live("cust-acme")) == ([subscription_id], [subscription_id])


def test_nothing_different_is_unchanged(actions: Harness) -> None:
    """What is as wanted already sends nothing, and is no event."""
    subscription_id = sold(actions, addons=SEATS, entitlements=LIMITS)
    writes = actions.writes_to_stigg()

    body = actions.ok(ACTION, renew(planId="plan-growth", addons=SEATS, entitlements=LIMITS, billingPeriod="MONTHLY"))

    assert told(body) == ("none", "unchanged", subscription_id)
    assert (body["reasons"], body["changes"]) == (["The subscription is already as requested."], [])
    assert actions.writes_to_stigg() == writes
    assert actions.history(LINE) == ["created"]


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"planId": "plan-starter"}, "planId: Stigg cannot change the plan of a subscription in place."),
        ({"unitQuantity": 3}, "unitQuantity: Stigg cannot change the unit quantity of a subscription in place."),
        (
            {"paymentCollectionMethod": "INVOICE"},
            "paymentCollectionMethod: Stigg cannot change the payment collection method of a subscription in place.",
        ),
        (
            {"trialOverrideConfiguration": {"isTrial": False}},
            "trialOverrideConfiguration: Stigg cannot change the trial of a subscription in place.",
        ),
        (
            {"billingCountryCode": "US"},
            "billingCountryCode: Stigg cannot change the billing country of a subscription in place.",
        ),
        (
            {"billingId": "b-1"},
            "billingId: Stigg cannot change the id at the billing provider of a subscription in place.",
        ),
        (
            {"startDate": "2020-01-01"},
            "startDate: Stigg cannot change the start date of a subscription in place.",
        ),
        (
            {"payingCustomerId": "cust-payer"},
            "payingCustomerId: Stigg cannot change the paying customer of a subscription in place.",
        ),
    ],
)
def test_what_patch_cannot_express_is_replaced(actions: Harness, terms: dict[str, object], reason: str) -> None:
    """What Stigg takes only when it provisions replaces the subscription, and the answer says why."""
    actions.ok("create-customer", {"customerId": "cust-payer", "name": "Payer"})
    old = sold(actions)

    body = actions.ok(ACTION, renew(**terms))

    new = body["subscriptionId"]
    assert (body["decision"], body["outcome"], body["replacedSubscriptionId"]) == ("replace", "replaced", old)
    assert body["reasons"] == [reason]
    assert (running(actions), actions.live("cust-acme")) == ([new], [new])
    assert actions.history(LINE) == ["created", "renewed"]


def test_strategy_amend_names_each_field(actions: Harness) -> None:
    """Strategy amend refuses every field that would need a replacement, and changes nothing."""
    sold(actions)
    before = everything(actions)[0]

    details = problems(actions, renew(strategy="amend", planId="plan-starter", unitQuantity=2, addons=SEATS))

    problem = "cannot be changed in place; use strategy auto or replace"
    assert details == [{"field": name, "problem": problem} for name in ("planId", "unitQuantity")]
    assert everything(actions)[0] == before


def test_strategy_replace_forces_a_new_one(actions: Harness) -> None:
    """Strategy replace provisions anew, though nothing differs."""
    old = sold(actions)

    body = actions.ok(ACTION, renew(strategy="replace"))

    assert (body["decision"], body["outcome"], body["replacedSubscriptionId"]) == ("replace", "replaced", old)
    assert body["reasons"] == ["The request has strategy replace."]
    assert running(actions) == [body["subscriptionId"]]


def test_strategy_amend_amends(actions: Harness) -> None:
    """Strategy amend does what can be done in place."""
    subscription_id = sold(actions)

    assert told(actions.ok(ACTION, renew(strategy="amend", addons=SEATS))) == ("amend", "updated", subscription_id)


CANCEL_NOW = {"salesforceRecordId": LINE, "cancelWhen": "now"}


def test_what_has_ended_is_provisioned_anew(actions: Harness) -> None:
    """A subscription that ended past the actions gives way to a new one, with its terms."""
    old = sold(actions, addons=SEATS)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{old}/cancel", {"cancellationTime": "IMMEDIATE"})

    refused = problems(actions, renew(strategy="amend", metadata={"tier": "gold"}))
    body = actions.ok(ACTION, renew(metadata={"tier": "gold"}))

    assert refused[0]["field"] == "strategy"
    assert "has ended" in refused[0]["problem"]
    assert (body["decision"], body["outcome"]) == ("replace", "created")
    assert body["reasons"] == [f"Subscription {old} has ended (CANCELED), so a new one replaces it."]
    assert sent(actions, body["subscriptionId"])["addons"] == SEATS
    assert actions.live("cust-acme") == [body["subscriptionId"]]


FULL = {
    "addons": SEATS,
    "entitlements": LIMITS,
    "planBaseChargeOverride": {"amount": 150, "currency": "USD"},
    "priceOverrides": [{"addonId": "addon-seats", "amount": 5, "currency": "USD"}],
    "billingPeriod": "ANNUALLY",
    "minimumSpend": {"amount": 20, "currency": "USD"},
    "metadata": {"tier": "gold"},
    "cancellationDate": "2099-12-31",
    "startDate": "2020-01-01",
    "trialOverrideConfiguration": {"isTrial": False},
}
CARRIED = ("addons", "entitlements", "billingPeriod", "minimumSpend", "cancellationDate", "paymentCollectionMethod")


@pytest.mark.parametrize(("change", "base_charge"), [({"unitQuantity": 2}, [150]), ({"planId": "plan-starter"}, [])])
def test_what_a_replacement_carries_over(actions: Harness, change: dict[str, object], base_charge: list[int]) -> None:
    """A replacement keeps the terms; not the price of another plan, which its reasons say, nor start and trial."""
    old = sold(actions, **FULL)

    body = actions.ok(ACTION, renew(**change))

    before, after = sent(actions, old), sent(actions, body["subscriptionId"])
    left_behind = [reason for reason in body["reasons"] if "is not kept for another plan" in reason]
    assert {name: after[name] for name in CARRIED} == {name: before[name] for name in CARRIED}
    assert [price["amount"] for price in after["priceOverrides"] if price.get("baseCharge")] == base_charge
    assert [price["amount"] for price in after["priceOverrides"] if price.get("addonId")] == [5]
    assert len(left_behind) == (0 if base_charge else 1)
    assert after["metadata"]["tier"] == "gold"
    assert after["metadata"]["salesforceRecordId"] == LINE
    assert {"startDate", "trialOverrideConfiguration"}.isdisjoint(after)
    assert body_problems(SubscriptionProvisionParams, after) == []
    assert {one["field"] for one in body["changes"]} == {
        *change,
        *([] if base_charge else ["priceOverrides.baseCharge"]),
    }


def test_a_price_given_for_the_new_plan(actions: Harness) -> None:
    """With a price for the new plan nothing is left behind, and the reasons say no such thing."""
    sold(actions, planBaseChargeOverride={"amount": 150, "currency": "USD"})

    body = actions.ok(ACTION, renew(planId="plan-starter", planBaseChargeOverride={"amount": 40, "currency": "USD"}))

    (price,) = sent(actions, body["subscriptionId"])["priceOverrides"]
    assert price["amount"] == 40
    assert body["reasons"] == ["planId: Stigg cannot change the plan of a subscription in place."]


@pytest.mark.parametrize(("start", "kept"), [("2099-12-30", True), ("2100-01-01", False)])
def test_an_end_before_the_new_start_is_left_behind(actions: Harness, start: str, *, kept: bool) -> None:
    """The date on which a subscription ends is kept if it lies after the start of the new one."""
    sold(actions, cancellationDate="2099-12-31")

    body = actions.ok(ACTION, renew(startDate=start))

    assert ("cancellationDate" in sent(actions, body["subscriptionId"])) is kept


def test_metadata_is_merged_key_by_key(actions: Harness) -> None:
    """Metadata that is given joins what is there, in place and in a replacement."""
    subscription_id = sold(actions, metadata={"tier": "gold", "region": "eu"})

    actions.ok(ACTION, renew(metadata={"tier": "silver"}))
    amended = in_stigg(actions, subscription_id)["metadata"]
    body = actions.ok(ACTION, renew(metadata={"tier": "bronze"}, strategy="replace"))
    replaced = in_stigg(actions, body["subscriptionId"])["metadata"]

    assert (amended["tier"], amended["region"]) == ("silver", "eu")
    assert (replaced["tier"], replaced["region"]) == ("bronze", "eu")


def test_fields_are_cleared_in_place(actions: Harness) -> None:
    """What clearFields names is emptied on the running subscription."""
    subscription_id = sold(actions, **FULL)

    body = actions.ok(ACTION, renew(clearFields=["cancellationDate", "minimumSpend"]))

    found = in_stigg(actions, subscription_id)
    assert told(body) == ("amend", "updated", subscription_id)
    assert (found["cancellationDate"], found["minimumSpend"]) == (None, None)
    assert [(one["field"], "after" in one) for one in body["changes"]] == [
        ("cancellationDate", False),
        ("minimumSpend", False),
    ]


def test_fields_are_cleared_by_a_replacement(actions: Harness) -> None:
    """A replacement is not given what clearFields empties."""
    sold(actions, **FULL)

    body = actions.ok(ACTION, renew(planId="plan-starter", clearFields=["cancellationDate", "minimumSpend"]))

    assert {"cancellationDate", "minimumSpend"}.isdisjoint(sent(actions, body["subscriptionId"]))


def test_what_is_sent_in_place(actions: Harness) -> None:
    """Only what differs is sent, as the SDK types it."""
    sold(actions, addons=SEATS)
    heard: list[dict[str, Any]] = []
    request = renew(
        addons=SEATS,
        minimumSpend={"amount": 20, "currency": "USD"},
        billingPeriod="MONTHLY",
    )

    actions.post(ACTION, request, listening_container(actions, "PATCH", heard))

    assert heard == [{"minimumSpend": {"amount": 20, "currency": "usd"}}]
    assert body_problems(SubscriptionUpdateParams, heard[0]) == []


def test_how_it_is_done_is_sent_with_it(actions: Harness) -> None:
    """What says how to change goes with the change, and does not make one of its own."""
    sold(actions)
    heard: list[dict[str, Any]] = []
    container = listening_container(actions, "PATCH", heard)

    nothing = actions.post(ACTION, renew(scheduleStrategy="IMMEDIATE"), container)
    actions.post(ACTION, renew(scheduleStrategy="IMMEDIATE", addons=SEATS), container)

    assert nothing.body["decision"] == "none"
    assert [{name: one[name] for name in ("addons", "scheduleStrategy")} for one in heard] == [
        {"addons": SEATS, "scheduleStrategy": "IMMEDIATE"}
    ]
    assert body_problems(SubscriptionUpdateParams, heard[0]) == []


def test_a_billing_cycle_is_started(actions: Harness) -> None:
    """A new billing cycle is a change, though no term differs."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, renew(billingCycleAnchor="NOW"))

    assert told(body) == ("amend", "updated", subscription_id)


TIERED = [{"featureId": "feature-seats", "tiers": [{"unitPrice": {"amount": 3, "currency": "USD"}}]}]


def test_a_price_that_patch_cannot_carry_is_replaced(actions: Harness) -> None:
    """A price of a kind that Stigg takes only when it provisions needs a replacement; one that stands does not."""
    sold(actions)

    body = actions.ok(ACTION, renew(priceOverrides=TIERED))
    actions.clock.skip(25 * 3600)
    again = actions.ok(ACTION, renew(priceOverrides=TIERED))

    assert (body["decision"], body["reasons"]) == (
        "replace",
        ["priceOverrides: Stigg cannot change such a price of a subscription in place."],
    )
    assert (again["decision"], again["outcome"]) == ("none", "unchanged")


def test_a_subscription_of_the_app(actions: Harness) -> None:
    """What was sold in Stigg's app is replaced with what Stigg shows, and the reasons say what is not taken over."""
    old = sold_in_the_app(actions, addons=SEATS)

    body = actions.ok(ACTION, renew_by_id(old, planId="plan-starter", billingPeriod="MONTHLY"))

    after = sent(actions, body["subscriptionId"])
    assert body["reasons"] == ["planId: Stigg cannot change the plan of a subscription in place.", NOT_OURS]
    assert (after["addons"], body["outcome"], "salesforceRecordId" in body) == (SEATS, "replaced", False)
    assert running(actions) == [body["subscriptionId"]]


def test_a_subscription_of_the_app_is_amended(actions: Harness) -> None:
    """What was sold in Stigg's app is amended in place where Stigg can, and told without a record."""
    subscription_id = sold_in_the_app(actions)

    body = actions.ok(ACTION, renew_by_id(subscription_id, addons=SEATS))

    assert told(body) == ("amend", "updated", subscription_id)
    assert body["reasons"] == [KEEPS_USAGE]


def test_entitlements_of_unknown_limits(actions: Harness) -> None:
    """Entitlements whose limits nobody knows are not dropped by a replacement: it is refused, and names them."""
    sso = {"type": "FEATURE", "id": "feature-sso"}
    old = sold_in_the_app(actions, entitlements=[*LIMITS, sso])

    details = problems(actions, renew_by_id(old, planId="plan-starter", billingPeriod="MONTHLY"))
    rehearsed = actions.ok(
        ACTION, renew_by_id(old, planId="plan-starter", billingPeriod="MONTHLY", entitlements=LIMITS, dryRun=True)
    )
    body = actions.ok(ACTION, renew_by_id(old, planId="plan-starter", billingPeriod="MONTHLY", entitlements=LIMITS))

    assert details == [
        {
            "field": "entitlements",
            "problem": "must be given, because Stigg does not return the limits of feature-seats, feature-sso; "
            "give all that are to stay",
        }
    ]
    assert (rehearsed["decision"], body["outcome"]) == ("replace", "replaced")
    assert sent(actions, body["subscriptionId"])["entitlements"] == LIMITS


@pytest.mark.parametrize(
    ("terms", "decision", "recurring"),
    [
        ({"addons": SEATS}, "amend", 218.8),
        ({"planId": "plan-starter"}, "replace", 49),
        ({"metadata": {"tier": "gold"}, "strategy": "replace"}, "replace", 199),
    ],
)
def test_a_dry_run_tells_and_changes_nothing(
    actions: Harness, terms: dict[str, object], decision: str, recurring: float
) -> None:
    """A dry run tells decision, reasons, changes and price as the run would, and leaves everything as it is."""
    subscription_id = sold(actions)
    before = everything(actions)

    body = actions.ok(ACTION, renew(dryRun=True, **terms))

    after = everything(actions)
    real = actions.ok(ACTION, renew(**terms))
    assert told(body) == (decision, "dryRun", subscription_id)
    assert (body["recurringTotal"], "immediateTotal" in body, body["blockers"]) == (
        recurring,
        decision == "replace",
        [],
    )
    assert (body["reasons"], body["decision"]) == (real["reasons"], real["decision"])
    assert body["changes"] == real["changes"]
    assert (body["salesforceRecordId"], body["replayed"]) == (LINE, False)
    assert after == before


def test_a_dry_run_of_nothing(actions: Harness) -> None:
    """Where nothing is to be done there is no price."""
    sold(actions)

    body = actions.ok(ACTION, renew(dryRun=True, planId="plan-growth"))

    assert (body["decision"], body["outcome"], body["changes"], body["blockers"]) == ("none", "dryRun", [], [])
    assert "recurringTotal" not in body


def test_a_dry_run_tells_the_record_to_be(actions: Harness) -> None:
    """A dry run tells the record that the subscription would belong to."""
    sold(actions)

    body = actions.ok(ACTION, renew(dryRun=True, newSalesforceRecordId=RENEWAL_LINE, addons=SEATS))

    assert body["salesforceRecordId"] == RENEWAL_LINE
    assert actions.mapping(RENEWAL_LINE) is None


def test_an_open_invoice_blocks_a_replacement(actions: Harness) -> None:
    """An open invoice is a blocker of a replacement and not of an amendment; the real run meets it."""
    sold_id = sold(actions, paymentCollectionMethod="INVOICE")
    actions.emulator.invoice(sold_id, "OPEN")

    rehearsed = actions.ok(ACTION, renew(dryRun=True, planId="plan-starter"))
    amended = actions.ok(ACTION, renew(dryRun=True, addons=SEATS))
    reply = actions.post(ACTION, renew(planId="plan-starter"))

    assert [one["code"] for one in rehearsed["blockers"]] == ["OPEN_INVOICE"]
    assert amended["blockers"] == []
    assert (reply.status, reply.body["errorCode"]) == (409, "OPEN_INVOICE")
    assert (running(actions), actions.live("cust-acme")) == ([sold_id], [sold_id])
    assert actions.history(LINE) == ["created"]


def test_a_paid_invoice_no_longer_blocks(actions: Harness) -> None:
    """Once its invoice is paid, the same request goes through."""
    old = sold(actions, paymentCollectionMethod="INVOICE")
    actions.emulator.invoice(old, "OPEN")
    actions.post(ACTION, renew(planId="plan-starter"))
    actions.emulator.invoice(old, "PAID")

    body = actions.ok(ACTION, renew(planId="plan-starter"))

    assert (body["outcome"], body["replacedSubscriptionId"]) == ("replaced", old)


def test_an_unknown_plan_blocks(actions: Harness) -> None:
    """A plan that Stigg does not know is a blocker, without a price; the real run meets it."""
    sold(actions)

    rehearsed = actions.ok(ACTION, renew(dryRun=True, planId="plan-nowhere"))
    reply = actions.post(ACTION, renew(planId="plan-nowhere"))

    assert [one["code"] for one in rehearsed["blockers"]] == ["PLAN_NOT_FOUND"]
    assert "recurringTotal" not in rehearsed
    assert (reply.status, reply.body["errorCode"]) == (404, "PLAN_NOT_FOUND")


CARD = {"passthrough": {"stripe": {"paymentMethodId": "pm_1"}}}


def charged(actions: Harness) -> str:
    """Sell a subscription that is charged, to a customer whose card is gone since; return its id."""
    actions.stigg_app("POST", "/api/v1/customers", {"id": "cust-acme", "name": "Acme", **CARD})
    subscription_id = sold(actions, paymentCollectionMethod="CHARGE")
    actions.stigg_app("PATCH", "/api/v1/customers/cust-acme", {"passthrough": {}})
    return subscription_id


def test_a_pending_payment_blocks_a_replacement(actions: Harness) -> None:
    """A change that awaits payment is a blocker of a replacement, and told as scheduled."""
    subscription_id = charged(actions)
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": SEATS})

    body = actions.ok(ACTION, renew(dryRun=True, planId="plan-starter"))

    assert [one["code"] for one in body["blockers"]] == ["PENDING_PAYMENT"]
    assert [one["status"] for one in body["scheduledChanges"]] == ["PENDING_PAYMENT"]


def test_a_replacement_that_awaits_payment(actions: Harness) -> None:
    """Without a card nothing changes before the page is paid; the repeat after it finds the new one."""
    old = charged(actions)
    request = renew(planId="plan-starter", checkoutOptions=PAGE)

    waiting = actions.ok(ACTION, request)
    before = actions.mapping(LINE)
    still = actions.ok(ACTION, request)
    live_before = actions.live("cust-acme")
    actions.emulator.checkout(waiting["subscriptionId"])
    paid = actions.ok(ACTION, request)
    after = actions.mapping(LINE)

    assert (waiting["outcome"], waiting["decision"], waiting["active"]) == ("paymentRequired", "replace", False)
    assert (still["replayed"], still["checkoutUrl"]) == (True, waiting["checkoutUrl"])
    assert before is not None
    assert before.current is not None
    assert before.pending is not None
    assert (before.current.subscription_id, live_before) == (old, [old])
    assert before.pending.subscription_id == waiting["subscriptionId"]
    assert (paid["outcome"], paid["decision"], paid["replacedSubscriptionId"]) == ("replaced", "replace", old)
    assert after is not None
    assert after.current is not None
    assert (after.current.subscription_id, after.pending) == (waiting["subscriptionId"], None)
    assert actions.live("cust-acme") == running(actions) == [waiting["subscriptionId"]]
    assert actions.history(LINE)[-1] == "renewed"


def test_a_page_that_nobody_paid_gives_way(actions: Harness) -> None:
    """A day later, unpaid, the same request asks for a new page; the running subscription goes on."""
    old = charged(actions)
    request = renew(planId="plan-starter", checkoutOptions=PAGE)
    first = actions.ok(ACTION, request)
    actions.clock.skip(25 * 3600)

    second = actions.ok(ACTION, request)

    assert second["outcome"] == "paymentRequired"
    assert second["checkoutUrl"] != first["checkoutUrl"]
    assert actions.live("cust-acme") == [old]


def test_an_amendment_that_awaits_payment(actions: Harness) -> None:
    """A change in place that awaits its payment is told as such; the repeat after it finds it made."""
    subscription_id = charged(actions)

    waiting = actions.ok(ACTION, renew(addons=SEATS))
    still = actions.ok(ACTION, renew(addons=SEATS))
    actions.stigg_app("PATCH", "/api/v1/customers/cust-acme", CARD)
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": SEATS})
    paid = actions.ok(ACTION, renew(addons=SEATS))

    assert told(waiting) == ("amend", "paymentRequired", subscription_id)
    assert (still["replayed"], paid["replayed"], paid["outcome"]) == (True, False, "updated")
    assert [one["status"] for one in waiting["scheduledChanges"]] == ["PENDING_PAYMENT"]
    assert actions.history(LINE) == ["created", "renewalAwaitsPayment", "renewed"]
