"""Forgetting in the tables ``Operations`` and ``SubscriptionMappings``.

A settled operation keeps its key, fingerprint, intent, status and the ids of its effect: by those a repeat is known,
and a forgotten grant is still not granted twice. An operation that is not settled needs its request; it is left alone.
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
    """What was removed, or would be."""

    operations: int = 0
    subscriptions: int = 0
    batch_requests: int = 0
    unsettled: int = 0

    def plus(self, other: Counts) -> Counts:
        """Add what was removed elsewhere."""
        return Counts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class LedgerForgetting(NamedTuple):
    """Forgets one customer, page by page of the ledger."""

    customer_id: str
    deps: Deps
    dry_run: bool

    def read(self, start: Mapping[str, Any] | None) -> Page:
        """Read the next page of operations that may be the customer's and were not forgotten yet."""
        query = {
            "TableName": self.deps.settings.operations_table,
            # A workflow takes no customer's lease, so that its item names none. What has no status is no operation.
            "FilterExpression": "attribute_exists(#status) AND attribute_not_exists(forgotten_at) AND "
            "(customer_id = :customer OR attribute_not_exists(customer_id))",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": self.deps.database.attributes({":customer": self.customer_id}),
        }
        return self.deps.database.scan(query | ({"ExclusiveStartKey": start} if start else {}))

    def forget(self, items: Sequence[Item]) -> Counts:
        """Forget those items of a page that are the customer's."""
        counts = Counts()
        for operation in self._mine([one for item in items if (one := read_operation(item))]):
            counts = counts.plus(self._forget(operation))
        return counts

    def _mine(self, operations: Sequence[Operation]) -> Iterator[Operation]:
        named = [one for one in operations if one.customer_id is not None]
        unnamed = [one for one in operations if one.customer_id is None]
        requests = [StoredRequest(TRIGGER_WORKFLOW, one.org_id, one.request) for one in unnamed]
        found = of_customer(requests, self.customer_id, self.deps)
        yield from named
        yield from (one for one, mine in zip(unnamed, found, strict=True) if mine)

    def _forget(self, operation: Operation) -> Counts:
        """Forget an operation, after the subscription that it was about: it is what leads there."""
        if not operation.settled:
            return Counts(unsettled=1)
        subscriptions = sum(map(self._forget_terms, sorted(_subscriptions(operation))))
        if self.dry_run or self._redact(operation):
            return Counts(operations=1, subscriptions=subscriptions)
        return Counts(subscriptions=subscriptions, unsettled=1)

    def _redact(self, operation: Operation) -> bool:
        """Remove what an operation says of people; False if it is under way again."""
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
        """Remove what the terms of a subscription say of people; whether there was any."""
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
    return {str(one) for one in named if one}
