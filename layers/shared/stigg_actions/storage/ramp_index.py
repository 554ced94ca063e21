"""Find the subscriptions whose next segment has begun, without reading the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.storage.ramps import WAITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stigg_actions.settings import Settings
    from stigg_actions.storage.dynamodb import Database

BY_STEP = "ByStep"
"""Index of the table ``SubscriptionMappings``. It may lag, so a ramp is read again before a step is applied."""

_PAGE = 100


class RampIndex:
    """The waiting segments of one deployment."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._table = settings.mappings_table

    def due(self, now: float) -> Iterator[str]:
        """Find the subscriptions with a step that is due, the oldest step first. Raises ``StiggUnavailable``."""
        query: Mapping[str, Any] = {
            "TableName": self._table,
            "IndexName": BY_STEP,
            "KeyConditionExpression": "step_waits = :waits AND step_at <= :now",
            "ExpressionAttributeValues": self._database.attributes({":waits": WAITS, ":now": int(now)}),
            "Limit": _PAGE,
        }
        after: Mapping[str, Any] | None = {}
        while after is not None:
            page = self._database.page({**query, **({"ExclusiveStartKey": after} if after else {})})
            yield from (str(item["pk"]).removeprefix("subscription#") for item in page.items)
            after = page.next_key
