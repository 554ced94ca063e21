"""What each function may do with which items of which table: the whole of it, as docs/security.md explains it."""

from typing import Any

import pytest

from local.stack.template import BATCHES, MAPPINGS, OPERATIONS, WEBHOOKS, consumers, functions, receivers
from stigg_actions.exactly_once.registry import KINDS as ALL_KINDS
from tests.support.expanded import as_list, role_statements

FUNCTIONS = sorted([*functions().values(), *consumers().values(), *receivers().values()])
READ, PUT = ("BatchGetItem",), ("BatchGetItem", "PutItem")
KEPT = ("BatchGetItem", "PutItem", "Query")
KINDS = {f"{kind}-*" for kind in ALL_KINDS if kind not in {"usage", "workflow"}}
FOUND = {"customer#*", "account#*", "record#*", "subscription#*"}
OF_A_WRITE = FOUND | {"contract#*"}
type Rights = dict[tuple[str, str], set[str]]


def on(table: str, actions: tuple[str, ...], keys: set[str]) -> Rights:
    """Name rights: these actions on the items of a table whose partition keys look like these."""
    return {(table, action): keys for action in actions}


FIRST_KEPT = on(OPERATIONS, ("UpdateItem",), KINDS)
SETTLE = on(OPERATIONS, KEPT, KINDS) | FIRST_KEPT
WRITER = SETTLE | on(MAPPINGS, PUT, OF_A_WRITE)
WORKFLOWS = {"workflow-*"}
BATCH = {"batch-*"}
EXPECTED: dict[str, Rights] = {
    **dict.fromkeys(
        (
            "CancelScheduledUpdateFunction",
            "CancelSubscriptionFunction",
            "CreateCreditGrantFunction",
            "CreateCustomerFunction",
            "CreateSubscriptionFunction",
            "CreateSubscriptionWithReturnDataFunction",
            "DowngradeSubscriptionFunction",
            "MigrateSubscriptionFunction",
            "MarkInvoicePaidFunction",
            "AdoptSubscriptionFunction",
            "DelegateSubscriptionFunction",
            "ImportCustomerFunction",
            "ImportSubscriptionFunction",
            "MergeCustomersFunction",
            "TransferSubscriptionFunction",
            "RenewSubscriptionFunction",
            "RescheduleCancellationFunction",
            "SetSubscriptionMetadataFunction",
            "UpdateSubscriptionFunction",
            "VoidCreditGrantFunction",
            "GrantPromotionalEntitlementFunction",
            "RevokePromotionalEntitlementFunction",
            "ArchiveCustomerFunction",
            "ProvisionContractFunction",
            "ArchiveContractFunction",
        ),
        WRITER,
    ),
    "ProvisionOpportunityFunction": WRITER
    | on(MAPPINGS, PUT, OF_A_WRITE | {"opportunity#*"})
    | on(MAPPINGS, ("Query",), {"record#*"}),
    "ReconcileFunction": WRITER
    | on(MAPPINGS, PUT, OF_A_WRITE | {"reconcile"})
    | on(f"{OPERATIONS}/ByAttention", ("Query",), {"*"}),
    "ApplyRampStepsFunction": WRITER | on(f"{MAPPINGS}/ByStep", ("Query",), {"*"}),
    "ReplayOperationFunction": WRITER
    | on(OPERATIONS, KEPT, KINDS | WORKFLOWS | {"usage-*"})
    | on(OPERATIONS, ("UpdateItem",), KINDS | {"usage-*"}),
    "ReportUsageFunction": on(OPERATIONS, (*KEPT, "UpdateItem"), {"usage-*"})
    | on(MAPPINGS, READ, {"account#*", "customer#*", "record#*"}),
    "TriggerWorkflowFunction": on(OPERATIONS, KEPT, WORKFLOWS)
    | on(MAPPINGS, READ, {"account#*", "record#*", "subscription#*"}),
    "GetSubscriptionFunction": on(MAPPINGS, PUT, FOUND)
    | on(MAPPINGS, ("Query",), {"record#*"})
    | on(OPERATIONS, ("Query",), {"step-*"}),
    "GetCustomerFunction": on(MAPPINGS, READ, {"account#*", "record#*", "subscription#*"})
    | on(OPERATIONS, ("Query",), {"step-*"}),
    "PreviewSubscriptionFunction": on(MAPPINGS, READ, {"account#*"}),
    "CheckConnectionFunction": {
        (table, "BatchGetItem"): {"check-connection"} for table in (MAPPINGS, OPERATIONS, BATCHES)
    },
    "SubmitBatchFunction": on(MAPPINGS, READ, {"account#*", "record#*", "subscription#*"})
    | on(BATCHES, (*KEPT, "BatchWriteItem", "UpdateItem"), BATCH),
    "GetBatchFunction": on(BATCHES, ("BatchGetItem", "Query"), BATCH),
    "RunBatchFunction": on(BATCHES, PUT, BATCH | {"pace"}) | on(BATCHES, ("UpdateItem",), BATCH),
    "HandleWebhookFunction": SETTLE
    | on(WEBHOOKS, PUT, {"webhook-*"})
    | on(MAPPINGS, PUT, FOUND)
    | on(MAPPINGS, ("Query",), {"record#*"}),
    "ReceiveWebhookFunction": {},
    "PublishEventsFunction": {},
    "ListOperationsFunction": on(OPERATIONS, ("BatchGetItem", "Query"), {"*"})
    | on(f"{OPERATIONS}/ByAttention", ("Query",), {"*"})
    | on(f"{OPERATIONS}/ByCorrelation", ("Query",), {"*"})
    | on(f"{OPERATIONS}/ByRecord", ("Query",), {"*"}),
    "ForgetCustomerFunction": on(OPERATIONS, ("Scan", "UpdateItem"), {"*"})
    | on(BATCHES, ("BatchGetItem", "Scan", "UpdateItem"), {"*"})
    | on(MAPPINGS, READ, {"account#*", "record#*", "subscription#*"})
    | on(MAPPINGS, ("UpdateItem",), {"subscription#*"}),
}


def granted(function: str) -> Rights:
    """Return what a function's role allows it in the tables, by table (or index) and action: which partition keys."""
    found: Rights = {}
    for right in role_statements(function):
        keys = right.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", ["*"])
        for action in as_list(right["Action"]):
            for table in (table_of(resource) for resource in as_list(right["Resource"])):
                if action.startswith("dynamodb:") and table is not None:
                    found.setdefault((table, action.removeprefix("dynamodb:")), set()).update(as_list(keys))
    return found


def table_of(resource: Any) -> str | None:  # noqa: ANN401 - any part of a template
    """Return the table, or the index of it, that a resource is; None for a stream, a queue and the like."""
    if "Fn::Sub" in resource:
        text: str = resource["Fn::Sub"]
        return text.replace("${", "").replace(".Arn}/index", "")
    name, attribute = resource["Fn::GetAtt"]
    return name if attribute == "Arn" and name in {MAPPINGS, OPERATIONS, BATCHES, WEBHOOKS} else None


@pytest.mark.parametrize("function", FUNCTIONS)
def test_rights(function: str) -> None:
    """A function may do with the tables exactly what is listed here."""
    assert granted(function) == EXPECTED[function]


def test_changes_of_single_attributes() -> None:
    """Who may change an operation where it stands may change its expiry alone; forgetting may remove texts alone."""
    updates = {
        (function, table_of(resource)): right["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"]
        for function in FUNCTIONS
        for right in role_statements(function)
        if as_list(right["Action"]) == ["dynamodb:UpdateItem"]
        for resource in as_list(right["Resource"])
        if table_of(resource) != BATCHES or function == "ForgetCustomerFunction"
    }
    forgetting = {table: names for (function, table), names in updates.items() if function == "ForgetCustomerFunction"}

    assert {str(names) for (function, _), names in updates.items() if function != "ForgetCustomerFunction"} == {
        str(["operation_key", "intent", "expires_at"])
    }
    assert forgetting == {
        OPERATIONS: ["operation_key", "intent", "token", "status", "request", "answer", "error", "forgotten_at"],
        BATCHES: ["batch_key", "sk", "payload", "answer", "forgotten_at"],
        MAPPINGS: ["pk", "sk", "terms", "scheduled_terms"],
    }


def test_only_forgetting_scans() -> None:
    """No function reads a whole table but the one that must find a person anywhere."""
    assert [one for one in FUNCTIONS if any(action == "Scan" for _, action in granted(one))] == [
        "ForgetCustomerFunction"
    ]


def test_every_kind_can_be_settled() -> None:
    """Writers may settle every kind of write but workflows and reports of usage, whose effects Stigg does not show."""
    assert granted("UpdateSubscriptionFunction")[OPERATIONS, "PutItem"] == KINDS
