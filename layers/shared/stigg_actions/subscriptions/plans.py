"""The plans that a request names, and their products: Stigg replaces a subscription of the same product and resource.

Apart from the prices, whose models a sale does not need. A call reads a plan once.
"""

from collections.abc import Iterable

from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.preview_schemas import Plan

_MOST_READ_SINGLY = 3
"""More plans than these are looked up in Stigg's list of plans, which has up to 100 on a page."""


def find_plans(stigg: Stigg, plan_ids: Iterable[str]) -> dict[str, Plan | None]:
    """Return plans by id, None for those that Stigg does not show: GET /api/v1/plans/{id}, many GET /api/v1/plans.

    Raises what the client raises.
    """
    distinct, known = dict.fromkeys(plan_ids), stigg.known_plans
    if len(distinct.keys() - known.keys()) > _MOST_READ_SINGLY:
        known.update({plan.id: plan for plan in stigg.published_plans()})
    known.update({plan_id: stigg.find_plan(plan_id) for plan_id in distinct if plan_id not in known})
    return {plan_id: known[plan_id] for plan_id in distinct}


def product_of(stigg: Stigg, plan_id: str) -> str | None:
    """Return the product of a plan, None if Stigg does not show the plan. Raises what the client raises."""
    plan = find_plans(stigg, [plan_id])[plan_id]
    return None if plan is None else plan.product_id


def known_to_differ(stigg: Stigg, plan_id: str, other_plan_id: str) -> bool:
    """Whether this call has read the products of two plans, and they differ."""
    plans = (stigg.known_plans.get(plan_id), stigg.known_plans.get(other_plan_id))
    return len({plan.product_id for plan in plans if plan is not None}) > 1
