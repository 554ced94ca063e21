"""The ramp in the mappings after a write."""

from typing import Any, cast

import pytest

from stigg_actions.errors import InProgress
from stigg_actions.storage.mapping import Changes, CustomerState, SubscriptionState
from stigg_actions.storage.ramps import Ramp, Segment, stored_ramp, with_ramp
from stigg_actions.storage.snapshot import Run, Snapshot, Target
from stigg_actions.writes._mapping_ramp import refuse_outdated, with_ramps
from tests.support.operations import STARTED

STATE = SubscriptionState("sub-1", "acme", "plan-growth")
SOLD = Ramp((Segment(100), Segment(200)))


class Answer:
    """What the mapping needs of an answer."""

    def __init__(self, subscription_id: str, outcome: str) -> None:
        self.subscription_id = subscription_id
        self.outcome = outcome


def changed(before: SubscriptionState | None, after: SubscriptionState, sold: Ramp | None) -> Ramp | None:
    """Return the ramp of a subscription after a write that sold this ramp."""
    run = Run(STARTED, Snapshot(Target("00D"), subscription=before))
    changes = Changes(CustomerState("acme"), subscriptions=(after,))
    answer = cast("Any", Answer(after.subscription_id, "updated"))
    return stored_ramp(with_ramps(changes, run, answer, sold).subscriptions[0])


def test_recorded_twice() -> None:
    """An operation that is recorded again, once its payment was made, does not set back the steps since."""
    first = changed(STATE, STATE, SOLD)
    assert first is not None
    advanced = with_ramp(STATE, first.applied(1, 200))

    again = changed(advanced, advanced, SOLD)

    assert again is not None
    assert again.in_force == 1


@pytest.mark.parametrize("state", [STATE, with_ramp(STATE, SOLD.applied(1, 200)), None])
def test_outdated(state: SubscriptionState | None) -> None:
    """A ramp that was computed from another state than the present one is refused, so that no step is undone."""
    refuse_outdated(None, state)
    with pytest.raises(InProgress, match="has changed the ramp"):
        refuse_outdated(SOLD._replace(based_on=SOLD.mark), state)
    stored = stored_ramp(state)
    refuse_outdated(SOLD._replace(based_on=stored.mark if stored else None), state)
