"""Reading and writing the ledger together with the mappings: start, and finish, each in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from stigg_actions import mappings
from stigg_actions.mappings import Changes, CustomerState, LatestOperation, Lease, RecordState
from stigg_actions.operations import Operation, Status, operation_item, operation_key, read_operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.clock import Clock
    from stigg_actions.dynamodb import Database, Item
    from stigg_actions.errors import ActionError
    from stigg_actions.settings import Settings


@dataclass(frozen=True, slots=True)
class Names:
    """What a request names in Salesforce and Stigg; what it leaves out is None."""

    org_id: str
    customer_id: str | None = None
    record_id: str | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand before a write: the operation's newest intent, the account's customer, the record."""

    operation: Operation | None
    linked_customer_id: str | None
    record: RecordState | None
    customer: CustomerState | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to carry out one operation, and what was known when it was given.

    ``resumed``: an earlier run of this attempt may have reached Stigg. ``done_before``: the same was wanted, and done,
    before, by that operation.
    """

    operation: Operation
    customer: CustomerState | None
    record: RecordState | None
    linked_customer_id: str | None
    resumed: bool = False
    done_before: Operation | None = None


class Ledger:
    """The ledger and the mappings of one deployment. Every method raises ``StiggUnavailable`` if DynamoDB is down."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._mappings = settings.mappings_table
        self._operations = settings.operations_table
        self._clock = clock

    def standing(self, names: Names, key: str | None) -> Standing:
        """Read how things stand, in one call where the customer is named by id."""
        found = self._read(names, key)
        account = found.get("account")
        return Standing(
            operation=self._newest(key) if key and found.get("operation") else None,
            linked_customer_id=account["customer_id"] if account else None,
            record=mappings.read_record(found.get("record")),
            customer=mappings.read_customer(names.customer_id, found.get("customer")) if names.customer_id else None,
        )

    def customer(self, customer_id: str) -> CustomerState:
        """Read what is known of a customer."""
        (item,) = self._database.read([(self._mappings, mappings.customer_key(customer_id))])
        return mappings.read_customer(customer_id, item)

    def record(self, org_id: str, record_id: str) -> RecordState | None:
        """Read what is known of a record."""
        (item,) = self._database.read([(self._mappings, mappings.record_key(org_id, record_id))])
        return mappings.read_record(item)

    def operation(self, key: str, intent: int) -> Operation | None:
        """Read one intent of an operation."""
        (item,) = self._database.read([(self._operations, operation_key(key, intent))])
        return read_operation(item)

    def start(self, operation: Operation, standing: Standing, *, customer: CustomerState | None) -> Ticket:
        """Record an operation as started and take the customer's lease for it.

        Raises:
            ConditionFailedError: the operation or the customer is no longer as it was read.
        """
        before = standing.operation if _same_intent(standing.operation, operation) else None
        leased = None if customer is None else _with_lease(customer, operation, running=True)
        self._database.transact([self._put_operation(operation, before), *self._put_customer(leased, customer)])
        return Ticket(operation, leased, standing.record, standing.linked_customer_id)

    def finish(self, ticket: Ticket, answer: Mapping[str, Any], changes: Changes | None) -> None:
        """Record success, the mappings that follow from it, and the end of the lease. Raises as ``start``."""
        done = replace(ticket.operation, status=Status.SUCCEEDED, answer=answer, error=None, finished_at=self._now())
        puts = [self._put(self._mappings, item) for item in changes.items()] if changes else []
        puts += [self._put_record(record) for record in changes.records] if changes else []
        self._settle(ticket, done, changes.customer if changes else ticket.customer, puts)

    def fail(self, ticket: Ticket, error: ActionError) -> None:
        """Record that surely nothing happened, and end the lease. Raises as ``start``."""
        failed = replace(
            ticket.operation, status=Status.FAILED, error=_error_item(error), answer=None, finished_at=self._now()
        )
        self._settle(ticket, failed, ticket.customer, [])

    def leave_unknown(self, ticket: Ticket, error: ActionError) -> None:
        """Record that something may have happened; the lease stays, so that nobody else writes before it is settled."""
        unknown = replace(ticket.operation, status=Status.UNKNOWN, error=_error_item(error))
        customer = ticket.customer
        kept = None if customer is None else _with_lease(customer, unknown, running=False)
        self._database.transact([self._put_operation(unknown, ticket.operation), *self._put_customer(kept, customer)])

    def ticket_for(self, operation: Operation) -> Ticket:
        """Return the ticket on which somebody else's unsettled operation can be settled."""
        customer = self.customer(operation.customer_id) if operation.customer_id else None
        record = self.record(operation.org_id, operation.record_id) if operation.record_id else None
        return Ticket(operation, customer, record, linked_customer_id=None, resumed=True)

    def renewed(self, ticket: Ticket) -> Ticket | None:
        """Return a ticket with everything read again, None if the operation is no longer this run's."""
        operation = self.operation(ticket.operation.operation_key, ticket.operation.intent)
        if operation is None or operation.settled or operation.token != ticket.operation.token:
            return None
        return replace(self.ticket_for(operation), linked_customer_id=ticket.linked_customer_id)

    def _settle(self, ticket: Ticket, operation: Operation, customer: CustomerState | None, puts: list[Any]) -> None:
        freed = None
        if customer is not None and ticket.customer is not None:
            freed = replace(customer, version=ticket.customer.version + 1, lease=None)
        self._database.transact(
            [self._put_operation(operation, ticket.operation), *self._put_customer(freed, ticket.customer), *puts]
        )

    def _put_operation(self, operation: Operation, before: Operation | None) -> dict[str, Any]:
        if before is None:
            return self._put(self._operations, operation_item(operation), "attribute_not_exists(operation_key)")
        condition = "#token = :token AND #status = :status"
        names = {"#token": "token", "#status": "status"}
        values = {":token": before.token, ":status": str(before.status)}
        return self._put(self._operations, operation_item(operation), condition, names=names, values=values)

    def _put_customer(self, customer: CustomerState | None, before: CustomerState | None) -> list[dict[str, Any]]:
        if customer is None or before is None:
            return []
        return [self._put_version(mappings.customer_item(customer), before.version)]

    def _put_record(self, record: RecordState) -> dict[str, Any]:
        """Put a record that was changed since it was read at its version."""
        return self._put_version(mappings.record_item(replace(record, version=record.version + 1)), record.version)

    def _put_version(self, item: Item, before: int) -> dict[str, Any]:
        if before == 0:
            return self._put(self._mappings, item, "attribute_not_exists(pk)")
        return self._put(self._mappings, item, "version = :version", values={":version": before})

    def _put(
        self,
        table: str,
        item: Item,
        condition: str | None = None,
        *,
        names: dict[str, str] | None = None,
        values: Item | None = None,
    ) -> dict[str, Any]:
        parts = {
            "TableName": table,
            "Item": self._database.attributes(item),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": self._database.attributes(values) if values else None,
        }
        return {"Put": {name: part for name, part in parts.items() if part is not None}}

    def _read(self, names: Names, key: str | None) -> dict[str, Item | None]:
        """Read the items that a request names, by what they are; an operation stands for all its intents."""
        places: dict[str, tuple[str, Item]] = {}
        if key:
            places["operation"] = (self._operations, operation_key(key, 1))
        if names.account_id:
            places["account"] = (self._mappings, mappings.account_key(names.org_id, names.account_id))
        if names.record_id:
            places["record"] = (self._mappings, mappings.record_key(names.org_id, names.record_id))
        if names.customer_id:
            places["customer"] = (self._mappings, mappings.customer_key(names.customer_id))
        return dict(zip(places, self._database.read(list(places.values())), strict=True)) if places else {}

    def _newest(self, key: str) -> Operation | None:
        return read_operation(self._database.newest(self._operations, partition=("operation_key", key)))

    def _now(self) -> int:
        return int(self._clock.now())


def new_token() -> str:
    """Return what tells one run of an operation from every other."""
    return uuid4().hex


def latest(operation: Operation, now: float) -> LatestOperation:
    """Return the mark that an operation leaves on the subject that it settled."""
    return LatestOperation(operation.operation_key, operation.intent, int(now))


def _with_lease(customer: CustomerState, operation: Operation, *, running: bool) -> CustomerState:
    lease = Lease(operation.operation_key, operation.intent, operation.token, running)
    return replace(customer, version=customer.version + 1, lease=lease)


def _same_intent(before: Operation | None, operation: Operation) -> bool:
    return before is not None and before.intent == operation.intent


def _error_item(error: ActionError) -> dict[str, Any]:
    return error.envelope("")
