"""Ramp deals for the tests: a plan that is sold in segments of a year, and what runs of apply-ramp-steps do."""

from datetime import UTC, datetime
from typing import Any

from tests.support.days import in_days
from tests.support.deals import ACTION, APP, Body, addon, deal, of, plan
from tests.support.harness import Harness
from tests.support.requests import in_stigg

YEAR_2, YEAR_3 = "00k000000000021AAA", "00k000000000022AAA"
SEATS_1, SEATS_2, SEATS_3 = "00k000000000031AAA", "00k000000000032AAA", "00k000000000033AAA"
PLANS = (APP, YEAR_2, YEAR_3)
RUN = "apply-ramp-steps"
DAYS = 365


def year(number: int, **changes: Any) -> Body:  # noqa: ANN401 - any field of a line
    """The dates of a segment, the first of which begins today."""
    return {"startDate": in_days(DAYS * (number - 1)), "endDate": in_days(DAYS * number - 1), **changes}


def years(*seats: int, plan_id: str = "plan-growth") -> list[Body]:
    """The lines of a ramp: a plan and its seats for each year, the seats with the plan line of their year."""
    dates = [year(number) for number in range(1, len(seats) + 1)]
    plans = [plan(line, plan_id, **of_year) for line, of_year in zip(PLANS, dates, strict=False)]
    lines = zip((SEATS_1, SEATS_2, SEATS_3), PLANS, seats, strict=False)
    return plans + [addon(line, quantity=count, planLineItemId=its_plan) for line, its_plan, count in lines]


def units(*quantities: int) -> list[Body]:
    """The plan lines of a ramp whose plan is priced by the unit."""
    dates = [year(number) for number in range(1, len(quantities) + 1)]
    lines = zip(PLANS, dates, quantities, strict=False)
    return [{**plan(line, **of_year), "quantity": quantity} for line, of_year, quantity in lines]


def sold(actions: Harness, *lines: Body, **changes: Any) -> Body:  # noqa: ANN401 - any field of a request
    """Sell a ramp, and return the answer."""
    return actions.ok(ACTION, deal(*(lines or years(50, 80, 120)), **changes))


def run(actions: Harness, **request: Any) -> dict[str, str]:  # noqa: ANN401 - any field of a request
    """Run the schedule; return what became of each step, by its subscription."""
    answer = actions.invoke(RUN, request)
    return {step["subscriptionId"]: step["result"] for step in answer["steps"]}


def pass_days(actions: Harness, days: float) -> None:
    """Let days pass for the actions and for Stigg."""
    actions.set_time(datetime.fromtimestamp(actions.clock.now() + days * 86_400, UTC).isoformat())


def current(actions: Harness, record_id: str = APP) -> str:
    """Return the subscription of a record."""
    record = actions.mapping(record_id)

    assert record is not None
    assert record.current is not None
    return record.current.subscription_id


def seats(actions: Harness, record_id: str = APP) -> int | None:
    """Return the seats that the subscription of a record has in Stigg."""
    addons = in_stigg(actions, current(actions, record_id))["addons"]
    return next((int(one["quantity"]) for one in addons if one["id"] == "addon-seats"), None)


def of_line(body: Body, line: str) -> str:
    """Return what became of a line."""
    return str(of(body, line)["outcome"])
