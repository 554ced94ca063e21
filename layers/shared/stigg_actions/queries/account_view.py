"""Build the parts of the answer of get-customer from what Stigg returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.models.price import Blocker
from stigg_actions.stigg.refusals import words
from stigg_actions.subscriptions import pricing
from stigg_actions.subscriptions.response_fields import drop_none, scheduled_changes, subscription_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from stigg_actions.deps import Deps
    from stigg_actions.stigg.account import Entitlement, Invoice
    from stigg_actions.stigg.contracts import Contract
    from stigg_actions.stigg.customer_schemas import CreditGrant, Customer
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import SubscriptionState


def fields(parts: Mapping[str, Any], *, environment: str) -> dict[str, Any]:
    """Return the fields of the answer that the parts are enough for."""
    customer, subscriptions = parts.get("customer"), parts.get("subscriptions")
    entitlements, invoices, contracts = parts.get("entitlements"), parts.get("invoices"), parts.get("contracts")
    shown = {
        "customer": customer and _customer(customer),
        "subscriptions": subscriptions,
        "entitlements": entitlements and [_entitlement(one) for one in entitlements if one.feature],
        "credits": entitlements and _credits(entitlements, parts.get("creditGrants") or []),
        "open_invoices": None if invoices is None else list(_invoices(invoices, subscriptions or [])),
        "contracts": None if contracts is None else [_contract(one) for one in contracts],
    }
    return {
        **{name: value for name, value in shown.items() if value is not None},
        "blockers": [*_archived(customer, environment), *pricing.blockers(None, subscriptions or [])],
    }


def with_record(subscription: Subscription, states: Mapping[str, SubscriptionState], deps: Deps) -> dict[str, Any]:
    """Return a subscription with its record, from the tables or else from its metadata in Stigg, and its ramp."""
    state, marks = states.get(subscription.id), subscription.metadata
    record_id = state.record_id if state and state.record_id else marks.get("salesforceRecordId")
    org_id = state.org_id if state and state.record_id else marks.get("salesforceOrgId")
    changes = scheduled_changes(subscription)
    record = drop_none({"salesforce_record_id": record_id, "salesforce_org_id": org_id})
    shown = {**subscription_data(subscription), **record, "scheduled_changes": changes}
    if state is None or state.ramp is None:
        return shown
    from stigg_actions.queries import ramp_view  # noqa: PLC0415 - few subscriptions have a ramp

    return {**shown, "ramp": ramp_view.segments_of(state, subscription, deps)}


def _customer(customer: Customer) -> dict[str, Any]:
    names = ("name", "email", "billingCurrency", "billingId")
    shown = {name: value for name in names if isinstance(value := customer.field(name), str)}
    return shown | drop_none({"createdAt": customer.created_at, "archivedAt": customer.archived_at})


def _archived(customer: Customer | None, environment: str) -> Iterator[Blocker]:
    if customer is not None and customer.is_archived:
        text = words("CUSTOMER_ARCHIVED", customer_id=customer.id, environment=environment)
        yield Blocker(code="CUSTOMER_ARCHIVED", message=f"{text.sentence} {text.remedy}")


def _entitlement(entitlement: Entitlement) -> dict[str, Any]:
    feature = entitlement.feature
    shown = {
        "feature_id": feature and feature.id,
        "name": feature and feature.display_name,
        "granted": entitlement.is_granted,
        "denied_because": entitlement.access_denied_reason,
        "unlimited": entitlement.has_unlimited_usage,
        "limit": entitlement.usage_limit,
        "usage": entitlement.current_usage,
        "remaining": _left(entitlement.usage_limit, entitlement.current_usage),
        "reset_period": entitlement.reset_period,
        "period_ends_at": entitlement.usage_period_end,
    }
    return drop_none(shown)


def _credits(entitlements: Sequence[Entitlement], grants: Sequence[CreditGrant]) -> list[dict[str, Any]]:
    return [balance for one in entitlements for balance in _balance(one, grants)]


def _balance(entitlement: Entitlement, grants: Sequence[CreditGrant]) -> Iterator[dict[str, Any]]:
    """Yield the balance of a credit currency: Stigg's limit without its usage, which includes what is reserved."""
    currency, balance = entitlement.currency, _left(entitlement.usage_limit, entitlement.current_usage)
    if currency is None or balance is None:
        return
    active = [one for one in grants if (one.currency_id, one.status) == (currency.currency_id, "ACTIVE")]
    expiring = min((one for one in active if one.expire_at), key=lambda one: str(one.expire_at), default=None)
    yield drop_none(
        {
            "currency_id": currency.currency_id,
            "name": currency.display_name,
            "granted": entitlement.usage_limit,
            "used": entitlement.current_usage,
            "balance": balance,
            "next_expiring_grant_id": expiring and expiring.id,
            "next_expires_at": expiring and expiring.expire_at,
            "next_expiring_amount": expiring and _left(expiring.amount, expiring.consumed_amount),
        }
    )


def _left(limit: Decimal | None, used: Decimal | None) -> Decimal | None:
    return None if limit is None or used is None else limit - used


def _invoices(listed: Sequence[Invoice], subscriptions: Sequence[Subscription]) -> Iterator[dict[str, Any]]:
    """Yield the open invoices of the customer's list with what their subscriptions know, then those it lacks."""
    owing = {one.latest_invoice.billing_id: one for one in subscriptions if one.latest_invoice and one.owes}
    for invoice in listed:
        shown = {
            "invoice_id": invoice.invoice_id,
            "amount_due": invoice.total,
            "currency": invoice.currency,
            "due_date": invoice.due_date,
        }
        yield {**drop_none(shown), **_latest(owing.pop(invoice.invoice_id, None))}
    for subscription in owing.values():
        yield _latest(subscription)


def _latest(subscription: Subscription | None) -> dict[str, Any]:
    """Return what a subscription knows of its latest invoice."""
    invoice = subscription.latest_invoice if subscription else None
    if subscription is None or invoice is None:
        return {}
    shown = {
        "invoice_id": invoice.billing_id,
        "amount_due": invoice.amount_due,
        "currency": invoice.currency,
        "pdf_url": invoice.pdf_url,
    }
    return {"subscription_id": subscription.id, **drop_none(shown)}


def _contract(contract: Contract) -> dict[str, Any]:
    shown = {
        "contract_id": contract.contract_id,
        "name": contract.name,
        "po_number": contract.po_number,
        "state": contract.state,
        "starts_at": contract.activation_start_date,
        "ends_at": contract.activation_end_date,
    }
    return {**drop_none(shown), "subscription_ids": contract.subscription_ids}
