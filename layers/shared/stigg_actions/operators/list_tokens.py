"""The token by which a list of operations goes on: it holds the place, and which list it was given for.

It is no secret, and no signature: who may list operations may list all of them. Its digest tells a token that was cut
or changed from one that list-operations gave, and the list keeps the place of one list from being taken in another.
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
"""Where a list goes on: in which status, and after which operation; None: with the first one."""

ATTENTION = ("UNKNOWN", "STARTED", "FAILED")
"""Statuses that need attention, in the order in which they are listed."""

_FILTERS = ("status", "salesforceRecordId", "customerId", "ofCorrelationId", "operationKey")


def token(place: Place, request: ListOperations, settings: Settings) -> str:
    """Return the token with which the list of a request goes on at a place."""
    status, after = place
    content = {"list": _list(request, settings), "status": status, "after": after}
    text = decimal_json.dumps({**content, "check": fingerprint(content)})
    return base64.urlsafe_b64encode(text.encode()).decode()


def place(text: str, request: ListOperations, settings: Settings) -> Place:
    """Return the place that a token holds for the list of a request.

    Raises:
        RequestInvalid: list-operations gave no such token, or gave it for another list.
    """
    content = _content(text)
    match content:
        case {"list": dict(given), "status": str(status), "after": None | [str(), int(), None | int()] as after} if (
            status in ATTENTION
        ):
            _refuse_another(given, _list(request, settings))
            return status, After(*after) if after else None
    raise _refused("is not one that list-operations gave")


def _content(text: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what a token holds, unless it was changed; then None."""
    try:
        content = decimal_json.loads(base64.b64decode(text, altchars=b"-_", validate=True).decode())
    except ValueError:
        return None
    check = content.pop("check", None) if isinstance(content, dict) else None
    return content if check == fingerprint(content) else None


def _list(request: ListOperations, settings: Settings) -> dict[str, str]:
    """Return a digest of all that tells one list from another: a token names no customer."""
    asked = request.to_json_fields()
    of_list = {"table": f"{settings.environment} {settings.operations_table}"}
    of_list |= {name: str(asked.get(name, "")) for name in _FILTERS}
    return {name: fingerprint({name: value})[:16] for name, value in of_list.items()}


def _refuse_another(given: Mapping[str, Any], wanted: Mapping[str, str]) -> None:
    if given.get("table") != wanted["table"]:
        raise _refused("was given by another deployment")
    others = [name for name in _FILTERS if given.get(name) != wanted[name]]
    if others:
        raise _refused(f"was given for another list: with another {' and '.join(others)}", "repeat its fields, or ")


def _refused(problem: str, remedy: str = "") -> RequestInvalid:
    return RequestInvalid([Problem("nextToken", f"{problem}; {remedy}leave nextToken out to begin with the newest")])
