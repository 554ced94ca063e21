"""What the actions do with the tables, against what the roles of their functions allow."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import replace
from typing import Any

import pytest

from local.stack.template import functions
from tests.support.deals import WHOLE, deal
from tests.support.expanded import rights
from tests.support.harness import Harness
from tests.support.requests import LINE, grant, sold, subscription

BY_RECORD = {"salesforceRecordId": LINE}
REQUESTS: dict[str, dict[str, Any]] = {
    "create-customer": {"customerId": "cust-acme", "name": "Acme Inc"},
    "create-subscription": subscription(),
    "create-subscription-with-return-data": subscription(),
    "create-credit-grant": grant(),
    "cancel-subscription": BY_RECORD | {"cancelWhen": "now"},
    "update-subscription": BY_RECORD | {"addons": [{"id": "addon-seats", "quantity": 3}]},
    "reschedule-cancellation": BY_RECORD | {"cancellationDate": "2099-12-31"},
    "set-subscription-metadata": BY_RECORD | {"metadata": {"tier": "gold"}},
    "downgrade-subscription": BY_RECORD | {"planId": "plan-grace"},
    "renew-subscription": BY_RECORD | {"planId": "plan-starter"},
    "provision-opportunity": deal(*WHOLE),
    "get-subscription": BY_RECORD,
    "preview-subscription": {"customerId": "cust-acme", "planId": "plan-growth", "billingPeriod": "MONTHLY"},
    "check-connection": {},
    "reconcile": {},
    "list-operations": {},
    "replay-operation": {"operationKey": "provision-0"},
    "submit-batch": {"requests": [{"action": "create-customer", "request": {"customerId": "cust-other"}}]},
    "get-batch": {"batchId": f"batch-{'0' * 40}-1"},
    "trigger-workflow": BY_RECORD | {"triggerId": "notify-customer", "idempotencyKey": "deal-1"},
}
A_DAY = 24 * 60 * 60 + 1


@pytest.fixture
def actions(actions: Harness) -> Harness:
    """The actions on boto3's client, which tells of its calls."""
    return replace(actions, dynamodb=actions.tables.client)


@contextmanager
def observed(actions: Harness) -> Iterator[set[tuple[str, str]]]:
    """Note which rights the calls to DynamoDB need, by table."""
    needed: set[tuple[str, str]] = set()

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:  # noqa: ANN401 - botocore's event arguments
        for item in params.get("TransactItems", ()):
            ((kind, write),) = item.items()
            needed.add((write["TableName"], f"{kind}Item"))
        needed.update((table, model.name) for table in params.get("RequestItems", ()))
        if "TableName" in params:
            needed.add((params["TableName"], model.name))

    events = actions.tables.client.meta.events
    events.register("provide-client-params.dynamodb.*", note)
    yield needed
    events.unregister("provide-client-params.dynamodb.*", note)


@pytest.mark.parametrize("action", sorted(functions()))
def test_a_role_allows_what_its_action_does(actions: Harness, action: str) -> None:
    """A request, its repeat and the same wish a day later need no right that the function's role does not give."""
    sold(actions)
    with observed(actions) as needed:
        actions.post(action, REQUESTS[action])
        actions.post(action, REQUESTS[action])
        actions.clock.skip(A_DAY)
        actions.post(action, REQUESTS[action])
    tables = {
        actions.tables.mappings: "SubscriptionMappingsTable",
        actions.tables.operations: "OperationsTable",
        actions.tables.batches: "BatchesTable",
    }

    beyond = [(tables[name], right) for name, right in needed if right not in rights(functions()[action], tables[name])]

    assert needed or action == "preview-subscription"
    assert beyond == []
