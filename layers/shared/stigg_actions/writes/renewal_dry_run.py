"""A renewal rehearsed: what would be done, at which price, and what stands in the way. Nothing is changed."""

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
"""What Stigg's preview tells of a new subscription alone: an amendment is not invoiced as one."""


def rehearse(write: RenewSubscriptionWrite) -> RenewalResult:
    """Return what a renewal would come to.

    Raises:
        ActionError: as the renewal would before it sends anything.
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
    """Return the price of what is wanted, and what blocks it: only a replacement meets what is left unpaid.

    Raises:
        RequestInvalid: the plan would run beside the present one.
    """
    if plan.decision == "none":
        return Price(), [], ()
    terms: dict[str, Any] = {"resourceId": current.resource_id, **plan.outlook, "customerId": current.customer_id}
    priced = pricing.price(stigg, drop_none(terms))
    blockers = [priced.blocker] if priced.blocker else []
    if plan.decision == "replace":
        replaced = pricing.replaced(
            stigg, customer_id=current.customer_id, plan_id=terms["planId"], resource_id=current.resource_id
        )
        if not blockers and plan.other_plan_id and current.is_active and current.id not in {one.id for one in replaced}:
            raise of_another_product()
        blockers += pricing.blockers(replaced)
    price = priced.price if plan.decision == "replace" else priced.price.model_copy(update=_NOT_BY_AN_AMENDMENT)
    return price, blockers, terms
