"""What Stigg would not put in the place of a subscription, but beside it: both would run, and be charged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.subscriptions import pricing

if TYPE_CHECKING:
    from stigg_actions.models.terms import TrialOverrideConfiguration
    from stigg_actions.stigg.client import Stigg
    from stigg_actions.stigg.schemas import Subscription


def refuse_another_product(stigg: Stigg, current: Subscription, plan_id: str | None) -> None:
    """Refuse a plan of another product than the running subscription's; a plan that Stigg does not show may be any.

    Raises:
        RequestInvalid: naming the plan.
    """
    if current.has_ended or plan_id in {None, current.plan_id}:
        return
    products = {pricing.product_of(stigg, str(one)) for one in (current.plan_id, plan_id)}
    if len(products - {None}) > 1:
        raise of_another_product()


def of_another_product() -> RequestInvalid:
    """Return the error for a plan that would run beside the present one."""
    told = "is of another product, so Stigg would not end the present subscription; use create-subscription"
    return RequestInvalid([Problem("planId", told)])


def refuse_trial(trial: TrialOverrideConfiguration | None, current: Subscription) -> None:
    """Refuse a trial in the place of what runs and is none: a trial replaces trials alone.

    Raises:
        RequestInvalid: naming the trial.
    """
    if trial is not None and trial.is_trial and not current.has_ended and current.status != "IN_TRIAL":
        told = "a trial does not take the place of a subscription that runs; leave it out"
        raise RequestInvalid([Problem("trialOverrideConfiguration", told)])
