"""The writes of a transaction, each on the condition that its item has not changed since it was read."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.storage import mapping_items
from stigg_actions.storage.operation import KEPT_SECONDS, Operation, later_call_item, operation_item, operation_key
from stigg_actions.storage.opportunity_lines import OpportunityState, opportunity_item

if TYPE_CHECKING:
    from stigg_actions.settings import Settings
    from stigg_actions.storage.dynamodb import Database, Item
    from stigg_actions.storage.mapping import (
        AccountLink,
        Changes,
        CustomerState,
        RecordState,
        ResourceState,
        SubscriptionState,
    )
    from stigg_actions.storage.snapshot import Snapshot

type WriteItem = dict[str, Any]


class ConditionalWrites:
    """Builds the writes of a transaction over both tables."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._attributes = database.attributes
        self._mappings = settings.mappings_table
        self._operations = settings.operations_table

    def operation(self, operation: Operation, before: Operation | None) -> WriteItem:
        """Put an operation if it has not changed since ``before``; without that, if it does not exist."""
        item = operation_item(operation)
        if before is None:
            return self._put(self._operations, item, "attribute_not_exists(operation_key)")
        condition = "#token = :token AND #status = :status"
        values = {":token": before.token, ":status": str(before.status)}
        return self._put(
            self._operations, item, condition, names={"#token": "token", "#status": "status"}, values=values
        )

    def first_intent_kept(self, operation: Operation) -> list[WriteItem]:
        """Keep the first intent as long as a later one: it shows that the operation was requested before.

        The intents of an operation that never expires are kept already.
        """
        if operation.intent == 1 or operation.stands_for_ever:
            return []
        update = {
            "TableName": self._operations,
            "Key": self._attributes(operation_key(operation.operation_key, 1)),
            "UpdateExpression": "SET expires_at = :later",
            "ConditionExpression": "attribute_exists(expires_at)",
            "ExpressionAttributeValues": self._attributes({":later": operation.started_at + 2 * KEPT_SECONDS}),
        }
        return [{"Update": update}]

    def later_call(self, operation: Operation) -> list[WriteItem]:
        """Put the item that leads from a later call to the operation that it runs, if it is a later call."""
        if operation.latest_correlation_id is None:
            return []
        return [self._put(self._operations, later_call_item(operation))]

    def customers(self, after: Snapshot, before: Snapshot) -> list[WriteItem]:
        """Put each customer if its version has not changed; put no item for a write without a lease."""
        return [self.customer(*versions) for versions in zip(after.leased, before.leased, strict=True)]

    def customer(self, customer: CustomerState, before: CustomerState) -> WriteItem:
        """Put a customer if its version has not changed."""
        return self._on_version(mapping_items.customer_item(customer), before.version)

    def changes(self, changes: Changes | None) -> list[WriteItem]:
        """Put what a settled operation changes, except the customer's own item."""
        if changes is None:
            return []
        puts = [self._put(self._mappings, item) for item in mapping_items.plain_items(changes)]
        puts += [
            self._on_version(mapping_items.record_item(_next(record)), record.version) for record in changes.records
        ]
        for resource in (*([changes.resource] if changes.resource else []), *changes.other_resources):
            puts.append(self._on_version(mapping_items.resource_item(_next(resource)), resource.version))
        if changes.contract:
            from stigg_actions.storage.contracts import contract_item  # noqa: PLC0415 - few writes change a contract

            puts.append(self.anyway(contract_item(changes.contract)))
        if changes.account:
            puts.append(self._account(changes.account, changes.customer.customer_id))
        puts += [self._voided(before, after) for before, after in changes.voided]
        return puts

    def _voided(self, before: Operation, after: Operation) -> WriteItem:
        """Put the operation of a voided grant or dropped page, unless its request was forgotten since it was read."""
        put = self.operation(after, before)
        if before.forgotten_at is None:
            put["Put"]["ConditionExpression"] += " AND attribute_not_exists(forgotten_at)"
        return put

    def claimed(self, record: RecordState) -> WriteItem:
        """Put a record with its claim if its version has not changed."""
        return self._on_version(mapping_items.record_item(_next(record)), record.version)

    def opportunity(self, state: OpportunityState) -> WriteItem:
        """Put an opportunity's lines if their version has not changed."""
        return self._on_version(opportunity_item(_next(state)), state.version)

    def anyway(self, item: Item) -> WriteItem:
        """Put an item of the mappings unconditionally."""
        return self._put(self._mappings, item)

    def subscription_found(self, state: SubscriptionState, before: SubscriptionState | None) -> WriteItem:
        """Put a subscription without its customer's lease, if no write has changed it since it was read."""
        item = mapping_items.subscription_item(state)
        if before is None:
            return self._put(self._mappings, item, "attribute_not_exists(pk)")
        names = {"#latest": "latest"}
        if before.latest is None:
            return self._put(self._mappings, item, "attribute_not_exists(#latest)", names=names)
        values = {":latest": item["latest"]}
        return self._put(self._mappings, item, "#latest = :latest", names=names, values=values)

    def _account(self, link: AccountLink, customer_id: str) -> WriteItem:
        """Link an account, unless it is linked to a customer other than this one and the one that it leaves."""
        item = mapping_items.account_item(link.org_id, link.account_id, customer_id)
        condition = "attribute_not_exists(pk) OR customer_id IN (:new, :before)"
        values = {":new": customer_id, ":before": link.before or customer_id}
        return self._put(self._mappings, item, condition, values=values)

    def _on_version(self, item: Item, version: int) -> WriteItem:
        if version == 0:
            return self._put(self._mappings, item, "attribute_not_exists(pk)")
        return self._put(self._mappings, item, "version = :version", values={":version": version})

    def _put(
        self,
        table: str,
        item: Item,
        condition: str | None = None,
        *,
        names: dict[str, str] | None = None,
        values: Item | None = None,
    ) -> WriteItem:
        parts = {
            "TableName": table,
            "Item": self._attributes(item),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": self._attributes(values) if values else None,
        }
        return {"Put": {name: part for name, part in parts.items() if part is not None}}


def _next[State: (RecordState, ResourceState, OpportunityState)](state: State) -> State:
    """Return a state as its next version."""
    return replace(state, version=state.version + 1)
