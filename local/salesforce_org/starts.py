"""When Flows start: their entry conditions, and the times of their scheduled paths."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from xml.etree.ElementTree import Element

from local.salesforce_org.evaluation import Value, compared, evaluate
from local.salesforce_org.interviews import Globals
from local.salesforce_org.records import Records, Row
from scripts.salesforce_checks import formulas
from scripts.salesforce_checks.flows import OF_RECORD, Flow
from scripts.salesforce_checks.metadata import text
from scripts.salesforce_checks.rules_calls import LARGEST_BATCH

_UNITS = {"Days": timedelta(days=1), "Minutes": timedelta(minutes=1)}
ASYNCHRONOUS = "AsyncAfterCommit"


@dataclass(frozen=True)
class Start:
    """The start of one flow."""

    flow: Flow
    records: Records

    def starts(self, row: Row, before: Row | None, known: Globals, now: datetime) -> bool:
        """Whether the flow starts for a record that is saved; `before` is how it was, None of a new one."""
        trigger = text(self.flow.start, "recordTriggerType")
        if trigger not in {"CreateAndUpdate", "Create" if before is None else "Update"}:
            return False
        is_met = self.is_met(row, before, known, now)
        only_once = text(self.flow.start, "doesRequireRecordChangedToMeetCriteria") == "true"
        return is_met and (before is None or not only_once or not self.is_met(before, before, known, now))

    def is_met(self, row: Row, before: Row | None, known: Globals, now: datetime) -> bool:
        """Whether a record meets the entry conditions."""
        today = now.date()

        def resolve(reference: str) -> Value:
            if reference.startswith(OF_RECORD):
                return self.records.value(row, reference.removeprefix(OF_RECORD), today)
            return known(reference)

        def changed(reference: str) -> bool:
            path = reference.removeprefix(OF_RECORD)
            return before is not None and compared(
                "<>", self.records.value(row, path, today), self.records.value(before, path, today)
            )

        return bool(evaluate(formulas.parse(text(self.flow.start, "filterFormula")), resolve, changed, today))

    @property
    def waits_for_conditions(self) -> bool:
        """Whether what it has scheduled is called off once the record no longer meets the entry conditions."""
        return text(self.flow.start, "doesRequireRecordChangedToMeetCriteria") == "true"

    def due(self, path: Element, row: Row, saved_at: datetime) -> datetime | None:
        """Return when a path is due; None where its date is blank, or past already."""
        if text(path, "pathType") == ASYNCHRONOUS:
            return saved_at
        offset = int(text(path, "offsetNumber")) * _UNITS[text(path, "offsetUnit")]
        if text(path, "timeSource") == "RecordTriggerEvent":
            return saved_at + offset
        day = row.get(text(path, "recordField"))
        due = None if day is None else datetime.combine(day, time(), UTC) + offset
        return due if due is not None and due > saved_at else None


@dataclass
class Waiting:
    """A scheduled path that waits for its time, and the user who saved the record."""

    start: Start
    path: Element
    record_id: str
    saved_at: datetime
    due: datetime
    user: str

    @property
    def key(self) -> tuple[str, str]:
        """Flow and path: what waits under one key can share a transaction."""
        return self.start.flow.name, text(self.path, "name")

    @property
    def largest_batch(self) -> int:
        """How many interviews of the path share a transaction at most."""
        return int(text(self.path, "maxBatchSize") or LARGEST_BATCH)


def batches(waiting: list[Waiting]) -> list[list[Waiting]]:
    """Return the batches that run what is due, each in a transaction: by flow, path and user, oldest first."""
    found: dict[tuple[object, ...], list[list[Waiting]]] = {}
    for one in sorted(waiting, key=lambda one: one.due):
        of_key = found.setdefault((*one.key, one.user), [[]])
        if len(of_key[-1]) == one.largest_batch:
            of_key.append([])
        of_key[-1].append(one)
    return [batch for of_key in found.values() for batch in of_key]
