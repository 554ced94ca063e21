"""Read and write the ledger together with the mappings, in one transaction for each step of an operation."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from stigg_actions.storage import mapping_items
from stigg_actions.storage.conditional_writes import ConditionalWrites
from stigg_actions.storage.mapping import CustomerState, LatestOperation, Lease, RecordState
from stigg_actions.storage.operation import Operation, Status, operation_key, read_operation
from stigg_actions.storage.snapshot import Run, Snapshot, Target, contract_key, read_contract, target_of, with_claims

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stigg_actions.clock import Clock
    from stigg_actions.errors import ActionError
    from stigg_actions.settings import Settings
    from stigg_actions.storage.dynamodb import Database, Item
    from stigg_actions.storage.mapping import Changes, ResourceState, SubscriptionState


class Ledger:
    """The ledger and the mappings of one deployment. Every method raises ``StiggUnavailable`` if DynamoDB is down."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._mappings = settings.mappings_table
        self._operations = settings.operations_table
        self._clock = clock
        self._puts = ConditionalWrites(database, settings)

    def snapshot(self, target: Target, key: str | None, *, former_key: str | None = None) -> Snapshot:
        """Read the items of a target, in one call if it names the customer by id.

        An operation that older versions stored under the former key comes first, unless it had no effect.
        """
        keys = {"operation": key, "former": former_key}
        of_operations = {name: (self._operations, operation_key(text, 1)) for name, text in keys.items() if text}
        items = self._read({**self._places(target), **of_operations})
        account = items.get("account")
        return self._with_customer(
            Snapshot(
                target,
                operation=self._operation(key, items),
                linked_customer_id=account["customer_id"] if account else None,
            ),
            target,
            items,
        )

    def reread(self, snapshot: Snapshot, target: Target) -> Snapshot:
        """Read customer, resource, record and subscription again, by a target that the first read has completed."""
        known = replace(target, account_id=None)
        return self._with_customer(snapshot, known, self._read(self._places(known)))

    def record(self, org_id: str, record_id: str) -> RecordState | None:
        """Read the state of a record."""
        return self.snapshot(Target(org_id, record_id=record_id), None).record

    def subscription(self, subscription_id: str) -> SubscriptionState | None:
        """Read the state of a subscription."""
        (item,) = self._database.read([(self._mappings, mapping_items.subscription_key(subscription_id))])
        return mapping_items.read_subscription(item)

    def resource(self, customer_id: str, resource_id: str | None) -> ResourceState:
        """Read a customer's subscriptions on one resource, or on none."""
        (item,) = self._database.read([(self._mappings, mapping_items.resource_key(customer_id, resource_id))])
        return mapping_items.read_resource(customer_id, resource_id, item)

    def operation(self, key: str, intent: int) -> Operation | None:
        """Read one intent of an operation. Intent 0 has no item: it marks a change noticed, or made long ago."""
        if intent == 0:
            return None
        (item,) = self._database.read([(self._operations, operation_key(key, intent))])
        return read_operation(item)

    def newest(self, key: str) -> Operation | None:
        """Read the newest intent of an operation."""
        return read_operation(self._database.newest(self._operations, partition=("operation_key", key)))

    def start(self, operation: Operation, snapshot: Snapshot, claims: Sequence[RecordState] = ()) -> Run:
        """Record an operation as started, take the leases of its customers, and claim records for it.

        Raises:
            ConditionFailedError: the operation, a customer or the record has changed since it was read.
        """
        before = snapshot.operation if _same_intent(snapshot.operation, operation) else None
        leased = _with_lease(snapshot, _lease(operation, running=True))
        claimed = [replace(record, claim=_lease(operation, running=True)) for record in claims]
        self._database.transact(
            [
                self._puts.operation(operation, before),
                *self._puts.first_intent_kept(operation),
                *self._puts.later_call(operation),
                *self._puts.customers(leased, snapshot),
                *(self._puts.claimed(record) for record in claimed),
            ]
        )
        return Run(operation, with_claims(leased, claimed))

    def finish(self, run: Run, answer: Mapping[str, Any], changes: Changes | None) -> None:
        """Record success with the changed mappings, and end the lease. Raises as ``start``."""
        done = replace(run.operation, status=Status.SUCCEEDED, answer=answer, error=None, finished_at=self._now())
        self._settle(run, done, changes)

    def fail(self, run: Run, error: ActionError) -> None:
        """Record that the operation had no effect, and end the lease. Raises as ``start``."""
        failed = replace(
            run.operation, status=Status.FAILED, error=_error_item(error), answer=None, finished_at=self._now()
        )
        self._settle(run, failed, None)

    def leave_unknown(self, run: Run, error: ActionError, *, since: int) -> None:
        """Record that a run that started at ``since`` may have had an effect. Keep the lease until it is settled."""
        unknown = replace(run.operation, status=Status.UNKNOWN, error=_error_item(error), uncertain_since=since)
        kept = _with_lease(run.snapshot, _lease(unknown, running=False))
        self._database.transact(
            [self._puts.operation(unknown, run.operation), *self._puts.customers(kept, run.snapshot)]
        )

    def run_for(self, operation: Operation, target: Target) -> Run:
        """Return a run with which any call can settle an unsettled operation."""
        return Run(operation, self.snapshot(target_of(operation, target), None), resumed=True)

    def renewed(self, run: Run, target: Target) -> Run | None:
        """Return a run with all items read again; None if another run has taken the operation over."""
        operation = self.operation(run.operation.operation_key, run.operation.intent)
        if operation is None or operation.settled or operation.token != run.operation.token:
            return None
        return self.run_for(operation, target)

    def _settle(self, run: Run, operation: Operation, changes: Changes | None) -> None:
        before = run.snapshot
        after = replace(before, customer=changes.customer) if changes else before
        self._database.transact(
            [
                self._puts.operation(operation, run.operation),
                *self._puts.customers(_with_lease(after, None), before),
                *self._puts.changes(changes),
            ]
        )

    def _operation(self, key: str | None, items: Mapping[str, Item | None]) -> Operation | None:
        former = read_operation(items.get("former"))
        if former is not None and former.status is not Status.FAILED:
            return former
        return self.newest(key) if key and items.get("operation") else None

    def _with_customer(self, snapshot: Snapshot, target: Target, items: Mapping[str, Item | None]) -> Snapshot:
        snapshot = replace(
            snapshot,
            target=target,
            record=self._record_now(items.get("record")),
            subscription=mapping_items.read_subscription(items.get("subscription")),
            contract=read_contract(items.get("contract")),
            records=self._records_now(target, items),
        )
        if target.customer_id is None or not target.leases:
            return snapshot
        to_id = target.to_customer_id
        feature_id = target.feature_id or ""
        feature = mapping_items.read_feature(target.customer_id, feature_id, items.get("feature"))
        resource = mapping_items.read_resource(target.customer_id, target.resource_id, items.get("resource"))
        return replace(
            snapshot,
            customer=mapping_items.read_customer(target.customer_id, items.get("customer")),
            resource=resource if target.of_resource else None,
            feature=feature if feature_id else None,
            to_customer=mapping_items.read_customer(to_id, items.get("to_customer")) if to_id else None,
        )

    def _record_now(self, item: Item | None) -> RecordState | None:
        record = mapping_items.read_record(item)
        return None if record is None else record.at(self._clock.now())

    def _records_now(self, target: Target, items: Mapping[str, Item | None]) -> dict[str, RecordState]:
        states = {record_id: self._record_now(items.get(_place_of(record_id))) for record_id in target.record_ids}
        return {record_id: state for record_id, state in states.items() if state is not None}

    def _places(self, target: Target) -> dict[str, tuple[str, Item]]:
        """Return the table and key of each item that a target names."""
        keys: dict[str, Item] = {}
        if target.account_id:
            keys["account"] = mapping_items.account_key(target.org_id, target.account_id)
        if target.record_id:
            keys["record"] = mapping_items.record_key(target.org_id, target.record_id)
        if target.customer_id and target.leases:
            keys["customer"] = mapping_items.customer_key(target.customer_id)
        if target.subscription_id:
            keys["subscription"] = mapping_items.subscription_key(target.subscription_id)
        if target.customer_id and target.of_resource:
            keys["resource"] = mapping_items.resource_key(target.customer_id, target.resource_id)
        if target.to_customer_id:
            keys["to_customer"] = mapping_items.customer_key(target.to_customer_id)
        if target.customer_id and target.feature_id:
            keys["feature"] = mapping_items.feature_key(target.customer_id, target.feature_id)
        if target.contract_id:
            keys["contract"] = contract_key(target.contract_id)
        for record_id in target.record_ids:
            keys[_place_of(record_id)] = mapping_items.record_key(target.org_id, record_id)
        return {name: (self._mappings, key) for name, key in keys.items()}

    def _read(self, places: dict[str, tuple[str, Item]]) -> dict[str, Item | None]:
        return dict(zip(places, self._database.read(list(places.values())), strict=True)) if places else {}

    def _now(self) -> int:
        return int(self._clock.now())


def new_token() -> str:
    """Return a token that identifies one run of an operation."""
    return uuid4().hex


def latest(operation: Operation, now: float) -> LatestOperation:
    """Return an operation as the latest one of the subject that it settled."""
    return LatestOperation(
        operation.operation_key, operation.intent, int(now), as_of=operation.made_at, wish=operation.wish
    )


def _lease(operation: Operation, *, running: bool) -> Lease:
    return Lease(operation.operation_key, operation.intent, operation.token, running)


def _with_lease(snapshot: Snapshot, lease: Lease | None) -> Snapshot:
    """Return the next versions of the customers, with this lease or without one."""

    def next_version(customer: CustomerState | None) -> CustomerState | None:
        return None if customer is None else replace(customer, version=customer.version + 1, lease=lease)

    return replace(snapshot, customer=next_version(snapshot.customer), to_customer=next_version(snapshot.to_customer))


def _place_of(record_id: str) -> str:
    return f"record {record_id}"


def _same_intent(before: Operation | None, operation: Operation) -> bool:
    return before is not None and before.intent == operation.intent


def _error_item(error: ActionError) -> dict[str, Any]:
    return error.envelope("")
