"""A line whose subscription another one has replaced in the Stigg app: the line takes that one.

Imported when it is met: hardly any call needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import RequestInvalid
from stigg_actions.opportunities import moved_away
from stigg_actions.opportunities.named_subscriptions import owner_of
from stigg_actions.subscriptions import pricing

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.opportunities.left_alone import LeftAlone
    from stigg_actions.opportunities.plan_parts import PlanWork, Sold
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import MappedSubscription


def instead(work: PlanWork, customer_id: str, current: MappedSubscription, deps: Deps) -> Sold | LeftAlone | None:
    """Bring the subscription that replaced a line's to what is wanted; None if none has.

    If none that could have replaced it runs any more, a new one is provisioned.

    Raises:
        RequestInvalid: several could have; the line has to name one.
        ActionError: as the writes do.
    """
    found, known = deps.stigg.find_subscription(current.subscription_id), work.situation.known
    state = known.states.get(current.subscription_id)
    if found is None or not (found.was_replaced or (found.has_ended and state and state.followed_by)):
        return None
    successors = _successors(found, deps)
    if len(successors) > 1:
        raise _several(work, found, successors)
    owners = [owner_of(one, known.opportunity.org_id, deps) for one in successors]
    if successors and owners[0] not in {None, work.line.id}:
        return moved_away.told(str(owners[0]), successors[0])
    if not successors:
        return work.provision(customer_id, deps)
    note = f"Took over {successors[0].id}, which took the place of {found.id} in Stigg."
    return work.adopt(successors[0].id, note, deps)


def _successors(found: Subscription, deps: Deps) -> list[Subscription]:
    """Return the live subscriptions that could have replaced one: of its customer, resource and product."""
    return [
        one
        for one in deps.stigg.live_subscriptions(found.customer_id)
        if one.id != found.id and one.resource_id == found.resource_id and _of_one_product(one, found, deps)
    ]


def _of_one_product(one: Subscription, other: Subscription, deps: Deps) -> bool:
    if one.plan_id == other.plan_id:
        return True
    products = {pricing.product_of(deps.stigg, plan_id) for plan_id in (one.plan_id, other.plan_id)}
    return len(products - {None}) < 2


def _several(work: PlanWork, found: Subscription, successors: list[Subscription]) -> RequestInvalid:
    ids = ", ".join(sorted(one.id for one in successors))
    told = f"is required: {found.id} was replaced in Stigg, and any of {ids} could be this line's now"
    return RequestInvalid([work.line.problem("subscriptionId", told)])
