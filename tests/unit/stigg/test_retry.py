"""Whether and when to send again."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stigg_actions.stigg.retry import Attempt, Fate, delay_before_next

FATES = [fate for fate in Fate if fate is not Fate.ANSWERED]


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.parametrize(
    ("fate", "number", "retry_after", "expected"),
    [
        (Fate.NOT_SENT, 1, None, 0.5),
        (Fate.NOT_SENT, 2, None, 1.0),
        (Fate.NOT_SENT, 3, None, None),
        (Fate.TURNED_AWAY, 1, None, 0.5),
        (Fate.TURNED_AWAY, 1, 7.0, 7.0),
        (Fate.TURNED_AWAY, 2, 0.2, 1.0),
        (Fate.TURNED_AWAY, 1, 24.0, 24.0),
        (Fate.TURNED_AWAY, 1, 24.1, None),
        (Fate.TURNED_AWAY, 3, 1.0, None),
        (Fate.ANSWERED, 1, None, None),
    ],
)
def test_policy(
    *, fate: Fate, number: int, retry_after: float | None, expected: float | None, repeatable: bool
) -> None:
    """What surely did not happen is tried three times, later and later, as the server asks, within 25 seconds."""
    attempt = Attempt(number, fate, repeatable, seconds_left=25.0, retry_after=retry_after)

    assert expected == delay_before_next(attempt, jitter=0)


@pytest.mark.parametrize(("repeatable", "expected"), [(True, 0.5), (False, None)])
def test_lost(*, repeatable: bool, expected: float | None) -> None:
    """What may have happened is sent again only if that has no second effect."""
    assert expected == delay_before_next(Attempt(1, Fate.LOST, repeatable, seconds_left=25.0), jitter=0)


@pytest.mark.parametrize(("seconds_left", "expected"), [(1.5, 0.5), (1.49, None), (0, None)])
def test_time_left(seconds_left: float, expected: float | None) -> None:
    """There must be time for the wait and for one more call."""
    assert expected == delay_before_next(
        Attempt(1, Fate.NOT_SENT, repeatable=True, seconds_left=seconds_left), jitter=0
    )


@pytest.mark.parametrize(("jitter", "expected"), [(0, 0.5), (0.5, 0.4375), (1, 0.375)])
def test_jitter(jitter: float, expected: float) -> None:
    """Chance shortens the delay by up to a quarter."""
    assert expected == delay_before_next(Attempt(1, Fate.NOT_SENT, repeatable=True, seconds_left=25.0), jitter=jitter)


@given(st.sampled_from(FATES), st.integers(1, 2), st.floats(0, 60))
def test_chance(fate: Fate, number: int, retry_after: float) -> None:
    """With real chance the delay is never shorter than a server asked, nor longer than there is time."""
    delay = delay_before_next(Attempt(number, fate, repeatable=True, seconds_left=25.0, retry_after=retry_after))

    assert delay is None or max(0.375, retry_after) <= delay <= 24


def test_copies_of_a_snapshot_wait_differently() -> None:
    """Processes that start from one memory, with one state of chance, do not all try again at the same moment."""
    delays = set()
    for _ in range(20):
        random.seed(18)  # what copies of a snapshot share
        delays.add(delay_before_next(Attempt(1, Fate.NOT_SENT, repeatable=True, seconds_left=25.0)))

    assert len(delays) == 20
