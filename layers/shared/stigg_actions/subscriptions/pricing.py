"""Find out what a new subscription would cost, what it would replace, and what would block it."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from stigg_actions.errors import ActionError, NotFound, OpenInvoice, Refused
from stigg_actions.models.price import Blocker, Price, PriceLine
from stigg_actions.stigg import refusals
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.preview_schemas import Preview, PreviewInvoice
from stigg_actions.stigg.schemas import Subscription
from stigg_actions.subscriptions.plans import product_of

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
"""The fields that Stigg's preview accepts and uses (POST /api/v1/subscriptions/preview)."""


class Priced(NamedTuple):
    """A price, or the reason why Stigg gives none."""

    price: Price
    blocker: Blocker | None = None


def price(stigg: Stigg, body: Mapping[str, Any], fields: Mapping[str, str] = MappingProxyType({})) -> Priced:
    """Return the price for a body of POST /api/v1/subscriptions. Fields that the preview does not use are left out.

    A refusal becomes a blocker, because provisioning would meet it too. Other errors are raised as by the client.
    ``fields``: the caller's own names for the fields of ids.
    """
    try:
        return Priced(preview(stigg, body))
    except NotFound as refusal:
        return Priced(Price(), blocker(refusals.renamed(refusal, fields)))
    except Refused as refusal:
        return Priced(Price(), blocker(refusal))


def preview(stigg: Stigg, body: Mapping[str, Any]) -> Price:
    """Return the price as ``price`` does, but raise a refusal."""
    return _price(stigg.preview_subscription(body={name: body[name] for name in body if name in PRICED}))


def not_priced(fields: Iterable[str]) -> list[str]:
    """Return the fields of a request that Stigg's price calculation ignores."""
    return sorted(set(fields) - PRICED)


def replaced(
    stigg: Stigg, *, customer_id: str, plan_id: str, resource_id: str | None, is_trial: bool = False
) -> list[Subscription]:
    """Return the live subscriptions that a new one would replace: those of the same customer, resource and product.

    A trial replaces only trials. A plan that Stigg no longer returns counts as one of the same product.
    """
    live = [
        subscription
        for subscription in stigg.live_subscriptions(customer_id)
        if subscription.resource_id == resource_id and (subscription.status == "IN_TRIAL" or not is_trial)
    ]
    others = {subscription.plan_id for subscription in live} - {plan_id}
    if not others:
        return live
    product = product_of(stigg, plan_id)
    elsewhere = {plan for plan in others if product_of(stigg, plan) not in {product, None}}
    return [subscription for subscription in live if subscription.plan_id not in elsewhere]


def blocker(refusal: ActionError) -> Blocker:
    """Return a refusal as the blocker of a subscription that is only previewed."""
    which = [_named(refusal.open_invoice)] if refusal.open_invoice else []
    return Blocker(code=refusal.code, message=" ".join([refusal.explanation, *which]))


def blockers(refused: Blocker | None, subscriptions: Iterable[Subscription]) -> list[Blocker]:
    """Return what Stigg refused, then what it would refuse: open invoices, and changes that await payment."""
    foreseen = (item for subscription in subscriptions for item in _blockers(subscription))
    others = [item for item in foreseen if refused is None or item.code != refused.code]
    return [refused, *others] if refused else others


def _blockers(subscription: Subscription) -> Iterator[Blocker]:
    if subscription.owes:
        which = _named(refusals.invoice_of(subscription))
        yield _foreseen("OPEN_INVOICE", subscription, which, "If it is not due yet, Stigg may make the change.")
    if subscription.awaits_payment:
        yield _foreseen("PENDING_PAYMENT", subscription)


def _foreseen(code: str, subscription: Subscription, *more: str) -> Blocker:
    """Return what Stigg would refuse, in the words of the refusal."""
    text = refusals.words(code, whose=f"subscription {subscription.id}")
    return Blocker(code=code, message=" ".join([*text, *more]))


def _named(invoice: OpenInvoice) -> str:
    """Name an invoice: id, amount, and where it is, as far as that is known."""
    amount = f"over {invoice.amount_due}" if invoice.amount_due else None
    place = f"({invoice.pdf_url})" if invoice.pdf_url else None
    parts = [invoice.invoice_id or "the latest", amount, invoice.currency, place]
    return f"The invoice is {' '.join(filter(None, parts))}."


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
