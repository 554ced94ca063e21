"""Read the lines that an opportunity had in earlier calls, and the present state of their records."""

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
    """An opportunity's stored lines, its customer, the records of its plan lines, and their subscriptions.

    ``linked_customer_id`` is the customer that the account is linked to. ``removed`` are the lines that the request
    no longer has.
    """

    opportunity: OpportunityState
    customer_id: str
    linked_customer_id: str | None
    removed: Mapping[str, NotedLine]
    records: Mapping[str, RecordState]
    states: Mapping[str, SubscriptionState]

    def own(self, line_id: str) -> RecordState | None:
        """Return the record of a plan line, or None if it belongs to another customer."""
        record = self.records.get(line_id)
        return record if record is not None and record.customer_id == self.customer_id else None

    def current(self, line_id: str) -> MappedSubscription | None:
        """Return the subscription of a plan line, even if it moved to another line."""
        record = self.records.get(self.home(line_id))
        return record.current or record.upcoming if record else None

    def home(self, line_id: str) -> str:
        """Return the record that now has a plan line's subscription: its own, or the one that it moved to."""
        seen = [line_id]
        while (moved_to := _moved_to(self.records.get(seen[-1]))) is not None and moved_to not in seen:
            seen.append(moved_to)
        return seen[-1]

    def origins(self, line_id: str) -> set[str]:
        """Return the plan lines whose subscription a plan line now has."""
        return {line_id, *(record_id for record_id in self.records if self.home(record_id) == line_id)}

    def terms(self, mapped: MappedSubscription) -> Mapping[str, Any]:
        """Return the terms that a subscription was last given, if they are stored."""
        state = self.states.get(mapped.subscription_id)
        return state.terms if state else {}

    def twin(self, line_id: str, resource_id: str | None, wish: str) -> RecordState | None:
        """Return the line's own record, or that of a removed line that was sold the same and has ended."""
        own = self.own(line_id)
        if own is not None and own.sold is not None:
            return own
        records = [record for removed in sorted(self.removed) if (record := self.own(removed)) is not None]
        ended = [record for record in records if record.sold == wish and record.current is not None]
        return next((twin for twin in ended if twin.current and twin.current.resource_id == resource_id), own)


def known(request: ProvisionOpportunity, deal: Deal, deps: Deps) -> Known:
    """Read the records of the plan lines, including removed ones. Raises StiggUnavailable."""
    org_id, account_id = request.salesforce_org_id or deps.settings.default_org_id, request.salesforce_account_id
    opportunity, linked = deps.records.opportunity(org_id, request.salesforce_opportunity_id, account_id)
    now = deal.line_ids
    removed = {line_id: line for line_id, line in opportunity.lines.items() if line_id not in now}
    plans = {line.plan_line_id or line_id for line_id, line in removed.items() if not is_grant(line)}
    sold = {part.plan.id for part in deal.plans}
    records = _records(org_id, plans | sold, deps)
    is_new = any(line_id not in records or not records[line_id].mapped for line_id in sold)
    if is_new and not request.dry_run and _paid(plans - sold, records, deps):
        records = _records(org_id, plans | sold, deps)
    ids = [mapped.subscription_id for record in records.values() for mapped in record.mapped]
    states = [
        state
        for batch in batched(ids, _READ_TOGETHER, strict=False)
        for state in deps.records.subscriptions(batch).values()
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
    """Read records, and the records that their subscriptions moved to."""
    records: dict[str, RecordState] = {}
    missing = set(record_ids)
    while missing:
        records |= {state.record_id: state for state in _states(org_id, sorted(missing), deps)}
        known_ids = {*records, *missing}
        missing = {moved_to for record in records.values() if (moved_to := _moved_to(record))} - known_ids
    return records


def _states(org_id: str, record_ids: Iterable[str], deps: Deps) -> Iterator[RecordState]:
    for batch in batched(((org_id, record_id) for record_id in record_ids), _READ_TOGETHER, strict=False):
        yield from deps.records.states(batch).values()


def _moved_to(record: RecordState | None) -> str | None:
    """Return the record that a record's subscription moved to, if it has no other one since."""
    return None if record is None or record.mapped else record.moved_to


def _paid(line_ids: Iterable[str], records: Mapping[str, RecordState], deps: Deps) -> bool:
    """Map the subscriptions of removed lines that have been paid since, so that new lines can take them over."""
    unmapped = [records[name] for name in sorted(line_ids) if name in records and not records[name].mapped]
    return sum(settle_again(page.operation_key, deps) for record in unmapped for page in record.awaited) > 0


def _became(line_id: str, line: NotedLine, records: Mapping[str, RecordState]) -> bool:
    """Whether a line may have led to a subscription, as its record shows, or to a grant."""
    record = records.get(line.plan_line_id or line_id)
    if record is None:
        return is_grant(line)
    return bool(record.mapped or record.awaited or record.latest or record.sold)
