"""Time zones by the data that is shipped, and the edges of their days."""

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stigg_actions.models import time_zones

ROOT = Path(__file__).parents[3]
NAMES = resources.files("tzdata").joinpath("zones").read_text().split()
MIDNIGHT, LAST_SECOND, SECOND = time(0, 0, 0), time(23, 59, 59), timedelta(seconds=1)
DAYS = st.dates(date(1970, 1, 2), date(2199, 12, 30))


@pytest.mark.parametrize("name", NAMES)
def test_every_zone(name: str) -> None:
    """Every zone of the database can be had, under its name."""
    assert time_zones.zone(name).key == name


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("Europe/Berlni", "did you mean Europe/Berlin?"),
        ("europe/berlin", "did you mean Europe/Berlin?"),
        ("America/New York", "did you mean America/New_York?"),
        ("Mars/Phobos", "give a name such as America/New_York"),
        ("+02:00", "give a name such as America/New_York"),
        ("", "give a name such as America/New_York"),
        ("../zones", "give a name such as America/New_York"),
        ("/etc/localtime", "give a name such as America/New_York"),
        ("zone1970.tab", "give a name such as America/New_York"),
        ("a\x00b", "give a name such as America/New_York"),
        ("\ud800", "give a name such as America/New_York"),
    ],
)
def test_no_zone(name: str, remedy: str) -> None:
    """What is no zone of the database is refused, with the nearest name where there is one."""
    with pytest.raises(ValueError, match="is not a time zone of the IANA database") as refused:
        time_zones.zone(name)

    assert str(refused.value).endswith(remedy)


def test_data_of_the_package(tmp_path: Path) -> None:
    """The machine's own data, which may be older, is not looked at."""
    (tmp_path / "Europe").mkdir()
    shutil.copy(str(resources.files("tzdata").joinpath("zoneinfo", "Asia", "Tokyo")), tmp_path / "Europe" / "Berlin")
    program = (
        "from zoneinfo import ZoneInfo; from datetime import datetime\n"
        "from stigg_actions.models.time_zones import zone\n"
        "print(*(made('Europe/Berlin').utcoffset(datetime(2026, 1, 1)) for made in (ZoneInfo, zone)))"
    )
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "layers" / "shared"), "PYTHONTZPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.stdout, ran.stderr) == ("9:00:00 1:00:00\n", "")


@given(st.sampled_from(NAMES), DAYS)
@example("Pacific/Apia", date(2011, 12, 30))
@example("Pacific/Kwajalein", date(1993, 8, 21))
@example("America/St_Johns", date(2006, 10, 29))
@example("America/St_Johns", date(2006, 10, 28))
@example("America/Nuuk", date(2026, 3, 28))
@example("America/Havana", date(2026, 3, 8))
@example("Africa/Monrovia", date(1972, 1, 7))
def test_edges_of_a_day(name: str, day: date) -> None:
    """Before the first moment of a day clocks show an earlier time; after its last second they show a later one."""
    zone = time_zones.zone(name)
    midnight, last_second = datetime.combine(day, MIDNIGHT), datetime.combine(day, LAST_SECOND)
    first, last = time_zones.first(midnight, zone), time_zones.last(last_second, zone)

    def shown(moment: datetime) -> datetime:
        return moment.astimezone(zone).replace(tzinfo=None)

    assert shown(first - SECOND) < midnight <= shown(first)
    assert shown(last) <= last_second < shown(last + SECOND)
    assert (first.tzinfo, last.tzinfo) == (UTC, UTC)


@pytest.mark.parametrize(
    ("wall", "first", "last"),
    [
        ("2026-03-29T02:30:00.250", "2026-03-29T01:00:00", "2026-03-29T00:59:59"),
        ("2026-10-25T02:30:00.250", "2026-10-25T00:30:00.250", "2026-10-25T01:30:00.250"),
        ("2026-03-29T03:00:00", "2026-03-29T01:00:00", "2026-03-29T01:00:00"),
        ("2026-03-29T02:00:00", "2026-03-29T01:00:00", "2026-03-29T00:59:59"),
        ("2026-03-29T01:59:59", "2026-03-29T00:59:59", "2026-03-29T00:59:59"),
    ],
)
def test_times_around_a_change(wall: str, first: str, last: str) -> None:
    """A time that clocks jump over has the jump and the second before it as its edges, one shown twice both."""
    berlin, written = time_zones.zone("Europe/Berlin"), datetime.fromisoformat(wall)
    expected = [datetime.fromisoformat(f"{moment}Z") for moment in (first, last)]

    assert [time_zones.first(written, berlin), time_zones.last(written, berlin)] == expected
