"""update-subscription, in this process: lists of add-ons, entitlements, charges and prices, merged or replaced."""

from typing import Any

import pytest

from tests.support.amendments import (
    ACTION,
    CALLS,
    SEATS,
    SSO,
    SUPPORT,
    TOKENS,
    addons,
    by_id,
    differences,
    more,
    patches,
    problems,
    sent,
    update,
)
from tests.support.harness import Harness
from tests.support.requests import LINE, sold, sold_in_the_app

BASE = {"baseCharge": True, "amount": 150, "currency": "usd"}
SEAT_PRICE = {"addonId": "addon-seats", "amount": 8, "currency": "usd"}
TIERED = {"featureId": "feature-seats", "tiers": [{"upTo": 10, "unitPrice": {"amount": 4, "currency": "usd"}}]}
FLAT = {"featureId": "feature-seats", "amount": 3, "currency": "usd"}
CHARGE = {"id": "feature-api-calls", "quantity": 1000, "type": "FEATURE"}
OTHER_CHARGE = {"id": "cred-type-tokens", "quantity": 50, "type": "CREDIT"}
MONEY = {"amount": 150, "currency": "usd"}


def test_addons_that_are_not_named_stay(actions: Harness) -> None:
    """An add-on is added, another one changed, and the rest stays; answer, terms and history say so."""
    subscription_id = sold(actions, addons=[SUPPORT])

    added = actions.ok(ACTION, update(addons=[SEATS]))
    terms = actions.terms(subscription_id)["addons"]
    changed = actions.ok(ACTION, update(addons=[more(7)]))

    assert (added["outcome"], added["subscriptionId"], added["replayed"]) == ("updated", subscription_id, False)
    assert added["addons"] == terms == [SUPPORT, SEATS]
    assert differences(added) == {"addons.addon-seats": (None, "5")}
    assert differences(changed) == {"addons.addon-seats": ("5", "7")}
    assert addons(actions, subscription_id) == {"addon-support": 1, "addon-seats": 7}
    assert actions.terms(subscription_id)["addons"] == [SUPPORT, more(7)]
    assert actions.history(LINE) == ["created", "updated", "updated"]


def test_an_addon_that_the_app_added_is_not_lost(actions: Harness) -> None:
    """A merge goes by what Stigg reads back, so that what somebody added in its app stays."""
    subscription_id = sold(actions, addons=[SEATS])
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": [SEATS, SUPPORT]})

    actions.ok(ACTION, update(addons=[more(7)]))

    assert addons(actions, subscription_id) == {"addon-seats": 7, "addon-support": 1}


def test_addons_are_removed_by_name(actions: Harness) -> None:
    """An add-on that removeAddons names goes, the others stay; one that the subscription lacks is no mistake."""
    subscription_id = sold(actions, addons=[SEATS, SUPPORT])

    body = actions.ok(ACTION, update(removeAddons=["addon-support", "addon-nowhere"]))

    assert addons(actions, subscription_id) == {"addon-seats": 5}
    assert differences(body) == {"addons.addon-support": ("1", None)}
    assert actions.terms(subscription_id)["addons"] == [SEATS]


def test_lines_of_one_addon_add_up(actions: Harness) -> None:
    """The same add-on on several lines counts as their sum, as when it is sold."""
    subscription_id = sold(actions)

    actions.ok(ACTION, update(addons=[SEATS, SEATS]))

    assert addons(actions, subscription_id) == {"addon-seats": 10}


def test_a_list_is_replaced(actions: Harness) -> None:
    """With mode replace a list is the full new one, even an empty one; lists that are not given stay."""
    subscription_id = sold(actions, addons=[SEATS, SUPPORT], entitlements=[CALLS], charges=[CHARGE])

    first = actions.ok(ACTION, update(addons=[more(2)], entitlements=[SSO], mode="Replace"))
    second = actions.ok(ACTION, update(addons=[], mode="replace"))

    assert differences(first) == {
        "addons.addon-seats": ("5", "2"),
        "addons.addon-support": ("1", None),
        "entitlements.feature-api-calls": ('{"resetPeriod":"MONTH","usageLimit":500000}', None),
        "entitlements.feature-sso": (None, "{}"),
    }
    assert (differences(second), addons(actions, subscription_id)) == ({"addons.addon-seats": ("2", None)}, {})
    assert sent(actions, subscription_id)["entitlements"] == [SSO]
    assert sent(actions, subscription_id)["charges"] == [CHARGE]


@pytest.mark.parametrize(
    "wanted",
    [
        {"addons": [SUPPORT, SEATS]},
        {"addons": []},
        {"addons": [{"id": "addon-seats", "quantity": "5.0"}]},
        {"removeAddons": ["addon-nowhere"]},
        {"entitlements": [CALLS]},
        {"charges": [CHARGE | {"quantity": 1000.0}]},
        {"billingPeriod": "MONTHLY"},
        {"minimumSpend": {"amount": 150.0, "currency": "USD"}},
        {"metadata": {"tier": "gold"}},
        {"clearFields": ["budget", "cancellationDate", "minimumSpend", "salesforceId"]},
        {"addons": [SEATS, SUPPORT], "mode": "replace", "scheduleStrategy": "IMMEDIATE"},
    ],
)
def test_what_is_so_already_is_unchanged(actions: Harness, wanted: dict[str, object]) -> None:
    """A request without a difference, in any order or spelling, sends nothing, and is no event."""
    terms = {"addons": [SEATS, SUPPORT], "entitlements": [CALLS], "charges": [CHARGE], "metadata": {"tier": "gold"}}
    sold(actions, **terms, minimumSpend=MONEY if "minimumSpend" in wanted else None)

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
    assert differences(added).keys() == {"entitlements.feature-sso"}
    assert differences(changed) == {
        "entitlements.feature-api-calls": (
            '{"resetPeriod":"MONTH","usageLimit":500000}',
            '{"resetPeriod":"MONTH","usageLimit":7}',
        )
    }
    assert differences(removed) == {"entitlements.cred-type-tokens": ('{"amount":100,"cadence":"MONTH"}', None)}


def test_the_last_entitlement_is_removed(actions: Harness) -> None:
    """A list can be emptied item by item."""
    subscription_id = sold(actions, entitlements=[SSO])

    actions.ok(ACTION, update(removeEntitlements=["feature-sso"]))

    assert sent(actions, subscription_id)["entitlements"] == actions.terms(subscription_id)["entitlements"] == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"entitlements": [{**CALLS, "usageLimit": 60}, TOKENS, SSO]},
        {"entitlements": [{**CALLS, "usageLimit": 60}, TOKENS, SSO], "mode": "replace"},
        {"entitlements": [CALLS, SSO], "removeEntitlements": ["cred-type-tokens"]},
    ],
)
def test_entitlements_that_were_changed_outside_are_not_dropped(actions: Harness, wanted: dict[str, Any]) -> None:
    """Refuse a merge when Stigg shows other entitlements than were last sent, unless the request names all of them."""
    subscription_id = sold(actions, entitlements=[CALLS])
    changed = [CALLS, TOKENS]
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"entitlements": changed})

    refused = problems(actions, update(entitlements=[SSO]))
    kept = sent(actions, subscription_id)["entitlements"]
    body = actions.ok(ACTION, update(**wanted))
    full = sent(actions, subscription_id)["entitlements"]
    alone = actions.ok(ACTION, update(removeEntitlements=["feature-sso"]))

    assert refused == {
        "entitlements": "cannot be merged: Stigg does not return the limits of cred-type-tokens, "
        "feature-api-calls. Give all of it, with mode replace"
    }
    assert (kept, full) == (changed, wanted["entitlements"])
    assert (body["outcome"], alone["outcome"]) == ("updated", "updated")
    assert sent(actions, subscription_id)["entitlements"] == actions.terms(subscription_id)["entitlements"] == full[:-1]


@pytest.mark.parametrize(
    ("wanted", "field", "becomes", "unknown"),
    [
        ({"entitlements": [SSO]}, "entitlements", [SSO], "the limits of feature-api-calls"),
        ({"charges": [CHARGE]}, "charges", [CHARGE], "the present ones"),
        ({"priceOverrides": [SEAT_PRICE]}, "priceOverrides", [SEAT_PRICE], "the present ones"),
        ({"planBaseChargeOverride": MONEY}, "priceOverrides", [BASE], "the present ones"),
        (
            {"billingInformation": {"taxPercentage": 19}},
            "billingInformation",
            {"taxPercentage": 19},
            "the present values",
        ),
    ],
)
def test_unknown_terms_are_not_dropped(
    actions: Harness, wanted: dict[str, Any], field: str, becomes: object, unknown: str
) -> None:
    """Terms of a subscription of Stigg's app that Stigg does not return are only replaced; then they are known."""
    subscription_id = sold_in_the_app(actions, entitlements=[CALLS])

    refused = problems(actions, by_id(subscription_id, **wanted))
    body = actions.ok(ACTION, by_id(subscription_id, **wanted, mode="replace"))
    again = actions.ok(ACTION, by_id(subscription_id, **wanted, metadata={"merged": "now"}))

    assert refused == {field: f"cannot be merged: Stigg does not return {unknown}. Give all of it, with mode replace"}
    assert (body["outcome"], sent(actions, subscription_id)[field]) == ("updated", becomes)
    assert differences(again) == {"metadata.merged": (None, "now")}


@pytest.mark.parametrize(
    ("wanted", "field", "unknown"),
    [
        ({"removeCharges": ["feature-seats"]}, "charges", "the present ones"),
        ({"removeEntitlements": ["feature-sso"]}, "entitlements", "the limits of feature-api-calls"),
    ],
)
def test_nothing_is_removed_from_an_unknown_list(
    actions: Harness, wanted: dict[str, Any], field: str, unknown: str
) -> None:
    """Refuse to remove an item from a list whose other items Stigg does not return."""
    subscription_id = sold_in_the_app(actions, entitlements=[CALLS, SSO])

    assert problems(actions, by_id(subscription_id, **wanted)) == {
        field: f"cannot be merged: Stigg does not return {unknown}. Give all of it, with mode replace"
    }


def test_a_subscription_of_the_app(actions: Harness) -> None:
    """Add-ons, metadata and the first entitlements of a subscription of Stigg's app are merged; its period is known."""
    subscription_id = sold_in_the_app(actions, addons=[SUPPORT], metadata={"region": "eu"})

    body = actions.ok(ACTION, by_id(subscription_id, addons=[SEATS]))
    terms = actions.terms(subscription_id)
    period = actions.ok(ACTION, by_id(subscription_id, billingPeriod="MONTHLY"))
    actions.ok(ACTION, by_id(subscription_id, metadata={"tier": "gold"}, entitlements=[SSO]))

    held = sent(actions, subscription_id)
    assert (body["outcome"], period["outcome"]) == ("updated", "unchanged")
    assert addons(actions, subscription_id) == {"addon-support": 1, "addon-seats": 5}
    assert terms == {"addons": [SUPPORT, SEATS]}
    assert (held["entitlements"], held["metadata"].keys()) == ([SSO], {"region", "tier", "stiggActionsOperation"})


def test_charges_are_merged(actions: Harness) -> None:
    """Charges are merged and removed by id with those last sent."""
    subscription_id = sold(actions, charges=[CHARGE])

    added = actions.ok(ACTION, update(charges=[OTHER_CHARGE]))
    both = sent(actions, subscription_id)["charges"]
    removed = actions.ok(ACTION, update(removeCharges=["feature-api-calls"]))

    assert (differences(added), both) == ({"charges.cred-type-tokens": (None, "50")}, [CHARGE, OTHER_CHARGE])
    assert differences(removed) == {"charges.feature-api-calls": ("1000", None)}
    assert sent(actions, subscription_id)["charges"] == actions.terms(subscription_id)["charges"] == [OTHER_CHARGE]


def test_prices_are_merged(actions: Harness) -> None:
    """A base charge and the price of an add-on are set, changed and removed by name."""
    subscription_id = sold(actions)

    actions.ok(ACTION, update(planBaseChargeOverride={"amount": 150, "currency": "USD"}))
    actions.ok(ACTION, update(priceOverrides=[SEAT_PRICE]))
    both = sent(actions, subscription_id)["priceOverrides"]
    changed = actions.ok(ACTION, update(planBaseChargeOverride={"amount": 80, "currency": "USD"}))
    removed = actions.ok(ACTION, update(removePriceOverrides=["baseCharge"]))

    before, after = (f'{{"amount":{amount},"baseCharge":true,"currency":"usd"}}' for amount in (150, 80))
    assert both == [BASE, SEAT_PRICE]
    assert differences(changed) == {"priceOverrides.baseCharge": (before, after)}
    assert differences(removed) == {"priceOverrides.baseCharge": (after, None)}
    assert sent(actions, subscription_id)["priceOverrides"] == [SEAT_PRICE]
    assert actions.terms(subscription_id)["priceOverrides"] == [SEAT_PRICE]


@pytest.mark.parametrize("wanted", [{"priceOverrides": [SEAT_PRICE]}, {"removePriceOverrides": ["addon-seats"]}])
def test_a_price_in_tiers_is_not_lost(actions: Harness, wanted: dict[str, Any]) -> None:
    """Refuse a merge beside a price in tiers, which PATCH cannot carry."""
    subscription_id = sold(actions, priceOverrides=[TIERED, BASE])

    assert problems(actions, update(**wanted)) == {
        "priceOverrides": "would lose parts of the price of feature-seats that Stigg cannot change in place; "
        "use renew-subscription with strategy replace"
    }
    assert sent(actions, subscription_id)["priceOverrides"] == [TIERED, BASE]


@pytest.mark.parametrize(
    ("wanted", "becomes"),
    [
        ({"removePriceOverrides": ["feature-seats"]}, [BASE]),
        ({"priceOverrides": [BASE], "mode": "replace"}, [BASE]),
        ({"priceOverrides": [FLAT]}, [FLAT, BASE]),
    ],
)
def test_a_price_in_tiers_may_be_given_up(actions: Harness, wanted: dict[str, Any], becomes: object) -> None:
    """A request that removes the price in tiers, gives another for it, or gives the full list is carried out."""
    subscription_id = sold(actions, priceOverrides=[TIERED, BASE])

    actions.ok(ACTION, update(**wanted))

    assert sent(actions, subscription_id)["priceOverrides"] == becomes


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


def test_an_unknown_addon_is_named(actions: Harness) -> None:
    """What Stigg does not have is not found, by name, and nothing changes."""
    subscription_id = sold(actions, addons=[SUPPORT])

    reply = actions.post(ACTION, update(addons=[{"id": "addon-nowhere", "quantity": 1}]))

    assert (reply.status, reply.body["errorCode"]) == (404, "ADDON_NOT_FOUND")
    assert (addons(actions, subscription_id), actions.history(LINE)) == ({"addon-support": 1}, ["created"])
