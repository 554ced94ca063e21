"""Answers, and the memory that gives the same one to every repeat of an `Idempotency-Key`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. `body` is JSON, or the very bytes; `delay` passes first, `drip` between any two bytes."""

    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0
    drip: float = 0

    def content(self) -> bytes:
        """Return the bytes of the body."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, default=float).encode()

    def all_headers(self) -> dict[str, str]:
        """Return the headers with which the body is sent."""
        return {"Content-Type": "application/json", **self.headers, "Content-Length": str(len(self.content()))}


@dataclass
class StoredAnswers:
    """Answers by idempotency key, kept for 24 hours of the emulator's clock.

    Refusals (4xx) are stored too, a key answers whatever it is sent with, and it is the environment's: two operations
    must not share one. Stigg documents none of this; it is the strictest reading.
    """

    stored: dict[str, tuple[datetime, Answer]] = field(default_factory=dict)

    def answer(self, key: str | None, now: datetime, act: Callable[[], Answer]) -> Answer:
        """Give the stored answer of the key, or act and store. Without a key, act."""
        if not key:
            return act()
        stored_at, answer = self.stored.get(key, (None, None))
        if answer is None or stored_at is None or now >= stored_at + KEPT:
            answer = act()
            self.stored[key] = (now, answer)
        return answer
