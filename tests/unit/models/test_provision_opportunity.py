"""Opportunities: the request and its term."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stigg_actions import decimal_json
from stigg_actions.models.parsing import parse
from stigg_actions.models.provision_opportunity import ProvisionOpportunity
from stigg_actions.models.values import Reading
from tests.support.deals import deal
from tests.unit.models.conftest import Problems

TOO_FAR = "leads to an end that is not accepted: it must lie in the years 1970 to 2199"


def opportunity(**fields: Any) -> ProvisionOpportunity:  # noqa: ANN401 - any field
    """Parse an opportunity of one plan with these fields."""
    return parse(ProvisionOpportunity, deal(**fields), Reading(fields.get("timeZone")))


def test_no_term() -> None:
    """Without dates an opportunity has neither start nor end."""
    request = opportunity()

    assert (request.start_date, request.ends_at) == (None, None)


def test_term() -> None:
    """The end is as given, whatever months are, else the last second of the day before the months are over."""
    of_months = opportunity(startDate="2026-03-01T00:00:00+11:00", termMonths=1)
    of_dates = opportunity(startDate="2026-03-01", endDate="2026-06-30", termMonths=1)

    assert of_months.ends_at == datetime(2026, 3, 31, 12, 59, 59, tzinfo=UTC)
    assert of_months.ends_at.tzinfo is UTC
    assert of_dates.ends_at == datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)


def test_start_in_utc() -> None:
    """The start keeps its zone, for its months; written, it is in UTC."""
    request = opportunity(startDate="2026-03-01", timeZone="Asia/Tokyo")

    assert request.start_date == datetime(2026, 2, 28, 15, tzinfo=UTC)
    assert decimal_json.dumps(request.to_json_fields()["startDate"]) == '"2026-02-28T15:00:00Z"'


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"startDate": "2199-12-02", "termMonths": 1}, "termMonths", TOO_FAR),
        ({"startDate": "2199-12-31", "termMonths": 600}, "termMonths", TOO_FAR),
        ({"startDate": "2026-01-01", "termMonths": 601}, "termMonths", "must be less than or equal to 600"),
        ({"startDate": "2026-01-01", "termMonths": 0}, "termMonths", "must be greater than or equal to 1"),
        ({"termMonths": 12}, "startDate", "is required with termMonths"),
        ({"startDate": "2026-03-01", "endDate": "2026-02-28"}, "endDate", "must be later than startDate"),
    ],
)
def test_no_such_term(problems: Problems, fields: dict[str, Any], field: str, problem: str) -> None:
    """A term without a start, that ends before it or in another age, is refused under its field."""
    assert problems(ProvisionOpportunity, deal(**fields)) == {field: problem}
