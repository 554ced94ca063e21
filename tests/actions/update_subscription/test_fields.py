"""update-subscription, in this process: single fields, metadata and billing; what is sent, and what is refused."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionUpdateParams

from tests.contract.sdk_shapes import body_problems
from tests.support.amendments import (
    ACTION,
    PATCH,
    SEATS,
    SSO,
    SUPPORT,
    by_id,
    differences,
    heard,
    more,
    patches,
    problems,
    sent,
    update,
)
from tests.support.crashes import listening_container
from tests.support.harness import Harness
from tests.support.requests import LINE, in_stigg, sold, sold_in_the_app

BASE_PRICE = {"baseCharge": True, "amount": 100, "currency": "usd"}
SEATS_PRICE = {"addonId": "addon-seats", "amount": 8, "currency": "usd"}
USERS_CHARGED = {"id": "feature-seats", "quantity": 50, "type": "FEATURE"}
TOKENS_CHARGED = {"id": "cred-type-tokens", "quantity": 10, "type": "CREDIT"}
MONEY, CAP = {"amount": 500, "currency": "usd"}, {"limit": 900, "hasSoftLimit": False}
DAY = 24 * 3600


def sent_by(actions: Harness, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the bodies of the PATCHes for some requests, with the marks."""
    bodies: list[dict[str, Any]] = []
    container = listening_container(actions, PATCH, bodies)
    replies = [actions.post(ACTION, request, container) for request in requests]

    assert {reply.status for reply in replies} == {200}
    return bodies


def test_fields_are_set_changed_and_cleared(actions: Harness) -> None:
    """Plain fields are set, reported and remembered; clearFields empties those that can be empty."""
    subscription_id = sold(actions)
    wanted = {"minimumSpend": MONEY, "budget": CAP, "salesforceId": "001000000000009", "cancellationDate": "2099-06-30"}

    body = actions.ok(ACTION, update(**wanted))
    held = sent(actions, subscription_id)
    moved = actions.ok(ACTION, update(budget=CAP | {"limit": 1000}))
    emptied = actions.ok(ACTION, update(clearFields='["minimumSpend","budget","salesforceId","cancellationDate"]'))

    salesforce_id = held["salesforceId"]
    assert (len(salesforce_id), salesforce_id[:15]) == (18, "001000000000009")
    assert (held["minimumSpend"], held["budget"]) == (MONEY, CAP)
    assert (body["cancellationDate"], "cancellationDate" in emptied) == ("2099-06-30T23:59:59Z", False)
    assert differences(body) == {
        "budget": (None, '{"hasSoftLimit":false,"limit":900}'),
        "cancellationDate": (None, "2099-06-30T23:59:59.000Z"),
        "minimumSpend": (None, '{"amount":500,"currency":"usd"}'),
        "salesforceId": (None, salesforce_id),
    }
    assert differences(moved).keys() == {"budget"}
    assert differences(emptied) == {
        "budget": ('{"hasSoftLimit":false,"limit":1000}', None),
        "cancellationDate": ("2099-06-30T23:59:59.000Z", None),
        "minimumSpend": ('{"amount":500,"currency":"usd"}', None),
        "salesforceId": (salesforce_id, None),
    }
    held = sent(actions, subscription_id)
    assert (held["minimumSpend"], held["budget"], held["salesforceId"]) == (None, None, None)
    assert in_stigg(actions, subscription_id)["cancellationDate"] is None
    assert not actions.terms(subscription_id).keys() & wanted.keys()


@pytest.mark.parametrize(
    ("terms", "date", "problem"),
    [
        ({}, "2020-01-31", "lies in the past; to end it now, use cancel-subscription"),
        ({"startDate": "2098-01-01"}, "2097-12-31", "lies before the start of the subscription; give a later date"),
    ],
)
def test_impossible_cancellation_dates_are_refused_by_us(
    actions: Harness, terms: dict[str, Any], date: str, problem: str
) -> None:
    """A date in the past or before the start never goes to Stigg."""
    sold(actions, **terms)

    assert problems(actions, update(cancellationDate=date, addons=[SEATS])) == {"cancellationDate": problem}


def test_a_cancellation_date_that_stands_is_no_news(actions: Harness) -> None:
    """The present date may be given again, with a change of another field."""
    sold(actions, cancellationDate="2099-06-30")

    body = actions.ok(ACTION, update(cancellationDate="2099-06-30", addons=[SUPPORT]))

    assert differences(body).keys() == {"addons.addon-support"}


def test_a_trial_is_prolonged(actions: Harness) -> None:
    """The end of a trial moves to the end of a day."""
    subscription_id = sold(actions, trialOverrideConfiguration={"isTrial": True, "trialEndDate": "2098-01-31"})

    body = actions.ok(ACTION, update(trialEndDate="2098-02-28"))

    assert (body["status"], body["trialEndDate"]) == ("IN_TRIAL", "2098-02-28T23:59:59Z")
    assert differences(body) == {"trialEndDate": ("2098-01-31T23:59:59.000Z", "2098-02-28T23:59:59.000Z")}
    assert in_stigg(actions, subscription_id)["trialEndDate"] == "2098-02-28T23:59:59.000Z"


def test_what_is_no_trial_cannot_be_prolonged(actions: Harness) -> None:
    """Stigg's refusal is passed on, and nothing is recorded as done."""
    sold(actions)

    reply = actions.post(ACTION, update(trialEndDate="2098-02-28"))

    assert (reply.status, reply.body["errorCode"]) == (422, "REFUSED_BY_STIGG")
    assert ("update", "FAILED") in actions.operations()
    assert actions.history(LINE) == ["created"]


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


def test_a_discount_for_one_subscription(actions: Harness) -> None:
    """A discount for this subscription alone is one change, and remembered."""
    subscription_id = sold(actions)
    discount = {"discount": {"name": "Launch", "percentOff": 10}}

    body = actions.ok(ACTION, update(appliedCoupon=discount))
    again = actions.ok(ACTION, update(appliedCoupon=discount, billingPeriod="MONTHLY"))

    assert differences(body) == {"appliedCoupon": (None, '{"discount":{"name":"Launch","percentOff":10}}')}
    assert again["outcome"] == "unchanged"
    assert actions.terms(subscription_id)["appliedCoupon"] == discount


def test_a_coupon_of_the_app(actions: Harness) -> None:
    """A coupon that shows, but was not sent from here, is not trusted to be the same one."""
    subscription_id = sold_in_the_app(actions, appliedCoupon={"couponId": "coupon-welcome"})

    body = actions.ok(ACTION, by_id(subscription_id, appliedCoupon={"couponId": "coupon-welcome"}))

    assert (body["outcome"], patches(actions)) == ("updated", 1)


def test_a_promotion_code_is_for_stigg_to_judge(actions: Harness) -> None:
    """A code that Stigg does not know is refused by Stigg."""
    sold(actions)

    reply = actions.post(ACTION, update(promotionCode="LAUNCH"))

    assert (reply.status, reply.body["errorCode"]) == (404, "COUPON_NOT_FOUND")


def test_a_billing_period_is_changed_and_remembered(actions: Harness) -> None:
    """A new billing period is sent and remembered, so that the same one later is no news."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, update(billingPeriod="Annually"))
    again = actions.ok(ACTION, update(billingPeriod="ANNUALLY", metadata={"a": "1"}))

    assert (differences(body), differences(again)) == (
        {"billingPeriod": ("MONTHLY", "ANNUALLY")},
        {"metadata.a": (None, "1")},
    )
    assert sent(actions, subscription_id)["billingPeriod"] == "ANNUALLY"
    assert actions.terms(subscription_id)["billingPeriod"] == "ANNUALLY"


def test_a_billing_period_that_the_app_changed_is_noticed(actions: Harness) -> None:
    """The length of the current period tells that it is another one than was last sent: so the wish is sent."""
    subscription_id = sold(actions)
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"billingPeriod": "ANNUALLY"})

    assert heard(actions, update(billingPeriod="MONTHLY")) == [{"billingPeriod": "MONTHLY"}]
    assert sent(actions, subscription_id)["billingPeriod"] == "MONTHLY"


def test_billing_information_is_merged(actions: Harness) -> None:
    """Keys that are not named stay, except those of one invoice; with mode replace they go."""
    known = {"taxPercentage": 19, "invoiceDaysUntilDue": 14}
    subscription_id = sold(actions, billingInformation={**known, "isInvoicePaid": True})

    actions.ok(ACTION, update(billingInformation={"invoiceDaysUntilDue": 30, "prorationBehavior": "NONE"}))
    first = sent(actions, subscription_id)["billingInformation"]
    actions.ok(ACTION, update(billingInformation={"couponId": "co_1"}))
    second = sent(actions, subscription_id)["billingInformation"]
    actions.ok(ACTION, update(billingInformation={"couponId": "co_2"}, mode="replace"))

    assert first == {"taxPercentage": 19, "invoiceDaysUntilDue": 30, "prorationBehavior": "NONE"}
    assert second == {"taxPercentage": 19, "invoiceDaysUntilDue": 30, "couponId": "co_1"}
    assert sent(actions, subscription_id)["billingInformation"] == {"couponId": "co_2"}
    assert actions.terms(subscription_id)["billingInformation"] == {"couponId": "co_2"}


def test_metadata_is_merged_and_the_marks_are_kept(actions: Harness) -> None:
    """Metadata that is not named stays; with mode replace it goes, except the marks."""
    subscription_id = sold(actions, metadata={"tier": "silver", "region": "EU"})
    before = in_stigg(actions, subscription_id)["metadata"]
    marks = {name: text for name, text in before.items() if name not in {"tier", "region"}}

    merged = actions.ok(ACTION, update(metadata={"tier": "gold"}))
    held = in_stigg(actions, subscription_id)["metadata"]
    replaced = actions.ok(ACTION, update(metadata={"a": "1"}, mode="replace"))

    assert (differences(merged), held) == (
        {"metadata.tier": ("silver", "gold")},
        marks | {"tier": "gold", "region": "EU"},
    )
    assert differences(replaced) == {
        "metadata.a": (None, "1"), "metadata.region": ("EU", None), "metadata.tier": ("gold", None),
    }  # fmt: skip
    assert in_stigg(actions, subscription_id)["metadata"] == marks | {"a": "1"}


def test_the_mark_of_a_change_that_stigg_does_not_show(actions: Harness) -> None:
    """With what cannot be read back, the operation's mark goes along, and no metadata is lost by it."""
    subscription_id = sold(actions, metadata={"region": "eu"})
    before = in_stigg(actions, subscription_id)["metadata"]

    (body,) = sent_by(actions, update(charges=[USERS_CHARGED]))

    assert body.keys() == {"charges", "metadata"}
    assert body["metadata"] == before | {"stiggActionsOperation": body["metadata"]["stiggActionsOperation"]}
    assert body["metadata"]["stiggActionsOperation"] != before["stiggActionsOperation"]


def test_a_new_billing_cycle_is_a_change(actions: Harness) -> None:
    """A billing cycle that starts now is a change although no term differs, and is started once."""
    subscription_id = sold(actions)
    actions.emulator.advance(3 * DAY)
    anchor = in_stigg(actions, subscription_id)["billingCycleAnchor"]

    bodies = heard(actions, update(billingCycleAnchor="NOW"))
    again = actions.ok(ACTION, update(billingCycleAnchor="NOW"))

    assert (bodies, again["replayed"], patches(actions)) == ([{"billingCycleAnchor": "NOW"}], True, 1)
    assert in_stigg(actions, subscription_id)["billingCycleAnchor"] > anchor
    assert actions.history(LINE) == ["created", "updated"]


def test_a_billing_anchor_that_stays_is_no_change(actions: Harness) -> None:
    """UNCHANGED says how to make a change, and is none."""
    sold(actions)

    assert problems(actions, update(billingCycleAnchor="UNCHANGED")).keys() == {"salesforceRecordId"}


def test_what_is_sent(actions: Harness) -> None:
    """Only fields that differ are sent, in full, with how to make the change; all as the SDK types it."""
    sold(actions, addons=[SUPPORT], metadata={"tier": "gold"})
    how = {"awaitPaymentConfirmation": False, "scheduleStrategy": "IMMEDIATE", "billingCycleAnchor": "UNCHANGED"}
    same = {"addons": [SUPPORT], "billingPeriod": "MONTHLY", "metadata": {"tier": "gold"}}

    (body,) = sent_by(actions, update(**same, **how), update(**same | {"addons": [more(3)]}, **how))

    assert body["metadata"]["tier"] == "gold"
    assert {**body, "metadata": None} == {"addons": [SUPPORT, more(3)], "metadata": None, **how}
    assert body_problems(SubscriptionUpdateParams, body) == []


def test_a_plain_field_is_sent_alone(actions: Harness) -> None:
    """A field that Stigg returns at once needs no mark."""
    sold(actions)

    assert sent_by(actions, update(cancellationDate="2099-06-30")) == [{"cancellationDate": "2099-06-30T23:59:59Z"}]


FULL = update(
    addons=[SUPPORT],
    appliedCoupon={"couponId": "coupon-welcome"},
    awaitPaymentConfirmation=True,
    billingCycleAnchor="NOW",
    billingInformation={"couponId": "co_1", "taxIds": [{"type": "eu_vat", "value": "DE123"}]},
    billingPeriod="ANNUALLY",
    budget=CAP,
    cancellationDate="2099-06-30",
    charges=[TOKENS_CHARGED],
    entitlements=[SSO],
    metadata={"tier": "gold"},
    minimumSpend=MONEY,
    planBaseChargeOverride={"amount": 100, "currency": "USD"},
    priceOverrides=[SEATS_PRICE],
    salesforceId="001000000000009AAA",
    scheduleStrategy="IMMEDIATE",
)


def test_a_full_change_fits_the_sdk(actions: Harness) -> None:
    """All there is to change goes in one PATCH, as Stigg's SDK types it; a repeat a day later finds nothing to do."""
    sold(actions)

    first = sent_by(actions, FULL)
    actions.clock.skip(DAY + 60)
    later = sent_by(actions, {name: value for name, value in FULL.items() if name != "billingCycleAnchor"})

    assert [body_problems(SubscriptionUpdateParams, body) for body in first] == [[]]
    assert first[0].keys() - FULL.keys() == set()
    assert later == []


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({}, "salesforceRecordId", "is the only field; give at least one field to change"),
        ({"removeAddons": []}, "salesforceRecordId", "is the only field; give at least one field to change"),
        (
            {"scheduleStrategy": "IMMEDIATE"},
            "salesforceRecordId",
            "is the only field; give at least one field to change",
        ),
        (
            {"addons": [SEATS], "removeAddons": ["addon-support"], "mode": "replace"},
            "removeAddons",
            "is only for mode merge; with replace, items that a list does not name are removed",
        ),
        (
            {"removePriceOverrides": ["baseCharge"], "mode": "replace"},
            "removePriceOverrides",
            "is only for mode merge; with replace, items that a list does not name are removed",
        ),
        (
            {"addons": [SEATS], "removeAddons": ["addon-seats"]},
            "removeAddons",
            "names addon-seats, which addons gives too; name each item in only one of them",
        ),
        (
            {"charges": [USERS_CHARGED], "removeCharges": ["feature-seats"]},
            "removeCharges",
            "names feature-seats, which charges gives too; name each item in only one of them",
        ),
        (
            {"entitlements": [SSO], "removeEntitlements": ["feature-sso"]},
            "removeEntitlements",
            "names feature-sso, which entitlements gives too; name each item in only one of them",
        ),
        (
            {"planBaseChargeOverride": MONEY, "removePriceOverrides": ["baseCharge"]},
            "removePriceOverrides",
            "names baseCharge, which priceOverrides gives too; name each item in only one of them",
        ),
        (
            {"planBaseChargeOverride": MONEY, "priceOverrides": [BASE_PRICE]},
            "priceOverrides",
            "gives baseCharge more than once; give each id once",
        ),
        (
            {"charges": [USERS_CHARGED, USERS_CHARGED | {"type": "CREDIT"}]},
            "charges",
            "gives feature-seats more than once; give each id once",
        ),
        (
            {"entitlements": [SSO, {"type": "CREDIT", "id": "feature-sso", "amount": 1, "cadence": "MONTH"}]},
            "entitlements",
            "gives feature-sso more than once; give each id once",
        ),
        (
            {"budget": CAP, "clearFields": ["budget", "minimumSpend"]},
            "clearFields",
            "names budget, which the request gives too; name each in only one place",
        ),
        (
            {"metadata": {"stiggActionsKey": "x"}},
            "metadata",
            "has stiggActionsKey, which the actions set themselves; use another key",
        ),
        (
            {"priceOverrides": [{"amount": 1, "currency": "usd"}]},
            "priceOverrides[0].baseCharge",
            "name the price to override: give baseCharge true, addonId, featureId or currencyId",
        ),
    ],
)
def test_contradictions_are_refused(actions: Harness, changes: dict[str, Any], field: str, problem: str) -> None:
    """What contradicts itself, or changes nothing, is refused with the field named, before anything is read."""
    reply = actions.post(ACTION, update(**changes))

    assert (reply.status, reply.body["details"]) == (400, [{"field": field, "problem": problem}])
    assert actions.operations() == []


def test_unknown_records_and_subscriptions(actions: Harness) -> None:
    """A record without a subscription and an id that Stigg does not know are not found, by name."""
    by_record = actions.post(ACTION, update(addons=[SEATS]))
    nowhere = actions.post(ACTION, by_id("sub-nowhere", addons=[SEATS]))

    assert (by_record.status, by_record.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert (nowhere.status, nowhere.body["errorCode"]) == (404, "SUBSCRIPTION_NOT_FOUND")
    assert "sub-nowhere" in nowhere.body["errorMessage"]


def test_a_canceled_subscription_cannot_be_changed(actions: Harness) -> None:
    """What has ended has ended: Stigg's refusal is passed on."""
    sold(actions)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})

    reply = actions.post(ACTION, update(addons=[SEATS]))

    assert (reply.status, reply.body["errorCode"]) == (422, "REFUSED_BY_STIGG")


def test_by_subscription_id_the_record_learns_it_too(actions: Harness) -> None:
    """A subscription that the actions provisioned belongs to its record, also when a request names its id."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, by_id(subscription_id, addons=[SEATS]))

    assert (body["outcome"], actions.history(LINE)) == ("updated", ["created", "updated"])
