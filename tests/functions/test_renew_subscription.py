"""renew-subscription, in this process: what it decides, why, and what comes of it."""

import pytest

from tests.support.harness import Harness
from tests.support.renewals import ACTION, LIMITS, SEATS, everything, made, problems, renew, running, sent, told
from tests.support.requests import LINE, sold

KEEPS_USAGE = "Stigg can change all that differs in place, which keeps the usage history."
NOT_OURS = (
    "The subscription was not provisioned here: charges, prices and billing details that Stigg does not show are only "
    "taken over if the request gives them."
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
    assert (body["reasons"], body["changes"]) == (["The subscription is as wanted already."], [])
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
    assert body["reasons"] == ["Strategy replace was asked for."]
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
    assert body["reasons"] == [f"Subscription {old} has ended (CANCELED), so a new one takes its place."]
    assert sent(actions, body["subscriptionId"])["addons"] == SEATS
    assert actions.live("cust-acme") == [body["subscriptionId"]]
