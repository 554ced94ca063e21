"""List the operations that did not succeed, or all of a record, with their reason and remedy. For operators."""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.list_operations import ListOperations, OperationList
from stigg_actions.operators.list_operations import matching_operations


def list_operations(request: ListOperations, deps: Deps) -> OperationList:
    """List them from the ledger."""
    return matching_operations(request, deps)


handler = entrypoint(list_operations)
