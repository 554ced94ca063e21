"""provision-opportunity: what dates, differences, removed lines, trials, discounts and co-termination do together."""

from typing import Any

import pytest

from stigg_actions.clock import iso
from tests.support.crashes import crash
from tests.support.days import in_days
from tests.support.deals import (
    ACTION,
    APP,
    BONUS,
    NEW_SEATS,
    SEATS,
    addon,
    bonus,
    by_line,
    deal,
    of,
    plan,
    running,
    writes,
)
from tests.support.harness import Harness
from tests.support.ramps import DAYS, SEATS_1, YEAR_2, current, pass_days, run, seats, year, years
from tests.support.requests import ACCOUNT, TO_BE_PAID, in_stigg

CONVERT = {"trialEndBehavior": "CONVERT_TO_PAID"}


def ramp(*extra: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of a ramp of two years: 50 seats, then 80."""
    return [*years(50, 80), *extra]


def refused(actions: Harness, *lines: dict[str, Any], **changes: Any) -> dict[str, str]:  # noqa: ANN401 - any field
    """Send a deal that must be refused before anything is sold; return the problems by field."""
    before = writes(actions)
    reply = actions.post(ACTION, deal(*lines, **changes))

    assert (reply.status, writes(actions)) == (400, before), reply.body
    return {problem["field"]: problem["problem"] for problem in reply.body["details"]}


@pytest.mark.parametrize("change", [{"quantityMode": "delta"}, {"quantityMode": "total", "quantity": 0}])
def test_no_differences_for_a_plan_with_dates(actions: Harness, change: dict[str, Any]) -> None:
    """A difference, or a total of none, of any part of a plan with dates is refused by its line."""
    support = addon("00k000000000099AAA", "addon-support", 1) | change

    assert "give the totals" in refused(actions, *ramp(support))["lineItems[4].quantityMode"]


def test_a_line_with_dates_has_its_own_end(actions: Harness) -> None:
    """Dates and coTerminate contradict each other; a line may say that it does not co-terminate."""
    lines = ramp()
    own = [line | {"coTerminate": False} for line in lines]

    assert {*refused(actions, *lines, coTerminate=True)} == {"lineItems[0].coTerminate", "lineItems[1].coTerminate"}
    assert actions.ok(ACTION, deal(*own, coTerminate=True))["createdCount"] == 4


@pytest.mark.parametrize(
    ("of_line", "of_deal", "field"),
    [
        ({"discountPercent": 10}, {}, "lineItems[1].discountPercent"),
        ({}, {"discountPercent": 10, "startDate": "2026-01-01"}, "discountPercent"),
        ({"trialDays": 14, **CONVERT}, {}, "lineItems[1].trialDays"),
        ({}, {"trialDays": 14, "startDate": "2090-01-01", **CONVERT}, "trialDays"),
    ],
)
def test_a_ramp_has_no_discount_or_trial(
    actions: Harness, of_line: dict[str, Any], of_deal: dict[str, Any], field: str
) -> None:
    """A discount or trial of a segment, or of the deal of a ramp, is refused at the field that gives it."""
    first, second, *rest = ramp()

    assert "several segments" in refused(actions, first, second | of_line, *rest, **of_deal)[field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"stiggId": "plan-starter"}, "lineItems[0].stiggId"),
        ({"billingPeriod": "ANNUALLY"}, "lineItems[0].billingPeriod"),
        ({"discountPercent": 20, "discountMonths": 3}, "lineItems[0].discountPercent"),
    ],
)
def test_a_later_date_changes_what_a_step_changes(actions: Harness, change: dict[str, Any], field: str) -> None:
    """A line that is dated ahead cannot change the plan, the period or the discount of what runs."""
    actions.ok(ACTION, deal(plan()))

    assert "later date" in refused(actions, plan(**{**year(2), **change}))[field]


def test_a_trial_is_not_won_for_a_later_date_of_a_line(actions: Harness) -> None:
    """A trial that is won with a line dated ahead is refused, and not made paid today."""
    actions.ok(ACTION, deal(plan(trialEndDate=in_days(20), **CONVERT)))

    assert "startDate of the opportunity" in refused(actions, plan(**year(2)))["lineItems[0].startDate"]
    assert in_stigg(actions, current(actions))["status"] == "IN_TRIAL"


def test_a_discount_that_ends_with_others_says_how_long_it_lasts(actions: Harness) -> None:
    """With coTerminate the end is found when the line is sold, so a discount has to name its months."""
    line = plan(coTerminate=True, discountPercent=10)

    assert "is required with coTerminate" in refused(actions, line)["lineItems[0].discountMonths"]


def test_the_term_of_a_line_is_that_of_its_trial(actions: Harness) -> None:
    """The days of a trial count from the start of its line, and its end lies within the line's term."""
    line = plan(**year(1))

    assert of(actions.ok(ACTION, deal(line | {"trialDays": 14, **CONVERT})), APP)["status"] == "IN_TRIAL"
    late = refused(actions, line | {"trialEndDate": in_days(2 * DAYS), **CONVERT})
    assert "before the end of the term" in late["lineItems[0].trialEndDate"]


def test_a_deal_of_differences_becomes_a_ramp(actions: Harness) -> None:
    """A deal that was sold by differences, and comes again with dates, has the seats of its first segment."""
    actions.ok(ACTION, deal(plan(), addon(SEATS_1, quantity=5, quantityMode="delta")))

    actions.ok(ACTION, deal(*ramp()))

    assert seats(actions) == 50
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions)) == ({current(actions): "applied"}, 80)


def test_a_step_leaves_what_a_record_has_sold(actions: Harness) -> None:
    """A difference that was applied before a step is not applied again by its repeat after the step."""
    actions.ok(ACTION, deal(*ramp()))
    more = deal(
        plan("00k000000000098AAA", subscriptionId=current(actions)),
        addon(NEW_SEATS, quantity=5, quantityMode="delta"),
        salesforceOpportunityId="006000000000002AAA",
    )
    line = more["lineItems"][0]["salesforceLineItemId"]
    actions.ok(ACTION, more)
    pass_days(actions, DAYS)
    run(actions)
    before = seats(actions, line)

    again = actions.ok(ACTION, more)

    assert (before, seats(actions, line), again["outcome"]) == (80, 80, "unchanged")


@pytest.mark.parametrize(("follows", "status"), [("CONVERT_TO_PAID", "IN_TRIAL"), ("CANCEL_SUBSCRIPTION", "ACTIVE")])
def test_a_trial_of_differences_is_won(actions: Harness, follows: str, status: str) -> None:
    """A trial whose lines give differences is made paid by the same lines without a trial."""
    lines = (plan(), addon(quantity=5, quantityMode="delta"))
    actions.ok(ACTION, deal(*lines, trialEndDate=in_days(20), trialEndBehavior=follows))

    won = actions.ok(ACTION, deal(*lines))

    assert (of(won, APP)["status"], seats(actions)) == (status, 5)
    pass_days(actions, 30)
    assert running(actions) == ["plan-growth"]


def test_a_removed_line_whose_addon_another_one_changes(actions: Harness) -> None:
    """An ended line's add-on that another line adds to stays, also when the deal is sent again with newer data."""
    actions.ok(ACTION, deal(plan(), addon(quantity=5)))
    changed = deal(plan(), addon(NEW_SEATS, quantity=2, quantityMode="delta"), removed="cancel")
    actions.ok(ACTION, changed)
    actions.clock.skip(60)

    newest = actions.ok(ACTION, changed | {"asOf": iso(actions.clock.now())})

    assert (newest["outcome"], seats(actions)) == ("unchanged", 7)


def test_dates_that_are_taken_back(actions: Harness) -> None:
    """A line that loses its later date takes effect now, and no step of the later date follows."""
    actions.ok(ACTION, deal(plan(), addon(quantity=50)))
    actions.ok(ACTION, deal(plan(**year(2)), addon(quantity=80)))

    actions.ok(ACTION, deal(plan(), addon(quantity=60)))

    pass_days(actions, DAYS)
    assert (run(actions), seats(actions)) == ({}, 60)


def test_an_addon_moves_to_a_later_segment(actions: Harness) -> None:
    """An add-on that the present segment no longer has is removed now, and comes with its segment."""
    support = addon("00k000000000099AAA", "addon-support", 1)
    actions.ok(ACTION, deal(*ramp(support)))

    actions.ok(ACTION, deal(*ramp(support | {"planLineItemId": YEAR_2})))

    now = [item["id"] for item in in_stigg(actions, current(actions))["addons"]]
    pass_days(actions, DAYS)
    run(actions)
    later = [item["id"] for item in in_stigg(actions, current(actions))["addons"]]
    assert (now, sorted(later)) == (["addon-seats"], ["addon-seats", "addon-support"])


@pytest.mark.parametrize(("removed", "left"), [("keep", 50), ("cancel", None)])
def test_a_removed_part_of_the_present_segment(actions: Harness, removed: str, left: int | None) -> None:
    """A removed add-on of the present segment stays or ends as the request says, also if a later segment has it."""
    lines = ramp()
    actions.ok(ACTION, deal(*lines))

    actions.ok(ACTION, deal(*(line for line in lines if line["salesforceLineItemId"] != SEATS_1), removed=removed))

    assert seats(actions) == left
    pass_days(actions, DAYS)
    run(actions)
    assert seats(actions) == 80


def test_a_removed_trial_ends_at_once(actions: Harness) -> None:
    """Stigg ends a trial at once only, so a removed one does not wait for the end of its billing period."""
    kept = plan("00k000000000097AAA", "plan-workspace", resourceId="site-9")
    actions.ok(ACTION, deal(plan(trialEndDate=in_days(20), **CONVERT), kept))

    body = actions.ok(ACTION, deal(kept, removed="cancel", removedCancelWhen="endOfBillingPeriod"))

    assert by_line(body)[APP] == "canceled"
    assert running(actions) == ["plan-workspace"]


def test_a_grant_that_co_terminates_is_known_after_its_request_was_removed(actions: Harness) -> None:
    """forget-customer keeps until when credits were granted, so their deal changes nothing afterwards."""
    actions.ok(ACTION, deal(plan(), endDate=in_days(300)))
    credits_of_another = deal(bonus(), coTerminate=True, salesforceOpportunityId="006000000000002AAA")
    actions.ok(ACTION, credits_of_another)
    actions.invoke("forget-customer", {"customerId": ACCOUNT})

    assert by_line(actions.ok(ACTION, credits_of_another)) == {BONUS: "unchanged"}


def test_an_unpaid_deal_of_differences_after_its_request_was_removed(actions: Harness) -> None:
    """Once its request was removed, a deal that awaits payment still answers that, and sells nothing twice."""
    unpaid = deal(plan(), addon(quantity=3), quantityMode="delta", **TO_BE_PAID)
    actions.ok(ACTION, unpaid)
    actions.invoke("forget-customer", {"customerId": ACCOUNT})

    assert by_line(actions.ok(ACTION, unpaid)) == {APP: "paymentRequired", SEATS: "paymentRequired"}
    assert running(actions) == []


def test_the_same_plan_for_two_opportunities(actions: Harness) -> None:
    """A line does not take an unsettled sale of another deal for its own, also if both sell the same."""
    actions.ok(ACTION, deal(plan(), endDate=in_days(300)))
    first, second = (
        deal(
            plan(line, "plan-workspace", resourceId="site-1"),
            coTerminate=True,
            salesforceOpportunityId=f"00600000000000{number}AAA",
        )
        for number, line in ((2, "00k000000000071AAA"), (3, "00k000000000072AAA"))
    )
    crash(actions, ACTION, first, "POST .*/subscriptions$", after=True)
    actions.clock.skip(91)

    actions.ok(ACTION, second)

    assert [actions.mapping(f"00k0000000000{number}AAA") is not None for number in (71, 72)] == [True, True]
    assert running(actions) == ["plan-growth", "plan-workspace"]


def test_a_killed_deal_of_differences_after_its_request_was_removed(actions: Harness) -> None:
    """A sale whose process died, and whose request was removed, is found by the repeat, and is not made twice."""
    killed = deal(plan(), addon(quantity=3), quantityMode="delta")
    crash(actions, ACTION, killed, "POST .*/subscriptions$", after=True)
    actions.invoke("forget-customer", {"customerId": ACCOUNT})
    actions.clock.skip(91)

    actions.ok(ACTION, killed)

    assert (running(actions), seats(actions)) == (["plan-growth"], 3)
