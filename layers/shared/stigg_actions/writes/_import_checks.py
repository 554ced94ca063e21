"""What is checked before a subscription is imported. Stigg skips what does not fit without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models.charges import merge_addons
from stigg_actions.subscriptions.plans import product_of

if TYPE_CHECKING:
    from stigg_actions.models.import_subscription import ImportSubscription
    from stigg_actions.stigg.client import Stigg
    from stigg_actions.stigg.preview_schemas import Plan
    from stigg_actions.stigg.schemas import Subscription


def checked_plan(request: ImportSubscription, stigg: Stigg, *, now: float) -> Plan:
    """Return the plan of a subscription that can be imported.

    Raises:
        NotFound: Stigg does not have the plan.
        RequestInvalid: the subscription has ended, or its plan needs a billing period.
    """
    if request.end_date is not None and request.end_date.timestamp() <= now:
        problem = "lies in the past; import only subscriptions that have not ended"
        raise RequestInvalid([Problem("endDate", problem)])
    plan = stigg.get_plan(request.plan_id)
    if plan.pricing_type == "PAID" and request.billing_period is None:
        problem = f"is required, because {plan.id} is a paid plan; give MONTHLY or ANNUALLY"
        raise RequestInvalid([Problem("billingPeriod", problem)])
    return plan


def refuse_beside(request: ImportSubscription, plan: Plan, customer_id: str, stigg: Stigg) -> None:
    """Refuse to import beside a live subscription of the same customer, resource and product.

    Raises:
        RequestInvalid: the customer has one, which the record can adopt.
    """
    for other in stigg.subscriptions_of(customer_id, ended=False):
        if other.resource_id == request.resource_id and _is_of(plan, other, stigg):
            problem = (
                f"names {plan.id}, but customer {customer_id} has subscription {other.id} ({other.plan_id}, "
                f"{other.status}) of the same product in Stigg already; give the record that one (adopt-subscription), "
                "or leave this row out"
            )
            raise RequestInvalid([Problem("planId", problem)])


def refuse_different(request: ImportSubscription, present: Subscription) -> None:
    """Refuse to import for a record whose subscription another request imported with other terms.

    Raises:
        RequestInvalid: plan, resource, add-ons or end differ, that subscription has ended, or charges are given, which
            Stigg does not return.
    """
    if present.has_ended or request.charges or not _is_as_asked(request, present):
        problem = (
            f"names a record whose subscription {present.id} ({present.plan_id}, {present.status}) was imported before "
            "by another request; change that one (update-subscription, renew-subscription), or use another record"
        )
        raise RequestInvalid([Problem("salesforceRecordId", problem)])


def _is_as_asked(request: ImportSubscription, present: Subscription) -> bool:
    """Whether a subscription has the plan, resource, end and add-ons of a request."""
    addons = {addon.id: addon.quantity for addon in present.addons}
    return (request.plan_id, request.resource_id, request.end_date) == (
        present.plan_id,
        present.resource_id,
        present.cancellation_date,
    ) and {addon.id: addon.quantity for addon in merge_addons(request.addons or [])} == addons


def _is_of(plan: Plan, other: Subscription, stigg: Stigg) -> bool:
    """Whether a subscription is of the product of a plan. A plan that Stigg does not show may belong to any product."""
    return other.plan_id == plan.id or product_of(stigg, other.plan_id) in {plan.product_id, None}
