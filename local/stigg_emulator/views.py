"""The JSON objects that Stigg's REST API answers with."""

from datetime import datetime

from local.stigg_emulator.addresses import provider_address
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.clock import write, write_optional
from local.stigg_emulator.coupons import shown_coupons
from local.stigg_emulator.periods import current_period
from local.stigg_emulator.pricing import Line, lines, number
from local.stigg_emulator.records import Customer, FutureUpdate, Grant, Invoice, Promotion, Subscription
from local.stigg_emulator.world import World

CUSTOMER_FIELDS = (
    "billingCurrency",
    "billingId",
    "couponId",
    "email",
    "integrations",
    "language",
    "metadata",
    "name",
    "passthrough",
    "timezone",
)
PRICE_FIELDS = ("addonId", "featureId", "amount", "currency", "baseCharge", "blockSize", "billingCountryCode", "tiers")


def customer_view(customer: Customer) -> Json:
    """Show a customer. No Salesforce id and no URL come back."""
    method = customer.sent.get("defaultPaymentMethod")
    return {
        "id": customer.id,
        "createdAt": write(customer.created_at),
        "updatedAt": write(customer.updated_at),
        "archivedAt": write_optional(customer.archived_at),
        **{name: customer.sent.get(name) for name in CUSTOMER_FIELDS},
        "couponId": customer.sent.get("couponId") or None,
        "integrations": customer.sent.get("integrations", []),
        "metadata": customer.sent.get("metadata", {}),
        "defaultPaymentMethod": method and {"cardBrand": None, "walletType": None, **method},
    }


def subscription_view(world: World, subscription: Subscription) -> Json:
    """Show a subscription. `salesforceId`, `billingPeriod` and the amounts of entitlements do not come back."""
    sent, contract = subscription.sent, world.contract_of(subscription.id)
    return {
        "id": subscription.id,
        "customerId": subscription.customer_id,
        "planId": subscription.plan.id,
        "status": subscription.status,
        "pricingType": subscription.plan.pricing_type,
        "paymentCollection": "NOT_REQUIRED",
        "paymentCollectionMethod": subscription.collection_method,
        "cancelReason": subscription.cancel_reason,
        "contractId": contract and contract.key,
        "billingId": sent.get("billingId"),
        "payingCustomerId": sent.get("payingCustomerId"),
        "resourceId": sent.get("resourceId"),
        "minimumSpend": sent.get("minimumSpend"),
        "budget": sent.get("budget"),
        "metadata": sent.get("metadata", {}),
        "addons": sent.get("addons", []),
        "coupons": shown_coupons(world.catalog, subscription, world.now),
        "prices": _prices(world, subscription),
        "subscriptionEntitlements": _entitlement_references(subscription),
        "trial": _trial(subscription),
        "futureUpdates": [_future_update(update) for update in subscription.future_updates],
        "latestInvoice": subscription.invoice and invoice_summary(subscription.invoice),
        **_dates(subscription, world.now),
    }


def listed_subscription_view(world: World, subscription: Subscription) -> Json:
    """Show a subscription as a list does: without its entitlements."""
    shown = subscription_view(world, subscription)
    del shown["subscriptionEntitlements"]
    return shown


def _dates(subscription: Subscription, now: datetime) -> Json:
    start, end = current_period(subscription, now) or (None, None)
    return {
        "createdAt": write(subscription.created_at),
        "startDate": write(subscription.start),
        "endDate": write_optional(subscription.end),
        "effectiveEndDate": write_optional(subscription.end or subscription.cancellation_date),
        "cancellationDate": write_optional(subscription.cancellation_date),
        "trialEndDate": write_optional(subscription.trial_end),
        "currentBillingPeriodStart": write_optional(start),
        "currentBillingPeriodEnd": write_optional(end),
        "billingCycleAnchor": write_optional(start and subscription.anchor),
    }


def _trial(subscription: Subscription) -> Json | None:
    return None if subscription.trial_end is None else {"trialEndBehavior": subscription.trial_end_behavior}


def _entitlement_references(subscription: Subscription) -> list[Json]:
    return [{"id": item["id"], "type": item["type"]} for item in subscription.sent.get("entitlements", [])]


def _future_update(update: FutureUpdate) -> Json:
    return {
        "scheduledExecutionTime": write(update.at),
        "scheduleStatus": update.status,
        "subscriptionScheduleType": update.kind,
        "targetPackage": update.target_plan_id and {"id": update.target_plan_id},
    }


def _prices(world: World, subscription: Subscription) -> list[Json]:
    currency = world.customers[subscription.customer_id].currency
    charged = [_price(line) for line in lines(world.catalog, subscription.plan, subscription.sent, currency)]
    overrides = [item for item in subscription.sent.get("priceOverrides", []) if item.get("featureId")]
    return charged + [{name: item[name] for name in PRICE_FIELDS if name in item} for item in overrides]


def _price(line: Line) -> Json:
    shown = {"amount": number(line.unit_price), "currency": line.currency}
    return {"addonId": line.addon_id, "baseCharge": line.addon_id is None, **shown}


def invoice_summary(invoice: Invoice) -> Json:
    """Show an invoice inside its subscription."""
    return {
        "billingId": invoice.id,
        "createdAt": write(invoice.created_at),
        "requiresAction": False,
        "status": invoice.status,
        "amountDue": invoice.amount if invoice.status == "OPEN" else 0,
        "billingReason": invoice.reason,
        "currency": invoice.currency,
        "pdfUrl": provider_address("invoice/pdf", invoice.id),
        "total": invoice.amount,
    }


def invoice_view(invoice: Invoice) -> Json:
    """Show an invoice in its customer's list."""
    return {
        "invoiceId": invoice.id,
        "invoiceExternalId": invoice.id,
        "invoiceNumber": invoice.id,
        "customerExternalId": invoice.customer_id,
        "contractExternalId": None,
        "currency": invoice.currency,
        "discount": 0,
        "subtotal": invoice.amount,
        "tax": 0,
        "total": invoice.amount,
        "state": invoice.status,
        "issueDate": write(invoice.created_at),
        "dueDate": write(invoice.due_at),
        "paidDate": write_optional(invoice.paid_at),
        "lineItems": [{"description": invoice.reason, "quantity": 1, "unitPrice": invoice.amount}],
    }


def grant_view(grant: Grant, now: datetime) -> Json:
    """Show a credit grant."""
    invoice = grant.invoice
    pending = invoice is not None and invoice.status == "OPEN"
    named = ("customerId", "currencyId", "amount", "displayName", "grantType", "comment", "resourceId")
    return {
        "id": grant.id,
        **{name: grant.sent.get(name) for name in named},
        "cost": grant.sent.get("cost", {"amount": 0, "currency": "usd"}),
        "metadata": grant.sent.get("metadata", {}),
        "priority": grant.sent.get("priority", 50),
        "consumedAmount": grant.consumed,
        "status": grant.status(now),
        "paymentCollection": "ACTION_REQUIRED" if pending else "NOT_REQUIRED",
        "createdAt": write(grant.created_at),
        "updatedAt": write(grant.updated_at),
        "effectiveAt": write(grant.effective_at),
        "expireAt": write_optional(grant.expire_at),
        "voidedAt": write_optional(grant.voided_at),
        "invoiceId": invoice and invoice.id,
        "latestInvoice": invoice and _grant_invoice(invoice),
        "sourceType": None,
        "syncStates": [],
    }


def _grant_invoice(invoice: Invoice) -> Json:
    shown = invoice_summary(invoice)
    del shown["amountDue"]
    return {
        **shown,
        "billingReason": "MANUAL",
        "dueDate": write(invoice.due_at),
        "errorMessage": None,
        "paymentUrl": provider_address("invoice/pay", invoice.id),
        "subTotal": invoice.amount,
        "tax": 0,
        "updatedAt": write(invoice.paid_at or invoice.created_at),
    }


def promotion_view(promotion: Promotion, now: datetime) -> Json:
    """Show a promotional entitlement."""
    sent = promotion.sent
    names = ("enumValues", "hasSoftLimit", "hasUnlimitedUsage", "period", "resetPeriod", "usageLimit")
    anchors = (value for name, value in sent.items() if name.endswith("ResetPeriodConfiguration") and value)
    return {
        "id": promotion.id,
        "createdAt": write(promotion.created_at),
        "updatedAt": write(promotion.start),
        "environmentId": "development",
        "featureId": promotion.feature_id,
        "featureGroupIds": [],
        "description": None,
        "isVisible": sent["isVisible"] is not False,
        "startDate": write(promotion.start),
        "endDate": write_optional(promotion.end),
        "status": promotion.status(now),
        "resetPeriodConfiguration": next(anchors, None),
        **{name: sent[name] for name in names},
    }
