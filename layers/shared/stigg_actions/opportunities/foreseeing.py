"""Foresee a write of a deal: the result that it would have, read from ledger, mappings and Stigg. Nothing is changed.

Decisions are those of the writes: whether a request is a repeat, which plan renews a subscription, what is refused.
Only what Stigg decides itself is foreseen here. What is not known yet is ``NOT_YET``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from stigg_actions.errors import NotFound, Refused
from stigg_actions.exactly_once.start import foreseen
from stigg_actions.models.create_credit_grant import CreditGrantResult
from stigg_actions.models.create_subscription import SubscriptionResult
from stigg_actions.models.price import Price
from stigg_actions.models.renew_subscription import RenewalResult
from stigg_actions.models.subscription_data import DryRunResult
from stigg_actions.opportunities.catalog import refuse_unknown
from stigg_actions.stigg import refusals
from stigg_actions.storage.snapshot import Run
from stigg_actions.subscriptions import pricing
from stigg_actions.subscriptions.replacement_rules import refuse_another_product, refuse_trial
from stigg_actions.subscriptions.response_fields import drop_none, scheduled_changes, subscription_data
from stigg_actions.writes import _predecessors
from stigg_actions.writes._pending_downgrade import waiting_downgrade
from stigg_actions.writes.create_customer import CreateCustomerWrite
from stigg_actions.writes.create_subscription import CreateSubscriptionWrite
from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import Write
    from stigg_actions.models.base import Answer, KeyedRequest
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.subscriptions.renewal_plan import RenewalPlan
    from stigg_actions.writes.create_credit_grant import CreateCreditGrantWrite

NOT_YET = "-"
"""Stands for the id and the status of what does not exist yet."""

NOT_BY_AN_AMENDMENT = dict.fromkeys(name for name in Price.model_fields if name.startswith("immediate_"))
"""Price fields that Stigg's preview gives for a new subscription only."""


def foresee[Request: KeyedRequest, Result: Answer](write: Write[Request, Result]) -> Result:
    """Return the result that a write would have. Raises what the write raises."""
    write.prepare()
    step = foreseen(write)
    if not isinstance(step, Run):
        return step
    made = write.find_effect(step) if step.resumed else None
    if made is None and step.done_before is not None:
        made = write.find_existing_effect(step, step.done_before)
    return made.answer if made is not None else cast("Result", _foresee(write, step))


def _foresee(write: Write[Any, Any], run: Run) -> Answer:
    match write:
        case CreateCustomerWrite():
            return write.foresee(run)
        case CreateSubscriptionWrite():
            return _sale(write, run)
        case RenewSubscriptionWrite():
            return _renewal(write, run)
        case _:
            return _grant(cast("CreateCreditGrantWrite", write))


def _sale(write: CreateSubscriptionWrite, run: Run) -> SubscriptionResult:
    """Foresee a new subscription. Stigg prices it only if its customer exists already."""
    request, customer_id = write.request, run.customer.customer_id
    terms = {**request.terms(), "customerId": customer_id, "planId": request.plan_id}
    price, replaced = _price_of_a_new_one(terms, run, write.deps)
    is_later = _is_ahead(request.start_date, write.deps)
    outcome = "scheduled" if is_later else "replaced" if replaced else "created"
    report = {"outcome": outcome, "changes": [], "blockers": [], "not_priced": pricing.not_priced(terms)}
    return SubscriptionResult.model_validate(
        {
            **_unborn(customer_id),
            "outcome": outcome,
            "plan_id": request.plan_id,
            "addons": [],
            **drop_none({"replaced_subscription_id": replaced if outcome == "replaced" else None}),
            "dry_run_result": DryRunResult.model_validate({**report, **price.model_dump(exclude_none=True)}),
        }
    )


def _renewal(write: RenewSubscriptionWrite, run: Run) -> RenewalResult:
    """Foresee a renewal, with the subscription as it is now."""
    current = write.deps.stigg.get_subscription(str(run.operation.subscription_id))
    plan = write.plan(run.snapshot, current)
    outcome, price, replaced = _change(write, run, plan, current)
    terms = [*plan.wanted] if plan.decision == "amend" else [*plan.outlook] if plan.decision == "replace" else None
    return RenewalResult.model_validate(
        {
            "outcome": outcome,
            **subscription_data(current),
            "decision": plan.decision,
            "reasons": plan.reasons,
            "changes": plan.changes,
            "scheduled_changes": scheduled_changes(current),
            "blockers": [],
            **drop_none({"replaced_subscription_id": replaced}),
            **drop_none({"not_priced": None if terms is None else pricing.not_priced(terms)}),
            **price.model_dump(exclude_none=True),
        }
    )


def _change(
    write: RenewSubscriptionWrite, run: Run, plan: RenewalPlan, current: Subscription
) -> tuple[str, Price, str | None]:
    """Return the outcome of a renewal, its price, and the subscription that a new one replaces."""
    if plan.decision == "none":
        is_called_off = waiting_downgrade(run.snapshot, write.deps) is not None
        return ("updated" if is_called_off else "unchanged"), Price(), None
    if plan.decision == "amend":
        terms = drop_none({"resourceId": current.resource_id, **plan.outlook, "customerId": current.customer_id})
        refuse_unknown(plan.wanted, write.deps.stigg)
        return "updated", pricing.preview(write.deps.stigg, terms).model_copy(update=NOT_BY_AN_AMENDMENT), None
    refuse_another_product(write.deps.stigg, current, plan.other_plan_id)
    refuse_trial(write.request.trial_override_configuration, current)
    terms = drop_none({"resourceId": current.resource_id, **plan.replacement, "customerId": current.customer_id})
    price, replaced = _price_of_a_new_one(terms, run, write.deps, current)
    if _is_ahead(plan.wanted.get("startDate"), write.deps):
        return "scheduled", price, None
    return ("replaced" if replaced else "created"), price, replaced


def _price_of_a_new_one(
    terms: Mapping[str, Any], run: Run, deps: Deps, current: Subscription | None = None
) -> tuple[Price, str | None]:
    """Return the price of a new subscription, and which of those that the tables know it replaces.

    Raises:
        Refused: OPEN_INVOICE, one that it would replace has an unpaid invoice.
        NotFound: Stigg does not know an id.
    """
    refuse_unknown(terms, deps.stigg)
    try:
        price = pricing.preview(deps.stigg, terms)
    except NotFound as refusal:
        if refusal.code != "CUSTOMER_NOT_FOUND":
            raise
        refuse_unknown(terms, deps.stigg, with_plan=True)
        return Price(), None
    replaced = pricing.replaced(
        deps.stigg,
        customer_id=str(terms["customerId"]),
        plan_id=str(terms["planId"]),
        resource_id=terms.get("resourceId"),
    )
    for subscription in replaced:
        _refuse_unpaid(subscription)
    live = dict(run.snapshot.resource.live) if run.snapshot.resource else {}
    known = {*live, *([current.id] if current else ())}
    ended = _predecessors.ended(deps.stigg, live, NOT_YET, str(terms["planId"]))
    gone = (old.live.subscription_id for old in ended if old.was_replaced)
    return price, next(chain((item.id for item in replaced if item.id in known), gone), None)


def _refuse_unpaid(subscription: Subscription) -> None:
    if subscription.owes:
        text = refusals.words("OPEN_INVOICE", whose=f"subscription {subscription.id}")
        invoice = refusals.invoice_of(subscription)
        raise Refused("OPEN_INVOICE", text.sentence, remedy=text.remedy, open_invoice=invoice)


def _grant(write: CreateCreditGrantWrite) -> CreditGrantResult:
    """Foresee a grant of credits. Whether its invoice is paid at once shows only in the real call."""
    request, is_billed = write.request, write.request.payment_collection_method == "INVOICE"
    refuse_unknown({"currencyId": request.currency_id}, write.deps.stigg)
    is_later = _is_ahead(request.effective_at, write.deps)
    outcome = "paymentRequired" if request.cost and is_billed else "scheduled" if is_later else "created"
    named = {"grant_id": NOT_YET, "status": NOT_YET, "active": False, "customer_id": str(request.customer_id)}
    amounts = {"amount": request.amount, "currency_id": request.currency_id}
    return CreditGrantResult.model_validate({"outcome": outcome, **named, **amounts})


def _unborn(customer_id: str) -> dict[str, Any]:
    """Return the identity of a subscription that does not exist yet."""
    return {"customer_id": customer_id, "subscription_id": NOT_YET, "status": NOT_YET, "active": False}


def _is_ahead(moment: object, deps: Deps) -> bool:
    return isinstance(moment, datetime) and moment > datetime.fromtimestamp(deps.clock.now(), UTC)
