"""Join the plan lines of a ramp, and find the segments that each add-on or entitlement line covers."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from stigg_actions.opportunities.line_terms import term_of
from stigg_actions.opportunities.lines import SegmentPart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stigg_actions.errors import Problem
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.lines import Line

MOST_SEGMENTS = 10
"""The most segments of a ramp."""

_ONE_SECOND = timedelta(seconds=1)


def joined(request: ProvisionOpportunity, plans: Sequence[Line]) -> list[Line]:
    """Return the plan lines without the later segments of ramps, which the line of the first segment has."""
    heads: list[Line] = []
    for group in _groups(plans):
        if len(group) > 1 and any(line.item.has_dates for line in group):
            first, *later = sorted(group, key=lambda line: _sort_key(request, line))
            heads.append(first._replace(later=tuple(later)))
        else:
            heads += group
    return sorted(heads, key=attrgetter("position"))


def problems(request: ProvisionOpportunity, plan: Line) -> Iterator[Problem]:
    """Yield what is wrong with the segments of a ramp. A plan without later segments has no problem."""
    lines = (plan, *plan.later)
    if not plan.later:
        return
    for line in lines:
        yield from _own_problems(request, plan, line)
    for line in lines[MOST_SEGMENTS:]:
        yield line.problem("startDate", f"is that of one segment too many; a ramp has up to {MOST_SEGMENTS} segments")
    for before, after in pairwise(lines):
        yield from _order_problems(request, before, after)


def places(request: ProvisionOpportunity, plan: Line, line: Line) -> range:
    """Return the segments of a plan that an add-on or entitlement line covers; none if its dates are not theirs."""
    terms = [term_of(request, segment) for segment in (plan, *plan.later)]
    ids = [segment.id for segment in (plan, *plan.later)]
    named, item = item_place(ids, line), line.item
    if not item.has_dates:
        return range(len(terms)) if named is None or len(terms) == 1 else range(named, named + 1)
    own = term_of(request, line)
    start = own.start if item.start_date else terms[0].start
    end = own.end if item.end_date or item.term_months else terms[-1].end
    first = next((place for place, term in enumerate(terms) if term.start == start), None)
    last = next((place for place, term in enumerate(terms) if term.end == end), None)
    if first is None or last is None or (named is not None and not first <= named <= last):
        return range(0)
    return range(first, last + 1)


def item_place(ids: Sequence[str], line: Line) -> int | None:
    """Return the segment whose plan line a line names, if it names one."""
    named = line.item.plan_line_item_id
    return ids.index(named) if named in ids else None


def cover_problems(request: ProvisionOpportunity, plan: Line, line: Line) -> Iterator[Problem]:
    """Yield why an add-on or entitlement line cannot be a part of a plan with its dates."""
    if line.item.has_dates and not places(request, plan, line):
        terms = "; ".join(f"line {one.id}: {term_of(request, one).text}" for one in (plan, *plan.later))
        field = "startDate" if line.item.start_date else "endDate" if line.item.end_date else "termMonths"
        yield line.problem(
            field,
            f"does not fit: the line has to begin and end with segments of its plan, and cover the one that "
            f"planLineItemId names ({terms}). Give the dates of these segments, or leave the dates out",
        )
    if plan.later and line.item.sells_nothing:
        yield line.problem("quantity", "must be more than 0 for a part of a ramp; remove a line that is not sold")


def segments(request: ProvisionOpportunity, plan: Line, attached: Sequence[Line]) -> tuple[SegmentPart, ...]:
    """Return the segments of a plan with their lines; none if its lines have no dates."""
    if not plan.item.has_dates:
        return ()
    covered = [(line, places(request, plan, line)) for line in attached]
    return tuple(
        SegmentPart(
            *term_of(request, segment),
            segment,
            tuple(line for line, of_line in covered if place in of_line),
        )
        for place, segment in enumerate((plan, *plan.later))
    )


def _groups(plans: Sequence[Line]) -> list[list[Line]]:
    """Group plan lines by plan and resource."""
    groups: dict[tuple[str | None, str | None], list[Line]] = {}
    for line in plans:
        groups.setdefault((line.item.stigg_id, line.item.resource_id), []).append(line)
    return list(groups.values())


def _sort_key(request: ProvisionOpportunity, line: Line) -> tuple[bool, datetime | int, int]:
    start = term_of(request, line).start
    return (start is not None, start or 0, line.position)


def _own_problems(request: ProvisionOpportunity, plan: Line, line: Line) -> Iterator[Problem]:
    """Yield why a line cannot be a segment of a plan."""
    item, first = line.item, plan.item
    if not item.has_dates:
        problem = "is required, because other lines of the same plan and resource have dates; give each segment its own"
        yield line.problem("startDate", problem)
    elif term_of(request, line).start is None and item.term_months is None:
        yield line.problem("startDate", "is required for a segment of a ramp, here or for the opportunity")
    if item.sells_nothing:
        yield line.problem("quantity", "must be more than 0 for a segment of a ramp; to end it early, move its end")
    if (item.billing_period or request.billing_period) != (first.billing_period or request.billing_period):
        yield line.problem("billingPeriod", f"must be that of line {plan.id}: a ramp has one billing period")
    if item.subscription_id is not None and line is not plan:
        yield line.problem("subscriptionId", f"is only for the first segment of a ramp, line {plan.id}")
    if request.contract and (item.quantity or 1) != (first.quantity or 1):
        problem = (
            f"must be that of line {plan.id}: other units need a new subscription, which would not be on the contract. "
            "Sell the difference as an add-on, or leave contract out"
        )
        yield line.problem("quantity", problem)


def _order_problems(request: ProvisionOpportunity, before: Line, after: Line) -> Iterator[Problem]:
    """Yield why a segment does not follow the one before it."""
    earlier, later = term_of(request, before), term_of(request, after)
    if earlier.start is None or later.start is None:
        return
    if earlier.end is None:
        yield before.problem("endDate", f"is required, or termMonths, because line {after.id} follows as a segment")
    elif later.start < earlier.end:
        problem = f"lies before the end of line {before.id} ({earlier.end.isoformat()}); segments must not overlap"
        yield after.problem("startDate", problem)
    elif later.start - earlier.end > _ONE_SECOND:
        problem = (
            f"leaves a gap after the end of line {before.id} ({earlier.end.isoformat()}); segments follow each other. "
            "Move one of the dates, or give the segments different resourceIds"
        )
        yield after.problem("startDate", problem)
