"""update-subscription, in this process: what is changed, what stays, what is told and what is remembered."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionUpdateParams

from tests.contract.sdk_shapes import body_problems
from tests.support.amendments import (
    ACTION,
    CALLS,
    LATER,
    PATCH,
    SEATS,
    SSO,
    SUPPORT,
    TOKENS,
    addons,
    heard,
    more,
    patches,
    sent,
    told,
    update,
)
from tests.support.crashes import listening_container
from tests.support.harness import Harness
from tests.support.requests import LINE, in_stigg, sold, sold_in_the_app

BASE = {"baseCharge": True, "amount": 150, "currency": "usd"}
SEAT_PRICE = {"addonId": "addon-seats", "amount": 8, "currency": "usd"}
TIERED = {"featureId": "feature-seats", "tiers": [{"upTo": 10, "unitPrice": {"amount": 4, "currency": "usd"}}]}
CHARGE = {"id": "feature-api-calls", "quantity": 1000, "type": "FEATURE"}
OTHER_CHARGE = {"id": "cred-type-tokens", "quantity": 50, "type": "CREDIT"}
TRIAL = {"trialOverrideConfiguration": {"isTrial": True, "trialEndDate": "2099-01-31"}}


def problems(actions: Harness, request: dict[str, Any]) -> dict[str, str]:
    """Send an amendment that must be refused as invalid before anything is sent; return its problems by field."""
    before = patches(actions)
    reply = actions.post(ACTION, request)

    assert (reply.status, reply.body["errorCode"], patches(actions)) == (400, "INVALID_REQUEST", before), reply.body
    return {detail["field"]: detail["problem"] for detail in reply.body["details"]}


def test_one_addon_more(actions: Harness) -> None:
    """An add-on is added in place: the other one stays, and answer, terms and history say so."""
    subscription_id = sold(actions, addons=[SUPPORT])

    body = actions.ok(ACTION, update(addons=[SEATS]))

    assert (body["outcome"], body["subscriptionId"], body["replayed"]) == ("updated", subscription_id, False)
    assert addons(actions, subscription_id) == {"addon-support": 1, "addon-seats": 5}
    assert body["addons"] == [SUPPORT, SEATS]
    assert told(body) == {"addons.addon-seats": (None, "5")}
    assert actions.terms(subscription_id)["addons"] == [SUPPORT, SEATS]
    assert actions.history(LINE) == ["created", "updated"]


def test_an_addon_that_the_app_added_is_not_lost(actions: Harness) -> None:
    """A merge goes by what Stigg reads back, so that what somebody added in its app stays."""
    subscription_id = sold(actions, addons=[SEATS])
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": [SEATS, SUPPORT]})

    actions.ok(ACTION, update(addons=[more(7)]))

    assert addons(actions, subscription_id) == {"addon-seats": 7, "addon-support": 1}


def test_addons_are_removed_by_name(actions: Harness) -> None:
    """What removeAddons names goes, the others stay; what is not there is no mistake."""
    subscription_id = sold(actions, addons=[SEATS, SUPPORT])

    body = actions.ok(ACTION, update(removeAddons=["addon-support", "addon-nowhere"]))

    assert addons(actions, subscription_id) == {"addon-seats": 5}
    assert told(body) == {"addons.addon-support": ("1", None)}


def test_a_list_is_replaced(actions: Harness) -> None:
    """With mode replace a list is the full new one, an empty one too; lists that are not given stay."""
    subscription_id = sold(actions, addons=[SEATS, SUPPORT], entitlements=[CALLS])

    first = actions.ok(ACTION, update(addons=[more(2)], mode="Replace"))
    second = actions.ok(ACTION, update(addons=[], mode="replace"))

    assert told(first) == {"addons.addon-seats": ("5", "2"), "addons.addon-support": ("1", None)}
    assert (told(second), addons(actions, subscription_id)) == ({"addons.addon-seats": ("2", None)}, {})
    assert sent(actions, subscription_id)["entitlements"] == [CALLS]


@pytest.mark.parametrize(
    "wanted",
    [
        {"addons": [SUPPORT, SEATS]},
        {"addons": []},
        {"removeAddons": ["addon-nowhere"]},
        {"entitlements": [CALLS]},
        {"billingPeriod": "MONTHLY"},
        {"minimumSpend": {"amount": 500.0, "currency": "USD"}},
        {"metadata": {"tier": "gold"}},
        {"clearFields": ["budget", "cancellationDate"]},
        {"addons": [SEATS, SUPPORT], "mode": "replace", "scheduleStrategy": "IMMEDIATE"},
    ],
)
def test_what_is_so_already_is_unchanged(actions: Harness, wanted: dict[str, object]) -> None:
    """What is so already, in whichever order or spelling, sends nothing, and is no event."""
    money = {"amount": 500, "currency": "usd"}
    sold(actions, addons=[SEATS, SUPPORT], entitlements=[CALLS], minimumSpend=money, metadata={"tier": "gold"})

    body = actions.ok(ACTION, update(**wanted))

    assert (body["outcome"], body["changes"], patches(actions)) == ("unchanged", [], 0)
    assert actions.history(LINE) == ["created"]


def test_entitlements_are_merged_with_those_last_sent(actions: Harness) -> None:
    """Stigg does not tell how much is granted: one entitlement is added, changed or removed with what was last sent."""
    subscription_id = sold(actions, entitlements=[CALLS, TOKENS])

    added = actions.ok(ACTION, update(entitlements=[SSO]))
    changed = actions.ok(ACTION, update(entitlements=[{**CALLS, "usageLimit": 7}]))
    removed = actions.ok(ACTION, update(removeEntitlements=["cred-type-tokens"]))

    assert sent(actions, subscription_id)["entitlements"] == [{**CALLS, "usageLimit": 7}, SSO]
    assert actions.terms(subscription_id)["entitlements"] == [{**CALLS, "usageLimit": 7}, SSO]
    assert told(added).keys() == {"entitlements.feature-sso"}
    assert told(changed) == {
        "entitlements.feature-api-calls": (
            '{"resetPeriod":"MONTH","usageLimit":500000}',
            '{"resetPeriod":"MONTH","usageLimit":7}',
        )
    }
    assert told(removed) == {"entitlements.cred-type-tokens": ('{"amount":100,"cadence":"MONTH"}', None)}


def test_entitlements_that_were_changed_outside_are_not_dropped(actions: Harness) -> None:
    """When Stigg shows others than were last sent, a merge is refused with the ids at stake; all of them are taken."""
    subscription_id = sold(actions, entitlements=[CALLS])
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"entitlements": [CALLS, TOKENS]})

    refused = problems(actions, update(entitlements=[SSO]))
    actions.ok(ACTION, update(entitlements=[CALLS, SSO], removeEntitlements=["cred-type-tokens"]))

    assert refused == {
        "entitlements": "cannot be merged: Stigg does not return the limits of cred-type-tokens, "
        "feature-api-calls. Give all of it, with mode replace"
    }
    assert sent(actions, subscription_id)["entitlements"] == [CALLS, SSO]


@pytest.mark.parametrize(
    ("field", "value", "unknown"),
    [
        ("entitlements", [SSO], "the limits of feature-api-calls"),
        ("charges", [CHARGE], "the present ones"),
        ("priceOverrides", [SEAT_PRICE], "the present ones"),
        ("billingInformation", {"taxPercentage": 19}, "the present values"),
    ],
)
def test_what_nobody_knows_is_not_dropped(actions: Harness, field: str, value: object, unknown: str) -> None:
    """A subscription of Stigg's app has no memory here: what cannot be read is replaced only if that is asked for."""
    subscription_id = sold_in_the_app(actions, entitlements=[CALLS])
    by_id = {"salesforceRecordId": None, "subscriptionId": subscription_id, field: value}

    refused = problems(actions, update(**by_id))
    body = actions.ok(ACTION, update(**by_id, mode="replace"))
    again = actions.ok(ACTION, update(**by_id, metadata={"merged": "now"}))

    assert refused == {
        field: f"cannot be merged: Stigg does not return {unknown}. Give all of it, with mode replace",
    }
    assert (body["outcome"], sent(actions, subscription_id)[field]) == ("updated", value)
    assert told(again) == {"metadata.merged": (None, "now")}


def test_a_subscription_of_the_app(actions: Harness) -> None:
    """What was sold in Stigg's app is amended by its id: add-ons can be read, and its period by its length."""
    subscription_id = sold_in_the_app(actions, addons=[SUPPORT])
    by_id = {"salesforceRecordId": None, "subscriptionId": subscription_id}

    body = actions.ok(ACTION, update(**by_id, addons=[SEATS]))
    period = actions.ok(ACTION, update(**by_id, billingPeriod="MONTHLY"))

    assert (body["outcome"], period["outcome"]) == ("updated", "unchanged")
    assert addons(actions, subscription_id) == {"addon-support": 1, "addon-seats": 5}
    assert actions.terms(subscription_id) == {"addons": [SUPPORT, SEATS]}


def test_charges_are_merged(actions: Harness) -> None:
    """Charges are merged and removed by id with those last sent."""
    subscription_id = sold(actions, charges=[CHARGE])

    body = actions.ok(ACTION, update(charges=[OTHER_CHARGE]))
    actions.ok(ACTION, update(removeCharges=["feature-api-calls"]))

    assert told(body) == {"charges.cred-type-tokens": (None, "50")}
    assert sent(actions, subscription_id)["charges"] == [OTHER_CHARGE]


def test_prices_are_merged(actions: Harness) -> None:
    """A base charge and the price of an add-on are set, changed and removed by name."""
    subscription_id = sold(actions)

    actions.ok(ACTION, update(planBaseChargeOverride={"amount": 150, "currency": "USD"}))
    actions.ok(ACTION, update(priceOverrides=[SEAT_PRICE]))
    both = sent(actions, subscription_id)["priceOverrides"]
    body = actions.ok(ACTION, update(removePriceOverrides=["baseCharge"]))

    assert both == [BASE, SEAT_PRICE]
    assert told(body).keys() == {"priceOverrides.baseCharge"}
    assert sent(actions, subscription_id)["priceOverrides"] == [SEAT_PRICE]


def test_prices_that_cannot_be_changed_in_place_are_not_lost(actions: Harness) -> None:
    """A price in tiers is more than PATCH carries: a merge that keeps it is refused, one that replaces it is not."""
    subscription_id = sold(actions, priceOverrides=[TIERED])
    flat = {"featureId": "feature-seats", "amount": 3, "currency": "usd"}

    refused = problems(actions, update(priceOverrides=[SEAT_PRICE]))
    actions.ok(ACTION, update(priceOverrides=[flat]))

    assert refused == {
        "priceOverrides": "would lose parts of the price of feature-seats that Stigg cannot change in place; "
        "use renew-subscription with strategy replace"
    }
    assert sent(actions, subscription_id)["priceOverrides"] == [flat]


def test_two_prices_of_one_name_are_not_lost(actions: Harness) -> None:
    """Prices by country have one name: a merge, which would keep one of them, is refused."""
    sold(actions, priceOverrides=[{**BASE, "billingCountryCode": "DE"}, BASE])

    assert problems(actions, update(planBaseChargeOverride={"amount": 99, "currency": "usd"})) == {
        "priceOverrides": "cannot be merged: two items have the same name. Give all of them, with mode replace"
    }


def test_the_price_of_a_feature_of_an_addon_is_removed(actions: Harness) -> None:
    """A price that names add-on and feature is removed by both."""
    both = {"addonId": "addon-seats", "featureId": "feature-seats", "amount": 2, "currency": "usd"}
    subscription_id = sold(actions, priceOverrides=[both, SEAT_PRICE])

    actions.ok(ACTION, update(removePriceOverrides=["addon-seats/feature-seats"]))

    assert sent(actions, subscription_id)["priceOverrides"] == [SEAT_PRICE]


def test_metadata_is_merged_and_the_marks_are_kept(actions: Harness) -> None:
    """Metadata that is not named stays; with replace it goes, but for the marks by which a mapping is found again."""
    subscription_id = sold(actions, metadata={"tier": "silver", "region": "EU"})
    marks = in_stigg(actions, subscription_id)["metadata"].keys() - {"tier", "region"}

    body = actions.ok(ACTION, update(metadata={"tier": "gold"}))
    merged = in_stigg(actions, subscription_id)["metadata"]
    actions.ok(ACTION, update(metadata={"a": "1"}, addons=[SEATS], mode="replace"))

    assert told(body) == {"metadata.tier": ("silver", "gold")}
    assert merged["region"] == "EU"
    assert in_stigg(actions, subscription_id)["metadata"].keys() == marks | {"a"}
    assert in_stigg(actions, subscription_id)["metadata"]["salesforceRecordId"] == LINE


def test_billing_information_is_merged(actions: Harness) -> None:
    """What was told of invoicing before stays, but for what was said of one invoice only."""
    subscription_id = sold(actions, billingInformation={"taxPercentage": 19, "isInvoicePaid": True})

    actions.ok(ACTION, update(billingInformation={"invoiceDaysUntilDue": 14, "prorationBehavior": "NONE"}))
    first = sent(actions, subscription_id)["billingInformation"]
    actions.ok(ACTION, update(billingInformation={"couponId": "co_1"}))

    assert first == {"taxPercentage": 19, "invoiceDaysUntilDue": 14, "prorationBehavior": "NONE"}
    assert sent(actions, subscription_id)["billingInformation"] == {
        "taxPercentage": 19,
        "invoiceDaysUntilDue": 14,
        "couponId": "co_1",
    }


def test_billing_information_is_replaced(actions: Harness) -> None:
    """With mode replace what is given is all."""
    subscription_id = sold(actions, billingInformation={"taxPercentage": 19})

    actions.ok(ACTION, update(billingInformation={"invoiceDaysUntilDue": 14}, mode="replace"))

    assert sent(actions, subscription_id)["billingInformation"] == {"invoiceDaysUntilDue": 14}


def test_fields_are_set_and_cleared(actions: Harness) -> None:
    """Plain fields are set, told and remembered; clearFields empties those that can be empty."""
    subscription_id = sold(actions)
    wanted = {
        "minimumSpend": {"amount": 500, "currency": "usd"},
        "budget": {"limit": 900, "hasSoftLimit": True},
        "salesforceId": "006000000000001AAA",
        "cancellationDate": "2099-06-30",
    }

    body = actions.ok(ACTION, update(**wanted))
    before = sent(actions, subscription_id)
    emptied = actions.ok(ACTION, update(clearFields=list(wanted)))

    assert {name: before[name] for name in ("minimumSpend", "budget", "salesforceId")}.items() <= wanted.items()
    assert told(body)["cancellationDate"] == (None, "2099-06-30T23:59:59.000Z")
    assert told(emptied).keys() == wanted.keys()
    assert {name: value for name, value in sent(actions, subscription_id).items() if name in wanted} == {
        "minimumSpend": None,
        "budget": None,
        "salesforceId": None,
    }
    assert not actions.terms(subscription_id).keys() & wanted.keys()
    assert "cancellationDate" not in emptied


def test_a_billing_period_is_changed_and_remembered(actions: Harness) -> None:
    """A new billing period is sent and remembered, so that the same one later is no news."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, update(billingPeriod="Annually"))
    again = actions.ok(ACTION, update(billingPeriod="ANNUALLY", metadata={"a": "1"}))

    assert (told(body), told(again)) == ({"billingPeriod": ("MONTHLY", "ANNUALLY")}, {"metadata.a": (None, "1")})
    assert sent(actions, subscription_id)["billingPeriod"] == "ANNUALLY"
    assert actions.terms(subscription_id)["billingPeriod"] == "ANNUALLY"


def test_a_billing_period_that_the_app_changed_is_noticed(actions: Harness) -> None:
    """The length of the current period tells that it is another one than was last sent: so the wish is sent."""
    subscription_id = sold(actions)
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"billingPeriod": "ANNUALLY"})

    assert heard(actions, update(billingPeriod="MONTHLY")) == [{"billingPeriod": "MONTHLY"}]
    assert sent(actions, subscription_id)["billingPeriod"] == "MONTHLY"


def test_a_coupon_is_applied(actions: Harness) -> None:
    """A coupon is applied once; one that Stigg does not show any more is applied again."""
    subscription_id = sold(actions)
    coupon = {"appliedCoupon": {"couponId": "coupon-welcome"}}

    first = heard(actions, update(**coupon))
    unchanged = heard(actions, update(**coupon, metadata={"a": "1"}))
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"appliedCoupon": {}})
    again = heard(actions, update(**coupon, metadata={"a": "2"}))

    assert (first, unchanged, again) == ([coupon], [{}], [coupon])
    assert in_stigg(actions, subscription_id)["coupons"][0]["id"] == "coupon-welcome"


def test_a_trial_is_prolonged(actions: Harness) -> None:
    """The end of a trial moves to the end of a day; only a trial has one."""
    sold(actions, **TRIAL)

    body = actions.ok(ACTION, update(trialEndDate="2099-03-31"))
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})
    sold(actions)
    refused = actions.post(ACTION, update(trialEndDate="2099-03-31"))

    assert (body["status"], body["trialEndDate"]) == ("IN_TRIAL", "2099-03-31T23:59:59Z")
    assert told(body)["trialEndDate"][1] == "2099-03-31T23:59:59.000Z"
    assert (refused.status, refused.body["errorCode"]) == (422, "REFUSED_BY_STIGG")


def test_a_billing_cycle_is_started(actions: Harness) -> None:
    """A new billing cycle is a change by itself."""
    sold(actions)

    assert heard(actions, update(billingCycleAnchor="NOW")) == [{"billingCycleAnchor": "NOW"}]
    assert actions.history(LINE) == ["created", "updated"]


def test_what_is_sent(actions: Harness) -> None:
    """Only what differs is sent, in full, with how it is to be made; all as the SDK types it."""
    sold(actions, addons=[SUPPORT], metadata={"tier": "gold"})
    bodies: list[dict[str, Any]] = []
    wanted = {
        "addons": [more(3)],
        "billingPeriod": "MONTHLY",
        "metadata": {"tier": "gold"},
        "awaitPaymentConfirmation": False,
        "scheduleStrategy": "Immediate",
    }

    actions.post(ACTION, update(**wanted), listening_container(actions, PATCH, bodies))

    (body,) = bodies
    assert body.pop("metadata")["tier"] == "gold"
    assert body == {
        "addons": [SUPPORT, more(3)],
        "awaitPaymentConfirmation": False,
        "scheduleStrategy": "IMMEDIATE",
    }
    assert body_problems(SubscriptionUpdateParams, body) == []


def test_a_plain_field_is_sent_alone(actions: Harness) -> None:
    """What Stigg reads back at once needs no mark: nothing but the field is sent."""
    sold(actions)
    bodies: list[dict[str, Any]] = []

    actions.post(ACTION, update(cancellationDate="2099-06-30"), listening_container(actions, PATCH, bodies))

    assert bodies == [{"cancellationDate": "2099-06-30T23:59:59Z"}]


@pytest.mark.parametrize(
    ("request_body", "refused"),
    [
        ({}, {"salesforceRecordId": "is the only field; give at least one field to change"}),
        (LATER, {"salesforceRecordId": "is the only field; give at least one field to change"}),
        (
            {"addons": [SEATS], "removeAddons": ["addon-seats"]},
            {"removeAddons": "names addon-seats, which addons gives too; name each item in only one of them"},
        ),
        (
            {"removeAddons": ["addon-seats"], "mode": "replace"},
            {"removeAddons": "is only for mode merge; with replace, items that a list does not name are removed"},
        ),
        (
            {"clearFields": ["budget"], "budget": {"limit": 5, "hasSoftLimit": False}},
            {"clearFields": "names budget, which the request gives too; name each in only one place"},
        ),
        (
            {"priceOverrides": [BASE], "planBaseChargeOverride": {"amount": 5, "currency": "usd"}},
            {"priceOverrides": "gives baseCharge more than once; give each id once"},
        ),
        (
            {"cancellationDate": "2020-01-31"},
            {"cancellationDate": "lies in the past; to end it now, use cancel-subscription"},
        ),
    ],
)
def test_contradictions_are_refused(actions: Harness, request_body: dict[str, object], refused: dict[str, str]) -> None:
    """A request that contradicts itself, or asks for nothing, never goes to Stigg; each field is named."""
    sold(actions)

    assert problems(actions, update(**request_body)) == refused


def test_an_unknown_addon_is_named(actions: Harness) -> None:
    """What Stigg does not have is not found, by name, and nothing changes."""
    subscription_id = sold(actions, addons=[SUPPORT])

    reply = actions.post(ACTION, update(addons=[{"id": "addon-nowhere", "quantity": 1}]))

    assert (reply.status, reply.body["errorCode"]) == (404, "ADDON_NOT_FOUND")
    assert (addons(actions, subscription_id), actions.history(LINE)) == ({"addon-support": 1}, ["created"])
