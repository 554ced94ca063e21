"""The modes of renew-subscription. Merge, the default: what a list does not name stays. Replace: it goes."""

from typing import Any

import pytest

from tests.support.harness import Harness
from tests.support.renewals import ACTION, SEATS, problems, renewal, sent
from tests.support.requests import sold, sold_in_the_app

SUPPORT = {"id": "addon-support", "quantity": 1}
SSO = {"type": "FEATURE", "id": "feature-sso"}
LIMIT = {"type": "FEATURE", "id": "feature-seats", "usageLimit": 75}
BASE = {"baseCharge": True, "amount": 100, "currency": "usd"}
OF_SEATS = {"addonId": "addon-seats", "baseCharge": True, "amount": 5, "currency": "usd"}
TIERED = {"featureId": "feature-seats", "tiers": [{"unitPrice": {"amount": 2, "currency": "usd"}}]}


def merge(**changes: object) -> dict[str, Any]:
    """Renew the subscription of the line, merging lists."""
    return renewal(mode="Merge", **changes)


def named(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the items of a list by id."""
    return {str(item["id"]): item for item in items}


def test_an_amendment_merges(actions: Harness) -> None:
    """In place, what a list does not name stays; the same again is unchanged."""
    subscription_id = sold(actions, addons=[*SEATS, SUPPORT], entitlements=[LIMIT])
    request = merge(addons=[{"id": "addon-seats", "quantity": 9}], entitlements=[SSO])

    body = actions.ok(ACTION, request)
    again = actions.ok(ACTION, request | {"idempotencyKey": "again"})

    terms = sent(actions, subscription_id)
    assert (body["outcome"], again["outcome"]) == ("updated", "unchanged")
    assert named(terms["addons"]) == named([{"id": "addon-seats", "quantity": 9}, SUPPORT])
    assert named(terms["entitlements"]) == named([LIMIT, SSO])


@pytest.mark.parametrize("action", [ACTION, "update-subscription"])
@pytest.mark.parametrize(("mode", "kept"), [(None, [SUPPORT]), ("merge", [SUPPORT]), ("replace", [])])
def test_merge_is_the_default(actions: Harness, action: str, mode: str | None, kept: list[dict[str, Any]]) -> None:
    """The same request means the same to both actions: without a mode, items that a list does not name stay."""
    subscription_id = sold(actions, addons=[*SEATS, SUPPORT])
    more = {"id": "addon-seats", "quantity": 9}

    actions.ok(action, renewal(addons=[more], mode=mode))

    assert named(sent(actions, subscription_id)["addons"]) == named([more, *kept])


def test_a_replacement_merges(actions: Harness) -> None:
    """A new subscription has what stood and what is given over it."""
    sold(actions, addons=[*SEATS, SUPPORT], entitlements=[LIMIT])

    body = actions.ok(ACTION, merge(planId="plan-starter", addons=[{"id": "addon-seats", "quantity": 9}]))

    terms = sent(actions, body["subscriptionId"])
    assert named(terms["addons"]) == named([{"id": "addon-seats", "quantity": 9}, SUPPORT])
    assert terms["entitlements"] == [LIMIT]


def test_prices_merge(actions: Harness) -> None:
    """A price that is not named stays, one of tiers too; but the price of a plan is not that of another one."""
    sold(actions, addons=SEATS, priceOverrides=[BASE, TIERED])

    same_plan = actions.ok(ACTION, merge(priceOverrides=[OF_SEATS]))
    other_plan = actions.ok(ACTION, merge(planId="plan-starter", priceOverrides=[OF_SEATS | {"amount": 6}]))
    own_price = actions.ok(
        ACTION, merge(planId="plan-growth", planBaseChargeOverride={"amount": 90, "currency": "usd"})
    )

    assert (same_plan["outcome"], same_plan["decision"]) == ("replaced", "replace")
    assert sent(actions, same_plan["subscriptionId"])["priceOverrides"] == [BASE, TIERED, OF_SEATS]
    assert sent(actions, other_plan["subscriptionId"])["priceOverrides"] == [TIERED, OF_SEATS | {"amount": 6}]
    assert BASE | {"amount": 90} in sent(actions, own_price["subscriptionId"])["priceOverrides"]


def test_what_nobody_knows_is_not_merged(actions: Harness) -> None:
    """Where Stigg does not tell how much is granted, a list cannot be merged into it."""
    subscription_id = sold_in_the_app(actions, entitlements=[LIMIT])

    found = problems(actions, merge(salesforceRecordId=None, subscriptionId=subscription_id, entitlements=[SSO]))

    assert [(one["field"], "mode replace" in one["problem"]) for one in found] == [("entitlements", True)]


def test_not_with_restore(actions: Harness) -> None:
    """Restored terms have lists of their own, so that a merge is refused if the request says it."""
    assert [one["field"] for one in problems(actions, merge(restore=True))] == ["mode"]


def test_items_are_removed(actions: Harness) -> None:
    """A merge removes what it is told to, in place and by a replacement."""
    subscription_id = sold(
        actions, addons=[*SEATS, SUPPORT], entitlements=[LIMIT, SSO], priceOverrides=[BASE, OF_SEATS]
    )

    actions.ok(ACTION, merge(addons=SEATS, removeAddons=["addon-support"], removeEntitlements=["feature-sso"]))
    terms = sent(actions, subscription_id)
    replaced = actions.ok(ACTION, merge(planId="plan-starter", removePriceOverrides=["addon-seats"]))

    assert (terms["addons"], terms["entitlements"]) == (SEATS, [LIMIT])
    assert "priceOverrides" not in sent(actions, replaced["subscriptionId"])


def test_removed_and_given(actions: Harness) -> None:
    """What is removed cannot be given too, and a full list removes what it does not name."""
    given = problems(actions, merge(addons=[SUPPORT], removeAddons=["addon-support"]))
    full = problems(actions, renewal(mode="replace", removeAddons=["addon-support"]))

    assert [one["field"] for one in (*given, *full)] == ["removeAddons", "removeAddons"]
