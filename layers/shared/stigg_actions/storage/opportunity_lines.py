"""The lines of an opportunity, and the item of the table ``SubscriptionMappings`` that holds them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.storage.dynamodb import Item


class NotedLine(NamedTuple):
    """A line that an opportunity had: what it sold, and the plan line that it belonged to, if that was another line.

    ``quantity`` is text. ``customer_id`` is the customer that it was last requested for, None in items of older
    versions. ``took_over``: the line that it replaced when the lines were created again. ``sold_as``: trial or paid
    for a plan, None for other lines and in items of older versions. ``canceled``: whether it was removed from its
    plan's subscription after the line was removed. ``delta``: whether its quantity was a difference.
    """

    stigg_type: str
    stigg_id: str
    plan_line_id: str | None = None
    quantity: str | None = None
    resource_id: str | None = None
    customer_id: str | None = None
    took_over: str | None = None
    sold_as: str | None = None
    canceled: bool | None = None
    delta: bool | None = None


class OpportunityState(NamedTuple):
    """The lines that an opportunity ever had, by their record ids. ``version`` rises with every write.

    ``former``: the lines before they were changed, as long as that may still be a part of a subscription.
    """

    org_id: str
    opportunity_id: str
    version: int = 0
    lines: Mapping[str, NotedLine] = MappingProxyType({})
    former: Mapping[str, tuple[NotedLine, ...]] = MappingProxyType({})


def opportunity_key(org_id: str, opportunity_id: str) -> Item:
    """Return the key of an opportunity's item."""
    return {"pk": f"opportunity#{org_id}#{opportunity_id}", "sk": "opportunity"}


def read_opportunity(org_id: str, opportunity_id: str, item: Item | None) -> OpportunityState:
    """Read an opportunity's item; without an item, it has had no lines."""
    if item is None:
        return OpportunityState(org_id, opportunity_id)
    lines = {line_id: NotedLine(**line) for line_id, line in item["lines"].items()}
    former = {line_id: tuple(NotedLine(**line) for line in some) for line_id, some in item["former"].items()}
    return OpportunityState(org_id, opportunity_id, int(item["version"]), lines, former)


def opportunity_item(state: OpportunityState) -> Item:
    """Return an opportunity's lines as their item."""
    return {
        **opportunity_key(state.org_id, state.opportunity_id),
        "org_id": state.org_id,
        "opportunity_id": state.opportunity_id,
        "version": state.version,
        "lines": {line_id: _plain(line) for line_id, line in state.lines.items()},
        "former": {line_id: [_plain(line) for line in some] for line_id, some in state.former.items()},
    }


def _plain(line: NotedLine) -> Item:
    return {name: content for name, content in line._asdict().items() if content is not None}
