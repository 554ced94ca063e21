"""Delivery of events to a URL, as Stigg does it: the shared secret in a header, up to three tries, then dropped.

Order is the order of the events; nothing is sent while no URL is set.
"""

import json
import queue
import threading
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from local.stigg_emulator.catalog import Json

LOCAL_SECRET = "whsec-local-development"  # noqa: S105  it opens nothing but this machine's emulator
SECRET_HEADER = "Stigg-Webhooks-Secret"  # noqa: S105  the header's name
TRIES = 3
TIMEOUT = 30


@dataclass(frozen=True)
class Target:
    """Where events go."""

    url: str
    secret: str = LOCAL_SECRET


class Webhooks:
    """Sends events from a thread of its own, so that no API call waits for a receiver."""

    def __init__(self) -> None:
        self.target: Target | None = None
        self._waiting: queue.SimpleQueue[tuple[Target, Json] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="stigg-webhooks", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """End when everything that waits was tried; nobody needs to wait for that."""
        self._waiting.put(None)

    def send(self, events: list[Json]) -> None:
        """Queue events for the target that is set now, if one is."""
        if self.target is not None:
            for event in events:
                self._waiting.put((self.target, event))

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            target, event = item
            any(_accepted(target, event) for _ in range(TRIES))


def _accepted(target: Target, event: Json) -> bool:
    """Send once; any 2xx accepts."""
    parts = urlsplit(target.url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    headers = {"Content-Type": "application/json", SECRET_HEADER: target.secret}
    try:
        with closing(connect(parts.netloc, timeout=TIMEOUT)) as connection:
            connection.request("POST", parts.path or "/", json.dumps(event, default=float), headers)
            return connection.getresponse().status // 100 == 2
    except (OSError, HTTPException):
        return False
