"""Give the plans of a deal that is not won yet as trials, and make them paid when the same deal comes without a trial.

A line that was sold is not given as a trial again, however late a request of an earlier stage comes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stigg_actions.exactly_once import freshness
from stigg_actions.models import moments
from stigg_actions.opportunities.left_alone import Since, milliseconds, superseded
from stigg_actions.opportunities.line_terms import with_term_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.models.trials import TrialTerms
    from stigg_actions.opportunities.left_alone import LeftAlone
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.opportunities.plan_parts import PlanWork
    from stigg_actions.opportunities.sold import Sold
    from stigg_actions.storage.opportunity_lines import NotedLine

PAID, TRIAL = "paid", "trial"
"""How a plan line was sold: as a trial only, or paid, which it then stays."""

_SOLD = "A plan that was sold does not become a trial again. Send reapply true if it was never meant to be paid."
_OVER = "Give a later end to extend the trial, or no trial to sell the plan."


def given(request: ProvisionOpportunity, line: Line) -> TrialTerms | None:
    """Return the trial of a plan's line: its own, or else the opportunity's."""
    return next((terms for terms in (line.item, request) if terms.has_trial), None)


def end(request: ProvisionOpportunity, terms: TrialTerms) -> datetime | None:
    """Return when a trial ends, in UTC; None if its days have no start.

    Raises:
        ValueError: the end lies outside the accepted years.
    """
    if terms.trial_days is None:
        return terms.trial_end_date
    return moments.end_of_days(request.start_date, terms.trial_days) if request.start_date else None


def configuration(request: ProvisionOpportunity, line: Line) -> dict[str, Any] | None:
    """Return the trial of a plan's subscription, as create-subscription takes it."""
    terms = given(request, line)
    if terms is None:
        return None
    return {
        "isTrial": True,
        "trialEndDate": end(request, terms),
        "trialEndBehavior": terms.trial_end_behavior,
    }


def becomes_paid(last_given: Mapping[str, Any], trial: Mapping[str, Any] | None) -> bool:
    """Whether a deal without a trial comes for a subscription that was given as one."""
    return trial is None and bool((last_given.get("trialOverrideConfiguration") or {}).get("isTrial"))


def sold_as(
    request: ProvisionOpportunity, plans: Iterable[Line], before: Mapping[str, NotedLine], taken: Mapping[str, str]
) -> dict[str, str]:
    """Return how each plan line is sold, by line id. What was sold as paid stays so, on another line too."""
    paid = set() if request.reapply else {line_id for line_id, line in before.items() if line.sold_as == PAID}
    on_trial = {line.id for line in plans if given(request, line) and not {line.id, taken.get(line.id)} & paid}
    return {line.id: TRIAL if line.id in on_trial else PAID for line in plans}


def left_alone(work: PlanWork, deps: Deps) -> LeftAlone | None:
    """Return the result of a line whose trial is not given: it was sold since, or its trial is over.

    Raises what Stigg's client raises.
    """
    request, record = work.situation.request, work.source
    terms = given(request, work.line)
    if terms is None or request.reapply:
        return None
    mapped = record.mapped[0] if record and record.mapped else None
    subscription = deps.stigg.find_subscription(mapped.subscription_id) if mapped else None
    if work.situation.after.lines[work.line.id].sold_as == PAID:
        latest = record.latest if record else None
        at, key = (freshness.made_at(latest), latest.operation_key) if latest else (None, None)
        return superseded(Since("the line was sold without a trial", at, key), subscription, _SOLD)
    ends = end(with_term_of(request, work.line), terms)
    if ends is None or not is_over(ends, work.situation.now):
        return None
    return superseded(Since("the trial that the line gives is over", milliseconds(ends)), subscription, _OVER)


def is_over(ends: datetime, now: float) -> bool:
    """Whether the end of a trial lies in the past."""
    return ends <= datetime.fromtimestamp(now, UTC)


def sold_anew(work: PlanWork, ended: Sold | LeftAlone) -> str | None:
    """Return the note that a plan is sold as new, because its trial ended before the deal came without one."""
    before = work.situation.known.opportunity.lines.get(work.source_id)
    was_trial = before is not None and before.sold_as == TRIAL and given(work.situation.request, work.line) is None
    is_new = getattr(getattr(ended, "answer", None), "outcome", None) == "created"
    return "Its trial ended before, so the plan is sold as new." if was_trial and is_new else None
