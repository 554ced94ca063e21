"""A line whose subscription a renewal moved to another record is not sold again."""

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
    """Return the result of a line whose subscription moved to a record outside the deal, or None if it is to be sold.

    With ``reapply`` the line is sold again once that subscription has ended. Raises what Stigg's client raises.
    """
    record = work.situation.known.own(work.line.id)
    if record is None or record.mapped or record.awaited:
        return None
    owner_id = _where_to(record, work, deps)
    if owner_id is None:
        return None
    subscription = _subscription_of(owner_id, work, deps)
    is_over = subscription is None or subscription.has_ended
    if is_over and work.situation.request.reapply:
        return None
    return owned_by(owner_id, subscription, can_take_back=owner_id in work.situation.known.removed)


def owned_by(record_id: str, subscription: Subscription | None, *, can_take_back: bool = False) -> LeftAlone:
    """Return the result of a line whose subscription belongs to another record.

    ``can_take_back`` says that this record is a removed line of the deal.
    """
    is_over = subscription is None or subscription.has_ended
    runs = "Send reapply true to take it back." if can_take_back else "To change it, name that record."
    remedy = "Send reapply true to sell the line again." if is_over else runs
    which = f"its subscription {subscription.id}" if subscription else "its subscription"
    return superseded(Since(f"{which} now belongs to record {record_id}"), subscription, remedy)


def _where_to(record: RecordState, work: PlanWork, deps: Deps) -> str | None:
    """Return the record that a subscription moved to: one outside the deal, or a removed line that took it over."""
    known = work.situation.known
    owner_id = known.home(record.record_id)
    if owner_id == record.record_id:
        owner_id = _renewed_to(record, deps) or owner_id
    if owner_id in work.situation.deal.line_ids or owner_id == record.record_id:
        return None
    has_taken_over = record.record_id in chain_of(known.opportunity.lines, owner_id)
    return owner_id if has_taken_over or owner_id not in known.opportunity.lines else None


def _renewed_to(record: RecordState, deps: Deps) -> str | None:
    """Return the record to which a renewal moved the replaced subscription."""
    latest = record.latest
    if latest is None or not latest.operation_key.startswith("renew-"):
        return None
    operation = deps.ledger.newest(latest.operation_key)
    record_id = operation.request.get("newSalesforceRecordId") if operation else None
    return None if record_id is None else str(record_id)


def _subscription_of(record_id: str, work: PlanWork, deps: Deps) -> Subscription | None:
    """Return the subscription that a record has, as Stigg shows it."""
    org_id = work.situation.known.opportunity.org_id
    record = work.situation.known.records.get(record_id) or deps.ledger.record(org_id, record_id)
    mapped = record.mapped[0] if record and record.mapped else None
    return deps.stigg.find_subscription(mapped.subscription_id) if mapped else None
