"""The fields of provision-opportunity that change what was sold before."""

from typing import Annotated, Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import Model, field_problem
from stigg_actions.models.values import choice

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


class LineQuantity(Model):
    """What the quantity of a line means."""

    quantity_mode: QuantityMode = None
    """What quantity means, total or delta. Left out: as the request says. A grant is the amount in either mode."""


class DealQuantity(Model):
    """What the quantities of the lines mean."""

    quantity_mode: QuantityMode = None
    """What the quantities mean. total (the default): what the subscription has then; where total is given, 0 removes an
    add-on or credits. delta: what is added to what runs now, or taken off it if negative; each line once."""
