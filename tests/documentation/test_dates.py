"""docs/dates.md says what dates become: its tables are the tests."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from local.stack.template import ROOT
from stigg_actions import decimal_json
from stigg_actions.errors import RequestInvalid
from stigg_actions.models.create_subscription import CreateSubscription
from stigg_actions.models.parsing import parse
from stigg_actions.models.provision_opportunity import ProvisionOpportunity
from stigg_actions.models.values import Reading

TEXT = (ROOT / "docs" / "dates.md").read_text()
OPPORTUNITY: dict[str, Any] = {
    "salesforceOpportunityId": "006000000000001AAA",
    "salesforceAccountId": "001000000000001AAA",
    "lineItems": [{"salesforceLineItemId": "00k000000000001AAA", "stiggType": "Plan", "stiggId": "plan-growth"}],
}
SUBSCRIPTION = {"customerId": "acme", "planId": "plan-growth"}


class Example(NamedTuple):
    """A row of the table of examples."""

    start: str
    ends: str
    zone: str
    starts_at: str
    ends_at: str


def _rows(table: str) -> Iterator[list[str]]:
    """Yield the cells of a marked table, row by row."""
    for line in TEXT.split(f"<!-- {table} -->\n")[1].split("\n\n")[0].splitlines()[2:]:
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        yield [cell.strip("`") if cell.count("`") == 2 else cell for cell in cells]


EXAMPLES = [Example(*row[:5]) for row in _rows("examples")]
REFUSED = list(_rows("refused"))
OF_MONTHS = [one for one in EXAMPLES if "month" in one.ends]
OF_DATES = [one for one in EXAMPLES if "month" not in one.ends]


def utc(moment: object) -> str:
    """Return a moment as it is sent and stored."""
    return decimal_json.dumps(moment).strip('"')


def test_tables() -> None:
    """The tables have examples of dates, of months and of what is refused."""
    assert min(len(OF_DATES), len(OF_MONTHS), len(REFUSED)) > 10


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
@pytest.mark.parametrize("named_by", ["request", "stack"])
def test_opportunity(example: Example, named_by: str) -> None:
    """An opportunity's term is as the table says, whether the request or the stack names the time zone."""
    months = re.match(r"(\d+) months?$", example.ends)
    end = {"termMonths": int(months[1])} if months else {"endDate": example.ends}
    zone = {"timeZone": example.zone} if named_by == "request" else {}
    body = {**OPPORTUNITY, "startDate": example.start, **end, **zone}
    request = parse(ProvisionOpportunity, body, Reading(zone.get("timeZone"), lambda: example.zone or "UTC"))

    assert (utc(request.start_date), utc(request.ends_at)) == (example.starts_at, example.ends_at)


@pytest.mark.parametrize("example", OF_DATES, ids=str)
def test_subscription(example: Example) -> None:
    """A subscription starts and ends as the table says, in UTC."""
    body = {**SUBSCRIPTION, "startDate": example.start, "cancellationDate": example.ends, "timeZone": example.zone}
    request = parse(CreateSubscription, body, Reading(example.zone))

    assert (utc(request.start_date), utc(request.cancellation_date)) == (example.starts_at, example.ends_at)
    assert {str(moment.tzinfo) for moment in (request.start_date, request.cancellation_date) if moment} == {"UTC"}


@pytest.mark.parametrize(("field", "value", "besides", "problem"), REFUSED)
def test_refused(field: str, value: str, besides: str, problem: str) -> None:
    """What the table of refusals says is refused under its field alone, with these words."""
    more = dict(re.findall(r"`(\w+)` `([^`]+)`", besides))
    body = {**OPPORTUNITY, "startDate": "2026-01-01", **more, field: value}
    with pytest.raises(RequestInvalid) as refused:
        parse(ProvisionOpportunity, body, Reading(body.get("timeZone")))

    assert [(detail.field, detail.problem) for detail in refused.value.details] == [(field, problem)]
