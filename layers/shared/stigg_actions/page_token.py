"""Where a long list goes on, as callers carry it from one answer to the next request."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import Problem, RequestInvalid

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

type Place = tuple[str, Mapping[str, Any] | None]
"""In which part of the list, and after what, in DynamoDB's own notation."""


def token_of(place: Place) -> str:
    """Return a place as a caller gets it."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def read_token(token: str, *, parts: Collection[str], action: str) -> Place:
    """Return the place that a token stands for. Raises RequestInvalid if it is none of this action's."""
    try:
        part, start = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError):
        raise _unknown(action) from None
    if part not in parts or not isinstance(start, dict | None):
        raise _unknown(action)
    return part, start


def _unknown(action: str) -> RequestInvalid:
    return RequestInvalid([Problem("nextToken", f"is not one that {action} gave; leave it out")])
