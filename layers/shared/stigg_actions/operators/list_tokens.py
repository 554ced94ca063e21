"""The token with which a list of operations continues. It holds the place and a digest of the list's filters.

It is not secret or signed, because a caller that may list operations may list all of them. The check detects a token
that was cut or changed, and the digests detect one that belongs to another list.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json
from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.storage.operation import fingerprint
from stigg_actions.storage.operation_index import After

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.models.list_operations import ListOperations
    from stigg_actions.settings import Settings

type Place = tuple[str, After | None]
"""Where a list continues: the status, and the operation after which it continues; None for the first one."""

ATTENTION = ("UNKNOWN", "STARTED", "FAILED")
"""Statuses that need attention, in the order in which they are listed."""

_FILTERS = ("status", "salesforceRecordId", "customerId", "ofCorrelationId", "operationKey")


def token(place: Place, request: ListOperations, settings: Settings) -> str:
    """Return the token with which the list of a request continues at a place."""
    status, after = place
    content = {"list": _list(request, settings), "status": status, "after": after}
    text = decimal_json.dumps({**content, "check": fingerprint(content)})
    return base64.urlsafe_b64encode(text.encode()).decode()


def place(text: str, request: ListOperations, settings: Settings) -> Place:
    """Return the place that a token holds for the list of a request.

    Raises:
        RequestInvalid: the token is malformed or belongs to another list.
    """
    content = _content(text)
    match content:
        case {"list": dict(given), "status": str(status), "after": None | [str(), int(), None | int()] as after} if (
            status in ATTENTION
        ):
            _refuse_another(given, _list(request, settings))
            return status, After(*after) if after else None
    raise _refused("was not returned by list-operations")


def _content(text: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the content of a token; None if it is malformed or was changed."""
    try:
        content = decimal_json.loads(base64.b64decode(text, altchars=b"-_", validate=True).decode())
    except ValueError:
        return None
    check = content.pop("check", None) if isinstance(content, dict) else None
    return content if check == fingerprint(content) else None


def _list(request: ListOperations, settings: Settings) -> dict[str, str]:
    """Return digests of the filters that distinguish lists, so that a token names no customer."""
    fields = request.to_json_fields()
    of_list = {"table": f"{settings.environment} {settings.operations_table}"}
    of_list |= {name: str(fields.get(name, "")) for name in _FILTERS}
    return {name: fingerprint({name: value})[:16] for name, value in of_list.items()}


def _refuse_another(given: Mapping[str, Any], expected: Mapping[str, str]) -> None:
    if given.get("table") != expected["table"]:
        raise _refused("was returned by another deployment")
    others = [name for name in _FILTERS if given.get(name) != expected[name]]
    if others:
        raise _refused(f"was returned for a list with another {' and '.join(others)}", "repeat its fields, or ")


def _refused(problem: str, remedy: str = "") -> RequestInvalid:
    return RequestInvalid([Problem("nextToken", f"{problem}; {remedy}leave nextToken out to start with the newest")])
