"""The stored ramp of a subscription."""

from stigg_actions.storage import mapping_items
from stigg_actions.storage.mapping import SubscriptionState
from stigg_actions.storage.ramps import WAITS, Ramp, Segment, ramp_of, stored_ramp, with_ramp, without_ramp

STATE = SubscriptionState("sub-1", "acme", "plan-growth")
RAMP = Ramp(
    (Segment(100, {"unitQuantity": 50}, 100), Segment(200, {"unitQuantity": 80}), Segment(300)), 400, sold_by="a"
)


def test_what_is_due() -> None:
    """The segment that has begun last is due, unless it is in force or the ramp is over."""
    assert [RAMP.due(now) for now in (50, 150, 200, 299, 300, 1000)] == [None, None, 1, 1, 2, 2]
    assert (RAMP.applied(1, 210).due(250), RAMP.called_off().due(250)) == (None, None)


def test_applied() -> None:
    """A segment that is applied is in force from then on; those before it stay as they are."""
    after = RAMP.applied(2, 310.5)

    assert (after.in_force, after.waiting) == (2, ())
    assert [segment.applied_at for segment in after.segments] == [100, None, 310]


def test_stored_and_read() -> None:
    """A ramp is read as it was stored, and the index finds it as long as a segment waits."""
    item = mapping_items.subscription_item(with_ramp(STATE, RAMP))
    read = mapping_items.read_subscription(item)

    assert (item["step_waits"], item["step_at"]) == (WAITS, 200)
    assert stored_ramp(read) == RAMP == ramp_of(RAMP.plain())
    last = mapping_items.subscription_item(with_ramp(STATE, RAMP.applied(2, 300)))
    assert {"step_waits", "step_at"}.isdisjoint({name for name, value in last.items() if value is not None})


def test_without_a_ramp() -> None:
    """A subscription without a ramp stays without one; a ramp that is called off stays readable."""
    assert (without_ramp(STATE), stored_ramp(STATE), stored_ramp(None)) == (STATE, None, None)
    assert with_ramp(with_ramp(STATE, RAMP), None) == STATE
    over = without_ramp(with_ramp(STATE, RAMP))
    assert (stored_ramp(over), over.step_waits) == (RAMP.called_off(), None)
