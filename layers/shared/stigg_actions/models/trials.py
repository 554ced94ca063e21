"""The trial of an opportunity that is not won yet, or of one of its plan lines."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stigg_actions.models.base import Model, field_problem
from stigg_actions.models.values import EndMoment, Picklist, Whole


class TrialTerms(Model):
    """A trial: when it ends, and what follows."""

    trial_end_date: EndMoment | None = None
    """End of the trial of this Plan line, or of all plans of the opportunity. The same deal without a trial makes the
    trial paid."""
    trial_days: Annotated[Whole | None, Field(ge=1, le=730)] = None
    """Days of the trial from startDate, instead of trialEndDate. The trial ends with the last second of its last
    day."""
    trial_end_behavior: Annotated[Literal["CONVERT_TO_PAID", "CANCEL_SUBSCRIPTION"] | None, Picklist] = None
    """Required with a trial: CONVERT_TO_PAID (it becomes paid at its end, also if the deal is not won) or
    CANCEL_SUBSCRIPTION."""

    @model_validator(mode="after")
    def _is_a_whole_trial(self) -> Self:
        if self.trial_end_date is not None and self.trial_days is not None:
            raise field_problem("trialDays", "cannot be combined with trialEndDate; give one of them")
        if self.has_trial and self.trial_end_behavior is None:
            raise field_problem("trialEndBehavior", "is required for a trial: CONVERT_TO_PAID or CANCEL_SUBSCRIPTION")
        if self.trial_end_behavior is not None and not self.has_trial:
            raise field_problem("trialEndBehavior", "is only for a trial; give trialEndDate or trialDays too")
        return self

    @property
    def has_trial(self) -> bool:
        """Whether a trial is given."""
        return self.trial_end_date is not None or self.trial_days is not None

    @property
    def trial_field(self) -> str:
        """The field that says when the trial ends."""
        return "trialEndDate" if self.trial_days is None else "trialDays"
