"""What Stigg's changes become in an org: the bus, the template's rule and pipe, the REST interface and the Flows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from local.salesforce_org.org import Org
from local.salesforce_org.rest.interface import RestInterface
from local.salesforce_org.rest.server import serving
from local.write_back.pipe import Pipe
from local.write_back.rule import Rule
from stigg_actions.events.event import SOURCE, Event, event_of
from tests.support.harness import ORG, Harness
from tests.support.webhooks import Webhooks

CLIENT, SECRET = "client-1", "secret-1"
SETTLED = {"SUCCEEDED", "FAILED"}
MOST_ROUNDS = 10


@dataclass
class WriteBack:
    """The way from Stigg to an org."""

    actions: Harness
    webhooks: Webhooks
    org: Org
    rest: RestInterface
    pipe: Pipe
    heard: list[dict[str, Any]] = field(default_factory=list)
    """Events of the bus that were taken, in order."""
    _followed: int = 0

    def settle(self) -> int:
        """Let webhooks, events and Flows run until nothing moves; return the rounds in which something did."""
        for rounds in range(MOST_ROUNDS):
            webhooks = len(self.webhooks.events()) - self._followed
            news, calls = self.news(), len(self.org.answers.calls)
            self.pipe.take(*news)
            self.pipe.send()
            self.org.pass_time(minutes=3)
            if not webhooks and not news and not self.pipe.waiting and calls == len(self.org.answers.calls):
                return rounds
        raise AssertionError("Events and Flows go on without an end.")

    def news(self) -> list[dict[str, Any]]:
        """Follow Stigg's webhooks, and return the events of the bus that are new."""
        webhooks = self.webhooks.events()[self._followed :]
        self._followed += len(webhooks)
        self.webhooks.deliver(*webhooks)
        news = self._news()
        self.heard += news
        return news

    def _news(self) -> list[dict[str, Any]]:
        tables = self.actions.tables
        operations = [item for item in tables.items(tables.operations) if item.get("status", {}).get("S") in SETTLED]
        items = [*operations, *tables.items(self.webhooks.table)]
        events = [on_the_bus(event_of({"dynamodb": {"NewImage": item}}, "development")) for item in items]
        known = [event["detail"]["eventId"] for event in self.heard]
        return sorted((one for one in events if one["detail"]["eventId"] not in known), key=lambda one: one["time"])


def on_the_bus(event: Event) -> dict[str, Any]:
    """Return an event as EventBridge delivers it."""
    time = f"{event.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {"source": SOURCE, "detail-type": event.detail_type, "time": time, "detail": dict(event.detail)}


def later(event: Mapping[str, Any], time: str, **detail: object) -> dict[str, Any]:
    """Return another event like one, at another time."""
    return {**event, "time": time, "detail": {**event["detail"], "eventId": f"other-{time}", **detail}}


@contextmanager
def written_back(actions: Harness, webhooks: Webhooks, org: Org) -> Iterator[WriteBack]:
    """Serve an org's REST interface, and connect it to the bus."""
    rest = RestInterface(org, {CLIENT: SECRET})
    with serving(rest) as url:
        yield WriteBack(actions, webhooks, org, rest, Pipe(Rule(ORG), url, CLIENT, SECRET))
