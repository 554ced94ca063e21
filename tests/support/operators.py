"""Listing and replaying operations, as operators do, and operations that need them."""

from typing import Any

from tests.support.crashes import crash
from tests.support.harness import Harness
from tests.support.requests import sold, subscription

POST_SUBSCRIPTION = "POST .*/subscriptions$"


def listed(actions: Harness, **request: object) -> dict[str, Any]:
    """List operations, as an operator does."""
    body: dict[str, Any] = actions.invoke("list-operations", request)
    return body


def keys(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return kind and status of what was listed."""
    return [(one["kind"], one["status"]) for one in body["operations"]]


def replayed(actions: Harness, key: str) -> dict[str, Any]:
    """Replay an operation."""
    body: dict[str, Any] = actions.invoke("replay-operation", {"operationKey": key})
    return body


def blocked(actions: Harness) -> str:
    """Let a renewal be refused for an unpaid invoice; return the subscription that owes."""
    old = sold(actions, paymentCollectionMethod="INVOICE")
    actions.emulator.invoice(old, "OPEN")
    assert actions.post("create-subscription", subscription(planId="plan-starter")).status == 409
    return old


def lost(actions: Harness, *, after: bool = True) -> None:
    """Let a process die around its POST."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    crash(actions, "create-subscription", subscription(), POST_SUBSCRIPTION, after=after)
