"""Read the operations of the ledger that match, however many answers they fill."""

from collections.abc import Callable, Mapping
from typing import Any

from stigg_actions.models.list_operations import LONGEST_LIST

type Call = Callable[[str, Mapping[str, Any]], dict[str, Any]]


def listed(call: Call, filters: Mapping[str, Any], limit: int) -> tuple[list[dict[str, Any]], bool]:
    """Return the operations that match, up to a limit, and whether there are more. Raises as ``Stack.call``."""
    operations: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while len(operations) < limit:
        most = min(limit - len(operations), LONGEST_LIST)
        answer = call("list-operations", {**filters, "limit": most, **token})
        operations += answer["operations"]
        if "nextToken" not in answer:
            return operations, False
        token = {"nextToken": answer["nextToken"]}
    return operations, True
