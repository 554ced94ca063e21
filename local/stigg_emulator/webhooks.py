"""Delivery of events to a URL, as Stigg does it: the shared secret in a header, and six tries, then dropped.

Three tries come at once, three more 30 s apart by the emulator's clock: let it advance, and what is due is tried. Order
is the order of the events, unless it is to be another; nothing is sent while no URL is set.
"""

import json
import threading
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from local.stigg_emulator.catalog import Json
from local.stigg_emulator.clock import write

LOCAL_SECRET = "whsec-local-development"  # noqa: S105  it opens nothing but this machine's emulator
SECRET_HEADER = "Stigg-Webhooks-Secret"  # noqa: S105  the header's name
TRIES_AT_ONCE, TRIES = 3, 6
APART = timedelta(seconds=30)
TIMEOUT = 30
ENVELOPE = ("messageId", "type")
BESIDE = ("traceId", "timestamp", "accountId", "environmentId", "entityId")


@dataclass(frozen=True)
class Target:
    """Where events go, and how: `nested` puts the entity under `data`, `copies` sends each event so many times.

    `newestFirst` holds events back until the next flush, and then sends the newest first.
    """

    url: str
    secret: str = LOCAL_SECRET
    nested: bool = False
    copies: int = 1
    newest_first: bool = False


@dataclass
class Delivery:
    """One event on its way."""

    target: Target
    event: Json
    due: datetime
    tries: int = 0


class Webhooks:
    """Sends events from a thread of its own, so that no API call waits for a receiver."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.target: Target | None = None
        self.log: list[Json] = []
        self._now = now
        self._waiting: deque[Delivery] = deque()
        self._held: list[Delivery] = []
        self._later: list[Delivery] = []
        self._changed = threading.Condition()
        self._busy = self._stopping = False
        self._thread = threading.Thread(target=self._run, name="stigg-webhooks", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """End after the try that is under way."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def forget(self) -> None:
        """Drop what waits, and the log."""
        with self._changed:
            for waiting in (self._waiting, self._held, self._later, self.log):
                waiting.clear()

    def send(self, events: list[Json]) -> None:
        """Queue events for the target that is set now, if one is; and what has come due meanwhile."""
        with self._changed:
            if self.target is not None:
                made = [
                    Delivery(self.target, event, self._now()) for event in events for _ in range(self.target.copies)
                ]
                (self._held if self.target.newest_first else self._waiting).extend(made)
            self._take_due()
            self._changed.notify_all()

    def flush(self) -> int:
        """Send what is held back, wait until all that waits was tried, and tell how many wait for a later try."""
        with self._changed:
            self._waiting.extend(reversed(self._held))
            self._held.clear()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._stopping or not (self._waiting or self._busy))
            return len(self._later)

    def _run(self) -> None:
        while (delivery := self._next()) is not None:
            accepted = self._tried(delivery)
            with self._changed:
                self._busy = False
                if not accepted and delivery.tries < TRIES:
                    delivery.due = self._now() + APART
                    self._later.append(delivery)
                self._changed.notify_all()

    def _next(self) -> Delivery | None:
        with self._changed:
            while not self._stopping:
                self._take_due()
                if self._waiting:
                    self._busy = True
                    return self._waiting.popleft()
                self._changed.wait(self._seconds_to_the_next())
        return None

    def _take_due(self) -> None:
        now, later = self._now(), self._later
        self._later = [one for one in later if one.due > now]
        self._waiting.extend(one for one in later if one.due <= now)

    def _seconds_to_the_next(self) -> float | None:
        """Return how long nothing is due, None if nothing waits for a later try."""
        moments = [one.due for one in self._later]
        return (min(moments) - self._now()).total_seconds() if moments else None

    def _tried(self, delivery: Delivery) -> bool:
        """Try three times at once, or once if that was before."""
        for _ in range(TRIES_AT_ONCE if delivery.tries == 0 else 1):
            delivery.tries += 1
            status = _post(delivery.target, delivery.event)
            self._note(delivery, status)
            if status is not None and status // 100 == 2:
                return True
        return False

    def _note(self, delivery: Delivery, status: int | None) -> None:
        told = {name: delivery.event.get(name) for name in ENVELOPE}
        line = {**told, "url": delivery.target.url, "attempt": delivery.tries, "status": status}
        with self._changed:
            self.log.append({**line, "at": write(self._now())})


def nested(event: Json) -> Json:
    """Return an event in Stigg's other form."""
    entity = {name: value for name, value in event.items() if name not in {*ENVELOPE, *BESIDE}}
    return {**{name: event.get(name) for name in ENVELOPE}, "createdAt": event.get("timestamp"), "data": entity}


def _post(target: Target, event: Json) -> int | None:
    """Send once; return the status of the answer, None if there was none in time."""
    parts = urlsplit(target.url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    headers = {"Content-Type": "application/json", SECRET_HEADER: target.secret}
    body = json.dumps(nested(event) if target.nested else event, default=float)
    try:
        with closing(connect(parts.netloc, timeout=TIMEOUT)) as connection:
            connection.request("POST", parts.path or "/", body, headers)
            return connection.getresponse().status
    except (OSError, HTTPException):
        return None
