"""Remove personal data from the table ``Batches``: finished requests and their results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.batches.batch import BatchId
from stigg_actions.batches.store import store_of
from stigg_actions.forgetting.ledger import Counts
from stigg_actions.forgetting.owners import StoredRequest, of_customer
from stigg_actions.forgetting.redaction import answer_without_people

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stigg_actions.deps import Deps
    from stigg_actions.storage.dynamodb import Item, Page


class BatchesForgetting(NamedTuple):
    """Removes one customer's data, page by page of the batches."""

    customer_id: str
    deps: Deps
    dry_run: bool

    def read(self, start: Mapping[str, Any] | None) -> Page:
        """Read the next page of requests and results that still have their data."""
        query = {
            "TableName": self.deps.settings.batches_table,
            "FilterExpression": "attribute_not_exists(forgotten_at) AND attribute_exists(#index)",
            "ExpressionAttributeNames": {"#index": "index"},
        }
        return self.deps.database.scan(query | ({"ExclusiveStartKey": start} if start else {}))

    def forget(self, items: Sequence[Item]) -> Counts:
        """Remove the data of the customer's requests in a page, with their results."""
        requests = [item for item in items if "payload" in item]
        matches = of_customer([_stored(item) for item in requests], self.customer_id, self.deps)
        own = [item for item, is_own in zip(requests, matches, strict=True) if is_own]
        # A request that did not name its customer may have a result that does.
        own += [item for item in items if "answer" in item and self._names_the_customer(item)]
        counts = Counts()
        for batch_id, index in dict.fromkeys((BatchId.of_item(item), int(item["index"])) for item in own):
            counts = counts.plus(self._forget(batch_id, index))
        return counts

    def _names_the_customer(self, result: Item) -> bool:
        return bool(decimal_json.loads(result["answer"]).get("customerId") == self.customer_id)

    def _forget(self, batch_id: BatchId, index: int) -> Counts:
        request, result = store_of(self.deps).request(batch_id, index)
        if request is None or "forgotten_at" in request:
            return Counts()
        if result is None:
            return Counts(unsettled=1)
        if not self.dry_run:
            answer = answer_without_people(decimal_json.loads(result["answer"]))
            self._redact(batch_id.result_key(index), "answer", answer)
            self._redact(batch_id.request_key(index), "payload", {})
        return Counts(batch_requests=1)

    def _redact(self, key: Item, name: str, content: Mapping[str, Any]) -> None:
        self.deps.database.update(
            (self.deps.settings.batches_table, key),
            "SET #content = :content, forgotten_at = :now",
            names={"#content": name},
            values={":content": decimal_json.dumps(content), ":now": int(self.deps.clock.now())},
            condition="attribute_exists(batch_key)",
        )


def _stored(request: Item) -> StoredRequest:
    body: dict[str, Any] = decimal_json.loads(request["payload"])
    return StoredRequest(request["action"], body["salesforceOrgId"], body)
