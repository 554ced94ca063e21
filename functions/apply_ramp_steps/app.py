"""Apply the segments of ramps that have begun. Runs every five minutes.

It can also be called on demand, for all subscriptions or for one.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.apply_ramp_steps import ApplyRampSteps, RampStepsApplied
from stigg_actions.operators.apply_ramp_steps import apply


def apply_ramp_steps(request: ApplyRampSteps, deps: Deps) -> RampStepsApplied:
    """Apply the steps that are due, until time runs out."""
    return apply(request, deps)


handler = entrypoint(apply_ramp_steps)
