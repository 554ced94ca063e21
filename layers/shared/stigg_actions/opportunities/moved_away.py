"""A line whose subscription moved to another record, by a renewal: it is not sold again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.opportunities.credit_grants import chain_of
from stigg_actions.opportunities.left_alone import LeftAlone, Since, superseded

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.opportunities.plan_parts import PlanWork
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import RecordState


def left_alone(work: PlanWork, deps: Deps) -> LeftAlone | None:
    """Return what there is to say of a line whose subscription went to another record, which is not a line now.

    Asked to, a line is sold again once that subscription has ended. Raises as Stigg's client does.
    """
    record = work.situation.known.own(work.line.id)
    if record is None or record.mapped or record.awaited:
        return None
    there = _where_to(record, work, deps)
    if there is None:
        return None
    found = _subscription_of(there, work, deps)
    is_over = found is None or found.has_ended
    if is_over and work.situation.request.reapply:
        return None
    return told(there, found, can_take_back=there in work.situation.known.removed)


def told(record_id: str, found: Subscription | None, *, can_take_back: bool = False) -> LeftAlone:
    """Return what there is to say of a line whose subscription is another record's, where it is known.

    ``can_take_back``: that record is a removed line of the deal.
    """
    is_over = found is None or found.has_ended
    runs = "reapply: true takes it back." if can_take_back else "It is not sold again: change it by that record."
    remedy = "reapply: true sells the line again." if is_over else runs
    which = f"its subscription {found.id}" if found else "its subscription"
    return superseded(Since(f"{which} belongs to record {record_id} now"), found, remedy)


def _where_to(record: RecordState, work: PlanWork, deps: Deps) -> str | None:
    """Return where a subscription moved: to a record outside of the deal, or to a removed line that took over."""
    known = work.situation.known
    there = known.home(record.record_id)
    if there == record.record_id:
        there = _renewed_to(record, deps) or there
    if there in work.situation.deal.line_ids or there == record.record_id:
        return None
    has_taken_over = record.record_id in chain_of(known.opportunity.lines, there)
    return there if has_taken_over or there not in known.opportunity.lines else None


def _renewed_to(record: RecordState, deps: Deps) -> str | None:
    """Return the record for which a renewal replaced the subscription."""
    latest = record.latest
    if latest is None or not latest.operation_key.startswith("renew-"):
        return None
    operation = deps.ledger.newest(latest.operation_key)
    to = operation.request.get("newSalesforceRecordId") if operation else None
    return None if to is None else str(to)


def _subscription_of(record_id: str, work: PlanWork, deps: Deps) -> Subscription | None:
    """Return the subscription that a record has in Stigg, followed where it moved on."""
    org_id = work.situation.known.opportunity.org_id
    record = work.situation.known.records.get(record_id) or deps.ledger.record(org_id, record_id)
    mapped = record.mapped[0] if record and record.mapped else None
    return deps.stigg.find_subscription(mapped.subscription_id) if mapped else None
