"""A Salesforce org in memory that runs the project's Flows: what its users do in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from local.salesforce_org.engine import Engine
from local.salesforce_org.evaluation import Value
from local.salesforce_org.interviews import Fault
from local.salesforce_org.records import Row, object_of
from local.salesforce_org.schema import SaveRefused
from local.salesforce_org.transactions import Transaction
from scripts.salesforce_checks.metadata import text


@dataclass
class Org(Engine):
    """An org in which a seller works."""

    def __post_init__(self) -> None:
        self.user = self._made("User", Email="seller@seller.example", IsActive=True)
        for name in self.project.named("CustomNotificationType"):
            self._made("CustomNotificationType", DeveloperName=name)

    def insert(self, record: str, *several: Row) -> list[str]:
        """Save new records of an object, all at once; return their ids. Raises SaveRefused."""
        rows = [self._new(record, values) for values in several]
        for row in rows:
            self._require_offered(row, row)
        self._commit(rows)
        return [row["Id"] for row in rows]

    def add(self, record: str, **values: Value) -> str:
        """Save one new record; return its id. Raises SaveRefused."""
        return self.insert(record, values)[0]

    def change(self, record_id: str, **changes: Value) -> None:
        """Change a record. Raises SaveRefused."""
        row = self.records.row(record_id) | changes
        self._require_offered(row, changes)
        self._commit([row])

    def delete(self, record_id: str) -> Row:
        """Delete a record, and what waits for it; return what it held, to undelete it."""
        row = self.records.row(record_id)
        self.records.remove(record_id)
        self.waiting = [one for one in self.waiting if one.record_id != record_id]
        return row

    def undelete(self, row: Row) -> None:
        """Take a record back from the Recycle Bin, under its id. No Flow starts: they know no such trigger."""
        self.records.put(row)

    def clone(self, record_id: str, **changes: Value) -> str:
        """Clone a record; of our fields it keeps those that its users can edit."""
        values = self.records.row(record_id)
        kept = {
            n: v for n, v in values.items() if not n.endswith("__c") or f"{object_of(record_id)}.{n}" in self._editable
        }
        return self.add(object_of(record_id), **kept | changes)

    def clone_with_lines(self, record_id: str, **changes: Value) -> str:
        """Clone an opportunity with its products, which keep even the fields that no user can edit."""
        made = self.clone(record_id, **changes)
        lines = [row for row in self.records.of("OpportunityLineItem") if row["OpportunityId"] == record_id]
        self.insert("OpportunityLineItem", *[row | {"OpportunityId": made} for row in lines])
        return made

    def read(self, record_id: str, *fields: str) -> Any:  # noqa: ANN401 - of any type
        """Return a field of a record, or several as a tuple."""
        row = self.records.row(record_id)
        values = tuple(self.records.value(row, name, self.clock.date()) for name in fields)
        return values[0] if len(values) == 1 else values

    def transaction(self) -> Transaction:
        """Begin a transaction of the user."""
        return Transaction(self, self.user)

    @contextmanager
    def acting_as(self, user: str) -> Iterator[None]:
        """Work as another user for a while."""
        before, self.user = self.user, user
        yield
        self.user = before

    @cached_property
    def _editable(self) -> set[str]:
        granted = [one for sets in self.project.of("PermissionSet") for one in sets.root.iter("fieldPermissions")]
        return {text(one, "field") for one in granted if text(one, "editable") == "true"}

    def _made(self, record: str, **values: Value) -> str:
        row = self.schema.defaults(record, None) | values | {"Id": self.records.new_id(record)}
        self.records.put(row)
        return str(row["Id"])

    def _new(self, record: str, values: Row) -> Row:
        owner = {"OwnerId": self.user} if "OwnerId" in self.schema.fields[record] else {}
        made = self.schema.defaults(record, values.get("RecordType")) | owner | values
        return made | {"Id": self.records.new_id(record)}

    def _require_offered(self, row: Row, chosen: Row) -> None:
        """Refuse a picklist value that the record's type does not show to its users."""
        known = self.schema.fields[object_of(row["Id"])]
        for name, value in chosen.items():
            place = f"{object_of(row['Id'])}.{name}"
            if value is not None and name in known and not self.schema.offers(row.get("RecordType"), place, value):
                raise SaveRefused(f"{place}: the record type does not offer {value}")

    def _commit(self, rows: list[Row]) -> None:
        """Save in a transaction of its own, as a whole."""
        before, waiting = self.records.state(), list(self.waiting)
        try:
            self.save(rows, self.transaction())
        except (Fault, SaveRefused) as refusal:
            self.records.restore(before)
            self.waiting = waiting
            raise SaveRefused(str(refusal)) from refusal
