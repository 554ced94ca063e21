"""Change the trial of a subscription: in place where Stigg can, which moves the end of a trial and nothing else.

A trial that leads to a paid subscription becomes one when its end is moved to now. The subscription, its record and its
usage stay. A trial that Stigg cancels at its end is replaced by a paid subscription at once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from stigg_actions.clock import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.subscriptions.terms import SubscriptionTerms

TRIAL = "trialOverrideConfiguration"
_SOON = timedelta(minutes=1)
"""Stigg takes only an end in the future: a trial that is to become paid now ends this much later."""
_ALMOST = timedelta(minutes=5)
"""A trial that ends within this time becomes paid by itself."""


def in_place(asked: Mapping[str, Any], terms: SubscriptionTerms, now: float) -> dict[str, Any]:
    """Return the requested terms with the trial as its end, if Stigg can make the change so; else unchanged."""
    current, trial, rest = terms.current, asked.get(TRIAL), _without(asked, TRIAL)
    if trial is None or current.has_ended:
        return dict(asked)
    if trial["isTrial"]:
        behaves = trial.get("trialEndBehavior") in {None, _behavior(current)}
        moves = current.status == "IN_TRIAL" and behaves and not was_made_paid(terms)
        end = {"trialEndDate": trial["trialEndDate"]} if "trialEndDate" in trial else {}
        return {**rest, **end} if moves else dict(asked)
    if not current.is_trial:
        return _without(rest, "startDate") if _was_trial(terms) else rest
    becomes_paid = current.status == "IN_TRIAL" and _behavior(current) == "CONVERT_TO_PAID"
    return _becoming_paid(rest, terms, now) if becomes_paid else dict(asked)


def was_made_paid(terms: SubscriptionTerms) -> bool:
    """Whether a request has made the subscription paid, even if its trial has some seconds left."""
    return terms.remembered.get(TRIAL, {}).get("isTrial") is False


def when_replaced(asked: Mapping[str, Any], terms: SubscriptionTerms, now: float) -> dict[str, Any]:
    """Return the terms of a paid subscription that replaces a trial: it starts now, or later if so requested."""
    starts = asked.get("startDate")
    is_over = starts is not None and starts.timestamp() <= now
    return _without(asked, "startDate") if is_over and _ends_trial(asked, terms) else dict(asked)


def how_replaced(wanted: Mapping[str, Any], terms: SubscriptionTerms) -> dict[str, str]:
    """Return when a paid subscription replaces a trial: at once, where Stigg would wait for the end of the trial."""
    return {"scheduleStrategy": "IMMEDIATE"} if "startDate" not in wanted and _ends_trial(wanted, terms) else {}


def reason(asked: Mapping[str, Any], ends: datetime) -> str:
    """Return the reason for a changed end of a trial."""
    what = "The trial ends" if asked[TRIAL]["isTrial"] else "The trial becomes paid: it ends"
    return f"{what} at {iso(ends.timestamp())}."


def to_remember(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the terms that describe a trial in full, of which Stigg is sent only the end."""
    names = (TRIAL,) if asked.get(TRIAL, {}).get("isTrial") else (TRIAL, "startDate")
    return {name: asked[name] for name in names if name in asked} if TRIAL in asked else {}


def _becoming_paid(rest: Mapping[str, Any], terms: SubscriptionTerms, now: float) -> dict[str, Any]:
    """Return the terms with the end of the trial: now, or the start of the paid term if that lies ahead."""
    moment = datetime.fromtimestamp(int(now), UTC)
    end, ends_now = terms.current.trial_end_date, moment + _SOON
    starts = rest.get("startDate") or ends_now
    kept = _without(rest, "startDate")
    if end is not None and max(starts, end) <= moment + _ALMOST:
        return kept
    return {**kept, "trialEndDate": max(starts, ends_now)}


def _ends_trial(asked: Mapping[str, Any], terms: SubscriptionTerms) -> bool:
    """Whether the request makes a trial paid."""
    return asked.get(TRIAL, {}).get("isTrial") is False and terms.current.is_trial


def _behavior(current: Subscription) -> str | None:
    """Return what follows the trial of a subscription, as Stigg shows it."""
    return current.trial.trial_end_behavior if current.trial else None


def _was_trial(terms: SubscriptionTerms) -> bool:
    """Whether the subscription has become paid after a trial."""
    return terms.current.trial_end_date is not None or terms.remembered.get(TRIAL, {}).get("isTrial", False)


def _without(terms: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in terms.items() if name not in names}
