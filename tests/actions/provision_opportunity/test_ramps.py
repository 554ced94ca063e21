"""provision-opportunity: plan lines with dates of their own form a ramp."""

from typing import Any

import pytest

from tests.support.days import in_days
from tests.support.deals import (
    ACTION,
    APP,
    BONUS,
    LIMIT,
    SEATS,
    SPACE,
    addon,
    bonus,
    by_line,
    credit,
    deal,
    entitlement,
    of,
    plan,
    running,
    writes,
)
from tests.support.harness import Harness
from tests.support.ramps import (
    DAYS,
    PLANS,
    SEATS_1,
    SEATS_2,
    SEATS_3,
    YEAR_2,
    YEAR_3,
    current,
    pass_days,
    run,
    seats,
    sold,
    units,
    year,
    years,
)
from tests.support.requests import in_stigg


def test_the_first_segment_is_sold(actions: Harness) -> None:
    """The first segment is sold at once until the end of the last; the others are scheduled under its line."""
    body = sold(actions)

    assert by_line(body) == {
        APP: "created",
        SEATS_1: "created",
        YEAR_2: "scheduled",
        SEATS_2: "scheduled",
        YEAR_3: "scheduled",
        SEATS_3: "scheduled",
    }
    assert {line["subscriptionId"] for line in body["lines"]} == {current(actions)}
    assert [of(body, line).get("planLineItemId") for line in PLANS] == [None, APP, APP]
    assert "when it begins" in of(body, YEAR_2)["message"]
    assert (seats(actions), body["createdCount"]) == (50, 6)
    assert in_stigg(actions, current(actions))["cancellationDate"].startswith(in_days(3 * DAYS - 1))


def test_the_order_of_lines_does_not_matter(actions: Harness) -> None:
    """The segment that begins first is sold, wherever its line stands; the same lines in another order are a retry."""
    lines = years(50, 80, 120)

    assert by_line(sold(actions, *reversed(lines)))[APP] == "created"
    assert set(by_line(sold(actions, *lines)).values()) == {"unchanged"}
    assert seats(actions) == 50


def test_months(actions: Harness) -> None:
    """Segments may be given by their start and their months; the opportunity's start and end complete the lines."""
    start = in_days(0)[:8] + "01"
    lines = [plan(APP, startDate=start, termMonths=12), plan(YEAR_2, startDate=_later(start, 1))]
    lines += [addon(SEATS_1, quantity=50, startDate=start, termMonths=12)]
    lines += [addon(SEATS_2, quantity=80, startDate=_later(start, 1))]

    body = sold(actions, *lines, startDate=start, termMonths=24)

    assert of(body, YEAR_2)["outcome"] == "scheduled"
    pass_days(actions, DAYS + 1)
    assert run(actions) == {current(actions): "applied"}
    assert seats(actions) == 80


def _later(start: str, years: int) -> str:
    return f"{int(start[:4]) + years}{start[4:]}"


def test_lines_that_join_several_segments(actions: Harness) -> None:
    """A line without dates belongs to all segments, one with dates to those that it covers, as an entitlement does."""
    plans = [plan(line, **year(number)) for number, line in enumerate(PLANS, start=1)]
    limit = entitlement(quantity=60, **{**year(2), "endDate": in_days(3 * DAYS - 1)})
    sold(actions, *plans, addon(SEATS_1, "addon-support", 1), limit, addon(SEATS_3, quantity=9, planLineItemId=YEAR_3))

    def has() -> tuple[set[str], list[str]]:
        subscription = in_stigg(actions, current(actions))
        return {one["id"] for one in subscription["addons"]}, [
            one["id"] for one in subscription["subscriptionEntitlements"]
        ]

    assert has() == ({"addon-support"}, [])
    pass_days(actions, DAYS)
    run(actions)
    assert has() == ({"addon-support"}, ["feature-seats"])
    pass_days(actions, DAYS)
    run(actions)
    assert has() == ({"addon-support", "addon-seats"}, ["feature-seats"])


def test_a_line_that_ends_with_a_segment(actions: Harness) -> None:
    """What a later segment does not have is removed when that segment begins."""
    plans = [plan(line, **year(number)) for number, line in enumerate(PLANS[:2], start=1)]
    sold(actions, *plans, addon(SEATS_1, quantity=5, **year(1)), entitlement(quantity=60, planLineItemId=APP))
    pass_days(actions, DAYS)

    assert run(actions) == {current(actions): "applied"}
    subscription = in_stigg(actions, current(actions))
    assert (subscription["addons"], subscription["subscriptionEntitlements"]) == ([], [])


def test_prices_of_segments(actions: Harness) -> None:
    """A price that differs by segment is changed in place, and removed by a segment that has none."""
    lines = [
        plan(line, unitPrice=price, overrideBaseCharge=price is not None, **year(number))
        for number, (line, price) in enumerate(zip(PLANS, (100.0, 150.0, None), strict=True), start=1)
    ]
    sold(actions, *lines)
    subscription = current(actions)
    for amount in ([150], []):
        pass_days(actions, DAYS)
        assert run(actions) == {subscription: "applied"}
        assert [price["amount"] for price in actions.terms(subscription).get("priceOverrides", [])] == amount


def test_credits_and_grants(actions: Harness) -> None:
    """Credits may differ by segment, and a grant with dates is granted for them."""
    plans = [plan(line, **year(number)) for number, line in enumerate(PLANS[:2], start=1)]
    parts = [credit(SEATS_1, 1000, planLineItemId=APP), credit(SEATS_2, 2000, planLineItemId=YEAR_2)]

    body = sold(actions, *plans, *parts, bonus(**year(2)))

    (grant,) = actions.emulator.state()["grants"]
    assert grant["effectiveAt"].startswith(in_days(DAYS))
    assert (of(body, BONUS)["outcome"], of(body, SEATS_2)["outcome"]) == ("scheduled", "scheduled")
    pass_days(actions, DAYS)
    run(actions)
    (entry,) = actions.terms(current(actions))["entitlements"]
    assert entry["amount"] == 2000


def test_one_line_with_dates(actions: Harness) -> None:
    """A single plan line with dates is sold for its own term, and is the same as one with the opportunity's."""
    dates = year(1)
    sold(actions, plan(**dates), addon(**dates))

    assert in_stigg(actions, current(actions))["cancellationDate"].startswith(dates["endDate"])
    assert set(by_line(sold(actions, plan(), addon(), **dates)).values()) == {"unchanged"}


def _changed(lines: list[dict[str, Any]], position: int, **changes: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return lines of which one is changed; None drops a field."""
    line = {name: value for name, value in {**lines[position], **changes}.items() if value is not None}
    return [*lines[:position], line, *lines[position + 1 :]]


def test_a_corrected_later_segment(actions: Harness) -> None:
    """A corrected line of a later segment changes only that segment, and nothing in Stigg before it begins."""
    lines = years(50, 80, 120)
    sold(actions, *lines)
    before = writes(actions)

    body = sold(actions, *_changed(lines, 4, quantity=90))

    assert by_line(body) == {
        **dict.fromkeys((APP, SEATS_1, YEAR_3, SEATS_3), "unchanged"),
        **dict.fromkeys((YEAR_2, SEATS_2), "scheduled"),
    }
    assert (body["outcome"], writes(actions), seats(actions)) == ("provisioned", before, 50)
    pass_days(actions, DAYS)
    run(actions)
    assert seats(actions) == 90


def test_a_corrected_present_segment(actions: Harness) -> None:
    """A corrected line of the segment in force changes the subscription now; what follows stays."""
    lines = years(50, 80, 120)
    sold(actions, *lines)

    body = sold(actions, *_changed(lines, 3, quantity=55))

    assert (of(body, SEATS_1)["outcome"], of(body, SEATS_2)["outcome"], seats(actions)) == ("amended", "unchanged", 55)
    pass_days(actions, DAYS)
    run(actions)
    assert seats(actions) == 80


def test_segments_that_are_added_and_removed(actions: Harness) -> None:
    """A ramp may get another segment or lose its last; the end of the subscription follows."""
    lines = years(50, 80, 120)
    sold(actions, *lines[:2], *lines[3:5])

    longer = sold(actions, *lines)

    assert of(longer, YEAR_3)["outcome"] == "scheduled"
    assert in_stigg(actions, current(actions))["cancellationDate"].startswith(in_days(3 * DAYS - 1))

    shorter = sold(actions, *lines[:2], *lines[3:5])

    assert of(shorter, YEAR_3)["outcome"] == "removed"
    assert "segment of a ramp" in of(shorter, YEAR_3)["message"]
    assert in_stigg(actions, current(actions))["cancellationDate"].startswith(in_days(2 * DAYS - 1))
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions)) == ({current(actions): "applied"}, 80)


def test_a_ramp_that_is_given_up(actions: Harness) -> None:
    """A deal whose later segments were removed and whose dates are gone has one term again."""
    sold(actions, *years(50, 80, 120))

    body = sold(actions, plan(), addon(SEATS_1, quantity=50), endDate=in_days(2 * DAYS))

    assert of(body, APP)["outcome"] == "amended"
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions)) == ({}, 50)


def test_lines_of_the_past_are_gone(actions: Harness) -> None:
    """After the first year, a deal with the lines of the other years alone changes nothing that is in force."""
    lines = years(50, 80, 120)
    sold(actions, *lines)
    subscription = current(actions)
    left = [*lines[1:3], *_changed(lines, 5, quantity=130)[4:]]

    early = sold(actions, *left)

    assert of(early, SEATS_3)["outcome"] == "scheduled"
    assert (seats(actions, YEAR_2), current(actions, YEAR_2)) == (50, subscription)
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions, YEAR_2)) == ({subscription: "applied"}, 80)
    assert set(by_line(sold(actions, *left)).values()) <= {"unchanged", "removed"}
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions, YEAR_2)) == ({subscription: "applied"}, 130)


def test_lines_that_are_created_again(actions: Harness) -> None:
    """A quote that is synced again, with new ids for all its lines, keeps subscription and ramp."""
    lines = years(50, 80, 120)
    sold(actions, *lines)
    subscription = current(actions)
    pass_days(actions, DAYS)
    run(actions)
    ids = [line["salesforceLineItemId"] for line in lines]
    news = {old: f"{old[:9]}9{old[10:]}" for old in ids}

    def renamed(line: dict[str, Any]) -> dict[str, Any]:
        return {name: news.get(value, value) if isinstance(value, str) else value for name, value in line.items()}

    body = sold(actions, *map(renamed, lines))

    assert of(body, news[APP])["subscriptionId"] == subscription
    assert (seats(actions, news[APP]), running(actions), run(actions)) == (80, ["plan-growth"], {})
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions, news[APP])) == ({subscription: "applied"}, 120)


def test_a_later_opportunity_with_dates(actions: Harness) -> None:
    """Another opportunity with dates replaces the segments from its first date on; those before it stay."""
    sold(actions)
    subscription = current(actions)
    actions.ok("renew-subscription", {"salesforceRecordId": APP, "newSalesforceRecordId": "00k000000000041AAA"})
    new_plan = plan("00k000000000041AAA", **year(3))
    more = [new_plan, addon("00k000000000042AAA", quantity=200, **year(3))]

    body = sold(actions, *more, salesforceOpportunityId="006000000000002AAA")

    assert {line["outcome"] for line in body["lines"]} <= {"scheduled", "amended", "unchanged"}
    assert seats(actions, "00k000000000041AAA") == 50
    for count in (80, 200):
        pass_days(actions, DAYS)
        assert run(actions) == {subscription: "applied"}
        assert seats(actions, "00k000000000041AAA") == count


def test_a_later_opportunity_without_dates(actions: Harness) -> None:
    """Another opportunity without dates amends the segment in force; the next one sets what it was sold with."""
    sold(actions)
    actions.ok("renew-subscription", {"salesforceRecordId": APP, "newSalesforceRecordId": "00k000000000041AAA"})
    lines = [plan("00k000000000041AAA"), addon("00k000000000042AAA", quantity=60)]

    sold(actions, *lines, addon("00k000000000043AAA", "addon-support", 1), salesforceOpportunityId="006000000000002AAA")

    assert seats(actions, "00k000000000041AAA") == 60
    pass_days(actions, DAYS)
    run(actions)
    assert seats(actions, "00k000000000041AAA") == 80
    names = {one["id"] for one in in_stigg(actions, current(actions, "00k000000000041AAA"))["addons"]}
    assert names == {"addon-seats", "addon-support"}


def test_a_ramp_on_a_subscription_that_runs(actions: Harness) -> None:
    """A ramp that begins later, for a subscription that was sold without one, changes nothing before that date."""
    sold(actions, plan(), addon(SEATS_1, quantity=7))

    body = sold(actions, plan(**year(2)), addon(SEATS_1, quantity=80, **year(2)))

    assert of(body, SEATS_1)["outcome"] == "scheduled"
    assert (run(actions), seats(actions)) == ({}, 7)
    pass_days(actions, DAYS)
    assert (run(actions), seats(actions)) == ({current(actions): "applied"}, 80)


def _refused(actions: Harness, *lines: dict[str, Any], **changes: Any) -> dict[str, str]:  # noqa: ANN401
    """Send a deal that must be refused as a whole; return its problems by field."""
    reply = actions.post(ACTION, deal(*lines, **changes))

    assert (reply.status, writes(actions)) == (400, 0), reply.body
    return {detail["field"]: detail["problem"] for detail in reply.body["details"]}


def test_gaps_and_overlaps(actions: Harness) -> None:
    """Segments with a gap or an overlap are refused by line, with the end before."""
    lines = [plan(line, **year(number)) for number, line in enumerate(PLANS, start=1)]

    gap = _refused(actions, *_changed(lines, 1, startDate=in_days(DAYS + 1)))
    overlap = _refused(actions, *_changed(lines, 1, startDate=in_days(DAYS - 1)))
    open_end = _refused(actions, *_changed(lines, 0, endDate=None))

    assert "gap" in gap["lineItems[1].startDate"]
    assert "overlap" in overlap["lineItems[1].startDate"]
    assert "is required" in open_end["lineItems[0].endDate"]


@pytest.mark.parametrize(
    ("position", "changes", "field", "problem"),
    [
        (1, {"billingPeriod": "Annually"}, "lineItems[1].billingPeriod", "one billing period"),
        (1, {"subscriptionId": "sub-1"}, "lineItems[1].subscriptionId", "first segment"),
        (1, {"quantity": 0}, "lineItems[1].quantity", "more than 0"),
        (1, {"startDate": None, "endDate": None}, "lineItems[1].startDate", "have dates"),
        (1, {"startDate": None}, "lineItems[1].startDate", "is required for a segment"),
        (1, {"endDate": "2020-01-01"}, "lineItems[1].endDate", "later than startDate"),
        (1, {"endDate": None, "startDate": None, "termMonths": 12}, "lineItems[1].startDate", "with termMonths"),
        (1, {"endDate": None, "startDate": "2199-06-01", "termMonths": 12}, "lineItems[1].termMonths", "fewer months"),
        (3, {"startDate": "2020-01-01"}, "lineItems[3].startDate", "segments of its plan"),
        (3, {"endDate": "2098-01-01"}, "lineItems[3].endDate", "segments of its plan"),
        (3, {"startDate": "2020-01-01", "termMonths": 3}, "lineItems[3].startDate", "segments of its plan"),
        (3, {"quantity": 0}, "lineItems[3].quantity", "part of a ramp"),
        (3, {"planLineItemId": SPACE}, "lineItems[3].planLineItemId", "no Plan line"),
        (4, {"stiggId": "feature-sso"}, "lineItems[5].stiggId", "use one line"),
    ],
)
def test_what_is_no_ramp(actions: Harness, position: int, changes: dict[str, Any], field: str, problem: str) -> None:
    """Lines that cannot be a ramp are refused by field before anything is sent."""
    lines = [plan(line, **year(number)) for number, line in enumerate(PLANS, start=1)]
    lines += [addon(), entitlement(LIMIT, onOffFeature=True), entitlement(SEATS_1, stiggId="feature-sso")]
    lines[5]["stiggId"] = "feature-sso"

    assert problem in _refused(actions, *_changed(lines, position, **changes))[field]


def test_dates_of_a_part_alone(actions: Harness) -> None:
    """An add-on with dates of its own needs a plan with dates, unless they are those of the opportunity."""
    dates = year(1)

    assert "leave the dates out" in _refused(actions, plan(), addon(**dates))["lineItems[1].startDate"]
    assert by_line(sold(actions, plan(), addon(**dates), **dates)) == {APP: "created", SEATS: "created"}


def test_a_named_segment_that_is_not_covered(actions: Harness) -> None:
    """A line whose dates leave out the segment that it names is refused."""
    lines = [plan(line, **year(number)) for number, line in enumerate(PLANS, start=1)]

    problems = _refused(actions, *lines, addon(planLineItemId=YEAR_3, **year(1)))

    assert "planLineItemId" in problems["lineItems[3].startDate"]


def test_too_many_segments(actions: Harness) -> None:
    """The eleventh segment is refused."""
    ids = [f"00k0000000001{number:02d}AAA" for number in range(11)]
    lines = [plan(line, **year(number)) for number, line in enumerate(ids, start=1)]

    assert "up to 10" in _refused(actions, *lines)["lineItems[10].startDate"]


def test_another_plan_is_another_subscription(actions: Harness) -> None:
    """A segment with another plan of the same product is refused: the two would replace each other."""
    lines = [plan(**year(1)), plan(YEAR_2, "plan-starter", **year(2))]

    assert "would replace" in _refused(actions, *lines)["lineItems[1].stiggId"]


def test_units_on_a_contract(actions: Harness) -> None:
    """Units that differ by segment are refused on a contract, which a new subscription would leave."""
    problems = _refused(actions, *units(5, 8), contract=True, contractSetupBilling=False)

    assert "contract" in problems["lineItems[1].quantity"]


def test_a_ramp_of_the_past(actions: Harness) -> None:
    """A ramp whose last segment is over is refused by the end of its line."""
    dates: dict[str, Any] = {"startDate": "2020-01-01", "endDate": "2020-12-31"}

    assert "in the past" in _refused(actions, plan(**dates))["lineItems[0].endDate"]
    assert "in the past" in _refused(actions, plan(), bonus(**dates))["lineItems[1].endDate"]


def test_days_of_a_time_zone(actions: Harness) -> None:
    """The dates of segments are days of the time zone of the request, to the hour of its clocks."""
    sold(actions, *years(50, 80, 120), timeZone="Asia/Kolkata")
    body = actions.ok("get-subscription", {"salesforceRecordId": APP})

    assert [segment["startDate"][10:] for segment in body["ramp"]] == ["T18:30:00Z"] * 3
    assert body["subscription"]["cancellationDate"].endswith("T18:29:59Z")
    pass_days(actions, DAYS)
    assert seats(actions) == 50
    assert set(run(actions).values()) == {"applied"}


def test_a_ramp_is_applied_again(actions: Harness) -> None:
    """Reapplied after a step, a deal brings back the segment in force, not the first one, and repeats no step."""
    lines = years(50, 80, 120)
    sold(actions, *lines)
    pass_days(actions, DAYS)
    run(actions)
    actions.ok("update-subscription", {"salesforceRecordId": APP, "addons": [{"id": "addon-seats", "quantity": 99}]})

    left = sold(actions, *lines)
    again = sold(actions, *lines, reapply=True)

    assert (of(left, APP)["outcome"], of(again, SEATS_2)["outcome"]) == ("superseded", "amended")
    assert (seats(actions), run(actions)) == (80, {})
    assert (of(again, SEATS_1)["outcome"], of(again, SEATS_3)["outcome"]) == ("unchanged", "unchanged")
