"""The lines of an opportunity, as the table ``SubscriptionMappings`` holds them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class NotedLine(NamedTuple):
    """A line that an opportunity had: what it sold, and the plan line that it belonged to, if that was another line.

    ``quantity`` is text. ``customer_id`` is the customer that it was last requested for, None in items of older
    versions. ``took_over``: the line that it replaced when the lines were created again.
    """

    stigg_type: str
    stigg_id: str
    plan_line_id: str | None = None
    quantity: str | None = None
    resource_id: str | None = None
    customer_id: str | None = None
    took_over: str | None = None


class OpportunityState(NamedTuple):
    """The lines that an opportunity ever had, by their record ids. ``version`` rises with every write.

    ``former``: the lines before they were changed, as long as that may still be a part of a subscription.
    """

    org_id: str
    opportunity_id: str
    version: int = 0
    lines: Mapping[str, NotedLine] = MappingProxyType({})
    former: Mapping[str, tuple[NotedLine, ...]] = MappingProxyType({})
