"""Build the detail of a webhook's event: ids, the present state, and whether an action caused the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.clock import date_text, iso
from stigg_actions.reconciliation.agreement import mapped_in
from stigg_actions.storage.mapping import CHANGED_OUTSIDE
from stigg_actions.storage.snapshot import Target
from stigg_actions.subscriptions.last_day import last_day

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
"""A message within this time after an operation, with the state that it left, was caused by it."""


def detail_of(
    message: WebhookMessage, subscription: Subscription | None, owner: Owner | None, deps: Deps
) -> dict[str, Any]:
    """Return the detail of a message's event after the mappings are corrected; absent values are None."""
    record = deps.records.read(*owner) if owner else None
    recent = deps.clock.now() - RECENT_SECONDS
    outside = _changed_outside(message, subscription, record, recent)
    operation = None if outside else _our_operation(message, subscription, record, deps, recent)
    mapped = mapped_in(record.state, subscription) if record and record.state and subscription else None
    return {
        "eventId": message.key,
        "environment": deps.settings.environment,
        "type": message.kind,
        "salesforceOrgId": owner[0] if owner else None,
        "salesforceRecordId": owner[1] if owner else None,
        "customerId": subscription.customer_id if subscription else message.customer_id,
        "subscriptionId": message.subscription_id,
        "grantId": message.grant_id,
        **_of_subscription(subscription, deps.settings.time_zone),
        "paymentFailedAt": mapped.payment_failed_at if mapped else None,
        "replacedSubscriptionId": _replaced(subscription, record),
        "replacedBySubscriptionId": mapped.replaced_by if mapped else None,
        "changedOutside": outside,
        "correlationId": operation.correlation_id if operation else None,
        "operationKey": operation.operation_key if operation else None,
        "receivedAt": iso(deps.clock.now()),
    }


def _replaced(subscription: Subscription | None, record: Record | None) -> str | None:
    """Return the subscription of the record that a subscription took the place of, by an action or in the app."""
    if subscription is None or record is None:
        return None
    for entry in reversed(record.history):
        if entry.subscription_id == subscription.id and entry.replaced_subscription_id:
            return entry.replaced_subscription_id
        if entry.replaced_by_subscription_id == subscription.id:
            return entry.subscription_id
    return None


def _of_subscription(subscription: Subscription | None, time_zone: str) -> dict[str, Any]:
    if subscription is None:
        return {}
    end_date, cancellation_date = date_text(subscription.end_date), date_text(subscription.cancellation_date)
    return {
        "status": subscription.status,
        "active": subscription.is_active,
        "planId": subscription.plan_id,
        "cancellationDate": cancellation_date,
        "trialEndDate": date_text(subscription.trial_end_date),
        "endDate": end_date,
        "endsOn": last_day(end_date or cancellation_date, time_zone),
    }


def _changed_outside(
    message: WebhookMessage, subscription: Subscription | None, record: Record | None, recent: float
) -> bool:
    """Whether a change was made outside the actions: this message or one just before it has shown that.

    For a subscription without a record: whether no action created it.
    """
    if subscription is None or record is None:
        return subscription is not None and "stiggActionsKey" not in subscription.metadata
    lines = [line for line in record.history if line.subscription_id == subscription.id]
    last = lines[-1] if lines else None
    by_this = any(line.event == CHANGED_OUTSIDE and line.operation_key == message.key for line in lines)
    return by_this or (last is not None and last.event == CHANGED_OUTSIDE and last.at >= iso(recent))


def _our_operation(
    message: WebhookMessage, subscription: Subscription | None, record: Record | None, deps: Deps, recent: float
) -> Operation | None:
    """Return the operation that has just caused a message, if any."""
    latest = max(
        _latest(message, subscription, record, deps), key=lambda operation: operation.finished_at, default=None
    )
    if latest is None or latest.finished_at < recent:
        return None
    return deps.ledger.operation(latest.operation_key, latest.intent)


def _latest(
    message: WebhookMessage, subscription: Subscription | None, record: Record | None, deps: Deps
) -> Iterable[LatestOperation]:
    """Return the operations that last changed the subscription or customer of a message."""
    if subscription is not None:
        state = deps.ledger.subscription(subscription.id)
        latest_operations = (record.state.latest if record and record.state else None, state.latest if state else None)
    else:
        customer_id = message.customer_id
        target = Target(deps.settings.default_org_id, customer_id)
        customer = deps.ledger.snapshot(target, None).customer if customer_id else None
        latest_operations = (customer.latest if customer else None, None)
    return [latest for latest in latest_operations if latest is not None]
