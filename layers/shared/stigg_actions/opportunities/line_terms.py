"""The term of a line: its own dates, completed by those of the opportunity."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.models import moments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.errors import Problem
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.lines import Line


class Term(NamedTuple):
    """The first moment and the last second of a line, None if it starts now or has no end."""

    start: datetime | None
    end: datetime | None

    @property
    def text(self) -> str:
        """The term as text for a message."""
        first, last = (moment.isoformat() if moment else None for moment in self)
        return f"{first or 'now'} to {last or 'no end'}"


def term_of(request: ProvisionOpportunity, line: Line) -> Term:
    """Return the term of a line. The end of its months is None if it lies outside the accepted years."""
    item = line.item
    start, end = item.start_date or request.start_date, item.end_date
    if end is None and item.term_months is not None:
        return Term(start, _end_of_months(start, item.term_months))
    return Term(start, end or request.ends_at)


def with_term_of(request: ProvisionOpportunity, line: Line) -> ProvisionOpportunity:
    """Return the deal with the term of a line in place of its own, if the line has dates."""
    if not line.item.has_dates:
        return request
    term = term_of(request, line)
    return request.model_copy(update={"start_date": term.start, "end_date": term.end, "term_months": None})


def problems(request: ProvisionOpportunity, line: Line) -> Iterator[Problem]:
    """Yield what is wrong with the dates of a line by itself."""
    item, term = line.item, term_of(request, line)
    if item.term_months is not None and term.start is None:
        yield line.problem("startDate", "is required with termMonths, here or for the opportunity")
    elif item.term_months is not None and term.end is None:
        yield line.problem("termMonths", "leads to an end that is not accepted; give fewer months")
    elif item.has_dates and term.end is not None and term.end <= (term.start or datetime.min.replace(tzinfo=UTC)):
        yield line.problem("endDate", "must be later than startDate")


def _end_of_months(start: datetime | None, months: int) -> datetime | None:
    if start is None:
        return None
    try:
        return moments.end_of_months(start, months)
    except ValueError:
        return None
