"""apply-ramp-steps: each segment of a ramp takes effect when it begins, once."""

from tests.support.deals import ACTION, APP, by_line, deal, running, writes
from tests.support.harness import Harness
from tests.support.ramps import (
    DAYS,
    RUN,
    current,
    pass_days,
    run,
    seats,
    sold,
    units,
    years,
)
from tests.support.requests import in_stigg


def test_each_segment_in_turn(actions: Harness) -> None:
    """A step is applied when its segment begins and not before, once, and the subscription stays the same."""
    sold(actions)
    subscription = current(actions)

    assert (run(actions), seats(actions)) == ({}, 50)
    pass_days(actions, DAYS)
    before = writes(actions)

    assert run(actions) == {subscription: "applied"}
    assert (seats(actions), writes(actions)) == (80, before + 1)
    assert run(actions) == {}
    pass_days(actions, DAYS)
    assert run(actions) == {subscription: "applied"}
    assert (seats(actions), current(actions), running(actions)) == (120, subscription, ["plan-growth"])
    assert actions.history(APP) == ["created", "stepApplied", "stepApplied"]
    pass_days(actions, DAYS)
    assert run(actions) == {}
    assert in_stigg(actions, subscription)["status"] == "CANCELED"


def test_other_units_need_a_new_subscription(actions: Harness) -> None:
    """A step that Stigg cannot make in place replaces the subscription, which takes the ramp over."""
    sold(actions, *units(actions, 50, 80, 120))
    first = current(actions)
    pass_days(actions, DAYS)

    assert run(actions) == {first: "applied"}
    second = current(actions)
    assert (second != first, running(actions)) == (True, ["plan-growth"])
    assert actions.terms(second)["unitQuantity"] == 80
    pass_days(actions, DAYS)
    assert run(actions) == {second: "applied"}
    assert actions.terms(current(actions))["unitQuantity"] == 120
    assert in_stigg(actions, current(actions))["cancellationDate"] is not None


def test_late_by_more_than_a_segment(actions: Harness) -> None:
    """A run that is late applies only the segment that is current."""
    sold(actions)
    pass_days(actions, 2 * DAYS + 1)
    before = writes(actions)

    assert run(actions) == {current(actions): "applied"}
    assert (seats(actions), writes(actions)) == (120, before + 1)


def test_a_deal_that_is_sent_again_changes_nothing(actions: Harness) -> None:
    """The same deal is unchanged before and after each step, and no step is undone or repeated."""
    deal_1 = deal(*years(actions, 50, 80, 120))
    actions.ok(ACTION, deal_1)
    for count in (50, 80, 120):
        run(actions)
        before = writes(actions)

        again = actions.ok(ACTION, deal_1)

        assert set(by_line(again).values()) == {"unchanged"}, again
        assert (seats(actions), writes(actions), run(actions)) == (count, before, {})
        pass_days(actions, DAYS)


def test_dry_run(actions: Harness) -> None:
    """A dry run names the steps that are due, and changes nothing."""
    sold(actions)
    pass_days(actions, DAYS)

    answer = actions.invoke(RUN, {"dryRun": True})

    assert answer["outcome"] == "dryRun"
    assert [(step["result"], step["segment"]) for step in answer["steps"]] == [("wouldBeApplied", 1)]
    assert seats(actions) == 50
