"""Requests of renew-subscription, and what its tests read from Stigg and the tables afterwards."""

from typing import Any

from tests.support import crashes
from tests.support.harness import ORG, Harness
from tests.support.requests import LINE, in_stigg, sold

ACTION = "renew-subscription"
SEATS = [{"id": "addon-seats", "quantity": 5}]
MORE_SEATS = [{"id": "addon-seats", "quantity": 20}]
ENTITLEMENTS = [{"type": "FEATURE", "id": "feature-seats", "usageLimit": 80}]
POST, PATCH = "POST .*/subscriptions$", "PATCH .*/subscriptions/"
IN_PLACE = "Stigg can make all changes in place, which keeps the usage history."
AS_WANTED = "The subscription is already as requested."
ASKED_TO_REPLACE = "The request has strategy replace."
ANOTHER_PLAN = "planId: Stigg cannot change the plan of a subscription in place."
A_DAY = 24 * 60 * 60 + 1


def renewal(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a request
    """Renew the subscription of the line; None drops a field."""
    request = {"salesforceRecordId": LINE, **changes}
    return {name: value for name, value in request.items() if value is not None}


def by_id(subscription_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a request
    """Renew a subscription by its id."""
    return renewal(salesforceRecordId=None, subscriptionId=subscription_id, **changes)


def decided(body: dict[str, Any]) -> tuple[str, str, list[str]]:
    """Return outcome, decision and reasons of an answer."""
    return body["outcome"], body["decision"], body["reasons"]


def running(actions: Harness) -> list[str]:
    """Return the ids of the subscriptions that are active in Stigg."""
    return [item["id"] for item in actions.emulator.state()["subscriptions"] if item["status"] == "ACTIVE"]


def sent(actions: Harness, subscription_id: str) -> dict[str, Any]:
    """Return the terms that Stigg received for a subscription, including those that it does not return."""
    return dict(in_stigg(actions, subscription_id)["sent"])


def everything(actions: Harness) -> tuple[Any, ...]:
    """Return the content of the tables and of Stigg, without the time and the calls."""
    state = {name: value for name, value in actions.emulator.state().items() if name not in {"calls", "now"}}
    tables = (actions.tables.mappings, actions.tables.operations)
    return state, *(sorted(map(str, actions.tables.items(name))) for name in tables)


def problems(actions: Harness, request: dict[str, Any]) -> list[dict[str, str]]:
    """Return the details of a request that must be refused as invalid."""
    reply = actions.post(ACTION, request)

    assert (reply.status, reply.body["errorCode"]) == (400, "INVALID_REQUEST"), reply.body
    return list(reply.body["details"])


def crash(actions: Harness, request: dict[str, Any], pattern: str, *, after: bool) -> None:
    """Send a renewal whose process dies before or after its write."""
    crashes.crash(actions, ACTION, request, pattern, after=after)


def lines(actions: Harness, record_id: str) -> list[dict[str, str]]:
    """Return the lines of a record's history as stored, oldest first."""
    history = [
        {name: value["S"] for name, value in item.items()}
        for item in actions.tables.items(actions.tables.mappings)
        if item["pk"]["S"] == f"record#{ORG}#{record_id}" and item["sk"]["S"].startswith("history#")
    ]
    return sorted(history, key=lambda line: line["sk"])


def last_line(actions: Harness, record_id: str) -> dict[str, str]:
    """Return the latest line of a record's history, as stored."""
    return lines(actions, record_id)[-1]


def sold_by_card(actions: Harness) -> str:
    """Provision a subscription that is charged to a card; return its id."""
    card = {"stripe": {"paymentMethodId": "pm_1"}}
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "passthrough": card})
    return sold(actions, paymentCollectionMethod="CHARGE")


def lose_card(actions: Harness) -> None:
    """Remove the card in Stigg."""
    actions.stigg_app("PATCH", "/api/v1/customers/cust-acme", {"passthrough": {}})
