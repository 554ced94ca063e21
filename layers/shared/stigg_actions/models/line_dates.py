"""The dates of a line of an opportunity, if they are its own."""

from typing import Annotated

from pydantic import Field

from stigg_actions.models.base import Model
from stigg_actions.models.values import EndMoment, StartOfMonths, Whole


class LineDates(Model):
    """The term of a line: a segment of a ramp, if other lines with its plan have other dates."""

    start_date: StartOfMonths | None = None
    """Start of the line's own term. Plan lines with dates and the same plan and resource form a ramp of up to 10
    segments. Left out: as the request says; add-on or entitlement: all segments of its plan."""
    end_date: EndMoment | None = None
    """End of the line's own term. Left out: computed from its termMonths, else as the request says."""
    term_months: Annotated[Whole | None, Field(ge=1, le=600)] = None
    """Months of the line's own term from its startDate, if its endDate is left out."""

    @property
    def has_dates(self) -> bool:
        """Whether it has a term of its own."""
        return any(value is not None for value in (self.start_date, self.end_date, self.term_months))
