"""What the tests of renew-subscription share: its requests, and what there is in Stigg after them."""

from typing import Any

from tests.support.harness import Harness
from tests.support.requests import LINE, in_stigg

ACTION = "renew-subscription"
SEATS = [{"id": "addon-seats", "quantity": 2}]
LIMITS = [{"type": "FEATURE", "id": "feature-seats", "usageLimit": 75}]


def renew(**changes: object) -> dict[str, Any]:
    """Renew the subscription of the line; None drops a field."""
    request = {"salesforceRecordId": LINE, **changes}
    return {name: value for name, value in request.items() if value is not None}


def told(body: dict[str, Any]) -> tuple[str, str, str]:
    """Return decision, outcome and subscription of an answer."""
    return body["decision"], body["outcome"], body["subscriptionId"]


def made(actions: Harness) -> list[str]:
    """Ids of all subscriptions that were ever made in Stigg."""
    return [one["id"] for one in actions.emulator.state()["subscriptions"]]


def running(actions: Harness) -> list[str]:
    """Ids of the subscriptions that are active in Stigg."""
    return [one["id"] for one in actions.emulator.state()["subscriptions"] if one["status"] == "ACTIVE"]


def sent(actions: Harness, subscription_id: str) -> dict[str, Any]:
    """Return what a subscription was provisioned with."""
    return dict(in_stigg(actions, subscription_id)["sent"])


def everything(actions: Harness) -> tuple[Any, ...]:
    """Return all that is held here and in Stigg, but for the calls."""
    state = {name: value for name, value in actions.emulator.state().items() if name not in {"calls", "now"}}
    tables = [actions.tables.items(name) for name in (actions.tables.mappings, actions.tables.operations)]
    return state, *(sorted(items, key=str) for items in tables)


def problems(actions: Harness, request: dict[str, Any]) -> list[dict[str, str]]:
    """Return the details of a request that must be refused as invalid."""
    reply = actions.post(ACTION, request)

    assert (reply.status, reply.body["errorCode"]) == (400, "INVALID_REQUEST"), reply.body
    return list(reply.body["details"])


def renew_by_id(subscription_id: str, **changes: object) -> dict[str, Any]:
    """Renew a subscription by its id."""
    return renew(salesforceRecordId=None, subscriptionId=subscription_id, **changes)
