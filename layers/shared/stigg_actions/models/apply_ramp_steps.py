"""The request and the answer of apply-ramp-steps."""

from typing import ClassVar, Literal

from stigg_actions.models.base import ActionRequest, Answer, Model
from stigg_actions.models.values import Flag, StiggId


class ApplyRampSteps(ActionRequest):
    """The request of apply-ramp-steps."""

    longest_seconds: ClassVar[float] = 240.0

    subscription_id: StiggId | None = None
    """Apply only the step of this subscription, even if Stigg refused it less than a day ago. Left out: all that are
    due."""
    dry_run: Flag = False
    """True: report the steps that are due, and write nothing."""


class RampStep(Model):
    """A step that was due."""

    subscription_id: str
    """Stigg subscription, before the step."""
    salesforce_record_id: str | None = None
    """Record that it belongs to."""
    segment: int
    """Position of the segment in its ramp, from 0."""
    result: Literal["applied", "calledOff", "awaitsPayment", "refused", "deferred", "wouldBeApplied"]
    """applied, calledOff (the subscription has ended), awaitsPayment, refused (list-operations says why; tried
    again after a day), deferred (the outcome is not known, or the step could not run now; the next run continues) or
    wouldBeApplied (dry run)."""
    operation_key: str | None = None
    """Key of its operation for list-operations and replay-operation."""
    error_code: str | None = None
    """Code of the error because of which it was refused or deferred."""


class RampStepsApplied(Answer):
    """The answer of apply-ramp-steps."""

    outcome: Literal["applied", "unchanged", "dryRun"]
    """applied (steps were due), unchanged (no step was due) or dryRun (no data was written)."""
    steps: list[RampStep]
    """Steps that were due."""
    complete: bool
    """True: all steps that were due were tried. False: the time was up, and the next run continues."""

    def counts(self) -> dict[str, int]:
        """Return the numbers of steps, by metric."""
        results = [step.result for step in self.steps]
        attention = results.count("refused") + results.count("awaitsPayment")
        return {
            "RampStepsApplied": results.count("applied"),
            "RampStepsDeferred": results.count("deferred"),
            "RampStepsNeedAttention": attention,
        }
