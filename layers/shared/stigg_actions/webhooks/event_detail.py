"""What is told on the event bus of a message: ids, what is true now, and whether it was our own doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.clock import date_text, iso
from stigg_actions.reconciliation.agreement import mapped_in
from stigg_actions.storage.mapping import CHANGED_OUTSIDE
from stigg_actions.storage.snapshot import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stigg_actions.deps import Deps
    from stigg_actions.reconciliation.relist import Owner
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import LatestOperation
    from stigg_actions.storage.mapping_store import Record
    from stigg_actions.storage.operation import Operation
    from stigg_actions.webhooks.message import WebhookMessage

RECENT_SECONDS = 600
"""A message that comes so soon after a change, and shows what that left, was caused by it."""


def told(notice: WebhookMessage, one: Subscription | None, owner: Owner | None, deps: Deps) -> dict[str, Any]:
    """Return what is told of a message once the mappings are true; absent values are None."""
    record = deps.records.read(*owner) if owner else None
    recent = deps.clock.now() - RECENT_SECONDS
    outside = _changed_outside(notice, one, record, recent)
    ours = None if outside else _our_operation(notice, one, record, deps, recent)
    mapped = mapped_in(record.state, one) if record and record.state and one else None
    return {
        "eventId": notice.key,
        "environment": deps.settings.environment,
        "type": notice.kind,
        "salesforceOrgId": owner[0] if owner else None,
        "salesforceRecordId": owner[1] if owner else None,
        "customerId": one.customer_id if one else notice.customer_id,
        "subscriptionId": notice.subscription_id,
        "grantId": notice.grant_id,
        **_of_subscription(one),
        "paymentFailedAt": mapped.payment_failed_at if mapped else None,
        "replacedBySubscriptionId": mapped.replaced_by if mapped else None,
        "changedOutside": outside,
        "correlationId": ours.correlation_id if ours else None,
        "operationKey": ours.operation_key if ours else None,
        "receivedAt": iso(deps.clock.now()),
    }


def _of_subscription(one: Subscription | None) -> dict[str, Any]:
    if one is None:
        return {}
    return {
        "status": one.status,
        "active": one.is_active,
        "planId": one.plan_id,
        "cancellationDate": date_text(one.cancellation_date),
        "trialEndDate": date_text(one.trial_end_date),
        "endDate": date_text(one.end_date),
    }


def _changed_outside(notice: WebhookMessage, one: Subscription | None, record: Record | None, recent: float) -> bool:
    """Whether what a message shows was done by hand: it has shown that itself, or another one just before it.

    Of what is no record's: whether no action has made it.
    """
    if one is None or record is None:
        return one is not None and "stiggActionsKey" not in one.metadata
    lines = [line for line in record.history if line.subscription_id == one.id]
    last = lines[-1] if lines else None
    by_this = any(line.event == CHANGED_OUTSIDE and line.operation_key == notice.key for line in lines)
    return by_this or (last is not None and last.event == CHANGED_OUTSIDE and last.at >= iso(recent))


def _our_operation(
    notice: WebhookMessage, one: Subscription | None, record: Record | None, deps: Deps, recent: float
) -> Operation | None:
    """Return the operation that has just done what a message tells, if one has."""
    latest = max(_latest(notice, one, record, deps), key=lambda one: one.finished_at, default=None)
    if latest is None or latest.finished_at < recent:
        return None
    return deps.ledger.operation(latest.operation_key, latest.intent)


def _latest(
    notice: WebhookMessage, one: Subscription | None, record: Record | None, deps: Deps
) -> Iterable[LatestOperation]:
    """Return the operations that last changed what a message is about."""
    if one is not None:
        state = deps.ledger.subscription(one.id)
        found = (record.state.latest if record and record.state else None, state.latest if state else None)
    else:
        customer_id = notice.customer_id
        target = Target(deps.settings.default_org_id, customer_id)
        customer = deps.ledger.snapshot(target, None).customer if customer_id else None
        found = (customer.latest if customer else None, None)
    return [latest for latest in found if latest is not None]
