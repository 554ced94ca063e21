"""Credits that are granted once: under which line's id, and what became of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.storage.operation import KeyScope, explicit_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.opportunity_lines import NotedLine, OpportunityState


def chain_of(lines: Mapping[str, NotedLine], line_id: str) -> Iterator[str]:
    """Yield a line, the one whose place it took, and so on."""
    one: str | None = line_id
    while one is not None:
        yield one
        one = lines[one].took_over if one in lines else None


def granted_as(lines: Mapping[str, NotedLine], line_id: str) -> str:
    """Return the first of the lines that took each other's place: by its id their credits were granted."""
    *_, first = chain_of(lines, line_id)
    return first


def key(line_id: str) -> str:
    """Return the idempotency key under which the credits of a line are granted, whatever is changed in the line."""
    return f"provision-opportunity {line_id}"


def operation(opportunity: OpportunityState, line_id: str, deps: Deps) -> Operation | None:
    """Read the operation that granted the credits of a line, or tried to. Raises StiggUnavailable."""
    scope = KeyScope(deps.settings.environment, opportunity.org_id, "grant")
    return deps.ledger.newest(explicit_key(scope, key(granted_as(opportunity.lines, line_id))))
