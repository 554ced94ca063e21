"""What the actions do with the tables, against what the roles of their functions allow."""

from copy import replace
from typing import Any

import pytest

from local.stack.template import functions
from tests.support.contracts import CONTRACT, ENTERPRISE, WORKSPACE, contract
from tests.support.deals import WHOLE, deal
from tests.support.harness import Harness
from tests.support.promotions import promotion, revocation
from tests.support.requests import ACCOUNT, LINE, OTHER_LINE, RENEWAL_LINE, grant, sold, subscription
from tests.support.roles import Call, RightMissingError, calls, check, holds

BY_RECORD = {"salesforceRecordId": LINE}
REQUESTS: dict[str, dict[str, Any]] = {
    "create-customer": {"customerId": "cust-acme", "name": "Acme Inc"},
    "create-subscription": subscription(),
    "create-subscription-with-return-data": subscription(),
    "create-credit-grant": grant(),
    "grant-promotional-entitlement": promotion(),
    "revoke-promotional-entitlement": revocation(),
    "void-credit-grant": {"salesforceRecordId": OTHER_LINE},
    "report-usage": {"customerId": "cust-acme", "featureId": "feature-api-calls", "value": 3, **BY_RECORD},
    "archive-customer": {"customerId": "cust-acme", "cancelSubscriptions": True},
    "provision-contract": contract(ENTERPRISE, WORKSPACE),
    "archive-contract": {"salesforceRecordId": CONTRACT, "cancelSubscriptions": True},
    "cancel-subscription": BY_RECORD | {"cancelWhen": "now"},
    "update-subscription": BY_RECORD | {"addons": [{"id": "addon-seats", "quantity": 3}]},
    "reschedule-cancellation": BY_RECORD | {"cancellationDate": "2099-12-31"},
    "cancel-scheduled-update": BY_RECORD,
    "mark-invoice-paid": BY_RECORD,
    "set-subscription-metadata": BY_RECORD | {"metadata": {"tier": "gold"}},
    "downgrade-subscription": BY_RECORD | {"planId": "plan-grace"},
    "migrate-subscription": BY_RECORD | {"migrateWhen": "endOfBillingPeriod"},
    "transfer-subscription": BY_RECORD | {"destinationResourceId": "site-2"},
    "adopt-subscription": BY_RECORD | {"subscriptionId": "sub-of-the-app"},
    "delegate-subscription": BY_RECORD | {"destinationCustomerId": "cust-globex"},
    "renew-subscription": BY_RECORD | {"planId": "plan-starter"},
    "provision-opportunity": deal(*WHOLE),
    "get-subscription": BY_RECORD,
    "get-customer": {"salesforceAccountId": ACCOUNT},
    "preview-subscription": {"customerId": "cust-acme", "planId": "plan-growth", "billingPeriod": "MONTHLY"},
    "check-connection": {},
    "reconcile": {},
    "apply-ramp-steps": {},
    "forget-customer": {"customerId": "cust-acme"},
    "merge-customers": {"fromCustomerId": "cust-acme", "intoCustomerId": "cust-globex", "moveSubscriptions": True},
    "import-customer": {"customerId": "cust-initech", "name": "Initech"},
    "import-subscription": {
        "salesforceRecordId": RENEWAL_LINE,
        "customerId": "cust-initech",
        "customerName": "Initech",
        "planId": "plan-growth",
        "billingPeriod": "MONTHLY",
        "startDate": "2020-01-01",
    },
    "list-operations": {},
    "replay-operation": {"operationKey": "provision-0"},
    "submit-batch": {"requests": [{"action": "create-customer", "request": {"customerId": "cust-other"}}]},
    "get-batch": {"batchId": f"batch-{'0' * 40}-1"},
    "trigger-workflow": BY_RECORD | {"triggerId": "notify-customer", "idempotencyKey": "deal-1"},
}
ALIAS = {"ExpressionAttributeNames": {"#status": "status"}}
A_DAY = 24 * 60 * 60 + 1


def noted(actions: Harness, used: list[Call]) -> Harness:
    """Return the same deployment, whose calls to the tables are noted."""

    class Noting:
        """A client that notes what each call needs the right to do."""

        def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
            """Return an operation that is noted when it is called."""
            made = getattr(actions.tables.plain, operation)

            def call(**arguments: Any) -> Any:  # noqa: ANN401 - as boto3's
                used.extend(calls(operation, arguments))
                return made(**arguments)

            return call

    return replace(actions, dynamodb=Noting())


@pytest.mark.parametrize("action", sorted(functions()))
def test_a_role_allows_what_its_action_does(actions: Harness, action: str) -> None:
    """A request, its repeat and the same wish a day later need no right that the function's role does not give.

    All tests of actions in this process run under the roles: `GuardedDynamoDB` fails them where a right is missing.
    """
    sold(actions)
    actions.ok("create-credit-grant", grant(salesforceRecordId=OTHER_LINE))
    actions.ok("create-customer", {"customerId": "cust-globex", "name": "Globex"})
    used: list[Call] = []
    under_its_role = noted(actions, used)
    for skipped in (0, 0, A_DAY):
        actions.clock.skip(skipped)
        under_its_role.post(action, REQUESTS[action])

    assert used or action == "preview-subscription"


PK, OPERATION, BATCH = (
    {"pk": {"S": "customer#a"}},
    {"operation_key": {"S": "cancel-1"}},
    {"batch_key": {"S": "batch-1"}},
)
RECONCILE = {"pk": {"S": "reconcile"}, "sk": {"S": "cursor"}}


def put(table: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a put."""
    return {"TableName": table, "Item": item}


def expiry(**changes: object) -> dict[str, Any]:
    """Return the arguments of the one change of an operation where it stands."""
    return {
        "TableName": "operations-1",
        "Key": {**OPERATION, "intent": {"N": "1"}},
        "UpdateExpression": "SET expires_at = :later",
        "ConditionExpression": "attribute_exists(expires_at)",
        "ExpressionAttributeValues": {":later": {"N": "1"}},
        **changes,
    }


def transaction(*puts: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a transaction."""
    return {"TransactItems": [{"Put": one} for one in puts]}


def reading(*keys: dict[str, Any], table: str = "mappings-1") -> dict[str, Any]:
    """Return the arguments of a reading of items."""
    return {"RequestItems": {table: {"Keys": [*keys]}}}


def query(key: str, **changes: object) -> dict[str, Any]:
    """Return the arguments of a query of the operations."""
    return {
        "TableName": "operations-1",
        "KeyConditionExpression": "#key = :key",
        "ExpressionAttributeNames": {"#key": "operation_key"},
        "ExpressionAttributeValues": {":key": {"S": key}},
        **changes,
    }


UPDATER, CHECKER, LISTER = "UpdateSubscriptionFunction", "CheckConnectionFunction", "ListOperationsFunction"
ALLOWED: list[tuple[str, str, dict[str, Any]]] = [
    (UPDATER, "transact_write_items", transaction(put("mappings-1", PK), put("operations-1", OPERATION))),
    (UPDATER, "batch_get_item", reading(PK)),
    (UPDATER, "query", query("cancel-1")),
    (UPDATER, "update_item", expiry()),
    (UPDATER, "update_item", expiry(ReturnValues="UPDATED_NEW")),
    ("RunBatchFunction", "put_item", put("batches-1", {"batch_key": {"S": "pace"}})),
    ("ReconcileFunction", "transact_write_items", transaction(put("mappings-1", RECONCILE))),
    (LISTER, "query", query("FAILED", IndexName="ByAttention")),
    (LISTER, "query", query("cancel-1")),
    ("ForgetCustomerFunction", "scan", {"TableName": "operations-1"}),
    (UPDATER, "scan", {"TableName": "a table of others"}),
]
REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    (UPDATER, "transact_write_items", transaction(put("mappings-1", PK), put("mappings-1", RECONCILE))),
    (UPDATER, "put_item", put("operations-1", {"operation_key": {"S": "workflow-1"}})),
    (UPDATER, "put_item", put("mappings-1", {"pk": {"S": "opportunity#a"}})),
    (UPDATER, "put_item", put("batches-1", BATCH)),
    (UPDATER, "batch_get_item", reading(PK, {"pk": {"S": "opportunity#a"}})),
    (UPDATER, "query", query("workflow-1")),
    (UPDATER, "query", query("FAILED", IndexName="ByAttention")),
    (UPDATER, "update_item", expiry(UpdateExpression="SET expires_at = :later, #status = :s", **ALIAS)),
    (UPDATER, "update_item", expiry(ReturnValues="ALL_NEW")),
    (UPDATER, "scan", {"TableName": "operations-1"}),
    (UPDATER, "delete_item", {"TableName": "operations-1", "Key": OPERATION}),
    (CHECKER, "batch_get_item", reading(PK)),
    (CHECKER, "batch_get_item", reading(OPERATION, table="operations-1")),
    (LISTER, "put_item", put("operations-1", OPERATION)),
    (LISTER, "query", query("cancel-1", IndexName="ByNothing")),
    ("PreviewSubscriptionFunction", "batch_get_item", reading(PK)),
    ("GetSubscriptionFunction", "put_item", put("operations-1", OPERATION)),
    ("GetBatchFunction", "put_item", put("batches-1", BATCH)),
    ("RunBatchFunction", "update_item", {**expiry(TableName="batches-1"), "Key": {"batch_key": {"S": "pace"}}}),
    (
        "SubmitBatchFunction",
        "batch_write_item",
        {"RequestItems": {"batches-1": [{"PutRequest": {"Item": {"batch_key": {"S": "pace"}}}}]}},
    ),
    ("ReceiveWebhookFunction", "batch_get_item", reading(PK)),
    ("ForgetCustomerFunction", "put_item", put("operations-1", OPERATION)),
    ("ForgetCustomerFunction", "update_item", {**expiry(TableName="mappings-1"), "Key": PK}),
]


@pytest.mark.parametrize(("function", "operation", "arguments"), ALLOWED)
def test_what_a_role_allows(function: str, operation: str, arguments: dict[str, Any]) -> None:
    """Calls within a role's rights pass: every item of a transaction and every key of a reading is looked at."""
    check(function, operation, arguments)


@pytest.mark.parametrize(("function", "operation", "arguments"), REFUSED)
def test_what_a_role_refuses(function: str, operation: str, arguments: dict[str, Any]) -> None:
    """A call that needs one right more is refused: another item, attribute, index, table or action."""
    with pytest.raises(RightMissingError, match=f"{function} may not"):
        check(function, operation, arguments)


def test_an_operator_of_another_kind() -> None:
    """A policy with a condition that is not evaluated here fails the tests, instead of passing unchecked."""
    with pytest.raises(NotImplementedError, match="NumericLessThan"):
        holds("NumericLessThan", frozenset({"1"}), {"2"})
