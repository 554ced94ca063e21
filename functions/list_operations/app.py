"""List the operations that did not succeed, or all of a Salesforce record, with why and what to do. For operators."""

from stigg_actions import operating
from stigg_actions.deps import Deps
from stigg_actions.entrypoint import entrypoint
from stigg_actions.models.operations import ListOperations, OperationList


def list_operations(request: ListOperations, deps: Deps) -> OperationList:
    """Look them up in the ledger."""
    return operating.list_operations(request, deps)


handler = entrypoint(list_operations)
