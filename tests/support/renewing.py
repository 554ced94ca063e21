"""Renewals, and what the tests of renew-subscription look at."""

from typing import Any

import pytest

from tests.support.crashes import CrashError, dying_container
from tests.support.harness import ORG, Harness
from tests.support.requests import LINE, sold

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
    """Renew a subscription that is named by its id."""
    return renewal(salesforceRecordId=None, subscriptionId=subscription_id, **changes)


def running(actions: Harness) -> list[str]:
    """Return the ids of the subscriptions that run in Stigg."""
    return [one["id"] for one in actions.emulator.state()["subscriptions"] if one["status"] == "ACTIVE"]


def current(actions: Harness, record_id: str = LINE) -> str | None:
    """Return the subscription that a record is mapped to now."""
    mapped = actions.mapping(record_id)
    return mapped.current.subscription_id if mapped and mapped.current else None


def upcoming(actions: Harness, record_id: str = LINE) -> str | None:
    """Return the subscription that is to follow a record's current one."""
    mapped = actions.mapping(record_id)
    return mapped.upcoming.subscription_id if mapped and mapped.upcoming else None


def sent(actions: Harness, subscription_id: str) -> dict[str, Any]:
    """Return the terms that a subscription has in Stigg, those too that are not read back."""
    (found,) = [one for one in actions.emulator.state()["subscriptions"] if one["id"] == subscription_id]
    return dict(found["sent"])


def crash(actions: Harness, request: dict[str, Any], pattern: str, *, after: bool) -> None:
    """Send a renewal whose process dies before or after its write."""
    with pytest.raises(CrashError):
        actions.post(ACTION, request, dying_container(actions, pattern, after=after))


def last_line(actions: Harness, record_id: str) -> dict[str, str]:
    """Return the latest line of a record's history, as the tables have it."""
    history = [
        {name: value["S"] for name, value in item.items()}
        for item in actions.tables.items(actions.tables.mappings)
        if item["pk"]["S"] == f"record#{ORG}#{record_id}" and item["sk"]["S"].startswith("history#")
    ]
    return max(history, key=lambda line: line["sk"])


def sold_by_card(actions: Harness) -> str:
    """Provision a subscription that is charged to a card; return its id."""
    card = {"stripe": {"paymentMethodId": "pm_1"}}
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "passthrough": card})
    return sold(actions, paymentCollectionMethod="CHARGE")


def lose_card(actions: Harness) -> None:
    """Take the card away in Stigg."""
    actions.stigg_app("PATCH", "/api/v1/customers/cust-acme", {"passthrough": {}})
