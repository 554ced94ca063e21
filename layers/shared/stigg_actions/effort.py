"""What a call takes: how often it asks Stigg and DynamoDB, how long they need, and how often it has to ask again."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Share:
    """What one service had to do for a call: times it was asked, and seconds until it answered, or did not."""

    calls: int = 0
    seconds: float = 0.0

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


@dataclass(slots=True)
class Effort:
    """All that one call has taken so far."""

    stigg: Share = field(default_factory=Share)
    dynamodb: Share = field(default_factory=Share)
    retries: int = 0
    stigg_date: str | None = None
    """Stigg's time, as its last answer told it (HTTP header ``Date``)."""

    def line(self) -> dict[str, int]:
        """Return what the line of the call tells of it."""
        return {
            "stiggCalls": self.stigg.calls,
            "stiggMs": self.stigg.milliseconds,
            "dynamodbCalls": self.dynamodb.calls,
            "dynamodbMs": self.dynamodb.milliseconds,
            "retries": self.retries,
        }
