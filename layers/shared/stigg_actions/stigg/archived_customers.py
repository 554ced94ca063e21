"""Recognize that a refused request is for an archived customer. Imported only after such a refusal."""

from urllib.parse import unquote

from stigg_actions.errors import ActionError
from stigg_actions.stigg import refusals
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.request import StiggRequest

_NAMES = ("customerId", "targetCustomerId")


def explain(refused: ActionError, request: StiggRequest, stigg: Stigg) -> ActionError:
    """Return ``CUSTOMER_ARCHIVED`` if the customer of a refused request is archived, else the refusal.

    The customer is read to find out. If the read fails, the refusal stands.
    """
    customer_id = _named(request)
    try:
        if customer_id is None or not stigg.get_customer(customer_id).is_archived:
            return refused
    except ActionError:
        return refused
    return refusals.customer_archived(customer_id, refused.stigg, environment=stigg.environment)


def _named(request: StiggRequest) -> str | None:
    """Return the customer that a request names: in its path, or in its body."""
    _, _, tail = request.path.partition("/customers/")
    if tail:
        return unquote(tail.split("/")[0])
    body = request.body or {}
    parts = (body, *body.get("usages", ()))
    return next((part[name] for part in parts for name in _NAMES if part.get(name)), None)
