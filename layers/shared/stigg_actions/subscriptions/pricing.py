"""What a new subscription would cost, which ones it would replace, and what stands in its way. Nothing is changed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from stigg_actions.errors import ActionError, NotFound, Refused
from stigg_actions.models.preview_subscription import Blocker, Price, PriceLine
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.open_invoice import invoice_of
from stigg_actions.stigg.preview_schemas import Preview, PreviewInvoice
from stigg_actions.stigg.schemas import Subscription

PRICED = frozenset(
    {
        "addons",
        "appliedCoupon",
        "billableFeatures",
        "billingCountryCode",
        "billingCycleAnchor",
        "billingInformation",
        "billingPeriod",
        "charges",
        "customerId",
        "payingCustomerId",
        "planId",
        "resourceId",
        "scheduleStrategy",
        "startDate",
        "trialOverrideConfiguration",
        "unitQuantity",
    }
)
"""All that Stigg's preview takes into account, and takes at all (POST /api/v1/subscriptions/preview)."""


class Priced(NamedTuple):
    """A price, or why Stigg gives none."""

    price: Price
    blocker: Blocker | None = None


def price(stigg: Stigg, body: Mapping[str, Any]) -> Priced:
    """Ask for the price of what a body of POST /api/v1/subscriptions describes; what Stigg cannot price is left out.

    A refusal is a blocker: it is what the provisioning would meet. Raises as the client does, but for refusals.
    """
    try:
        preview = stigg.preview_subscription(body={name: body[name] for name in body if name in PRICED})
    except (NotFound, Refused) as refusal:
        return Priced(Price(), blocker(refusal))
    return Priced(_price(preview))


def not_priced(fields: Iterable[str]) -> list[str]:
    """Return those of a request's fields that make no difference to Stigg's prices."""
    return sorted(set(fields) - PRICED)


def replaced(
    stigg: Stigg, *, customer_id: str, plan_id: str, resource_id: str | None, is_trial: bool = False
) -> list[Subscription]:
    """Return the live subscriptions that one of this plan would replace: of the same customer, resource and product.

    A trial replaces trials alone. A plan that Stigg no longer shows counts as one of the same product.
    """
    live = [
        one
        for one in stigg.live_subscriptions(customer_id)
        if one.resource_id == resource_id and (one.status == "IN_TRIAL" or not is_trial)
    ]
    others = {one.plan_id for one in live} - {plan_id}
    if not others:
        return live
    product = product_of(stigg, plan_id)
    elsewhere = {plan for plan in others if product_of(stigg, plan) not in {product, None}}
    return [one for one in live if one.plan_id not in elsewhere]


def blocker(refusal: ActionError) -> Blocker:
    """Return what a refusal means for a subscription that is only thought of."""
    return Blocker(code=refusal.code, message=refusal.message.partition(": ")[2])


def blockers(subscriptions: Iterable[Subscription]) -> list[Blocker]:
    """Return what keeps subscriptions from being replaced: open invoices, and changes that await payment."""
    return [found for one in subscriptions for found in _blockers(one)]


def _blockers(subscription: Subscription) -> Iterator[Blocker]:
    if subscription.owes:
        yield Blocker(
            code="OPEN_INVOICE",
            message=f"Subscription {subscription.id} would be replaced, but {_invoice(subscription)} is open. "
            "Have it paid or voided first; as long as it is not due, Stigg may allow it all the same.",
        )
    if subscription.awaits_payment:
        yield Blocker(
            code="PENDING_PAYMENT",
            message=f"Subscription {subscription.id} would be replaced, but a change of it awaits payment. "
            "Have it paid, or drop the pending update in Stigg.",
        )


def _invoice(subscription: Subscription) -> str:
    """Name the latest invoice: id, amount, and where it is, as far as that is known."""
    invoice = invoice_of(subscription)
    amount = f"over {invoice.amount_due}" if invoice.amount_due else None
    place = f"({invoice.pdf_url})" if invoice.pdf_url else None
    return " ".join(["its invoice", *filter(None, [invoice.invoice_id, amount, invoice.currency, place])])


def product_of(stigg: Stigg, plan_id: str) -> str | None:
    """Return the product of a plan, None if Stigg does not show the plan."""
    try:
        return stigg.get_plan(plan_id).product_id
    except NotFound:
        return None


def _price(preview: Preview) -> Price:
    period = preview.billing_period_range
    return Price.model_validate(
        {
            **_amounts("immediate", preview.immediate_invoice),
            **_amounts("recurring", preview.recurring_invoice),
            "billing_period_start": period and period.start,
            "billing_period_end": period and period.end,
            "is_plan_downgrade": preview.is_plan_downgrade,
            "has_scheduled_updates": preview.has_scheduled_updates,
        }
    )


def _amounts(moment: str, invoice: PreviewInvoice | None) -> dict[str, Any]:
    if invoice is None:
        return {}
    amounts = ("total", "sub_total", "discount", "tax", "currency")
    return {
        **{f"{moment}_{name}": getattr(invoice, name) for name in amounts},
        f"{moment}_lines": [PriceLine.model_validate(line.model_dump()) for line in invoice.lines],
    }
