"""update-subscription, in this process: what it changes, what it keeps, what it refuses."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionUpdateParams

from tests.contract.sdk_shapes import body_problems
from tests.support.crashes import listening_container
from tests.support.harness import Harness
from tests.support.requests import LINE, in_stigg, sold, sold_in_the_app

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
    for request in requests:
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
