"""The table ``Webhooks``: the handled messages with the detail of their events, which its stream publishes."""

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
"""How long a repeated message is recognized. Stigg retries for two minutes; its support may resend much later."""


class WebhookStore:
    """The messages of one deployment. Every method raises ``StiggUnavailable`` if DynamoDB is down."""

    def __init__(self, database: Database, table: str, clock: Clock) -> None:
        self._database = database
        self._table = table
        self._clock = clock

    def is_known(self, message: WebhookMessage) -> bool:
        """Whether a message was handled before."""
        (item,) = self._database.read([(self._table, {"message_key": message.key})])
        return item is not None

    def keep(self, message: WebhookMessage, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Record once that a message was handled, with the detail of its event."""
        now = int(self._clock.now())
        item = {
            "message_key": message.key,
            "detail_type": detail_type,
            "told": drop_none(detail),
            "received_at": now,
            "expires_at": now + KEPT_SECONDS,
        }
        with suppress(ConditionFailedError):  # another delivery was first
            condition = "attribute_not_exists(message_key) OR expires_at < :now"
            self._database.put(self._table, item, condition=condition, values={":now": now})
