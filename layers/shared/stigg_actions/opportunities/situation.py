"""Read the situation of a deal before it is applied: its earlier lines, their owners, and which lines they replace."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.exactly_once import freshness
from stigg_actions.opportunities import line_history, trials
from stigg_actions.opportunities.line_matching import matches
from stigg_actions.opportunities.line_records import noted
from stigg_actions.opportunities.named_subscriptions import named_subscriptions
from stigg_actions.opportunities.owners import refuse_others

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.line_history import Known
    from stigg_actions.opportunities.lines import Deal
    from stigg_actions.storage.opportunity_lines import OpportunityState


class Situation(NamedTuple):
    """A deal, its earlier lines, and the lines to store.

    ``taken`` is the removed line that each new one replaces. ``adopted`` is the subscription without a record that a
    plan line names. ``now`` is the time of the call.
    """

    request: ProvisionOpportunity
    deal: Deal
    known: Known
    after: OpportunityState
    taken: Mapping[str, str]
    adopted: Mapping[str, str]
    now: float


def look(request: ProvisionOpportunity, deal: Deal, deps: Deps) -> Situation:
    """Read the situation of a deal.

    Raises:
        Conflict: CUSTOMER_MISMATCH, a line or the account belongs to another customer.
        RequestInvalid: a line names a subscription that it cannot have.
        ActionError: the tables or Stigg cannot be read.
    """
    known = line_history.known(request, deal, deps)
    named = named_subscriptions(known, deal, deps)
    matched = matches(known, deal)
    deal = deal.without({line_id: problem for line_id, problem in matched.unclear.items() if line_id not in named.all})
    replaced = {**matched.taken, **named.of_removed}
    taken = {new: old for new, old in replaced.items() if _may_take_over(request, known, new, old)}
    refuse_others(known, request.salesforce_account_id, deal, taken, deps)
    own = {new: old for new, old in taken.items() if old not in known.records or known.own(old)}
    sold_as = trials.sold_as(request, [part.plan for part in deal.plans], known.opportunity.lines, own)
    after = noted(known, deal, own, sold_as)
    return Situation(request, deal, known, after, own, named.of_none, deps.clock.now())


def _may_take_over(request: ProvisionOpportunity, known: Known, line_id: str, old: str) -> bool:
    """Whether a line may take over from the removed line that it matches or names.

    If the line's own subscription moved to another record, the request is probably an old one that is sent again. It
    may take over only with ``reapply`` or a newer ``asOf``.
    """
    record = known.own(old)
    is_newer = freshness.is_newer(request.as_of, record.latest if record else None)
    return known.home(line_id) == line_id or request.reapply or is_newer
