"""The products of plans: Stigg replaces a subscription of the same product and resource.

Apart from the prices, whose models a sale does not need. A call reads the product of a plan once.
"""

from collections.abc import Iterable

from stigg_actions.stigg.client import Stigg

_MOST_READ_SINGLY = 3
"""More plans than these are looked up in Stigg's list of plans, which has up to 100 on a page."""


def product_of(stigg: Stigg, plan_id: str) -> str | None:
    """Return the product of a plan, None if Stigg does not return the plan."""
    if plan_id not in stigg.known_products:
        plan = stigg.find_plan(plan_id)
        stigg.known_products[plan_id] = None if plan is None else plan.product_id
    return stigg.known_products[plan_id]


def products_of(stigg: Stigg, plan_ids: Iterable[str]) -> dict[str, str | None]:
    """Return the products of plans, None for those that Stigg does not return."""
    distinct = dict.fromkeys(plan_ids)
    if len(distinct.keys() - stigg.known_products.keys()) > _MOST_READ_SINGLY:
        listed = {plan.id: plan.product_id for plan in stigg.catalog("plans") if plan.product_id is not None}
        stigg.known_products.update(listed)
    return {plan_id: product_of(stigg, plan_id) for plan_id in distinct}


def known_to_differ(stigg: Stigg, plan_id: str, other_plan_id: str) -> bool:
    """Whether this call has read the products of two plans, and they differ."""
    products = {stigg.known_products.get(plan_id), stigg.known_products.get(other_plan_id)}
    return len(products - {None}) > 1
