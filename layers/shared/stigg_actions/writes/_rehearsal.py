"""Rehearse a write of a subscription: return what it would do, and change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.exactly_once import freshness
from stigg_actions.exactly_once.start import current_snapshot
from stigg_actions.models.subscription_data import DryRunResult
from stigg_actions.subscriptions.response_fields import drop_none, scheduled_changes, subscription_data
from stigg_actions.writes import _forecasts

if TYPE_CHECKING:
    from stigg_actions.models.base import Answer
    from stigg_actions.models.subscription_reference import SubscriptionRequest
    from stigg_actions.writes._subscription_base import OfSubscription


def rehearse[Request: SubscriptionRequest, Result: Answer](write: OfSubscription[Request, Result]) -> Result:
    """Return what a write would do, with the subscription as it is now.

    Raises:
        ActionError: what the write would raise before it sends a request to Stigg.
    """
    freshness.check(write.request, now=write.deps.clock.now())
    snapshot = current_snapshot(write)
    newer = freshness.newer(write.request, write.latest(snapshot))
    if newer is not None:
        return write.superseded(snapshot, newer)
    current = write.deps.stigg.get_subscription(str(snapshot.target.subscription_id))
    forecast = _forecasts.BY_KIND[write.kind](write, snapshot, current)
    fields: dict[str, Any] = {
        "changes": [],
        "scheduled_changes": scheduled_changes(current),
        **subscription_data(current),
        **forecast.own,
        "dry_run_result": None if forecast.own else _report(forecast),
    }
    known = {name: value for name, value in drop_none(fields).items() if name in write.result.model_fields}
    return write.result.model_validate({"outcome": "dryRun", **known})


def _report(forecast: _forecasts.Forecast) -> DryRunResult:
    fields = {
        "outcome": forecast.outcome,
        "changes": forecast.changes,
        "blockers": forecast.blockers,
        "fallback_used": forecast.fallback_used,
        "not_priced": forecast.not_priced,
        **_forecasts.timing(forecast),
        **forecast.price.model_dump(exclude_none=True),
    }
    return DryRunResult.model_validate(drop_none(fields))
