"""Remove personal data from the tables ``Operations`` and ``SubscriptionMappings``.

A settled operation keeps its key, fingerprint, intent, status and the ids of its effect. They identify a repeated
request, so that credits are still not granted twice. An unsettled operation needs its request and is left unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.batches.actions import TRIGGER_WORKFLOW
from stigg_actions.forgetting.owners import StoredRequest, of_customer
from stigg_actions.forgetting.redaction import answer_without_people, terms_without_people
from stigg_actions.storage import mapping_items
from stigg_actions.storage.dynamodb import ConditionFailedError
from stigg_actions.storage.operation import Operation, operation_key, read_operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stigg_actions.deps import Deps
    from stigg_actions.storage.dynamodb import Item, Page

_TERMS = ("terms", "scheduled_terms")


class Counts(NamedTuple):
    """The number of items whose data was removed, or would be in a dry run."""

    operations: int = 0
    subscriptions: int = 0
    batch_requests: int = 0
    unsettled: int = 0

    def plus(self, other: Counts) -> Counts:
        """Return the sums of two counts."""
        return Counts(*(count + more for count, more in zip(self, other, strict=True)))


class LedgerForgetting(NamedTuple):
    """Removes one customer's data, page by page of the ledger."""

    customer_id: str
    deps: Deps
    dry_run: bool

    def read(self, start: Mapping[str, Any] | None) -> Page:
        """Read the next page of operations that may be the customer's and still have their data."""
        query = {
            "TableName": self.deps.settings.operations_table,
            # A workflow takes no lease, so its item names no customer. An item without a status is no operation.
            "FilterExpression": "attribute_exists(#status) AND attribute_not_exists(forgotten_at) AND "
            "(customer_id = :customer OR attribute_not_exists(customer_id))",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": self.deps.database.attributes({":customer": self.customer_id}),
        }
        return self.deps.database.scan(query | ({"ExclusiveStartKey": start} if start else {}))

    def forget(self, items: Sequence[Item]) -> Counts:
        """Remove the data of the customer's operations in a page."""
        counts = Counts()
        for operation in self._of_customer([read for item in items if (read := read_operation(item))]):
            counts = counts.plus(self._forget(operation))
        return counts

    def _of_customer(self, operations: Sequence[Operation]) -> Iterator[Operation]:
        named = [operation for operation in operations if operation.customer_id is not None]
        unnamed = [operation for operation in operations if operation.customer_id is None]
        requests = [StoredRequest(TRIGGER_WORKFLOW, operation.org_id, operation.request) for operation in unnamed]
        matches = of_customer(requests, self.customer_id, self.deps)
        yield from named
        yield from (operation for operation, is_own in zip(unnamed, matches, strict=True) if is_own)

    def _forget(self, operation: Operation) -> Counts:
        """Remove an operation's data, after that of its subscription, which is found through the operation."""
        if not operation.settled:
            return Counts(unsettled=1)
        subscriptions = sum(map(self._forget_terms, sorted(_subscriptions(operation))))
        if self.dry_run or self._redact(operation):
            return Counts(operations=1, subscriptions=subscriptions)
        return Counts(subscriptions=subscriptions, unsettled=1)

    def _redact(self, operation: Operation) -> bool:
        """Remove the personal data of an operation; return False if it is under way again."""
        texts = {
            "answer": None if operation.answer is None else answer_without_people(operation.answer),
            "error": None if operation.error is None else answer_without_people(operation.error),
            "request": {},
        }
        kept = {name: decimal_json.dumps(text) for name, text in texts.items() if text is not None}
        values: dict[str, Any] = {f":{name}": text for name, text in kept.items()}
        values |= {":token": operation.token, ":status": str(operation.status), ":now": int(self.deps.clock.now())}
        try:
            self.deps.database.update(
                (self.deps.settings.operations_table, operation_key(operation.operation_key, operation.intent)),
                ", ".join(["SET forgotten_at = :now", *(f"#{name} = :{name}" for name in kept)]),
                names={f"#{name}": name for name in (*kept, "token", "status")},
                values=values,
                condition="#token = :token AND #status = :status",
            )
        except ConditionFailedError:
            return False
        return True

    def _forget_terms(self, subscription_id: str) -> bool:
        """Remove the personal data from the terms of a subscription; return whether there was any."""
        place = (self.deps.settings.mappings_table, mapping_items.subscription_key(subscription_id))
        (item,) = self.deps.database.read([place])
        if item is None or item["customer_id"] != self.customer_id:
            return False
        before = {name: item[name] for name in _TERMS if name in item}
        after = {
            name: decimal_json.dumps(terms_without_people(decimal_json.loads(text))) for name, text in before.items()
        }
        changed = {name for name in before if decimal_json.loads(after[name]) != decimal_json.loads(before[name])}
        if changed and not self.dry_run:
            self.deps.database.update(
                place,
                "SET " + ", ".join(f"{name} = :new_{name}" for name in sorted(changed)),
                values={
                    **{f":new_{name}": after[name] for name in changed},
                    **{f":old_{name}": before[name] for name in changed},
                },
                condition=" AND ".join(f"{name} = :old_{name}" for name in sorted(changed)),
            )
        return bool(changed)


def _subscriptions(operation: Operation) -> set[str]:
    answer = operation.answer or {}
    named = {operation.subscription_id, answer.get("subscriptionId"), answer.get("replacedSubscriptionId")}
    return {str(subscription_id) for subscription_id in named if subscription_id}
