"""Decide whether and when to send a request again, from the fate of the last attempt."""

import random
from enum import Enum
from typing import NamedTuple

MAX_ATTEMPTS = 3
FIRST_DELAY_SECONDS = 0.5
LEAST_TIME_FOR_A_CALL_SECONDS = 1.0


class Fate(Enum):
    """The fate of one attempt."""

    ANSWERED = "answered"  # success, or a definite refusal
    NOT_SENT = "not sent"  # no connection: it certainly had no effect
    TURNED_AWAY = "turned away"  # rate limit or contention: it certainly had no effect
    LOST = "lost"  # no answer, an unreadable answer, or a fault: it may have had an effect


class Attempt(NamedTuple):
    """An attempt that did not succeed: its number from 1, its fate, and the wait that the server asked for."""

    number: int
    fate: Fate
    repeatable: bool
    seconds_left: float
    retry_after: float | None = None


def delay_before_next(attempt: Attempt, *, jitter: float | None = None) -> float | None:
    """Return the seconds to wait before the next attempt, or None to give up.

    A lost request is sent again only if that is safe. ``jitter`` (0 to 1, random by default) shortens the delay by up
    to a quarter, so that callers that failed together do not retry together.
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
