"""The request of a step: what a segment of a ramp changes. The schedule makes it; it is no action of its own."""

from stigg_actions.models.renew_subscription import RenewSubscription
from stigg_actions.models.values import Text, Whole


class ApplyRampStep(RenewSubscription):
    """A renewal to the terms of a segment."""

    segment: Whole
    """Position of the segment in its ramp, from 0."""
    sold_by: Text
    """Operation that sold the ramp, with its intent."""
