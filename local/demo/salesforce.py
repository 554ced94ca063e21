"""The Salesforce org of the story: its Flows call the stack, and the events of the bus reach it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.demo.callers import post
from local.salesforce_org.org import Org
from local.salesforce_org.records import Row
from local.salesforce_org.rest.interface import RestInterface
from local.salesforce_org.rest.server import serving
from local.salesforce_org.selling import PROJECT, SETTINGS
from local.stack import Endpoints, LocalStack
from local.stack.bus import Bus, listening
from local.stack.deployment import SALESFORCE_ORG_ID
from local.write_back.pipe import Pipe
from local.write_back.rule import Rule

CLIENT, SECRET = "client-of-the-demo", "secret-of-the-demo"
EARLIER = timedelta(minutes=30)
"""The org begins its work that much earlier, so that the time it lets pass does not lead into the future."""


@dataclass
class Salesforce:
    """An org, and what brings it the events of the bus."""

    org: Org
    bus: Bus
    pipe: Pipe
    received: dict[str, str] = field(default_factory=dict)
    """What became a platform event about records of the org, by its id."""

    def receive(self) -> None:
        """Let what is on the bus come in, and the Flow that it starts run."""
        events = [event for event in self.bus.listen() if self._knows(event["detail"])]
        self.received |= {event["detail"]["eventId"]: _event(event) for event in events}
        self.pipe.take(*events)
        self.pipe.send()
        self.org.deliver()

    def holdings(self) -> tuple[str, ...]:
        """Describe the records, the calls of Flows, and the platform events that came."""
        of, org = self.org.records.of, self.org
        return (
            *(f"contract {_name(row)}: {_state(row)}" for row in of("Contract")),
            *(f"opportunity {_name(row)}: {_state(row)}" for row in of("Opportunity")),
            *(f"line {_product(org, row)}: {_state(row)}" for row in of("OpportunityLineItem")),
            *(f"call of {action} by a Flow" for action, _, _ in org.answers.calls),
            *(f"fault that no Flow handled: {error}" for error in org.errors),
            *self.received.values(),
        )

    def _knows(self, detail: Mapping[str, Any]) -> bool:
        """Whether an event is about records of this org. The story has others, which are known by their ids only."""
        named = (detail.get("salesforceRecordId"), detail.get("salesforceAccountId"))
        return any(one is not None and self.org.records.has(one) for one in named)


@contextmanager
def connected_org(stack: LocalStack) -> Iterator[Salesforce]:
    """Serve an org in memory on a free port, and connect it to a stack in both directions until the block ends."""
    org = org_of(stack.endpoints)
    with listening(stack) as bus, serving(RestInterface(org, {CLIENT: SECRET})) as url:
        yield Salesforce(org, bus, Pipe(Rule(SALESFORCE_ORG_ID), url, CLIENT, SECRET))


def org_of(endpoints: Endpoints) -> Org:
    """Return an org with the project deployed and set up, whose Flows call a stack."""

    def call(action: str, body: str) -> tuple[int, dict[str, Any]]:
        answer = post(endpoints, action, body, None)
        return answer.status or 0, answer.body

    return Org(PROJECT, call, datetime.now(UTC).replace(microsecond=0) - EARLIER, settings=dict(SETTINGS))


def _event(event: Mapping[str, Any]) -> str:
    detail = event["detail"]
    outside = ", changed outside" if detail.get("changedOutside") else ""
    return f"platform event {event['detail-type']}: {detail.get('status', detail.get('outcome'))}{outside}"


def _name(row: Row) -> str:
    return str(row.get("ContractNumber") or row["Name"])


def _product(org: Org, row: Row) -> str:
    return str(org.read(row["Id"], "Product2.Name"))


def _state(row: Row) -> str:
    """Describe what Stigg's fields of a record say."""
    ends, changed = row.get("Stigg_Ends_On__c"), row.get("Stigg_Changed_In_Stigg__c")
    parts = [row.get("Stigg_Status__c") or "no status"]
    if ends is not None:
        parts.append("ends on the day of that change" if changed and changed.date() == ends else f"ends {ends}")
    if row.get("Stigg_Payment_Page__c"):
        parts.append("with a payment page")
    if changed is not None:
        parts.append("changed in Stigg")
    return ", ".join(parts)
