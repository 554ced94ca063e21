"""What the emulator shows of itself."""

from local.stigg_emulator.catalog import Json
from local.stigg_emulator.clock import write
from local.stigg_emulator.contracts import contract_view
from local.stigg_emulator.records import Checkout, Invoice, Subscription, UsageReport
from local.stigg_emulator.views import customer_view, grant_view, invoice_view, promotion_view, subscription_view
from local.stigg_emulator.world import World

DESCRIPTION: Json = {
    "emulator": "A stand-in for api.stigg.io, for development and tests. It is not Stigg.",
    "environment": "development",
    "models": [
        *("customers", "subscriptions", "contracts", "plans", "add-ons", "features"),
        *("credit grants", "promotional entitlements", "invoices", "webhooks", "triggerWorkflow"),
    ],
    "varies": "answers within Stigg's types (POST /_emulator/variety), and addresses of pages: 260 to 400 characters",
    "doesNotModel": [
        "raw events, and features that draw on credits: usage is reported as measurements",
        "renewal invoices, proration and tax; only the first charge of a subscription is invoiced",
        "a downgrade to a free plan at cancellation; entitlements are revoked",
        "payments that fail after a card is on file, and 3-D Secure",
        "what Stigg keeps of a provisioning that needs payment and has no checkoutOptions: here, nothing",
        "variety in webhooks; statuses and other required words that are new",
        "drafts of plan versions, migration of add-ons, delegation, promotion codes",
        "invoices of contracts",
        "localised prices (billingCountryCode) and tiered prices",
        "trials by a plan's own setting, limits on the trials of a customer, and what fails where a trial becomes paid",
        "coupons that an update clears, and how coupons of a customer and of a subscription add up",
        "authorship of the catalog: it is a file",
        "webhooks of entitlements, contracts, usage and catalog; which of two names Stigg's own events bear",
        "payments for imported subscriptions, and imports that Stigg's billing integrations carry on",
        "any GraphQL but the mutation triggerWorkflow; its selection set is not read",
    ],
}


def state(world: World) -> Json:
    """Show everything, as lists of the same objects that the API answers with.

    A subscription has one key more: `sent`, its fields as callers last sent them, write-only ones included
    (`entitlements`, `charges`, `priceOverrides`, `billingPeriod`, `salesforceId`, ...). An invoice has
    `subscriptionId` (of a grant's invoice: the grant's id) and `overdue`, a promotion has `customerId`. `usage` are
    the reports that were counted; `amount` is what one added. `calls` are
    `{method, path, status, idempotencyKey, at}` in order of arrival; the status of a call that got no answer is null.
    `events` are the bodies of webhooks, whether or not anyone receives them; `webhookDeliveries` are the tries to
    deliver them, `{messageId, type, url, attempt, status, at}`; the status of one that got no answer is null.
    """
    return {
        "now": write(world.now),
        "customers": [customer_view(customer) for customer in world.customers.values()],
        "subscriptions": [_subscription(world, subscription) for subscription in world.subscriptions.values()],
        "contracts": [contract_view(world, contract) for contract in world.contracts.values()],
        "checkouts": [_checkout(item) for item in world.checkouts.values() if item.expires_at > world.now],
        "grants": [grant_view(grant, world.now) for grant in world.grants.values()],
        "promotions": [
            {**promotion_view(promotion, world.now), "customerId": promotion.customer_id}
            for promotion in world.promotions.values()
        ],
        "invoices": [_invoice(invoice) for invoice in world.invoices.values()],
        "usage": [_usage(report) for report in world.usage],
        "workflowRuns": list(world.workflow_runs),
        "events": list(world.events),
        "calls": [dict(call) for call in world.calls],
    }


def _subscription(world: World, subscription: Subscription) -> Json:
    own: Json = {"sent": dict(subscription.sent), "planVersion": subscription.plan.version}
    return {**subscription_view(world, subscription), **own}


def _invoice(invoice: Invoice) -> Json:
    return {**invoice_view(invoice), "subscriptionId": invoice.owner_id, "overdue": invoice.overdue}


def _usage(report: UsageReport) -> Json:
    return {
        "customerId": report.customer_id,
        "featureId": report.feature_id,
        "resourceId": report.resource_id,
        "value": report.value,
        "amount": report.amount,
        "idempotencyKey": report.key,
    }


def _checkout(checkout: Checkout) -> Json:
    new = checkout.subscription
    return {
        "subscriptionId": new.id,
        "customerId": new.customer_id,
        "planId": new.plan.id,
        "checkoutUrl": checkout.url,
        "expiresAt": write(checkout.expires_at),
    }
