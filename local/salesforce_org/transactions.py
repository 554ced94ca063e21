"""A transaction: interviews that work together, what they have written, and the services that they call.

Source: Salesforce Help, "How Flow Bulkification Works": each interview runs until it reaches an element that works for
all of them; those at one element go on together, then those at another, until all are over.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from local.salesforce_org.evaluation import Value
from local.salesforce_org.interviews import SCREENS, Fault, Interview
from local.salesforce_org.records import Records, Row
from local.salesforce_org.schema import SaveRefused
from local.salesforce_org.wire import from_json, to_json
from scripts.openapi.reading import name_of, schema_of
from scripts.openapi.uses import output_name
from scripts.salesforce_checks.flows import Flow, is_call
from scripts.salesforce_checks.metadata import text, texts
from scripts.salesforce_checks.rules_calls import CALLOUTS
from scripts.salesforce_checks.service import Service

type Gateway = Callable[[str, str], tuple[int, dict[str, Any]]]
"""Calls an action with a body of JSON; returns status and answer. Raises httpx.TransportError."""

AUTOMATED = "Automated Process"
"""The user whom Flows run as that events start. It has no permission set, so it may not call."""
NOT_PERMITTED = "We couldn't access the credential(s). You might not have the required permissions"
UNCOMMITTED = "You have uncommitted work pending. Please commit or rollback before calling out"


class Surroundings(Protocol):
    """What a transaction needs of its org."""

    @property
    def records(self) -> Records:
        """Its records."""

    @property
    def service(self) -> Service:
        """Its External Service."""

    @property
    def gateway(self) -> Gateway:
        """What its calls go to."""

    @property
    def answers(self) -> "Answers":
        """What was called and answered."""

    def subflow(self, name: str) -> Flow:
        """Return a Flow that another one calls."""

    def update(self, rows: list[Row], transaction: "Transaction") -> None:
        """Save changed records. Raises SaveRefused and Fault."""

    def notify(self, action: str, inputs: dict[str, Value]) -> None:
        """Ring a bell or send an e-mail. Raises Fault."""


@dataclass
class Answers:
    """What was called, and what Flows read of the answers."""

    given: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """The properties that answers had, by flow and call."""
    calls: list[tuple[str, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    """Action, request and answer of every call, in order."""

    def requests(self, action: str) -> list[dict[str, Any]]:
        """Return the requests that were sent to an action, oldest first."""
        return [request for called, request, _ in self.calls if called == action]


@dataclass
class Transaction:
    """Work that is committed or rolled back as a whole, and the user whose work it is."""

    org: Surroundings
    user: str
    wrote: bool = False
    callouts: int = 0

    def run(self, interviews: list[Interview]) -> None:
        """Run interviews of one flow to their ends or next screens. Raises Fault where one has no way to go on."""
        while running := self._stopped(interviews):
            here = running[0].at
            group = [interview for interview in running if interview.at == here]
            getattr(self, f"_{group[0].element.tag}")(group)

    @staticmethod
    def _stopped(interviews: list[Interview]) -> list[Interview]:
        for interview in interviews:
            interview.run()
        return [one for one in interviews if one.at is not None and one.element.tag != SCREENS]

    def _recordLookups(self, group: list[Interview]) -> None:  # noqa: N802 - the element's name
        for interview in group:
            element = interview.element
            found = self.org.records.find(
                text(element, "object"),
                interview.filters(element),
                text(element, "filterLogic"),
                interview.now().date(),
            )
            if sort := text(element, "sortField"):
                found.sort(key=lambda row: row[sort], reverse=text(element, "sortOrder") == "Desc")
            shown = [self._queried(interview, row) for row in found]
            only_first = text(element, "getFirstRecordOnly") == "true"
            interview.held[interview.at or ""] = next(iter(shown), None) if only_first else shown
            interview.go_on()

    def _queried(self, interview: Interview, row: Row) -> Row:
        fields = texts(interview.element, "queriedFields")
        return {name: self.org.records.value(row, name, interview.now().date()) for name in fields}

    def _recordUpdates(self, group: list[Interview]) -> None:  # noqa: N802 - the element's name
        """Save what all interviews at the element change, in one operation; each learns what became of its own."""
        for interview in group:
            try:
                self._save(self._changed(interview))
            except SaveRefused as refusal:
                interview.fail(str(refusal))
            else:
                interview.go_on()

    def _changed(self, interview: Interview) -> list[Row]:
        """Return what an update saves: the records of a variable, or those that it finds. Raises SaveRefused."""
        element, records = interview.element, self.org.records
        if reference := text(element, "inputReference"):
            return [self._known(made) | _stored(made) for made in interview.resolve(reference)]
        day, logic = interview.now().date(), text(element, "filterLogic")
        rows = records.find(text(element, "object"), interview.filters(element), logic, day)
        items = element.iter("inputAssignments")
        changes = _stored({text(item, "field"): interview.value(next(item.iter("value"))) for item in items})
        return [row | changes for row in rows]

    def _known(self, made: Row) -> Row:
        if not self.org.records.has(made["Id"]):
            raise SaveRefused(f"ENTITY_IS_DELETED: {made['Id']}")
        return self.org.records.row(made["Id"])

    def _save(self, rows: list[Row]) -> None:
        if rows:
            self.wrote = True
            self.org.update(rows, self)

    def _subflows(self, group: list[Interview]) -> None:
        """Run the Flow that an element names, with its inputs, to its end; keep its outputs. Raises Fault."""
        for interview in group:
            flow = self.org.subflow(text(interview.element, "flowName"))
            items = interview.element.findall("inputAssignments")
            inputs = {text(item, "name"): interview.value(next(item.iter("value"))) for item in items}
            guid = f"{interview.guid}-1"  # it is not known to be the same
            at = text(flow.start, "connector/targetReference")
            called = Interview(flow, {}, interview.records, interview.globals, guid, interview.now, at, held=inputs)
            self.run([called])
            interview.held[interview.at or ""] = {name: called.resolve(name) for name in flow.outputs}
            interview.go_on()

    def _actionCalls(self, group: list[Interview]) -> None:  # noqa: N802 - the element's name
        for interview in group:
            try:
                if is_call(interview.element):
                    self._call(interview)
                else:
                    self._act(interview)
            except (Fault, httpx.TransportError) as fault:
                interview.fail(str(fault))
            else:
                interview.go_on()

    def _act(self, interview: Interview) -> None:
        inputs = {
            text(one, "name"): interview.value(next(one.iter("value")))
            for one in interview.element.findall("inputParameters")
        }
        self.org.notify(text(interview.element, "actionName"), inputs)

    def _call(self, interview: Interview) -> None:
        """Call a service. Raises Fault where that is not possible or not permitted, or the answer is no success."""
        if self.wrote:
            raise Fault(UNCOMMITTED)
        if self.user == AUTOMATED:
            raise Fault(NOT_PERMITTED)
        self.callouts += 1
        if self.callouts > CALLOUTS:
            raise Fault(f"Too many callouts: {self.callouts}")
        operation = self.org.service.operations[text(interview.element, "actionName").rpartition(".")[2]]
        held = interview.value(next(interview.element.iter("value")))
        request = to_json(self.org.service, name_of(operation.request), held)
        action = operation.where.rpartition("/")[2]
        status, answer = self.org.gateway(action, json.dumps(request))
        self.org.answers.calls.append((action, request, answer))
        if status >= 300:
            raise Fault(f"{status}: {answer['errorMessage']}")
        schema = name_of(schema_of(operation.responses[str(status)]))
        taken = from_json(self.org.service, schema, answer)
        interview.held[interview.at or ""] = {output_name(str(status)): taken, "responseCode": float(status)}
        self.org.answers.given.setdefault((interview.flow.name, interview.at or ""), set()).update(taken)


def _stored(row: Row) -> Row:
    """Return the values of a record as they are stored: an empty text is none."""
    return {name: None if value == "" else value for name, value in row.items()}
