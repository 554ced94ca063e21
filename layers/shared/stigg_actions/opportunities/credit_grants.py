"""Find the operation that granted a line's credits, which are granted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.storage.operation import KeyScope
from stigg_actions.writes import _existing_grant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.opportunity_lines import NotedLine, OpportunityState


def chain_of(lines: Mapping[str, NotedLine], line_id: str) -> Iterator[str]:
    """Yield a line, the line that it replaced, and so on."""
    earlier: str | None = line_id
    while earlier is not None:
        yield earlier
        earlier = lines[earlier].took_over if earlier in lines else None


def granted_as(lines: Mapping[str, NotedLine], line_id: str) -> str:
    """Return the first line of a chain of replaced lines. The credits were granted under its id."""
    *_, first = chain_of(lines, line_id)
    return first


def key(line_id: str) -> str:
    """Return the idempotency key of a line's grant, which does not change with the line."""
    return _existing_grant.idempotency_key_of_line(line_id)


def operation(opportunity: OpportunityState, line_id: str, deps: Deps) -> Operation | None:
    """Read the operation that granted or tried to grant a line's credits. Raises StiggUnavailable."""
    scope = KeyScope(deps.settings.environment, opportunity.org_id, _existing_grant.KIND)
    return deps.ledger.newest(_existing_grant.key_of_line(scope, granted_as(opportunity.lines, line_id)))
