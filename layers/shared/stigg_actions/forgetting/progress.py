"""The progress of forget-customer, which its caller passes from one call to the next as a token."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.storage.operation import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.models.forget_customer import ForgetCustomer
    from stigg_actions.settings import Settings


class Place(NamedTuple):
    """A table and the key after which its scan continues, in DynamoDB's notation; None stands for the start."""

    table: str
    after: Mapping[str, Any] | None = None


def token_of(place: Place, request: ForgetCustomer, settings: Settings) -> str:
    """Return the token for a place. It is valid for the same request only."""
    content = {"table": place.table, "after": place.after, "of": _whose(request, settings)}
    text = decimal_json.dumps({**content, "check": fingerprint(content)})
    return base64.urlsafe_b64encode(text.encode()).decode()


def place_of(token: str, request: ForgetCustomer, settings: Settings) -> Place:
    """Return the place of a token.

    Raises:
        RequestInvalid: the token is malformed, or belongs to another customer, dry run or stack. With such a token a
            part of the tables would be skipped.
    """
    content = _content(token)
    if content is None:
        raise _refused("was not returned by forget-customer")
    if content["of"] != _whose(request, settings):
        raise _refused("was returned for another customerId or dryRun, or by another stack")
    return Place(content["table"], content["after"])


def _content(token: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the content of a token; None if it is malformed or was changed."""
    try:
        content = decimal_json.loads(base64.b64decode(token, altchars=b"-_", validate=True).decode())
    except ValueError:
        return None
    check = content.pop("check", None) if isinstance(content, dict) else None
    return content if check is not None and check == fingerprint(content) else None


def _whose(request: ForgetCustomer, settings: Settings) -> str:
    named = {"customerId": request.customer_id, "dryRun": request.dry_run}
    return fingerprint({**named, "stack": f"{settings.environment} {settings.operations_table}"})


def _refused(problem: str) -> RequestInvalid:
    return RequestInvalid([Problem("nextToken", f"{problem}; leave it out to start again, which does no harm")])
