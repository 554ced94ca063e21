"""The request and the answer of reconcile."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from stigg_actions.models.base import ActionRequest, Answer, Model, field_problem
from stigg_actions.models.values import CustomerId, Flag, Whole


class Reconcile(ActionRequest):
    """The request of reconcile."""

    longest_seconds: ClassVar[float] = 240.0

    minimum_age_seconds: Annotated[Whole, Field(le=86_400)] = 90
    """Leave operations alone that were started more recently."""
    dry_run: Flag = False
    """True: tell what would be done, and write nothing."""
    customer_id: CustomerId | None = None
    """Compare this customer's subscriptions, not the next in turn."""
    scheduled: Flag = False
    """True, as the schedule sends it: an account of over 1,000 subscriptions rests between two rounds of comparison, of
    10,000 for 45 minutes and never for longer than 50."""
    rebuild: Flag = False
    """True, with customerId: write the mappings anew that Stigg's metadata tell of."""

    @model_validator(mode="after")
    def _rebuild_of_one(self) -> Self:
        if self.rebuild and self.customer_id is None:
            raise field_problem("customerId", "is required with rebuild: the mappings of one customer are rebuilt")
        return self


class SettledOperation(Model):
    """What became of an operation of unknown outcome."""

    operation_key: str
    """Key of the operation."""
    kind: str
    """What was to be done."""
    result: Literal["succeeded", "failed", "unsettled", "wouldBeLookedUp"]
    """succeeded (its effect was found), failed (it surely never took effect), unsettled (it cannot be told yet) or
    wouldBeLookedUp (dry run)."""


class MendedMapping(Model):
    """A mapping that did not agree with Stigg."""

    subscription_id: str
    """Stigg subscription."""
    customer_id: str
    """Stigg customer."""
    salesforce_record_id: str | None = None
    """Record that it belongs to."""
    problem: Literal["missing", "status", "paid", "lapsed", "displaced", "unlisted", "conflict"]
    """missing (no mapping), status (another status), paid (awaited payment), lapsed (ended before it was paid),
    displaced (its record has none that runs), unlisted (rebuild: not among its customer's) or conflict (its record has
    another one that runs, or an operation ended its record's: cancel the one that is not wanted)."""
    mended: bool
    """False: a dry run, a conflict, a write was under way, or errorCode; the next round looks again."""
    error_code: str | None = None
    """Why it could not be mended."""


class UnreadableSubscription(Model):
    """A subscription in Stigg's list that was skipped."""

    subscription_id: str | None = None
    """Stigg subscription, if it has a readable id."""
    fields: list[str]
    """What in it is not as it must be."""


class Reconciled(Answer):
    """The answer of reconcile."""

    outcome: Literal["reconciled", "dryRun"]
    """reconciled, or dryRun (nothing was written)."""
    settled: list[SettledOperation]
    """Operations that were looked at."""
    mended: list[MendedMapping]
    """Mappings that did not agree with Stigg."""
    subscriptions_compared: int
    """Subscriptions that were compared with their mappings."""
    subscriptions_unreadable: int = 0
    """Subscriptions in Stigg's list that cannot be read, and were skipped."""
    unreadable: list[UnreadableSubscription] | None = None
    """The first 100 of them."""
    stopped_by: str | None = None
    """errorCode of what ended the comparison before its time; the next run goes on from there."""
    complete: bool
    """True: all subscriptions have been compared, and the next run starts over."""

    def counts(self) -> dict[str, int]:
        """Return how much was settled, stays unsettled, was compared and mended, and could not be read or mended."""
        results = [one.result for one in self.settled]
        conflicts = sum(one.problem == "conflict" for one in self.mended)
        not_mended = sum(one.error_code is not None for one in self.mended)
        return {
            "OperationsSettled": sum(one in {"succeeded", "failed"} for one in results),
            "OperationsUnsettled": results.count("unsettled"),
            "SubscriptionsCompared": self.subscriptions_compared,
            "SubscriptionsUnreadable": self.subscriptions_unreadable,
            "MappingsMended": sum(one.mended for one in self.mended),
            "MappingConflicts": conflicts,
            "MappingsNotMended": not_mended,
            "MappingsNeedAttention": conflicts + not_mended + self.subscriptions_unreadable,
        }
