"""update-subscription, in this process: what it changes, what it keeps, what it refuses."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionUpdateParams

from tests.contract.sdk_shapes import body_problems
from tests.support.crashes import listening_container
from tests.support.harness import Harness
from tests.support.requests import LINE, in_stigg, sold, sold_in_the_app
from tests.support.some import some

ACTION = "update-subscription"
SEATS, SUPPORT = {"id": "addon-seats", "quantity": 5}, {"id": "addon-support", "quantity": 1}
USERS = {"type": "FEATURE", "id": "feature-seats", "usageLimit": 50}
CALLS = {"type": "FEATURE", "id": "feature-api-calls", "usageLimit": 100_000}
SSO = {"type": "FEATURE", "id": "feature-sso"}
USERS_CHARGED = {"id": "feature-seats", "quantity": 50, "type": "FEATURE"}
TOKENS_CHARGED = {"id": "cred-type-tokens", "quantity": 10, "type": "CREDIT"}
BASE_PRICE = {"baseCharge": True, "amount": 100, "currency": "usd"}
SEATS_PRICE = {"addonId": "addon-seats", "amount": 8, "currency": "usd"}
MONEY, CAP = {"amount": 500, "currency": "usd"}, {"limit": 900, "hasSoftLimit": False}
PATCH = "PATCH .*/subscriptions/"
MONTH, DAY = 31 * 24 * 3600, 24 * 3600


def update(**changes: object) -> dict[str, Any]:
    """Change something of the subscription of the line; None drops a field."""
    return {name: value for name, value in {"salesforceRecordId": LINE, **changes}.items() if value is not None}


def by_id(subscription_id: str, **changes: object) -> dict[str, Any]:
    """Change something of the subscription with an id."""
    return {"subscriptionId": subscription_id, **changes}


def patches(actions: Harness) -> int:
    """How often Stigg has changed a subscription in place."""
    return sum(method == "PATCH" and "/subscriptions/" in path for method, path in actions.writes_to_stigg())


def sent_by(actions: Harness, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what goes to Stigg for requests that must succeed."""
    sent: list[dict[str, Any]] = []
    for request in some(requests):
        reply = actions.post(ACTION, request, listening_container(actions, PATCH, sent))
        assert reply.status == 200, reply.body
    return sent


def held(actions: Harness, subscription_id: str, field: str) -> Any:  # noqa: ANN401 - any term
    """Return a term as Stigg keeps it, whether or not it shows it; a list by the ids of its items."""
    value = in_stigg(actions, subscription_id)["sent"].get(field)
    return {item["id"]: item for item in value} if field in {"addons", "charges", "entitlements"} else value


def problem(actions: Harness, request: dict[str, Any]) -> tuple[str, str]:
    """Return field and problem of a request that must be refused by us, without a change."""
    before = patches(actions)

    reply = actions.post(ACTION, request)
    (detail,) = reply.body["details"]

    assert (reply.status, patches(actions)) == (400, before), reply.body
    return detail["field"], detail["problem"]


def test_addons_that_are_not_named_stay(actions: Harness) -> None:
    """An add-on is added, and another one changed, while the rest stays; the answer and the history say so."""
    subscription_id = sold(actions, addons=[SEATS])

    added = actions.ok(ACTION, update(addons=[SUPPORT]))
    changed = actions.ok(ACTION, update(addons=[{"id": "addon-seats", "quantity": 7}]))

    assert (added["outcome"], changed["outcome"]) == ("updated", "updated")
    assert added["changes"] == [{"field": "addons.addon-support", "after": "1"}]
    assert changed["changes"] == [{"field": "addons.addon-seats", "before": "5", "after": "7"}]
    assert changed["addons"] == [{"id": "addon-seats", "quantity": 7}, {"id": "addon-support", "quantity": 1}]
    assert list(held(actions, subscription_id, "addons")) == ["addon-seats", "addon-support"]
    assert actions.terms(subscription_id)["addons"] == [{"id": "addon-seats", "quantity": 7}, SUPPORT]
    assert actions.history(LINE) == ["created", "updated", "updated"]


def test_an_addon_is_removed(actions: Harness) -> None:
    """The add-on that is named goes, the other one stays."""
    subscription_id = sold(actions, addons=[SEATS, SUPPORT])

    body = actions.ok(ACTION, update(removeAddons=["addon-seats"]))

    assert body["changes"] == [{"field": "addons.addon-seats", "before": "5"}]
    assert list(held(actions, subscription_id, "addons")) == ["addon-support"]
    assert actions.terms(subscription_id)["addons"] == [SUPPORT]


def test_lines_of_one_addon_add_up(actions: Harness) -> None:
    """The same add-on on several lines counts as their sum, as when it is sold."""
    subscription_id = sold(actions)

    actions.ok(ACTION, update(addons=[SEATS, SEATS]))

    assert held(actions, subscription_id, "addons")["addon-seats"]["quantity"] == 10


def test_charges_are_merged_and_removed(actions: Harness) -> None:
    """Stigg does not show charges: those that were sold or sent here are kept, and one can be taken away."""
    subscription_id = sold(actions, charges=[USERS_CHARGED])

    added = actions.ok(ACTION, update(charges=[TOKENS_CHARGED]))
    held_then = set(held(actions, subscription_id, "charges"))
    removed = actions.ok(ACTION, update(removeCharges=["feature-seats"]))

    assert added["changes"] == [{"field": "charges.cred-type-tokens", "after": "10"}]
    assert held_then == {"feature-seats", "cred-type-tokens"}
    assert removed["changes"] == [{"field": "charges.feature-seats", "before": "50"}]
    assert set(held(actions, subscription_id, "charges")) == {"cred-type-tokens"}
    assert actions.terms(subscription_id)["charges"] == [TOKENS_CHARGED]


def test_one_entitlement_is_added_and_one_removed(actions: Harness) -> None:
    """Stigg tells only which entitlements there are: the limits of the others are kept from what was sent."""
    subscription_id = sold(actions, entitlements=[USERS, CALLS])

    added = actions.ok(ACTION, update(entitlements=[SSO]))
    removed = actions.ok(ACTION, update(removeEntitlements=["feature-api-calls"]))

    assert [change["field"] for change in added["changes"]] == ["entitlements.feature-sso"]
    assert removed["changes"] == [{"field": "entitlements.feature-api-calls", "before": '{"usageLimit":100000}'}]
    assert held(actions, subscription_id, "entitlements") == {"feature-seats": USERS, "feature-sso": SSO}
    assert actions.terms(subscription_id)["entitlements"] == [USERS, SSO]


def test_the_last_entitlement_is_removed(actions: Harness) -> None:
    """A list can be emptied item by item; what is empty is not remembered as an item."""
    subscription_id = sold(actions, entitlements=[SSO])

    actions.ok(ACTION, update(removeEntitlements=["feature-sso"]))

    assert held(actions, subscription_id, "entitlements") == {}
    assert actions.terms(subscription_id)["entitlements"] == []


def test_entitlements_that_changed_outside_are_not_dropped(actions: Harness) -> None:
    """When Stigg shows other entitlements than were sent, a merge is refused, and names whose limits nobody knows."""
    subscription_id = sold(actions, entitlements=[USERS])
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"entitlements": [USERS, CALLS]})

    refused = problem(actions, update(entitlements=[SSO]))

    assert refused == (
        "entitlements",
        (
            "cannot be merged: Stigg does not return the limits of feature-api-calls, feature-seats. "
            "Give all of it, with mode replace"
        ),
    )
    assert set(held(actions, subscription_id, "entitlements")) == {"feature-seats", "feature-api-calls"}


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_all_entitlements_can_be_given_anew(actions: Harness, mode: str) -> None:
    """After a change outside, the full list works: with mode replace, and when a merge names every entitlement."""
    subscription_id = sold(actions, entitlements=[USERS])
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"entitlements": [USERS, CALLS]})
    full = [USERS | {"usageLimit": 60}, CALLS, SSO]

    body = actions.ok(ACTION, update(entitlements=full, mode=mode))
    alone = actions.ok(ACTION, update(removeEntitlements=["feature-sso"]))

    assert (body["outcome"], alone["outcome"]) == ("updated", "updated")
    assert list(held(actions, subscription_id, "entitlements").values()) == full[:2]
    assert actions.terms(subscription_id)["entitlements"] == full[:2]


def test_prices_are_merged_and_removed(actions: Harness) -> None:
    """A price is added beside the base charge's, and either can be taken away, the plan's as baseCharge."""
    subscription_id = sold(actions, planBaseChargeOverride={"amount": 100, "currency": "USD"}, addons=[SEATS])

    actions.ok(ACTION, update(priceOverrides=[SEATS_PRICE]))
    both = held(actions, subscription_id, "priceOverrides")
    body = actions.ok(ACTION, update(removePriceOverrides=["baseCharge"]))

    assert both == [BASE_PRICE, SEATS_PRICE]
    assert body["changes"] == [
        {"field": "priceOverrides.baseCharge", "before": '{"amount":100,"baseCharge":true,"currency":"usd"}'}
    ]
    assert held(actions, subscription_id, "priceOverrides") == [SEATS_PRICE]
    assert actions.terms(subscription_id)["priceOverrides"] == [SEATS_PRICE]


def test_the_base_charge_is_overridden(actions: Harness) -> None:
    """The short form becomes Stigg's price override, and replaces the one before."""
    subscription_id = sold(actions, planBaseChargeOverride={"amount": 100, "currency": "USD"})

    body = actions.ok(ACTION, update(planBaseChargeOverride={"amount": 80, "currency": "USD"}))

    assert held(actions, subscription_id, "priceOverrides") == [BASE_PRICE | {"amount": 80}]
    assert body["changes"] == [
        {
            "field": "priceOverrides.baseCharge",
            "before": '{"amount":100,"baseCharge":true,"currency":"usd"}',
            "after": '{"amount":80,"baseCharge":true,"currency":"usd"}',
        }
    ]


TIERS = [{"upTo": 10, "unitPrice": {"amount": 2, "currency": "usd"}}, {"unitPrice": {"amount": 1, "currency": "usd"}}]
TIERED = {"featureId": "feature-seats", "tiers": TIERS}


@pytest.mark.parametrize("request_body", [{"priceOverrides": [SEATS_PRICE]}, {"removePriceOverrides": ["addon-seats"]}])
def test_a_price_that_patch_cannot_carry_is_not_lost(actions: Harness, request_body: dict[str, Any]) -> None:
    """A merge beside a price with tiers is refused: PATCH replaces the list, and takes no tiers."""
    subscription_id = sold(actions, priceOverrides=[TIERED, BASE_PRICE])

    assert problem(actions, update(**request_body)) == (
        "priceOverrides",
        (
            "would lose parts of the price of feature-seats that Stigg cannot change in place; "
            "use renew-subscription with strategy replace"
        ),
    )
    assert held(actions, subscription_id, "priceOverrides") == [TIERED, BASE_PRICE]


@pytest.mark.parametrize(
    "request_body",
    [
        {"removePriceOverrides": ["feature-seats"]},
        {"priceOverrides": [BASE_PRICE], "mode": "replace"},
    ],
)
def test_a_price_with_tiers_may_be_given_up(actions: Harness, request_body: dict[str, Any]) -> None:
    """Whoever removes the price with tiers, or gives the full list, has decided so."""
    subscription_id = sold(actions, priceOverrides=[TIERED, BASE_PRICE])

    actions.ok(ACTION, update(**request_body))

    assert held(actions, subscription_id, "priceOverrides") == [BASE_PRICE]


def test_mode_replace_takes_lists_as_they_are_given(actions: Harness) -> None:
    """With replace, what a given list does not name goes, and lists that are not given stay."""
    subscription_id = sold(actions, addons=[SEATS, SUPPORT], charges=[USERS_CHARGED], entitlements=[USERS])

    body = actions.ok(ACTION, update(addons=[SUPPORT], entitlements=[SSO], mode="replace"))

    assert [change["field"] for change in body["changes"]] == [
        "addons.addon-seats",
        "entitlements.feature-seats",
        "entitlements.feature-sso",
    ]
    assert list(held(actions, subscription_id, "addons")) == ["addon-support"]
    assert list(held(actions, subscription_id, "entitlements")) == ["feature-sso"]
    assert list(held(actions, subscription_id, "charges")) == ["feature-seats"]


def test_an_empty_list_replaces_a_list(actions: Harness) -> None:
    """With replace, an empty list empties; with merge it changes nothing."""
    subscription_id = sold(actions, addons=[SEATS])

    merged = actions.ok(ACTION, update(addons=[]))
    replaced = actions.ok(ACTION, update(addons=[], mode="replace"))

    assert (merged["outcome"], replaced["outcome"]) == ("unchanged", "updated")
    assert held(actions, subscription_id, "addons") == {}


def test_minimum_spend_and_budget(actions: Harness) -> None:
    """Both are set, changed and emptied; an emptied one is forgotten."""
    subscription_id = sold(actions)

    both = actions.ok(ACTION, update(minimumSpend=MONEY, budget=CAP))
    moved = actions.ok(ACTION, update(budget=CAP | {"limit": 1000}))
    cleared = actions.ok(ACTION, update(clearFields=["minimumSpend", "budget"]))

    assert both["changes"] == [
        {"field": "budget", "after": '{"hasSoftLimit":false,"limit":900}'},
        {"field": "minimumSpend", "after": '{"amount":500,"currency":"usd"}'},
    ]
    assert [change["field"] for change in moved["changes"]] == ["budget"]
    assert [(change["field"], change.get("after")) for change in cleared["changes"]] == [
        ("budget", None),
        ("minimumSpend", None),
    ]
    assert (held(actions, subscription_id, "minimumSpend"), held(actions, subscription_id, "budget")) == (None, None)
    assert actions.terms(subscription_id).keys() & {"minimumSpend", "budget"} == set()


def test_the_cancellation_date(actions: Harness) -> None:
    """The date is set and cleared, as reschedule-cancellation does it."""
    subscription_id = sold(actions)

    dated = actions.ok(ACTION, update(cancellationDate="2099-06-30"))
    cleared = actions.ok(ACTION, update(clearFields='["cancellationDate"]'))

    assert dated["changes"] == [{"field": "cancellationDate", "after": "2099-06-30T23:59:59.000Z"}]
    assert dated["cancellationDate"] == "2099-06-30T23:59:59Z"
    assert cleared["changes"] == [{"field": "cancellationDate", "before": "2099-06-30T23:59:59.000Z"}]
    assert in_stigg(actions, subscription_id)["cancellationDate"] is None


@pytest.mark.parametrize(
    ("terms", "date", "told"),
    [
        ({}, "2020-01-31", "lies in the past; to end it now, use cancel-subscription"),
        ({"startDate": "2098-01-01"}, "2097-12-31", "lies before the start of the subscription; give a later date"),
    ],
)
def test_impossible_cancellation_dates_are_refused_by_us(
    actions: Harness, terms: dict[str, Any], date: str, told: str
) -> None:
    """A date in the past or before the start never goes to Stigg, whatever else is asked for."""
    sold(actions, **terms)

    assert problem(actions, update(cancellationDate=date, addons=[SEATS])) == ("cancellationDate", told)


def test_a_cancellation_date_that_stands_is_no_news(actions: Harness) -> None:
    """The date that the subscription has may be given again, with a change of something else."""
    sold(actions, cancellationDate="2099-06-30")

    body = actions.ok(ACTION, update(cancellationDate="2099-06-30", addons=[SUPPORT]))

    assert [change["field"] for change in body["changes"]] == ["addons.addon-support"]


def test_the_trial_end_is_moved(actions: Harness) -> None:
    """A trial is prolonged; what is no trial has no end of one, says Stigg."""
    subscription_id = sold(actions, trialOverrideConfiguration={"isTrial": True, "trialEndDate": "2098-01-31"})

    body = actions.ok(ACTION, update(trialEndDate="2098-02-28"))

    assert body["changes"] == [
        {"field": "trialEndDate", "before": "2098-01-31T23:59:59.000Z", "after": "2098-02-28T23:59:59.000Z"}
    ]
    assert in_stigg(actions, subscription_id)["trialEndDate"] == "2098-02-28T23:59:59.000Z"


def test_what_is_no_trial_cannot_be_prolonged(actions: Harness) -> None:
    """Stigg's refusal is passed on, and nothing is recorded as done."""
    sold(actions)

    reply = actions.post(ACTION, update(trialEndDate="2098-02-28"))

    assert (reply.status, reply.body["errorCode"]) == (422, "REFUSED_BY_STIGG")
    assert ("update", "FAILED") in actions.operations()
    assert actions.history(LINE) == ["created"]


def test_a_coupon_is_applied_once(actions: Harness) -> None:
    """A coupon is applied; asked for again beside something else it is not sent anew."""
    sold(actions)
    coupon = {"couponId": "coupon-welcome"}

    first, second = sent_by(actions, update(appliedCoupon=coupon), update(appliedCoupon=coupon, addons=[SUPPORT]))

    assert first["appliedCoupon"] == coupon
    assert second.keys() == {"addons", "metadata"}  # the mark, because add-ons may be put off


def test_a_coupon_that_is_gone_is_applied_again(actions: Harness) -> None:
    """What was applied and is not shown any more is sent again."""
    subscription_id = sold(actions, appliedCoupon={"couponId": "coupon-welcome"})
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"appliedCoupon": {}})

    body = actions.ok(ACTION, update(appliedCoupon={"couponId": "coupon-welcome"}))

    assert body["outcome"] == "updated"
    assert [coupon["id"] for coupon in in_stigg(actions, subscription_id)["coupons"]] == ["coupon-welcome"]


def test_a_discount_of_its_own(actions: Harness) -> None:
    """A discount for this subscription alone is told as one change, and remembered."""
    subscription_id = sold(actions)
    discount = {"discount": {"name": "Launch", "percentOff": 10}}

    body = actions.ok(ACTION, update(appliedCoupon=discount))
    again = actions.ok(ACTION, update(appliedCoupon=discount, billingPeriod="MONTHLY"))

    assert body["changes"] == [{"field": "appliedCoupon", "after": '{"discount":{"name":"Launch","percentOff":10}}'}]
    assert again["outcome"] == "unchanged"
    assert actions.terms(subscription_id)["appliedCoupon"] == discount


def test_the_billing_period(actions: Harness) -> None:
    """The period that stands is unchanged, another one is a change."""
    subscription_id = sold(actions)

    same = actions.ok(ACTION, update(billingPeriod="Monthly"))
    other = actions.ok(ACTION, update(billingPeriod="Annually"))

    assert (same["outcome"], other["outcome"]) == ("unchanged", "updated")
    assert other["changes"] == [{"field": "billingPeriod", "before": "MONTHLY", "after": "ANNUALLY"}]
    assert held(actions, subscription_id, "billingPeriod") == "ANNUALLY"
    assert actions.terms(subscription_id)["billingPeriod"] == "ANNUALLY"


def test_a_billing_period_that_changed_outside_is_set_again(actions: Harness) -> None:
    """A period other than was sent shows in the dates, so that the one remembered is not trusted."""
    subscription_id = sold(actions)
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"billingPeriod": "ANNUALLY"})

    body = actions.ok(ACTION, update(billingPeriod="MONTHLY"))

    assert (body["outcome"], held(actions, subscription_id, "billingPeriod")) == ("updated", "MONTHLY")


def test_billing_information_is_merged_key_by_key(actions: Harness) -> None:
    """What is not named of the billing information stays; with replace it goes."""
    subscription_id = sold(actions, billingInformation={"invoiceDaysUntilDue": 14, "taxPercentage": 19})

    actions.ok(ACTION, update(billingInformation={"invoiceDaysUntilDue": 30}))
    merged = held(actions, subscription_id, "billingInformation")
    actions.ok(ACTION, update(billingInformation={"couponId": "co_1"}, mode="replace"))

    assert merged == {"invoiceDaysUntilDue": 30, "taxPercentage": 19}
    assert held(actions, subscription_id, "billingInformation") == {"couponId": "co_1"}
    assert actions.terms(subscription_id)["billingInformation"] == {"couponId": "co_1"}


@pytest.mark.parametrize(("mode", "left"), [("merge", {"tier": "gold", "region": "eu"}), ("replace", {"tier": "gold"})])
def test_metadata_keeps_our_marks(actions: Harness, mode: str, left: dict[str, str]) -> None:
    """Metadata is merged or replaced; the marks by which the actions find things again stay either way."""
    subscription_id = sold(actions, metadata={"region": "eu"})
    marks = {key: text for key, text in in_stigg(actions, subscription_id)["metadata"].items() if key != "region"}

    body = actions.ok(ACTION, update(metadata={"tier": "gold"}, mode=mode))

    assert in_stigg(actions, subscription_id)["metadata"] == marks | left
    assert body["changes"][-1] == {"field": "metadata.tier", "after": "gold"}
    assert len(body["changes"]) == 3 - len(left)


def test_the_mark_of_a_change_that_stigg_does_not_show(actions: Harness) -> None:
    """With what cannot be read back, the operation's mark goes along, and no metadata is lost by it."""
    subscription_id = sold(actions, metadata={"region": "eu"})
    before = in_stigg(actions, subscription_id)["metadata"]

    (sent,) = sent_by(actions, update(charges=[USERS_CHARGED]))

    assert sent.keys() == {"charges", "metadata"}
    assert sent["metadata"] == before | {"stiggActionsOperation": sent["metadata"]["stiggActionsOperation"]}
    assert sent["metadata"]["stiggActionsOperation"] != before["stiggActionsOperation"]


def test_the_salesforce_id(actions: Harness) -> None:
    """The id that Stigg keeps is set, in its long form, and emptied."""
    subscription_id = sold(actions)

    actions.ok(ACTION, update(salesforceId="001000000000009"))
    kept = held(actions, subscription_id, "salesforceId")
    cleared = actions.ok(ACTION, update(clearFields=["salesforceId"]))

    assert (len(kept), kept[:15]) == (18, "001000000000009")
    assert cleared["changes"] == [{"field": "salesforceId", "before": kept}]
    assert held(actions, subscription_id, "salesforceId") is None
    assert "salesforceId" not in actions.terms(subscription_id)


def test_a_new_billing_cycle_is_a_change(actions: Harness) -> None:
    """A billing cycle that starts now is a change although no term differs, and is started once."""
    subscription_id = sold(actions)
    actions.emulator.advance(3 * DAY)
    anchor = in_stigg(actions, subscription_id)["billingCycleAnchor"]

    body = actions.ok(ACTION, update(billingCycleAnchor="NOW"))
    again = actions.ok(ACTION, update(billingCycleAnchor="NOW"))

    assert (body["outcome"], again["replayed"], patches(actions)) == ("updated", True, 1)
    assert in_stigg(actions, subscription_id)["billingCycleAnchor"] > anchor


def test_a_billing_anchor_that_stays_is_no_change(actions: Harness) -> None:
    """UNCHANGED is how to change something, not what to change."""
    sold(actions)

    assert problem(actions, update(billingCycleAnchor="UNCHANGED"))[0] == "salesforceRecordId"


def test_what_goes_along(actions: Harness) -> None:
    """How the change is to be made goes to Stigg with it, and not without it."""
    sold(actions, addons=[SEATS])
    how = {"awaitPaymentConfirmation": False, "scheduleStrategy": "IMMEDIATE", "billingCycleAnchor": "UNCHANGED"}

    sent = sent_by(actions, update(addons=[SEATS], **how), update(addons=[SUPPORT], **how))

    assert [{name: body[name] for name in body if name != "metadata"} for body in sent] == [
        {"addons": [SEATS, SUPPORT], **how}
    ]


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

    sent = sent_by(actions, FULL)
    actions.clock.skip(DAY + 60)
    later = sent_by(actions, {name: value for name, value in FULL.items() if name != "billingCycleAnchor"})

    assert [body_problems(SubscriptionUpdateParams, body) for body in sent] == [[]]
    assert sent[0].keys() - FULL.keys() == set()
    assert later == []


def test_a_promotion_code_is_for_stigg_to_judge(actions: Harness) -> None:
    """A code that Stigg does not know is refused by Stigg."""
    sold(actions)

    reply = actions.post(ACTION, update(promotionCode="LAUNCH"))

    assert (reply.status, reply.body["errorCode"]) == (404, "COUPON_NOT_FOUND")


@pytest.mark.parametrize(
    ("changes", "field", "told"),
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
def test_contradictions_are_refused(actions: Harness, changes: dict[str, Any], field: str, told: str) -> None:
    """What contradicts itself, or changes nothing, is refused with the field named, before anything is read."""
    reply = actions.post(ACTION, update(**changes))

    assert (reply.status, reply.body["details"]) == (400, [{"field": field, "problem": told}])
    assert actions.operations() == []


def test_unchanged_sends_nothing(actions: Harness) -> None:
    """What is so already is no change and no event; what is not there cannot be removed."""
    sold(actions, addons=[SEATS], charges=[USERS_CHARGED], entitlements=[USERS], metadata={"tier": "gold"})

    body = actions.ok(
        ACTION,
        update(
            addons=[{"id": "addon-seats", "quantity": "5.0"}],
            charges=[USERS_CHARGED | {"quantity": 50.0}],
            entitlements=[USERS],
            metadata={"tier": "gold"},
            removeAddons=["addon-support"],
            clearFields=["budget", "cancellationDate", "minimumSpend", "salesforceId"],
        ),
    )

    assert (body["outcome"], body["changes"], patches(actions)) == ("unchanged", [], 0)
    assert actions.history(LINE) == ["created"]


def test_a_repeat_is_replayed(actions: Harness) -> None:
    """A repeat gets the same answer, in whatever order its lists come, and with either form of the record id."""
    sold(actions)
    first = actions.ok(ACTION, update(addons=[SEATS, SUPPORT]))

    again = actions.ok(ACTION, update(addons=[SUPPORT, SEATS], salesforceRecordId=LINE[:15]))

    assert (first["replayed"], again["replayed"], patches(actions)) == (False, True, 1)
    assert again["changes"] == first["changes"]


def test_a_day_later_it_is_looked_at_anew(actions: Harness) -> None:
    """After a day the same request means the subscription as it is then: unchanged, or changed again."""
    subscription_id = sold(actions)
    actions.ok(ACTION, update(addons=[SEATS]))
    actions.clock.skip(DAY + 60)
    same = actions.ok(ACTION, update(addons=[SEATS]))
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": []})
    actions.clock.skip(DAY + 60)

    body = actions.ok(ACTION, update(addons=[SEATS]))

    assert (same["outcome"], same["replayed"], body["outcome"], body["replayed"]) == (
        "unchanged",
        False,
        "updated",
        False,
    )
    assert patches(actions) == 3


def test_the_same_wish_after_another_is_new(actions: Harness) -> None:
    """To seven, to five and to seven again is three changes."""
    subscription_id = sold(actions)
    seven = update(addons=[{"id": "addon-seats", "quantity": 7}])

    answers = [actions.ok(ACTION, body) for body in (seven, update(addons=[SEATS]), seven)]

    assert [body["replayed"] for body in answers] == [False] * 3
    assert held(actions, subscription_id, "addons")["addon-seats"]["quantity"] == 7


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
    """A subscription of ours that is named by its id is the record's all the same."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, by_id(subscription_id, addons=[SEATS]))

    assert (body["outcome"], actions.history(LINE)) == ("updated", ["created", "updated"])


@pytest.mark.parametrize(
    ("changes", "field", "what"),
    [
        ({"charges": [USERS_CHARGED]}, "charges", "the present ones"),
        ({"removeCharges": ["feature-seats"]}, "charges", "the present ones"),
        ({"priceOverrides": [SEATS_PRICE]}, "priceOverrides", "the present ones"),
        ({"planBaseChargeOverride": MONEY}, "priceOverrides", "the present ones"),
        ({"billingInformation": {"taxPercentage": 19}}, "billingInformation", "the present values"),
    ],
)
def test_what_nobody_knows_cannot_be_merged(actions: Harness, changes: dict[str, Any], field: str, what: str) -> None:
    """Of a subscription of Stigg's app, what Stigg does not tell cannot be merged into; replaced it can be."""
    subscription_id = sold_in_the_app(actions)

    refused = problem(actions, by_id(subscription_id, **changes))

    assert refused == (field, f"cannot be merged: Stigg does not return {what}. Give all of it, with mode replace")


@pytest.mark.parametrize(
    "changes",
    [
        {"charges": [USERS_CHARGED]},
        {"planBaseChargeOverride": {"amount": 80, "currency": "usd"}},
        {"billingInformation": {"taxPercentage": 19}},
    ],
)
def test_what_nobody_knows_can_be_replaced(actions: Harness, changes: dict[str, Any]) -> None:
    """The full new list is taken for a subscription of Stigg's app; from then on it is known, and merges."""
    subscription_id = sold_in_the_app(actions)

    replaced = actions.ok(ACTION, by_id(subscription_id, **changes, mode="replace"))
    merged = actions.ok(ACTION, by_id(subscription_id, **changes))

    assert (replaced["outcome"], merged["outcome"]) == ("updated", "unchanged")


def test_a_subscription_of_the_app_merges_what_stigg_shows(actions: Harness) -> None:
    """Add-ons, metadata and entitlements that are not there yet are changed as with ours."""
    subscription_id = sold_in_the_app(actions, addons=[SEATS], metadata={"region": "eu"})

    body = actions.ok(ACTION, by_id(subscription_id, addons=[SUPPORT], metadata={"tier": "gold"}, entitlements=[SSO]))

    assert [change["field"] for change in body["changes"]] == [
        "addons.addon-support",
        "entitlements.feature-sso",
        "metadata.tier",
    ]
    assert list(held(actions, subscription_id, "addons")) == ["addon-seats", "addon-support"]
    assert list(held(actions, subscription_id, "entitlements")) == ["feature-sso"]
    assert held(actions, subscription_id, "metadata").keys() == {"region", "tier", "stiggActionsOperation"}


def test_entitlements_of_the_app_are_not_dropped(actions: Harness) -> None:
    """Entitlements that the app gave are named when a merge would drop them."""
    subscription_id = sold_in_the_app(actions, entitlements=[CALLS, USERS])

    field, told = problem(actions, by_id(subscription_id, removeEntitlements=["feature-seats"]))

    assert (field, "limits of feature-api-calls." in told) == ("entitlements", True)


def test_a_coupon_of_the_app(actions: Harness) -> None:
    """A coupon that shows, but was not sent from here, is not trusted to be the same one."""
    subscription_id = sold_in_the_app(actions, appliedCoupon={"couponId": "coupon-welcome"})

    body = actions.ok(ACTION, by_id(subscription_id, appliedCoupon={"couponId": "coupon-welcome"}))

    assert (body["outcome"], patches(actions)) == ("updated", 1)


def test_a_price_with_tiers_may_be_replaced_by_another(actions: Harness) -> None:
    """Whoever names the price with tiers and gives it anew loses nothing that was not meant."""
    subscription_id = sold(actions, priceOverrides=[TIERED, BASE_PRICE])
    flat = {"featureId": "feature-seats", "amount": 3, "currency": "usd"}

    actions.ok(ACTION, update(priceOverrides=[flat]))

    assert held(actions, subscription_id, "priceOverrides") == [flat, BASE_PRICE]


LATER = "END_OF_BILLING_PERIOD"


def scheduled(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return kind and status of the changes that an answer says are still to come."""
    return [(one["change"], one["status"]) for one in body["scheduledChanges"]]


def test_a_change_at_the_end_of_the_period(actions: Harness) -> None:
    """What is deferred is scheduled; terms and add-ons stay as they are until the time has come."""
    subscription_id = sold(actions, addons=[SEATS])

    body = actions.ok(ACTION, update(addons=[SUPPORT], scheduleStrategy="End of billing period"))
    (waiting,) = body["scheduledChanges"]
    terms_meanwhile = actions.terms(subscription_id)["addons"]
    actions.emulator.advance(MONTH)
    later = actions.ok(ACTION, update(minimumSpend=MONEY))

    assert (body["outcome"], scheduled(body)) == ("scheduled", [("ADDON", "SCHEDULED")])
    assert body["addons"] == [SEATS]
    assert [(change["field"], change.get("before")) for change in body["changes"]] == [("scheduled.ADDON", None)]
    assert body["changes"][0]["after"][:19] == waiting["takesEffectAt"][:19]
    assert terms_meanwhile == [SEATS]
    assert later["addons"] == [SEATS, SUPPORT]
    assert [change["field"] for change in later["changes"]] == ["minimumSpend"]
    assert actions.history(LINE) == ["created", "updateScheduled", "updated"]


def test_deferred_charges_are_merged_into_once_they_are_in_force(actions: Harness) -> None:
    """What Stigg does not show is remembered as waiting, and counts from its time on."""
    subscription_id = sold(actions, charges=[USERS_CHARGED])
    more = {"id": "feature-seats", "quantity": 60, "type": "FEATURE"}

    body = actions.ok(ACTION, update(charges=[more], scheduleStrategy=LATER))
    terms_meanwhile = actions.terms(subscription_id)["charges"]
    actions.emulator.advance(MONTH)
    actions.ok(ACTION, update(charges=[TOKENS_CHARGED]))

    assert (body["outcome"], scheduled(body)) == ("scheduled", [("UNIT_AMOUNT", "SCHEDULED")])
    assert terms_meanwhile == [USERS_CHARGED]
    assert list(held(actions, subscription_id, "charges").values()) == [more, TOKENS_CHARGED]
    assert actions.terms(subscription_id)["charges"] == [more, TOKENS_CHARGED]


def test_a_second_deferred_change_joins_the_first(actions: Harness) -> None:
    """A merge for the same moment is a merge into what will be there then."""
    subscription_id = sold(actions, addons=[SEATS])
    actions.ok(ACTION, update(addons=[SUPPORT], scheduleStrategy=LATER))

    body = actions.ok(ACTION, update(addons=[{"id": "addon-seats", "quantity": 9}], scheduleStrategy=LATER))
    shown = in_stigg(actions, subscription_id)["addons"]
    actions.emulator.advance(MONTH)

    assert (body["outcome"], scheduled(body), shown) == ("scheduled", [("ADDON", "SCHEDULED")], [SEATS])
    assert in_stigg(actions, subscription_id)["addons"] == [{"id": "addon-seats", "quantity": 9}, SUPPORT]


def test_an_immediate_change_withdraws_what_was_scheduled(actions: Harness) -> None:
    """Stigg lets a new change override what waits; the answer says that it is gone."""
    subscription_id = sold(actions, addons=[SEATS])
    waiting = actions.ok(ACTION, update(addons=[SUPPORT], scheduleStrategy=LATER))["changes"][0]["after"]

    body = actions.ok(ACTION, update(addons=[{"id": "addon-seats", "quantity": 9}]))
    actions.emulator.advance(MONTH)

    assert (body["outcome"], body["scheduledChanges"]) == ("updated", [])
    assert body["changes"] == [
        {"field": "addons.addon-seats", "before": "5", "after": "9"},
        {"field": "scheduled.ADDON", "before": waiting},
    ]
    assert in_stigg(actions, subscription_id)["addons"] == [{"id": "addon-seats", "quantity": 9}]


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
        ({"charges": [USERS_CHARGED]}, "UNIT_AMOUNT"),
        ({"planBaseChargeOverride": {"amount": 80, "currency": "usd"}}, "PRICE_OVERRIDE"),
    ],
)
def test_every_kind_of_change_that_can_wait(actions: Harness, changes: dict[str, Any], kind: str) -> None:
    """Whatever Stigg defers is told as scheduled, in force at its time, and then unchanged when asked for."""
    sold(actions)

    body = actions.ok(ACTION, update(**changes, scheduleStrategy=LATER))
    actions.emulator.advance(MONTH)
    later = actions.ok(ACTION, update(**changes))

    assert (body["outcome"], scheduled(body)) == ("scheduled", [(kind, "SCHEDULED")])
    assert (later["outcome"], later["scheduledChanges"], patches(actions)) == ("unchanged", [], 1)


def test_a_change_of_something_else_leaves_what_waits(actions: Harness) -> None:
    """What waits goes on waiting, there and here, when something is changed that cannot wait."""
    subscription_id = sold(actions, charges=[USERS_CHARGED])
    actions.ok(ACTION, update(charges=[TOKENS_CHARGED], scheduleStrategy=LATER))

    body = actions.ok(ACTION, update(minimumSpend=MONEY))
    actions.emulator.advance(MONTH)
    actions.ok(ACTION, update(removeCharges=["feature-seats"]))

    assert (body["outcome"], scheduled(body)) == ("updated", [("UNIT_AMOUNT", "SCHEDULED")])
    assert [change["field"] for change in body["changes"]] == ["minimumSpend"]
    assert list(held(actions, subscription_id, "charges")) == ["cred-type-tokens"]


def test_a_deferred_change_of_another_list_takes_the_first_along(actions: Harness) -> None:
    """Stigg keeps one package that waits: a deferred change of another list is sent with what waits already."""
    subscription_id = sold(actions, addons=[SEATS])
    actions.ok(ACTION, update(addons=[SUPPORT], scheduleStrategy=LATER))

    body = actions.ok(ACTION, update(charges=[TOKENS_CHARGED], scheduleStrategy=LATER))
    actions.emulator.advance(MONTH)

    assert (body["outcome"], scheduled(body)) == ("scheduled", [("ADDON", "SCHEDULED"), ("UNIT_AMOUNT", "SCHEDULED")])
    assert [change["field"] for change in body["changes"]] == ["scheduled.UNIT_AMOUNT"]
    assert list(held(actions, subscription_id, "addons")) == ["addon-seats", "addon-support"]


def test_a_deferred_change_is_asked_for_again_a_day_later(actions: Harness) -> None:
    """It is still one change that waits, and nothing is given twice when its time comes."""
    subscription_id = sold(actions, addons=[SEATS])
    deferred = update(addons=[SUPPORT], scheduleStrategy=LATER)
    actions.ok(ACTION, deferred)
    again = actions.ok(ACTION, deferred)
    actions.clock.skip(DAY + 60)

    later = actions.ok(ACTION, deferred)
    actions.emulator.advance(MONTH)

    assert (again["replayed"], later["replayed"]) == (True, False)
    assert (later["outcome"], scheduled(later)) == ("scheduled", [("ADDON", "SCHEDULED")])
    assert in_stigg(actions, subscription_id)["addons"] == [SEATS, SUPPORT]


def test_without_a_billing_period_nothing_is_deferred(actions: Harness) -> None:
    """A subscription that is not billed has no period to wait for: the change is in force at once."""
    subscription_id = sold(actions, planId="plan-enterprise", billingPeriod=None)

    body = actions.ok(ACTION, update(addons=[SUPPORT], scheduleStrategy=LATER))

    assert (body["outcome"], body["scheduledChanges"]) == ("updated", [])
    assert actions.terms(subscription_id)["addons"] == [SUPPORT]


def test_a_key_used_for_another_change_is_a_conflict(actions: Harness) -> None:
    """An idempotency key stands for one change; the order of a list does not make it another."""
    sold(actions)
    actions.ok(ACTION, update(addons=[SEATS, SUPPORT], idempotencyKey="order-1"))

    again = actions.ok(ACTION, update(addons=[SUPPORT, SEATS], idempotencyKey="order-1"))
    other = actions.post(ACTION, update(addons=[SUPPORT], idempotencyKey="order-1"))

    assert (again["replayed"], other.status, other.body["errorCode"]) == (True, 409, "IDEMPOTENCY_CONFLICT")


def unpaid(actions: Harness, **changes: Any) -> str:  # noqa: ANN401 - any field of a request
    """Sell a subscription that is charged, to a customer without a card: whatever comes next awaits payment."""
    paid = {"isInvoicePaid": True}
    return sold(actions, paymentCollectionMethod="CHARGE", billingInformation=paid, **changes)


@pytest.mark.parametrize("changes", [{"addons": [SUPPORT]}, {"charges": [USERS_CHARGED]}])
def test_a_change_that_awaits_payment(actions: Harness, changes: dict[str, Any]) -> None:
    """Unpaid, a repeat says so again; once it is paid, the repeat finds it in force."""
    subscription_id = unpaid(actions)
    (name,) = changes

    waiting = actions.ok(ACTION, update(**changes))
    again = actions.ok(ACTION, update(**changes))
    terms_meanwhile = dict(actions.terms(subscription_id))
    actions.emulator.checkout(subscription_id)
    paid = actions.ok(ACTION, update(**changes))
    at_last = actions.ok(ACTION, update(**changes))

    assert [body["outcome"] for body in (waiting, again, paid, at_last)] == ["paymentRequired"] * 2 + ["updated"] * 2
    assert [body["replayed"] for body in (waiting, again, paid, at_last)] == [False, True, False, True]
    assert [status for _, status in scheduled(waiting)] == ["PENDING_PAYMENT"]
    assert (paid["scheduledChanges"], patches(actions)) == ([], 1)
    assert name not in terms_meanwhile
    assert actions.terms(subscription_id)[name] == changes[name]
    assert actions.history(LINE) == ["created", "updateAwaitsPayment", "updated"]
