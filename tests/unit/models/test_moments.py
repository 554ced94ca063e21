"""From dates to moments, and from a start and its months to an end."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stigg_actions.errors import Misconfigured
from stigg_actions.models import moments
from tests.support.fakes import SETTINGS

LAYER = Path(__file__).parents[3] / "layers" / "shared"
DAY = timedelta(days=1)
DAYS = st.dates(date(1970, 1, 1), date(2149, 12, 31))
MONTHS = st.integers(1, 600)


def never() -> tzinfo:
    """Return the zone of what needs none."""
    raise AssertionError("a zone was looked up that nothing needs")


@pytest.mark.parametrize("value", ["2026-01-31T09:30:00Z", "2026-01-31T09:30:00+02:00", "2026-01-31T09:30:00-0000"])
def test_an_offset_needs_no_zone(value: str) -> None:
    """A moment that says its offset is the same in every zone, so none is looked up."""
    expected = datetime.fromisoformat(value)

    assert moments.start(value, never) == moments.end(value, never) == expected


def test_moments_of_our_own() -> None:
    """A moment that is one already stays it, in UTC."""
    moment = datetime(2026, 1, 31, 9, tzinfo=timezone(timedelta(hours=2)))

    assert moments.start(moment, never) == moments.end(moment, never) == moment
    assert {moments.start(moment, never).tzinfo, moments.end(moment, never).tzinfo} == {UTC}
    assert moments.start_of_months(moment, never) is moment


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01T09:30:00.000+0000", "2026-03-01T09:30:00+00:00"),
        ("2026-03-01T09:30:00", "2026-03-01T00:30:00+00:00"),
        (" 2026-03-01T09:30 ", "2026-03-01T00:30:00+00:00"),
    ],
)
def test_instants(value: str, expected: str) -> None:
    """A date-time is a moment, in the request's zone if it has no offset."""
    assert moments.instant(value, lambda: moments.zone("Asia/Tokyo")).isoformat() == expected


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (
            "2026-03-01",
            "must be a date-time, such as 2026-01-31T09:30:00Z: a date alone does not show which change is newer",
        ),
        (
            " 2026-03-01 ",
            "must be a date-time, such as 2026-01-31T09:30:00Z: a date alone does not show which change is newer",
        ),
        ("yesterday", "must be a date (2026-01-31) or date-time (2026-01-31T09:30:00Z)"),
        (5, "must be a date (2026-01-31) or date-time (2026-01-31T09:30:00Z)"),
    ],
)
def test_no_instant(value: object, problem: str) -> None:
    """A day is no moment."""
    with pytest.raises(ValueError, match="must be") as refused:
        moments.instant(value, never)

    assert str(refused.value) == problem


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01T00:00:00+11:00", "2026-03-01T00:00:00+11:00"),
        ("2026-02-28T13:00:00Z", "2026-02-28T22:00:00+09:00"),
        ("2026-03-01", "2026-03-01T00:00:00+09:00"),
        ("2026-03-01T08:00", "2026-03-01T08:00:00+09:00"),
    ],
)
def test_zone_of_months(value: str, expected: str) -> None:
    """Months are reckoned in the offset of their start, and in the request's zone where that is UTC's or none."""
    found = moments.start_of_months(value, lambda: moments.zone("Asia/Tokyo"))

    assert found.isoformat() == expected


@given(DAYS, MONTHS)
def test_months_later(day: date, months: int) -> None:
    """Months lead into the right month: to its last day from a last day, else to the same day where it has one."""
    later = moments.months_later(day, months)
    same_day = later.day == day.day
    is_last, leads_to_last = (day + DAY).day == 1, (later + DAY).day == 1

    assert later.year * 12 + later.month == day.year * 12 + day.month + months
    assert leads_to_last if is_last else same_day or (leads_to_last and later.day < day.day)


@given(st.dates(date(1970, 1, 1), date(2098, 12, 31)), MONTHS, MONTHS)
def test_more_months_end_later(day: date, months: int, more: int) -> None:
    """The shortest term has four weeks all but a day, and one of more months ends later."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end, later_end = (moments.end_of_months(begin, count) for count in (months, months + more))

    assert begin + 27 * DAY < end < later_end


@pytest.mark.parametrize("value", [None, 5, True, ["2026-01-31"], {"date": "2026-01-31"}, b"2026-01-31"])
def test_no_text(value: object) -> None:
    """What is no text is no date."""
    with pytest.raises(ValueError, match="must be a date"):
        moments.start(value, never)


def test_the_zone_of_a_stack() -> None:
    """A stack's time zone is the one that its parameter names."""
    assert moments.zone_name_of(SETTINGS._replace(time_zone="Europe/Berlin")) == "Europe/Berlin"
    assert moments.zone_name_of(SETTINGS) == "UTC"


def test_a_zone_that_does_not_exist() -> None:
    """A stack's time zone that does not exist is reported with the stack's parameter and a similar name."""
    with pytest.raises(Misconfigured) as raised:
        moments.zone_name_of(SETTINGS._replace(time_zone="Europe/Berlni"))

    assert raised.value.message == (
        "NOT_CONFIGURED: Correct the stack's parameter TimeZone and deploy the stack again: "
        "Europe/Berlni is not a time zone of the IANA database; did you mean Europe/Berlin?"
    )


LOADED = """
import sys
from stigg_actions.models.create_subscription import CreateSubscription
from stigg_actions.models.parsing import parse
asked = {"models.time_zones", "models.characters", "models.currencies", "difflib", "models.texts"}
def loaded():
    return sorted(name for name in asked if name in sys.modules or f"stigg_actions.{name}" in sys.modules)
def ask(**fields):
    parse(CreateSubscription, {"customerId": "acme", "planId": "p", "customerName": "Acme", **fields})
    print(*loaded())
ask(startDate="2026-01-31", cancellationDate="2027-01-31T09:30:00+02:00", timeZone="UTC")
ask(minimumSpend={"amount": 1, "currency": "USD"})
ask(customerName="M\\u00fcller", metadata={"tier": "gold"})
"""


def test_what_a_plain_request_loads() -> None:
    """A request in UTC without money, maps and letters beyond ASCII loads nothing that only others need."""
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", LOADED], env={"PYTHONPATH": str(LAYER)}, capture_output=True, text=True, check=False
    )

    assert (ran.stdout.splitlines(), ran.stderr) == (
        ["", "models.currencies", "models.characters models.currencies models.texts"],
        "",
    )
