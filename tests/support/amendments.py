"""Requests of update-subscription, and what its tests read from Stigg and from answers."""

from typing import Any

from tests.support import crashes
from tests.support.crashes import listening_container
from tests.support.harness import Harness
from tests.support.requests import LINE, in_stigg

ACTION = "update-subscription"
PATCH = "PATCH .*/subscriptions/"
SEATS = {"id": "addon-seats", "quantity": 5}
SUPPORT = {"id": "addon-support", "quantity": 1}
CALLS = {"id": "feature-api-calls", "type": "FEATURE", "usageLimit": 500_000, "resetPeriod": "MONTH"}
TOKENS = {"id": "cred-type-tokens", "type": "CREDIT", "amount": 100, "cadence": "MONTH"}
SSO = {"id": "feature-sso", "type": "FEATURE"}
LATER = {"scheduleStrategy": "END_OF_BILLING_PERIOD"}


def more(quantity: int) -> dict[str, Any]:
    """So many seats."""
    return {**SEATS, "quantity": quantity}


def update(**changes: object) -> dict[str, Any]:
    """Amend the subscription of the line; None drops a field."""
    request = {"salesforceRecordId": LINE, **changes}
    return {name: value for name, value in request.items() if value is not None}


def by_id(subscription_id: str, **changes: object) -> dict[str, Any]:
    """Amend a subscription by its id."""
    return update(salesforceRecordId=None, subscriptionId=subscription_id, **changes)


def sent(actions: Harness, subscription_id: str) -> dict[str, Any]:
    """Return what a subscription holds in Stigg, with what Stigg never reads back."""
    return dict(in_stigg(actions, subscription_id)["sent"])


def addons(actions: Harness, subscription_id: str) -> dict[str, int]:
    """Return the add-ons that a subscription has in Stigg, and their quantities."""
    return {addon["id"]: addon["quantity"] for addon in in_stigg(actions, subscription_id)["addons"]}


def differences(body: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    """Return the changes of an answer: before and after by field."""
    return {change["field"]: (change.get("before"), change.get("after")) for change in body["changes"]}


def patches(actions: Harness) -> int:
    """How often Stigg has changed a subscription in place."""
    return sum(method == "PATCH" and "/subscriptions/" in path for method, path in actions.writes_to_stigg())


def heard(actions: Harness, request: dict[str, Any]) -> list[dict[str, Any]]:
    """Send an amendment, and return the bodies of its PATCHes without the mark of the operation."""
    bodies: list[dict[str, Any]] = []
    reply = actions.post(ACTION, request, listening_container(actions, PATCH, bodies))

    assert reply.status == 200, reply.body
    return [{name: value for name, value in body.items() if name != "metadata"} for body in bodies]


def crash(actions: Harness, request: dict[str, Any], *, after: bool) -> None:
    """Send an amendment whose process dies before or after its PATCH."""
    crashes.crash(actions, ACTION, request, PATCH, after=after)


def problems(actions: Harness, request: dict[str, Any]) -> dict[str, str]:
    """Send an amendment that must be refused as invalid before anything is sent; return its problems by field."""
    before = patches(actions)
    reply = actions.post(ACTION, request)

    assert (reply.status, reply.body["errorCode"], patches(actions)) == (400, "INVALID_REQUEST", before), reply.body
    return {detail["field"]: detail["problem"] for detail in reply.body["details"]}
