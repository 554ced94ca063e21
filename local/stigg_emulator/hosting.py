"""The emulator inside a program: a server in a thread, and a small client for its admin routes.

with running_emulator() as emulator:
    client = httpx.Client(base_url=emulator.url, headers={"X-API-KEY": emulator.key})
    emulator.fault("POST", "/subscriptions$", "cutAfter", times=1)
"""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import override
from urllib.parse import urlsplit

from local.stigg_emulator.catalog import DEFAULT_PATH, Json, load
from local.stigg_emulator.gateway import Request
from local.stigg_emulator.server import EmulatorServer
from local.stigg_emulator.service import Service
from local.stigg_emulator.webhooks import LOCAL_SECRET
from local.stigg_emulator.world import LOCAL_KEY


class AdminError(Exception):
    """The emulator refused an admin call."""


class Emulator:
    """A client for the admin routes of an emulator at a URL, wherever it runs."""

    key = LOCAL_KEY

    def __init__(self, url: str) -> None:
        self.url = url

    def state(self) -> Json:
        """Show everything, as `snapshot.state` describes it."""
        return self._call("GET", "/state")

    def reset(self) -> None:
        """Forget everything: data, clock, keys, faults."""
        self._call("POST", "/reset", {})

    def advance(self, seconds: float) -> str:
        """Let time pass; answers the time."""
        return str(self._call("POST", "/clock", {"advanceSeconds": seconds})["now"])

    def set_clock(self, now: str) -> str:
        """Make it that time, as ISO 8601 text."""
        return str(self._call("POST", "/clock", {"now": now})["now"])

    def invoice(self, subscription_id: str, status: str = "OPEN") -> Json:
        """Make a subscription's latest invoice OPEN, which means overdue, or PAID; NEW issues another one."""
        return self._call("POST", "/invoices", {"subscriptionId": subscription_id, "status": status})

    def pay_grant(self, grant_id: str) -> Json:
        """Pay a credit grant's invoice."""
        return self._call("POST", "/invoices", {"grantId": grant_id, "status": "PAID"})

    def use_credits(self, grant_id: str, amount: float) -> Json:
        """Let the customer use credits of a grant; answers the grant."""
        return self._call("POST", "/consumption", {"grantId": grant_id, "amount": amount})

    def checkout(self, subscription_id: str) -> Json:
        """Let the customer pay for what PAYMENT_REQUIRED asked; answers the subscription."""
        return self._call("POST", "/checkout", {"subscriptionId": subscription_id})

    def publish_plan(self, plan_id: str, prices: Json | None = None) -> int:
        """Publish a new version of a plan, with other prices where they are given; answers its number."""
        return int(self._call("POST", "/plans", {"planId": plan_id, "prices": prices or {}})["versionNumber"])

    def delay_imports(self, seconds: float) -> None:
        """Let imports of subscriptions take so many seconds from now on."""
        self._call("POST", "/imports", {"seconds": seconds})

    def set_key(self, key: str, status: str = "active") -> None:
        """Make an API key `active`, `expired`, `readOnly` or `revoked`."""
        self._call("POST", "/keys", {"key": key, "status": status})

    def vary(self, *kinds: str, share: float = 1, seed: int = 0) -> None:
        """Write answers in other ways that Stigg's types allow, as `variety.py` names them; without any, as before."""
        self._call("POST", "/variety", {"kinds": list(kinds), "share": share, "seed": seed})

    def webhooks(self, url: str | None, secret: str = LOCAL_SECRET, **settings: object) -> None:
        """Send events to a URL from now on, with the secret in their header; or to none.

        `envelope`: `flat` or `nested`; `copies`: how often each is sent; `order`: `asHappened` or `newestFirst`.
        """
        self._call("POST", "/webhooks", {"url": url, "secret": secret, **settings})

    def flush_webhooks(self) -> int:
        """Wait until all events that are due were tried; answers how many wait for a later try."""
        return int(self._call("POST", "/webhooks/flush", {})["waitForALaterTry"])

    def test_webhook(self, kind: str = "subscription.created") -> Json:
        """Send a test event, as Stigg's app does; answers it."""
        return self._call("POST", "/webhooks/test", {"type": kind})

    def by_hand(self, method: str, path: str, body: Json | None = None) -> Json:
        """Let a person do an operation in Stigg's app: no key, no limit."""
        return self._call("POST", "/app", {"method": method, "path": path, "body": body or {}})

    def fault(self, method: str, path: str, fault: str, value: object = None, times: int | None = None) -> None:
        """Put a fault in force: so many times, or until `clear_faults`. `method` may be `*`, `path` is a regex."""
        order = {"method": method, "path": path, "fault": fault, "value": value, "times": times}
        self._call("POST", "/faults", {name: item for name, item in order.items() if item is not None})

    def clear_faults(self) -> None:
        """Delete all faults; what hangs is let go."""
        self._call("DELETE", "/faults")

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        status, content = self._exchange(method, f"/_emulator{path}", json.dumps(body or {}))
        answer: Json = json.loads(content)
        if status != 200:
            raise AdminError(f"{method} {path}: {answer['message']}")
        return answer

    def _exchange(self, method: str, path: str, text: str) -> tuple[int, bytes]:
        with closing(HTTPConnection(urlsplit(self.url).netloc, timeout=30)) as connection:
            connection.request(method, path, text, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()


class HostedEmulator(Emulator):
    """An emulator of this process, reached without the network; at its URL others reach it."""

    def __init__(self, service: Service, url: str) -> None:
        super().__init__(url)
        self.service = service

    @override
    def _exchange(self, method: str, path: str, text: str) -> tuple[int, bytes]:
        answer = self.service.admin.answer(Request(method, path, body=text.encode()))
        return answer.status, answer.content()


@contextmanager
def running_emulator(port: int = 0, catalog: Path = DEFAULT_PATH) -> Iterator[HostedEmulator]:
    """Run an emulator in a thread, on a free port unless one is named; it has stopped when the block is left."""
    server = EmulatorServer(load(catalog), port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="stigg-emulator")
    thread.start()
    try:
        yield HostedEmulator(server.service, server.url)
    finally:
        server.shutdown()
        thread.join()
        server.close()
