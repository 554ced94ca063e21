"""How far forgetting a customer has come, as its caller carries that from one call to the next."""

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
    """A table, and the key after which its scan goes on, in DynamoDB's own notation; None: at the beginning."""

    table: str
    after: Mapping[str, Any] | None = None


def token_of(place: Place, request: ForgetCustomer, settings: Settings) -> str:
    """Return a place as a caller gets it; it holds good for the same request alone."""
    content = {"table": place.table, "after": place.after, "of": _whose(request, settings)}
    text = decimal_json.dumps({**content, "check": fingerprint(content)})
    return base64.urlsafe_b64encode(text.encode()).decode()


def place_of(token: str, request: ForgetCustomer, settings: Settings) -> Place:
    """Return the place that a token stands for.

    Raises:
        RequestInvalid: forget-customer did not give it, or gave it for another customer, a dry run, or another stack.
            With any of those a part of the tables would be passed over.
    """
    content = _content(token)
    if content is None:
        raise _refused("is not one that forget-customer gave")
    if content["of"] != _whose(request, settings):
        raise _refused("was given for another customerId, another dryRun or by another stack")
    return Place(content["table"], content["after"])


def _content(token: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what a token holds, None if it was changed or is none."""
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
    return RequestInvalid([Problem("nextToken", f"{problem}; leave it out to begin again, which does no harm")])
