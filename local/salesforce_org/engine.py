"""What an org does when records are saved: checks, the Flows that start, and their scheduled paths in their time.

Where Salesforce's own material leaves room it is strict: work is not committed on the way to a callout, and no path
is scheduled for a date that has passed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from xml.etree.ElementTree import Element

from local.salesforce_org.evaluation import Value
from local.salesforce_org.interviews import Fault, Globals, Interview
from local.salesforce_org.notices import Notices
from local.salesforce_org.records import Records, Row, object_of
from local.salesforce_org.schema import SaveRefused, Schema
from local.salesforce_org.starts import Start, Waiting, batches
from local.salesforce_org.transactions import AUTOMATED, Answers, Gateway, Transaction
from scripts.salesforce_checks.flows import Flow
from scripts.salesforce_checks.metadata import text
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.service import Service

ORGANIZATION = "00D000000000001"  # as a Flow sees it: 15 characters
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)


@dataclass
class Engine:
    """An org with the project deployed, whose calls go through a gateway."""

    project: Project
    gateway: Gateway
    clock: datetime
    passes: Callable[[float], object] = field(default=lambda _seconds: None)
    """Lets as many seconds pass elsewhere as pass in the org."""
    settings: dict[str, Value] = field(default_factory=dict)
    """The values of the Stigg Settings that an admin has entered."""
    permissions: dict[str, set[str]] = field(default_factory=dict)
    """The custom permissions of users."""
    answers: Answers = field(default_factory=Answers)
    errors: list[str] = field(default_factory=list)
    """Faults that no Flow handled: Salesforce sends them to its admins."""
    waiting: list[Waiting] = field(default_factory=list)
    published: list[Row] = field(default_factory=list)
    """Platform events that no Flow has received yet."""
    locked: set[str] = field(default_factory=set)
    """Records that nobody can save, such as those in an approval."""
    interviews: int = 0

    @cached_property
    def schema(self) -> Schema:
        """Its objects."""
        return Schema(self.project)

    @cached_property
    def records(self) -> Records:
        """Its records."""
        return Records(self.schema, lambda: self.settings)

    @cached_property
    def notices(self) -> Notices:
        """What it sent to its users."""
        return Notices(self.records)

    @property
    def service(self) -> Service:
        """The External Service of the project."""
        return self.project.service

    def now(self) -> datetime:
        """Return the present moment of the org."""
        return self.clock

    def pass_time(self, **duration: int) -> None:
        """Let time pass, and run what falls due on the way, minute by minute."""
        end = self.clock + timedelta(**duration)
        self.deliver()
        while soon := [one for one in self.waiting if one.due <= end]:
            self._wait_until(min(one.due for one in soon) + _MINUTE)
            due = [one for one in self.waiting if one.due <= self.clock]
            self.waiting = [one for one in self.waiting if one not in due]
            for batch in batches(due):
                self._run_batch(batch)
        self._wait_until(end)

    def publish(self, event: str, values: Row) -> str:
        """Accept a platform event, which its Flows receive later; return its id. Raises SaveRefused."""
        self.schema.check(event, values, None)
        row = self.schema.defaults(event, None) | values | {"Id": self.records.new_id(event)}
        self.published.append(row)
        return str(row["Id"])

    def deliver(self) -> None:
        """Hand the events that were published to the Flows that they start, all at once."""
        events, self.published = self.published, []
        for flow in self.project.flows:
            of_flow = [event for event in events if object_of(event["Id"]) == flow.object]
            if flow.follows_events and of_flow:
                target = flow.entries[0].target
                started = [self.interview(flow, event, AUTOMATED, target) for event in of_flow]
                self._run_together(started, AUTOMATED)

    def call(self, flow: Flow, user: str) -> dict[str, Value]:
        """Run a flow that a program starts, as a user; return its outputs. Raises Fault."""
        interview = self.interview(flow, {}, user, flow.entries[0].target)
        Transaction(self, user).run([interview])
        outputs = [name for name, one in flow.resources.items() if text(one, "isOutput") == "true"]
        return {name: interview.resolve(name) for name in outputs}

    def update(self, rows: list[Row], transaction: Transaction) -> None:
        """Save what a Flow changes. Raises SaveRefused where a check or a Flow that it starts refuses it."""
        before = self.records.state()
        try:
            self.save(rows, transaction)
        except Fault as fault:
            self.records.restore(before)
            raise SaveRefused(f"CANNOT_EXECUTE_FLOW_TRIGGER: {fault}") from fault

    def notify(self, action: str, inputs: dict[str, Value]) -> None:
        """Ring a bell or send an e-mail. Raises Fault."""
        self.notices.send(action, inputs)

    def subflow(self, name: str) -> Flow:
        """Return a Flow that another one calls."""
        return next(flow for flow in self.project.flows if flow.name == name)

    def save(self, rows: list[Row], transaction: Transaction) -> None:
        """Save records of one object within a transaction. Raises SaveRefused and Fault."""
        self._wait_until(self.clock + _SECOND)
        saved = []
        for row in rows:
            if row["Id"] in self.locked:
                raise SaveRefused(f"ENTITY_IS_LOCKED: {row['Id']}: the entity is locked for editing")
            before = self.records.row(row["Id"]) if self.records.has(row["Id"]) else None
            self._run_before_save(row, before, transaction)
            self.schema.check(object_of(row["Id"]), row, row.get("RecordType"))
            stamps = {"LastModifiedDate": self.clock} | ({"CreatedDate": self.clock} if before is None else {})
            self.records.put(row | stamps)
            saved.append((self.records.row(row["Id"]), before))
        self._run_after_save(saved, transaction)

    def _wait_until(self, moment: datetime) -> None:
        self.passes(max(0.0, (moment - self.clock).total_seconds()))
        self.clock = max(self.clock, moment)

    def _starts(self, record: str, *, before_save: bool) -> Iterable[Start]:
        started = (flow for flow in self.project.flows if flow.is_started_by_records)
        flows = sorted(started, key=lambda flow: int(text(flow.root, "triggerOrder")))
        return (
            Start(flow, self.records)
            for flow in flows
            if flow.object == record and flow.runs_before_save == before_save
        )

    def _run_before_save(self, row: Row, before: Row | None, transaction: Transaction) -> None:
        known = self._globals(transaction.user)
        for start in self._starts(object_of(row["Id"]), before_save=True):
            if start.starts(row, before, known, self.clock):
                transaction.run([self.interview(start.flow, row, transaction.user, start.flow.entries[0].target)])

    def _run_after_save(self, saved: list[tuple[Row, Row | None]], transaction: Transaction) -> None:
        known = self._globals(transaction.user)
        for row, _ in saved:
            self._call_off(row, known)
        for start in self._starts(object_of(saved[0][0]["Id"]), before_save=False):
            rows = [row for row, before in saved if start.starts(row, before, known, self.clock)]
            for entry in start.flow.entries:
                if entry.path is None:
                    transaction.run([self.interview(start.flow, row, transaction.user, entry.target) for row in rows])
                else:
                    self._schedule(start, entry.path, rows, transaction.user)

    def _schedule(self, start: Start, path: Element, rows: list[Row], user: str) -> None:
        for row in rows:
            due = start.due(path, row, self.clock)
            if due is not None:
                self.waiting.append(Waiting(start, path, row["Id"], self.clock, due, user))

    def _call_off(self, row: Row, known: Globals) -> None:
        """Call off what waits for a record that no longer meets the conditions; move what waits for a date of it."""
        for one in [one for one in self.waiting if one.record_id == row["Id"]]:
            due = one.start.due(one.path, row, one.saved_at)
            is_over = one.start.waits_for_conditions and not one.start.is_met(row, row, known, self.clock)
            if due is None or is_over:
                self.waiting.remove(one)
            else:
                one.due = due

    def _run_batch(self, batch: list[Waiting]) -> None:
        interviews = [
            self.interview(
                one.start.flow,
                self.records.row(one.record_id),
                one.user,
                one.path.findtext("connector/targetReference") or "",
            )
            for one in batch
        ]
        self._run_together(interviews, batch[0].user)

    def _run_together(self, interviews: list[Interview], user: str) -> None:
        before, waiting = self.records.state(), list(self.waiting)
        try:
            Transaction(self, user).run(interviews)
        except Fault as fault:
            self.records.restore(before)
            self.waiting = waiting
            self.errors.append(str(fault))

    def interview(self, flow: Flow, row: Row, user: str, target: str) -> Interview:
        """Begin an interview of a flow at one of its elements, for a record."""
        self.interviews += 1
        guid = f"6f1c2e0d9b8a7c6d5e4f3a2b1c0d-{self.interviews:06d}"
        return Interview(flow, row, self.records, self._globals(user), guid, self.now, at=target)

    def _globals(self, user: str) -> Globals:
        def known(reference: str) -> Value:
            match reference.split("."):
                case ["$Permission", name]:
                    return name in self.permissions.get(user, set())
                case ["$Setup", _, name]:
                    return self.settings.get(name)
                case ["$Organization", "Id"]:
                    return ORGANIZATION
                case ["$Flow", "CurrentDate"]:
                    return self.clock.date()
                case ["$Flow", "CurrentDateTime"]:
                    return self.clock
                case ["$GlobalConstant", "EmptyString"]:
                    return ""
            raise NotImplementedError(reference)

        return known
