"""How fast batches write."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import replace
from typing import override

from hypothesis import given
from hypothesis import strategies as st

from stigg_actions.batches.rate_limiter import WINDOW_SECONDS, RateLimiter, next_turn
from stigg_actions.clock import Deadline
from stigg_actions.storage.dynamodb import Database, Item
from tests.support.fakes import SETTINGS, FakeClock
from tests.support.tables import Tables


class RacedDatabase(Database):
    """A database in which others write after this worker has read."""

    meanwhile: list[Callable[[], object]]

    @override
    def read(self, keys: Sequence[tuple[str, Item]]) -> list[Item | None]:
        """Read items, and let the others write."""
        found = super().read(keys)
        while self.meanwhile:
            self.meanwhile.pop()()
        return found


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60), st.integers(1, 5))
def test_no_window_has_more(pauses: list[float], most: int) -> None:
    """However writes come, no minute has more than is allowed, and none goes back in time."""
    turns: list[float] = []
    now = 0.0
    for pause in pauses:
        now += pause
        turns.append(next_turn(turns, now, most=most))

    assert turns == sorted(turns)
    gaps = [later - earlier for earlier, later in zip(turns, turns[most:], strict=False)]
    assert [gap for gap in gaps if gap < WINDOW_SECONDS - 0.001] == []


def test_a_small_batch_waits_for_nothing() -> None:
    """As long as a minute has room, every turn is now."""
    assert [next_turn([0.0] * taken, 5.0, most=3) for taken in range(4)] == [5.0, 5.0, 5.0, WINDOW_SECONDS]


def test_workers_share_it(tables: Tables) -> None:
    """Workers that claim at once get as many turns now as a minute has, and the others a minute later."""
    clock = FakeClock()
    database = Database(tables.client, Deadline.after(clock, 60))
    settings = replace(SETTINGS, batches_table=tables.batches, batch_writes_per_minute=5)
    workers = [RateLimiter(database, settings, clock) for _ in range(2)]
    with ThreadPoolExecutor(6) as threads:
        turns = sorted(threads.map(lambda number: workers[number % 2].seconds_until_next("update"), range(12)))

    assert [round(seconds) for seconds in turns] == [0] * 5 + [61] * 5 + [122] * 2
    assert workers[0].seconds_until_next("cancel") == 0


def test_a_turn_that_another_worker_took(tables: Tables) -> None:
    """A worker whose claim comes second reads again, and gets the next turn."""
    clock = FakeClock()
    settings = replace(SETTINGS, batches_table=tables.batches, batch_writes_per_minute=1)
    first = RateLimiter(Database(tables.client, Deadline.after(clock, 60)), settings, clock)
    raced = RacedDatabase(tables.client, Deadline.after(clock, 60))
    raced.meanwhile = [lambda: first.seconds_until_next("update")]

    assert RateLimiter(raced, settings, clock).seconds_until_next("update") == WINDOW_SECONDS
