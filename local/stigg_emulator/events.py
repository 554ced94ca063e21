"""The events that Stigg's webhooks carry: a flat envelope with the entity's fields beside it.

Unlike REST, a subscription's event carries `billingPeriod`, and its customer, plan and resource as objects.
"""

import uuid

from local.stigg_emulator.catalog import Json, Plan
from local.stigg_emulator.clock import write
from local.stigg_emulator.records import Customer, Grant, Subscription
from local.stigg_emulator.views import customer_view, grant_view, subscription_view
from local.stigg_emulator.world import World

CUSTOMER_FIELDS = ("id", "name", "email", "billingId", "billingCurrency", "metadata")
SUBSCRIPTION_FIELDS = (
    "id",
    "status",
    "billingId",
    "startDate",
    "endDate",
    "cancellationDate",
    "trialEndDate",
    "currentBillingPeriodStart",
    "currentBillingPeriodEnd",
    "paymentCollection",
    "metadata",
)
GRANT_FIELDS = (
    "customerId",
    "amount",
    "consumedAmount",
    "cost",
    "currencyId",
    "displayName",
    "effectiveAt",
    "expireAt",
    "grantType",
    "priority",
)


def customer_event(world: World, kind: str, customer: Customer) -> None:
    """Tell of a customer: `created`, `updated`, or `deleted` when it is archived."""
    _emit(world, f"customer.{kind}", customer.id, _customer(customer))


def subscription_event(world: World, kind: str, subscription: Subscription) -> None:
    """Tell of a subscription: `created`, `updated`, `canceled`, `expired`, `trial_started`, `trial_converted`, ..."""
    shown = subscription_view(world, subscription)
    resource = shown["resourceId"] and {"id": shown["resourceId"]}
    body = {
        **{name: shown[name] for name in SUBSCRIPTION_FIELDS},
        "billingPeriod": subscription.billing_period,
        "isTrialSubscription": subscription.trial_end is not None,
        "customer": _customer(world.customers[subscription.customer_id]),
        "plan": _plan(subscription.plan),
        "addons": [_addon(world, addon) for addon in shown["addons"]],
        "resource": resource,
    }
    _emit(world, f"subscription.{kind}", subscription.id, body)


def grant_event(world: World, grant: Grant) -> None:
    """Tell of a new credit grant."""
    shown = grant_view(grant, world.now)
    body = {"grantId": grant.id, **{name: shown[name] for name in GRANT_FIELDS}}
    _emit(world, "credit_grant.created", grant.id, body)


def payment_failed_event(world: World, subscription: Subscription) -> None:
    """Tell that a payment of a subscription failed."""
    customer = _customer(world.customers[subscription.customer_id])
    error = {"message": "Your card was declined.", "code": "card_declined", "details": None}
    body = {"customer": customer, "subscription": {"id": subscription.id}, "originatingEventId": None, "error": error}
    _emit(world, "customer.payment_failed", subscription.customer_id, body)


def test_event(world: World, kind: str) -> Json:
    """Tell of things that do not exist, as Stigg's app does on request; return the event."""
    customer = {"id": "customer-example", "name": "Example", "email": None, "metadata": None}
    body = {"id": "subscription-example", "status": "ACTIVE", "customer": customer, "plan": {"id": "plan-example"}}
    return _emit(world, kind, body["id"] if kind.startswith("subscription") else customer["id"], body)


def _emit(world: World, kind: str, identity: object, body: Json) -> Json:
    envelope = {
        "type": kind,
        "messageId": str(uuid.uuid4()),
        "traceId": str(uuid.uuid4()),
        "timestamp": write(world.now),
        "accountId": "account-local",
        "environmentId": "development",
        "entityId": str(uuid.uuid5(uuid.NAMESPACE_OID, str(identity))),
    }
    event = {**envelope, **body}
    world.events.append(event)
    return event


def _customer(customer: Customer) -> Json:
    shown = customer_view(customer)
    return {**{name: shown[name] for name in CUSTOMER_FIELDS}, "crmId": None, "salesforceId": None}


def _plan(plan: Plan) -> Json:
    shown = {"id": plan.id, "name": plan.name, "description": None}
    return {**shown, "pricingType": plan.pricing_type, "status": "PUBLISHED"}


def _addon(world: World, addon: Json) -> Json:
    return {"id": addon["id"], "name": world.catalog.addons[addon["id"]].name, "quantity": addon["quantity"]}
