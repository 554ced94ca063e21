"""Reduce a webhook to the parts that are used: its event and the ids in it.

The rest of the body is not used, because the order of messages is not guaranteed. The present state is read from
Stigg.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from stigg_actions import decimal_json
from stigg_actions.webhooks.event_types import area_of, is_of_grant, kind_of

_ID = re.compile(r"[^\s/\x00-\x1f\x7f\ud800-\udfff]{1,255}")


class WebhookMessage(NamedTuple):
    """A message. ``key`` is the same for every delivery of it; ids that it does not have are None.

    ``identified`` says that Stigg gave it an id. Without an id, two changes may have equal messages.
    """

    key: str
    kind: str
    identified: bool = True
    customer_id: str | None = None
    subscription_id: str | None = None
    grant_id: str | None = None

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """Read a webhook's body, flat or with its entity under ``data``. Unexpected values are left out."""
        data = body.get("data")
        entity: Mapping[str, Any] = data if isinstance(data, dict) else body
        kind = kind_of(body.get("type"))
        identity = _identity(body)
        return cls(
            f"webhook-{_digest(identity or json.dumps(body, sort_keys=True))}",
            kind,
            identity is not None,
            _customer_id(kind, entity),
            _subscription_id(kind, entity),
            _grant_id(kind, entity),
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a message from the queue."""
        return cls(**decimal_json.loads(text))

    @property
    def text(self) -> str:
        """The text of the message in the queue."""
        return decimal_json.dumps({name: value for name, value in self._asdict().items() if value is not None})

    @property
    def group(self) -> str:
        """The group whose messages keep their order: the customer, or else the subscription or the message itself."""
        return _digest(self.customer_id or self.subscription_id or self.key)


def _identity(body: Mapping[str, Any]) -> str | None:
    given = body.get("messageId")
    return given if isinstance(given, str) and given.strip() else None


def _customer_id(kind: str, entity: Mapping[str, Any]) -> str | None:
    own = _id(entity.get("id")) if area_of(kind) == "customer" else None
    return _nested(entity, "customer") or _id(entity.get("customerId")) or own


def _subscription_id(kind: str, entity: Mapping[str, Any]) -> str | None:
    own = _id(entity.get("id")) if area_of(kind) == "subscription" else None
    return _nested(entity, "subscription") or _id(entity.get("subscriptionId")) or own


def _grant_id(kind: str, entity: Mapping[str, Any]) -> str | None:
    return (_id(entity.get("grantId")) or _id(entity.get("id"))) if is_of_grant(kind) else None


def _nested(entity: Mapping[str, Any], name: str) -> str | None:
    nested = entity.get(name)
    return _id(nested.get("id")) if isinstance(nested, dict) else None


def _id(value: object) -> str | None:
    """Return a value if it can be an id: text without spaces, slashes and halves of surrogate pairs."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
