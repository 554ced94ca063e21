"""Let a line take over the subscription that replaced its own in the Stigg app.

The module is imported on demand, because few calls need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import RequestInvalid
from stigg_actions.opportunities import moved_away
from stigg_actions.opportunities.named_subscriptions import owner_of
from stigg_actions.subscriptions.plans import product_of

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.opportunities.left_alone import LeftAlone
    from stigg_actions.opportunities.plan_parts import PlanWork
    from stigg_actions.opportunities.sold import Sold
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import MappedSubscription


def instead(work: PlanWork, customer_id: str, current: MappedSubscription, deps: Deps) -> Sold | LeftAlone | None:
    """Renew the subscription that replaced the line's to the requested terms; return None if none did.

    If no live subscription can have replaced it, provision a new one.

    Raises:
        RequestInvalid: several subscriptions can have replaced it; the line has to name one.
        ActionError: what the writes raise.
    """
    replaced, known = deps.stigg.find_subscription(current.subscription_id), work.situation.known
    state = known.states.get(current.subscription_id)
    if replaced is None or not (replaced.was_replaced or (replaced.has_ended and state and state.followed_by)):
        return None
    successors = _successors(replaced, deps)
    if len(successors) > 1:
        raise _several(work, replaced, successors)
    owners = [owner_of(successor, known.opportunity.org_id, deps) for successor in successors]
    if successors and owners[0] not in {None, work.line.id}:
        return moved_away.owned_by(str(owners[0]), successors[0])
    if not successors:
        return work.provision(customer_id, deps)
    note = f"Took over {successors[0].id}, which replaced {replaced.id} in Stigg."
    return work.adopt(successors[0].id, note, deps)


def _successors(replaced: Subscription, deps: Deps) -> list[Subscription]:
    """Return the live subscriptions of the same customer, resource and product."""
    return [
        other
        for other in deps.stigg.live_subscriptions(replaced.customer_id)
        if other.id != replaced.id
        and other.resource_id == replaced.resource_id
        and _of_one_product(other, replaced, deps)
    ]


def _of_one_product(subscription: Subscription, other: Subscription, deps: Deps) -> bool:
    if subscription.plan_id == other.plan_id:
        return True
    products = {product_of(deps.stigg, plan_id) for plan_id in (subscription.plan_id, other.plan_id)}
    return len(products - {None}) < 2


def _several(work: PlanWork, replaced: Subscription, successors: list[Subscription]) -> RequestInvalid:
    ids = ", ".join(sorted(successor.id for successor in successors))
    problem = f"is required, because {replaced.id} was replaced in Stigg by one of {ids}; give the one for this line"
    return RequestInvalid([work.line.problem("subscriptionId", problem)])
