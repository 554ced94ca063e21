"""Which line took the place of which, when a quote is synced again."""

from typing import Any

import pytest

from stigg_actions.models.provision_opportunity import ProvisionOpportunity
from stigg_actions.opportunities.line_history import Known
from stigg_actions.opportunities.line_matching import matches
from stigg_actions.opportunities.line_sorting import sort_lines
from stigg_actions.storage.mapping import MappedSubscription, RecordState
from stigg_actions.storage.opportunity_lines import NotedLine, OpportunityState
from tests.support.deals import Body, addon, bonus, deal, plan
from tests.support.harness import ORG

OLD = ("00k000000000021AAA", "00k000000000022AAA", "00k000000000023AAA")
NEW = ("00k000000000031AAA", "00k000000000032AAA", "00k000000000033AAA")
PLAN = "00k000000000001AAA"


def known(lines: dict[str, NotedLine], *records: RecordState, gone: tuple[str, ...] = ()) -> Known:
    """Return what is known of an opportunity whose lines these were; all but those of the deal are gone."""
    opportunity = OpportunityState(ORG, "006000000000001AAA", 1, lines)
    removed = {line_id: lines[line_id] for line_id in gone}
    return Known(opportunity, "acme", None, removed, {one.record_id: one for one in records}, {})


def credits_of(quantity: str | None, **changes: Any) -> NotedLine:  # noqa: ANN401 - any field
    """Return a line for credits that were granted."""
    return NotedLine("Credit entitlement", "cred-type-tokens", quantity=quantity)._replace(**changes)


def sold(line_id: str, status: str = "ACTIVE", resource: str | None = None, **changes: Any) -> RecordState:  # noqa: ANN401
    """Return the record of a plan line."""
    current = MappedSubscription(f"sub-{line_id}", "plan-growth", status, "provision-1", resource)
    return RecordState(ORG, line_id, "acme", current=current)._replace(**changes)


def matched(found: Known, *lines: Body) -> tuple[dict[str, str], set[str]]:
    """Return what is taken over by the lines of a deal, and the lines of which that cannot be said."""
    result = matches(found, sort_lines(ProvisionOpportunity.model_validate(deal(*lines))))
    return dict(result.taken), set(result.unclear)


QUANTITIES: list[tuple[list[str | None], list[float], dict[int, int], set[int]]] = [
    # the quantities of the removed lines and of the new ones; which new one takes over which; which are unclear
    (["5"], [5], {0: 0}, set()),
    (["5"], [7], {0: 0}, set()),
    (["5.50"], [5.5], {0: 0}, set()),
    ([], [5], {}, set()),
    (["5"], [], {}, set()),
    (["3", "4"], [4, 3], {0: 1, 1: 0}, set()),
    (["3", "4"], [4, 9], {0: 1, 1: 0}, set()),
    (["3", "4"], [4], {0: 1}, set()),
    (["3", "4"], [5], {}, {0}),
    (["3", "4"], [5, 6], {}, {0, 1}),
    (["5", "5"], [7], {0: 0}, set()),
    (["5", "5"], [7, 9], {0: 0, 1: 1}, set()),
    (["3", "4"], [7, 7], {0: 0, 1: 1}, set()),
    (["5"], [7, 7], {0: 0}, set()),
    (["5"], [7, 9], {}, {0, 1}),
    (["5", "5", "5"], [5, 5], {0: 0, 1: 1}, set()),
    (["5", "6"], [5, 7, 8], {0: 0}, {1, 2}),
    ([None], [5], {0: 0}, set()),
    ([None, "5"], [7], {}, {0}),
]


@pytest.mark.parametrize(("old", "new", "taken", "unclear"), QUANTITIES)
def test_by_quantity(old: list[str | None], new: list[float], taken: dict[int, int], unclear: set[int]) -> None:
    """Equal quantities first, then in order; where quantities differ and several could be meant, nothing is guessed."""
    lines = {line_id: credits_of(quantity) for line_id, quantity in zip(OLD, old, strict=False)}

    found = matched(
        known(lines, gone=tuple(lines)), *(bonus(NEW[at], quantity) for at, quantity in enumerate(new)), plan()
    )

    assert found == ({NEW[one]: OLD[other] for one, other in taken.items()}, {NEW[one] for one in unclear})


def test_only_for_the_same() -> None:
    """Credits are taken over for the same currency and resource; of an older version's line no resource is known."""
    lines = {
        OLD[0]: credits_of("5", stigg_id="cred-type-other"),
        OLD[1]: credits_of("5", resource_id="site-1"),
        OLD[2]: credits_of(None),
    }
    found = known(lines, gone=OLD)

    assert matched(found, bonus(NEW[0], 5)) == ({NEW[0]: OLD[2]}, set())
    assert matched(found, bonus(NEW[0], 5, resourceId="site-1")) == ({NEW[0]: OLD[1]}, set())
    assert matched(found, bonus(NEW[0], 5, resourceId="site-2")) == ({NEW[0]: OLD[2]}, set())


def test_a_line_that_was_there_before_takes_nothing_over() -> None:
    """A grant line that is known has a grant of its own; what another line took over is not taken over again."""
    lines = {OLD[0]: credits_of("5"), OLD[1]: credits_of("5", took_over=OLD[0]), NEW[0]: credits_of("5")}

    assert matched(known(lines, gone=OLD[:2]), bonus(NEW[0], 5)) == ({}, set())
    assert matched(known(lines, gone=OLD[:2]), bonus(NEW[1], 5)) == ({NEW[1]: OLD[1]}, set())
    assert matched(known(lines, gone=(OLD[1],)), bonus(NEW[1], 5), bonus(OLD[0], 5)) == ({}, set())


PLANS: list[tuple[str, RecordState, bool]] = [
    ("live", sold(OLD[0]), True),
    ("scheduled", sold(OLD[0], "NOT_STARTED"), True),
    ("over", sold(OLD[0], "CANCELED"), False),
    ("another resource", sold(OLD[0], resource="site-1"), False),
    ("moved on", sold(OLD[0], current=None, moved_to=OLD[1]), False),
]


@pytest.mark.parametrize(("record", "taken"), [one[1:] for one in PLANS], ids=[one[0] for one in PLANS])
def test_plans(record: RecordState, *, taken: bool) -> None:
    """A plan line takes over what is live of a removed one for the same plan and resource."""
    found = known({OLD[0]: NotedLine("Plan", "plan-growth")}, record, gone=(OLD[0],))

    assert matched(found, plan(NEW[0])) == ({NEW[0]: OLD[0]} if taken else {}, set())
    assert matched(found, plan(NEW[0], "plan-starter")) == ({}, set())


def test_a_plan_line_with_its_own() -> None:
    """A plan line that has a subscription takes nothing over; one whose own went to the removed line takes it back."""
    lines = {OLD[0]: NotedLine("Plan", "plan-growth"), NEW[0]: NotedLine("Plan", "plan-growth")}

    assert matched(known(lines, sold(OLD[0]), sold(NEW[0]), gone=(OLD[0],)), plan(NEW[0])) == ({}, set())
    back = known(lines, sold(OLD[0]), sold(NEW[0], current=None, moved_to=OLD[0]), gone=(OLD[0],))
    assert matched(back, plan(NEW[0])) == ({NEW[0]: OLD[0]}, set())


def test_two_plans_that_could_be_meant() -> None:
    """Two removed lines with live subscriptions of one plan, in other quantities, are not told apart by guessing."""
    lines = {one: NotedLine("Plan", "plan-growth", quantity=str(at)) for at, one in enumerate(OLD[:2], 2)}
    found = known(lines, sold(OLD[0]), sold(OLD[1]), gone=OLD[:2])

    assert matched(found, plan(NEW[0])) == ({}, {NEW[0]})
    assert matched(found, plan(NEW[0]) | {"quantity": 3}) == ({NEW[0]: OLD[1]}, set())


def test_parts_of_a_plan() -> None:
    """A part takes the place of one of the same plan, or of the plan that its own takes over; any order does."""
    part = NotedLine("Add-on", "addon-seats", PLAN, quantity="3")
    lines = {PLAN: NotedLine("Plan", "plan-growth"), OLD[0]: part, OLD[1]: part._replace(quantity="4")}
    stays, goes = known(lines, sold(PLAN), gone=OLD[:2]), known(lines, sold(PLAN), gone=(PLAN, *OLD[:2]))

    assert matched(stays, plan(), addon(NEW[0], quantity=4)) == ({NEW[0]: OLD[1]}, set())
    assert matched(stays, plan(), addon(NEW[0], quantity=9)) == ({NEW[0]: OLD[0]}, set())
    assert matched(stays, plan(), addon(NEW[0], "addon-support", 3)) == ({}, set())
    assert matched(stays, plan(), addon(OLD[0], quantity=4)) == ({}, set())
    assert matched(goes, plan(NEW[1]), addon(NEW[0], quantity=4)) == ({NEW[1]: PLAN, NEW[0]: OLD[1]}, set())
    assert matched(goes, plan(NEW[1], "plan-starter"), addon(NEW[0], quantity=4)) == ({}, set())
