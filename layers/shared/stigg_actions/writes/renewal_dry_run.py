"""Rehearse a renewal: return its decision, price and blockers without changing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.exactly_once import freshness
from stigg_actions.exactly_once.start import current_snapshot
from stigg_actions.models.preview_subscription import Price
from stigg_actions.models.renew_subscription import RenewalResult
from stigg_actions.subscriptions import pricing
from stigg_actions.subscriptions.replacement_rules import of_another_product
from stigg_actions.subscriptions.response_fields import drop_none, scheduled_changes, subscription_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stigg_actions.models.preview_subscription import Blocker
    from stigg_actions.stigg.client import Stigg
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.subscriptions.renewal_plan import RenewalPlan
    from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite


_NOT_BY_AN_AMENDMENT = dict.fromkeys(name for name in Price.model_fields if name.startswith("immediate_"))
"""Price fields that Stigg's preview gives for a new subscription only. An amendment is invoiced in another way."""


def rehearse(write: RenewSubscriptionWrite) -> RenewalResult:
    """Return what a renewal would do.

    Raises:
        ActionError: what the renewal would raise before it sends a request to Stigg.
    """
    snapshot, stigg = current_snapshot(write), write.deps.stigg
    newer = freshness.newer(write.request, write.latest(snapshot))
    if newer is not None:
        return write.superseded(snapshot, newer)
    current = stigg.get_subscription(str(snapshot.target.subscription_id))
    plan = write.plan(snapshot, current)
    price, blockers, terms = _outlook(stigg, plan, current)
    return RenewalResult.model_validate(
        {
            "outcome": "dryRun",
            **subscription_data(current),
            "decision": plan.decision,
            "reasons": plan.reasons,
            "changes": plan.changes,
            "scheduled_changes": scheduled_changes(current),
            "blockers": blockers,
            "not_priced": pricing.not_priced(terms),
            **drop_none({"salesforce_record_id": write.owner(snapshot).record_id}),
            **price.model_dump(exclude_none=True),
        }
    )


def _outlook(stigg: Stigg, plan: RenewalPlan, current: Subscription) -> tuple[Price, list[Blocker], Iterable[str]]:
    """Return the price, the blockers and the priced terms. Only a replacement is blocked by an unpaid invoice.

    Raises:
        RequestInvalid: the new subscription would run beside the present one.
    """
    if plan.decision == "none":
        return Price(), [], ()
    terms: dict[str, Any] = {"resourceId": current.resource_id, **plan.outlook, "customerId": current.customer_id}
    priced = pricing.price(stigg, drop_none(terms))
    replaced: list[Subscription] = []
    if plan.decision == "replace":
        replaced = pricing.replaced(
            stigg, customer_id=current.customer_id, plan_id=terms["planId"], resource_id=current.resource_id
        )
        is_beside = plan.other_plan_id and current.is_active and current.id not in {item.id for item in replaced}
        if is_beside and not priced.blocker:
            raise of_another_product()
    price = priced.price if plan.decision == "replace" else priced.price.model_copy(update=_NOT_BY_AN_AMENDMENT)
    return price, pricing.blockers(priced.blocker, replaced), terms
