"""What is known here of an opportunity's lines: those of earlier calls, and what the records have by now."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.exactly_once.settle import settle_again
from stigg_actions.models.provision_opportunity import PLAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.lines import Deal
    from stigg_actions.storage.mapping import MappedSubscription, RecordState, SubscriptionState
    from stigg_actions.storage.opportunity_lines import NotedLine, OpportunityState

_READ_TOGETHER = 100


class Known(NamedTuple):
    """An opportunity as it was noted, whose it is, the records of its plan lines, and their subscriptions.

    ``linked_customer_id``: the customer that the account is linked to. ``removed``: the lines that are gone.
    """

    opportunity: OpportunityState
    customer_id: str
    linked_customer_id: str | None
    removed: Mapping[str, NotedLine]
    records: Mapping[str, RecordState]
    states: Mapping[str, SubscriptionState]

    def own(self, line_id: str) -> RecordState | None:
        """Return the record of a plan line, unless it is another customer's, whose subscription has ended then."""
        record = self.records.get(line_id)
        return record if record is not None and record.customer_id == self.customer_id else None

    def current(self, line_id: str) -> MappedSubscription | None:
        """Return the subscription that a plan line has, or that moved from it to another line."""
        record = self.records.get(self.home(line_id))
        return record.current or record.upcoming if record else None

    def home(self, line_id: str) -> str:
        """Return the record that has the subscription of a plan line by now: its own, or where that moved to."""
        seen = [line_id]
        while (moved_to := _moved_to(self.records.get(seen[-1]))) is not None and moved_to not in seen:
            seen.append(moved_to)
        return seen[-1]

    def origins(self, line_id: str) -> set[str]:
        """Return the plan lines whose subscription a plan line has."""
        return {line_id, *(one for one in self.records if self.home(one) == line_id)}

    def terms(self, mapped: MappedSubscription) -> Mapping[str, Any]:
        """Return the terms that a subscription was last given, as far as they are known."""
        state = self.states.get(mapped.subscription_id)
        return state.terms if state else {}


def known(request: ProvisionOpportunity, deal: Deal, deps: Deps) -> Known:
    """Read the records of the plan lines, those of the lines that are gone too. Raises StiggUnavailable."""
    org_id, account_id = request.salesforce_org_id or deps.settings.default_org_id, request.salesforce_account_id
    opportunity, linked = deps.records.opportunity(org_id, request.salesforce_opportunity_id, account_id)
    now = deal.line_ids
    removed = {line_id: line for line_id, line in opportunity.lines.items() if line_id not in now}
    plans = {line.plan_line_id or line_id for line_id, line in removed.items() if not is_grant(line)}
    sold = {part.plan.id for part in deal.plans}
    records = _records(org_id, plans | sold, deps)
    if any(one not in records or not records[one].mapped for one in sold) and _paid(plans - sold, records, deps):
        records = _records(org_id, plans | sold, deps)
    ids = [one.subscription_id for record in records.values() for one in record.mapped]
    states = [
        state
        for some in batched(ids, _READ_TOGETHER, strict=False)
        for state in deps.records.subscriptions(some).values()
    ]
    return Known(
        opportunity,
        request.customer_id or linked or account_id,
        linked,
        {line_id: line for line_id, line in removed.items() if _became(line_id, line, records)},
        records,
        {state.subscription_id: state for state in states},
    )


def is_grant(line: NotedLine) -> bool:
    """Whether a line was for credits that are granted once."""
    return line.plan_line_id is None and line.stigg_type != PLAN


def _records(org_id: str, record_ids: Iterable[str], deps: Deps) -> dict[str, RecordState]:
    """Read records, and those that their subscriptions moved to."""
    found: dict[str, RecordState] = {}
    wanted = set(record_ids)
    while wanted:
        found |= {state.record_id: state for state in _states(org_id, sorted(wanted), deps)}
        asked = {*found, *wanted}
        wanted = {moved_to for record in found.values() if (moved_to := _moved_to(record))} - asked
    return found


def _states(org_id: str, record_ids: Iterable[str], deps: Deps) -> Iterator[RecordState]:
    for some in batched(((org_id, record_id) for record_id in record_ids), _READ_TOGETHER, strict=False):
        yield from deps.records.states(some).values()


def _moved_to(record: RecordState | None) -> str | None:
    """Return the record that a record's subscription moved to, if it has none since."""
    return None if record is None or record.mapped else record.moved_to


def _paid(line_ids: Iterable[str], records: Mapping[str, RecordState], deps: Deps) -> bool:
    """Map what lines that are gone waited to be paid, where it has been: new lines may take it over."""
    left = [records[one] for one in sorted(line_ids) if one in records and not records[one].mapped]
    return sum(settle_again(page.operation_key, deps) for record in left for page in record.awaited) > 0


def _became(line_id: str, line: NotedLine, records: Mapping[str, RecordState]) -> bool:
    """Whether a line may have become anything: of a subscription its record tells, of a grant the ledger."""
    record = records.get(line.plan_line_id or line_id)
    if record is None:
        return is_grant(line)
    return bool(record.mapped or record.awaited or record.latest or record.sold)
