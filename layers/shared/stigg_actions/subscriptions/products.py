"""The product of a plan: Stigg replaces a subscription of the same product and resource.

Apart from the prices, whose models a sale does not need.
"""

from stigg_actions.stigg.client import Stigg


def product_of(stigg: Stigg, plan_id: str) -> str | None:
    """Return the product of a plan, None if Stigg does not return the plan."""
    plan = stigg.find_plan(plan_id)
    return None if plan is None else plan.product_id
