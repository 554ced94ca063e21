"""The table ``Webhooks``: which messages were followed, with what is told of each. Its stream tells it on."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from stigg_actions.storage.dynamodb import ConditionFailedError
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.clock import Clock
    from stigg_actions.storage.dynamodb import Database
    from stigg_actions.webhooks.message import WebhookMessage

KEPT_SECONDS = 30 * 24 * 3600
"""How long a message is known again. Stigg itself stops after two minutes; its support may send one much later."""


class WebhookStore:
    """The messages of one deployment. Every method raises ``StiggUnavailable`` if DynamoDB is down."""

    def __init__(self, database: Database, table: str, clock: Clock) -> None:
        self._database = database
        self._table = table
        self._clock = clock

    def is_known(self, notice: WebhookMessage) -> bool:
        """Whether a message was followed before."""
        (item,) = self._database.read([(self._table, {"message_key": notice.key})])
        return item is not None

    def keep(self, notice: WebhookMessage, detail_type: str, told: Mapping[str, Any]) -> None:
        """Record that a message was followed, once, and what is told of it."""
        now = int(self._clock.now())
        item = {
            "message_key": notice.key,
            "detail_type": detail_type,
            "told": drop_none(told),
            "received_at": now,
            "expires_at": now + KEPT_SECONDS,
        }
        with suppress(ConditionFailedError):  # another delivery was faster
            condition = "attribute_not_exists(message_key) OR expires_at < :now"
            self._database.put(self._table, item, condition=condition, values={":now": now})
