"""Recognize that a payment that is due blocks a subscription, for which Stigg publishes no error code.

Imported only after such a refusal.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from stigg_actions.errors import ActionError, Refused
from stigg_actions.stigg import refusals
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.error_codes import INPUT, normalise
from stigg_actions.stigg.request import StiggRequest
from stigg_actions.stigg.schemas import Subscription

_SPEAKS_OF_INVOICES = re.compile(r"invoice|unpaid", re.IGNORECASE)
_SPEAKS_OF_PAYMENTS = re.compile(r"invoice|unpaid|payment(?!\W*(method|collection))", re.IGNORECASE)


def explain(refused: ActionError, request: StiggRequest, stigg: Stigg) -> ActionError:
    """Return ``OPEN_INVOICE`` with the invoice if a refused subscription comes from it, else the refusal.

    The subscriptions that the request would replace or change are read to find the invoice. Of a new subscription,
    invoice or words are enough where Stigg's code says nothing; of a change, and where the code says that the request
    is wrong, it takes both. If the read fails, the refusal stands. Without an open invoice, a change that awaits
    payment explains a refusal that speaks of one: ``PENDING_PAYMENT``.
    """
    said = f"{refused.stigg.code} {refused.stigg.message}"
    is_change = request.method == "PATCH"
    speaks_of_payments = _SPEAKS_OF_PAYMENTS.search(said) is not None
    if is_change and not speaks_of_payments:
        return refused
    try:
        touched = [stigg.get_subscription(_named(request))] if is_change else _live(request.body or {}, stigg)
    except ActionError:
        return refused
    owing = next((subscription for subscription in touched if subscription.owes), None)
    waiting = next((subscription for subscription in touched if subscription.awaits_payment), None)
    if owing is None and waiting is not None and speaks_of_payments:
        return refusals.error(Refused, "PENDING_PAYMENT", refused.stigg, {"whose": f"subscription {waiting.id}"})
    evidence = (owing is not None, _SPEAKS_OF_INVOICES.search(said) is not None)
    takes_both = is_change or normalise(refused.stigg.code or "") in INPUT
    if not (all(evidence) if takes_both else any(evidence)):
        return refused
    whose = f"customer {(request.body or {})['customerId']}" if owing is None else f"subscription {owing.id}"
    invoice = None if owing is None else refusals.invoice_of(owing)
    return refusals.error(Refused, "OPEN_INVOICE", refused.stigg, {"whose": whose}, open_invoice=invoice)


def _named(request: StiggRequest) -> str:
    return unquote(request.path.rpartition("/")[2])


def _live(body: Mapping[str, Any], stigg: Stigg) -> Iterable[Subscription]:
    """Read the customer's live subscriptions to the resource of a request."""
    live = stigg.live_subscriptions(str(body["customerId"]))
    return [subscription for subscription in live if subscription.resource_id == body.get("resourceId")]
