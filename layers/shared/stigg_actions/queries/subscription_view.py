"""Build the result that shows a subscription with its record's mapping and history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.models.get_subscription import FoundSubscription
from stigg_actions.storage.mapping import CHANGED_OUTSIDE
from stigg_actions.subscriptions.response_fields import scheduled_changes, subscription_data, subscription_identity

if TYPE_CHECKING:
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import HistoryEntry, MappedSubscription, RecordState
    from stigg_actions.storage.mapping_store import Record


def found(subscription: Subscription, record: Record, *, repaired: bool = False) -> FoundSubscription:
    """Return the result for a subscription that exists in Stigg."""
    return FoundSubscription.model_validate(
        {
            "outcome": "repaired" if repaired else "found",
            **subscription_identity(subscription),
            "subscription": _view(subscription),
            **_of_record(record),
        }
    )


def awaiting_payment(pending: MappedSubscription, record: Record) -> FoundSubscription:
    """Return the result for a subscription that does not exist in Stigg before it is paid."""
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


def _view(subscription: Subscription) -> dict[str, Any]:
    beside = {"end_date", "cancel_reason", "pricing_type", "payment_collection_method"}
    return {
        **subscription_data(subscription),
        **subscription.model_dump(include=beside),
        "billing_period_start": subscription.current_billing_period_start,
        "billing_period_end": subscription.current_billing_period_end,
        "entitlements": [entitlement.model_dump() for entitlement in subscription.subscription_entitlements],
        "metadata": [{"key": name, "value": value} for name, value in sorted(subscription.metadata.items())],
        "latest_invoice": _invoice(subscription),
        "scheduled_changes": scheduled_changes(subscription),
    }


def _invoice(subscription: Subscription) -> dict[str, Any] | None:
    invoice = subscription.latest_invoice
    if invoice is None:
        return None
    return {
        "invoice_id": invoice.billing_id,
        **invoice.model_dump(include={"status", "amount_due", "currency", "pdf_url"}),
    }


def _of_record(record: Record) -> dict[str, Any]:
    return {
        "mapping": _mapping(record.state) if record.state and not record.state.is_blank else None,
        "history": [_line(entry) for entry in record.history],
    }


def _mapping(state: RecordState) -> dict[str, Any]:
    current, upcoming, pending = state.current, state.upcoming, state.pending
    return {
        "salesforce_org_id": state.org_id,
        "salesforce_record_id": state.record_id,
        "customer_id": state.customer_id,
        "subscription_id": current and current.subscription_id,
        "plan_id": current and current.plan_id,
        "status": current and current.status,
        "cancellation_date": current and current.cancellation_date,
        "trial_end_date": current and current.trial_end_date,
        "end_date": current and current.end_date,
        "payment_failed_at": current and current.payment_failed_at,
        "replaced_by_subscription_id": current and current.replaced_by,
        "resource_id": current and current.resource_id,
        "upcoming_subscription_id": upcoming and upcoming.subscription_id,
        "upcoming_plan_id": upcoming and upcoming.plan_id,
        "upcoming_starts_at": upcoming and upcoming.starts_at,
        "pending_subscription_id": pending and pending.subscription_id,
        "pending_checkout_url": pending and pending.checkout_url,
    }


def _line(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "event": entry.event,
        "changed_outside": entry.event == CHANGED_OUTSIDE,
        "subscription_id": entry.subscription_id,
        "replaced_subscription_id": entry.replaced_subscription_id,
        "replaced_by_subscription_id": entry.replaced_by_subscription_id,
        "other_salesforce_record_id": entry.other_record_id,
        "operation_key": entry.operation_key,
    }
