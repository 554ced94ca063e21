"""What a call takes: how often it asks Stigg and DynamoDB, how long they need, and how often it has to ask again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Share:
    """What one service had to do for a call: times it was asked, and seconds until it answered, or did not."""

    def __init__(self) -> None:
        self.calls = 0
        self.seconds = 0.0

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Add what is done inside."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.calls += 1
            self.seconds += time.perf_counter() - begun

    @property
    def milliseconds(self) -> int:
        """The whole time, in milliseconds."""
        return round(self.seconds * 1000)


class Effort:
    """All that one call has taken so far. ``stigg_date`` is the header ``Date`` of the last answer: Stigg's time.

    ``unreadable`` counts the items of Stigg's lists that were skipped because they could not be read.
    """

    def __init__(self) -> None:
        self.stigg = Share()
        self.dynamodb = Share()
        self.retries = 0
        self.stigg_date: str | None = None
        self.unreadable = 0

    def line(self) -> dict[str, int]:
        """Return what the line of the call tells of it."""
        return {
            "stiggCalls": self.stigg.calls,
            "stiggMs": self.stigg.milliseconds,
            "dynamodbCalls": self.dynamodb.calls,
            "dynamodbMs": self.dynamodb.milliseconds,
            "retries": self.retries,
            **({"unreadableItems": self.unreadable} if self.unreadable else {}),
        }
