"""Whether and when to send a request again: a pure decision over what came of it."""

import random
from enum import Enum
from typing import NamedTuple

MAX_ATTEMPTS = 3
FIRST_DELAY_SECONDS = 0.5
LEAST_TIME_FOR_A_CALL_SECONDS = 1.0


class Fate(Enum):
    """What became of one attempt."""

    ANSWERED = "answered"  # success, or a definite refusal
    NOT_SENT = "not sent"  # no connection: surely nothing happened
    TURNED_AWAY = "turned away"  # rate limit or contention: surely nothing happened
    LOST = "lost"  # no answer, an unreadable one, or a fault: anything may have happened


class Attempt(NamedTuple):
    """One attempt that did not succeed: its number from 1, its fate, and what the server asked us to wait."""

    number: int
    fate: Fate
    repeatable: bool
    seconds_left: float
    retry_after: float | None = None


def delay_before_next(attempt: Attempt, *, jitter: float | None = None) -> float | None:
    """Return the seconds to wait before the next attempt, or None to give up.

    A lost request is sent again only if that is safe. ``jitter`` (0 to 1, random by default) shortens the delay by up
    to a quarter, so that callers who failed together do not come back together.
    """
    if attempt.number >= MAX_ATTEMPTS or attempt.fate is Fate.ANSWERED:
        return None
    if attempt.fate is Fate.LOST and not attempt.repeatable:
        return None
    chance = random.SystemRandom().random() if jitter is None else jitter  # no state, which copies of a snapshot share
    delay = FIRST_DELAY_SECONDS * 2.0 ** (attempt.number - 1) * (1 - 0.25 * chance)
    if attempt.retry_after is not None:
        delay = max(delay, attempt.retry_after)
    return delay if delay + LEAST_TIME_FOR_A_CALL_SECONDS <= attempt.seconds_left else None
