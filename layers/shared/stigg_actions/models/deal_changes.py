"""The fields of provision-opportunity that change what was sold before."""

from typing import Annotated, Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import Model, field_problem
from stigg_actions.models.values import Flag, StiggId, choice

QuantityMode = Annotated[Literal["total", "delta"] | None, choice("total", "delta")]
RemovedCancelWhen = Literal["now", "endOfBillingPeriod"]


class RemovedLines(Model):
    """What happens to the lines of earlier calls that are no longer among the lines."""

    removed: Annotated[Literal["keep", "cancel"], choice("keep", "cancel")] = "keep"
    """What happens to lines of earlier calls that are no longer among the lines. keep (the default): what they became
    stays. cancel: their subscriptions are canceled, and their add-ons and entitlements are removed. Credits that were
    granted stay; void-credit-grant takes them back."""
    removed_cancel_when: Annotated[RemovedCancelWhen | None, choice("now", "endOfBillingPeriod")] = None
    """With removed cancel: when the subscriptions end, now (the default) or endOfBillingPeriod. Add-ons and
    entitlements are removed at once."""

    @model_validator(mode="after")
    def _only_with_cancel(self) -> Self:
        if self.removed_cancel_when is not None and self.removed != "cancel":
            raise field_problem("removedCancelWhen", "is only possible with removed cancel")
        return self


class LineChanges(Model):
    """What the quantity of a line means, and with what it ends."""

    quantity_mode: QuantityMode = None
    """What quantity means, total or delta. Left out: as the request says. The quantity of a grant is its amount in
    either mode."""
    co_terminate: Flag | None = None
    """True: it ends with what it is added to. Left out: as the request says."""
    co_terminate_with: StiggId | None = None
    """New plan or grant: Stigg id of the subscription or contract that it ends with; implies coTerminate true. With
    coTerminate, left out: the customer's, if their ends are the same."""

    @model_validator(mode="after")
    def _with_something(self) -> Self:
        if self.co_terminate is False and self.co_terminate_with is not None:
            raise field_problem("coTerminateWith", "contradicts coTerminate false; give only one of them")
        return self


class DealChanges(RemovedLines):
    """How the lines change what was sold before."""

    quantity_mode: QuantityMode = None
    """What the quantities mean. total (the default): what the subscription has then; where total is given, 0 removes an
    add-on or credits. delta: what is added to what runs now, or taken off it if negative; each line once."""
    co_terminate: Flag = False
    """True: what the lines sell ends with what it is added to. An existing subscription keeps its end. A new plan or
    grant ends with the customer's other subscriptions or contract. An endDate that differs is refused."""
