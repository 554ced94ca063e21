"""Refuse a new subscription that Stigg would add without ending the present one, so that both would be charged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.subscriptions.plans import product_of

if TYPE_CHECKING:
    from stigg_actions.models.terms import TrialOverrideConfiguration
    from stigg_actions.stigg.client import Stigg
    from stigg_actions.stigg.schemas import Subscription


def refuse_another_product(stigg: Stigg, current: Subscription, plan_id: str | None) -> None:
    """Refuse a plan of another product than the running subscription's. A plan that Stigg does not return is accepted.

    Raises:
        RequestInvalid: the plan is of another product.
    """
    if current.has_ended or plan_id in {None, current.plan_id}:
        return
    products = {product_of(stigg, str(plan)) for plan in (current.plan_id, plan_id)}
    if len(products - {None}) > 1:
        raise of_another_product()


def of_another_product() -> RequestInvalid:
    """Return the error for a plan that would run in addition to the present one."""
    problem = "is of another product, so Stigg would not end the present subscription; use create-subscription"
    return RequestInvalid([Problem("planId", problem)])


def refuse_trial(
    trial: TrialOverrideConfiguration | None, current: Subscription, *, was_made_paid: bool = False
) -> None:
    """Refuse a trial in place of a running subscription that is not a trial: a trial replaces only trials.

    ``was_made_paid``: the subscription is none any more, even if it has some seconds left.

    Raises:
        RequestInvalid: the trial would not replace the subscription.
    """
    runs = not current.has_ended and (current.status != "IN_TRIAL" or was_made_paid)
    if trial is not None and trial.is_trial and runs:
        problem = "cannot be used, because a trial does not replace a running subscription; leave it out"
        raise RequestInvalid([Problem("trialOverrideConfiguration", problem)])
