"""The answer that shows a subscription, its record's mapping and history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.models.subscription_views import FoundSubscription

if TYPE_CHECKING:
    from stigg_actions.mappings import HistoryEntry, MappedSubscription, RecordState
    from stigg_actions.records import Record
    from stigg_actions.stigg.wire import FutureUpdate, Subscription


def found(subscription: Subscription, record: Record, *, repaired: bool = False) -> FoundSubscription:
    """Return the answer for a subscription that Stigg has."""
    return FoundSubscription.model_validate(
        {
            "outcome": "repaired" if repaired else "found",
            **_identity(subscription),
            "subscription": _view(subscription),
            **_of_record(record),
        }
    )


def awaiting_payment(pending: MappedSubscription, record: Record) -> FoundSubscription:
    """Return the answer for a subscription that Stigg does not have before it is paid."""
    return FoundSubscription.model_validate(
        {
            "outcome": "found",
            "customer_id": record.state and record.state.customer_id,
            "subscription_id": pending.subscription_id,
            "status": pending.status,
            "active": False,
            "plan_id": pending.plan_id,
            **_of_record(record),
        }
    )


def _identity(subscription: Subscription) -> dict[str, Any]:
    return {
        "customer_id": subscription.customer_id,
        "subscription_id": subscription.id,
        "status": subscription.status,
        "active": subscription.is_active,
        "plan_id": subscription.plan_id,
    }


def _view(subscription: Subscription) -> dict[str, Any]:
    same = {
        "resource_id",
        "start_date",
        "end_date",
        "cancellation_date",
        "trial_end_date",
        "cancel_reason",
        "pricing_type",
        "payment_collection_method",
    }
    return {
        **_identity(subscription),
        **subscription.model_dump(include=same),
        "billing_period_start": subscription.current_billing_period_start,
        "billing_period_end": subscription.current_billing_period_end,
        "addons": [addon.model_dump() for addon in subscription.addons],
        "entitlements": [entitlement.model_dump() for entitlement in subscription.subscription_entitlements],
        "metadata": [{"key": name, "value": value} for name, value in sorted(subscription.metadata.items())],
        "latest_invoice": _invoice(subscription),
        "scheduled_changes": [_scheduled(update) for update in subscription.future_updates],
    }


def _invoice(subscription: Subscription) -> dict[str, Any] | None:
    invoice = subscription.latest_invoice
    if invoice is None:
        return None
    return {
        "invoice_id": invoice.billing_id,
        **invoice.model_dump(include={"status", "amount_due", "currency", "pdf_url"}),
    }


def _scheduled(update: FutureUpdate) -> dict[str, Any]:
    return {
        "change": update.subscription_schedule_type,
        "status": update.schedule_status,
        "takes_effect_at": update.scheduled_execution_time,
        "plan_id": update.target_package and update.target_package.id,
    }


def _of_record(record: Record) -> dict[str, Any]:
    return {
        "mapping": _mapping(record.state) if record.state else None,
        "history": [_line(entry) for entry in record.history],
    }


def _mapping(state: RecordState) -> dict[str, Any]:
    current, pending = state.current, state.pending
    return {
        "salesforce_org_id": state.org_id,
        "salesforce_record_id": state.record_id,
        "customer_id": state.customer_id,
        "subscription_id": current and current.subscription_id,
        "plan_id": current and current.plan_id,
        "status": current and current.status,
        "resource_id": current and current.resource_id,
        "pending_subscription_id": pending and pending.subscription_id,
        "pending_checkout_url": pending and pending.checkout_url,
    }


def _line(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "event": entry.event,
        "subscription_id": entry.subscription_id,
        "replaced_subscription_id": entry.replaced_subscription_id,
        "replaced_by_subscription_id": entry.replaced_by_subscription_id,
        "operation_key": entry.operation_key,
    }
