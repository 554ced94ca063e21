"""Every refusal of Stigg becomes an error here, whichever action met it: ``WORDS`` has the sentence of each code.

``error_codes`` maps Stigg's codes to the codes of the actions. A refusal that needs a look at Stigg is explained by
``unknown_ids``, ``archived_customers`` or ``open_invoice``, which are imported then: the start of a function does not
load them.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.decimal_json import plain_number
from stigg_actions.errors import (
    ActionError,
    Misconfigured,
    NotFound,
    OpenInvoice,
    OutcomeUnknown,
    RateLimited,
    Refused,
    StiggReply,
    StiggUnavailable,
)
from stigg_actions.stigg import error_codes
from stigg_actions.stigg.request import StiggRequest

if TYPE_CHECKING:
    from stigg_actions.stigg.client import Stigg
    from stigg_actions.stigg.schemas import Subscription

RATE_LIMIT_WINDOW_SECONDS = 60
_SUBSCRIPTIONS = "/api/v1/subscriptions"


class Words(NamedTuple):
    """What an error says in plain English: the sentence, and the remedy."""

    sentence: str
    remedy: str = ""


def _no_such(thing: str, remedy: str) -> Words:
    return Words(f"Stigg's {{environment}} environment has no such {thing}: {{said}}.", remedy)


_AGAIN = "then send the same request again."
_FIND_OUT = "Send the same request again to find out."
WORDS: Mapping[str, Words] = {
    "ADDON_NOT_FOUND": _no_such("add-on", "Correct {field}, or publish the add-on in Stigg."),
    "CONTRACT_NOT_FOUND": _no_such("contract", "Correct the id, or call provision-contract first."),
    "COUPON_NOT_FOUND": _no_such("coupon", "Correct the coupon, or create it in Stigg."),
    "CREDIT_CURRENCY_NOT_FOUND": _no_such("credit currency", "Correct {field}, or create the currency in Stigg."),
    "CREDIT_GRANT_NOT_FOUND": _no_such("credit grant", "Correct the id."),
    "CUSTOMER_NOT_FOUND": _no_such("customer", "Correct the id, or call create-customer first."),
    "FEATURE_NOT_FOUND": _no_such("feature", "Correct {field}, or create the feature in Stigg."),
    "INTEGRATION_NOT_FOUND": _no_such("integration", "Correct the id, or set the integration up in Stigg."),
    "PLAN_NOT_FOUND": _no_such("plan", "Correct {field}, or publish the plan in Stigg."),
    "PRICE_NOT_FOUND": _no_such("price", "Correct the price, or add it to the plan in Stigg."),
    "SUBSCRIPTION_NOT_FOUND": _no_such("subscription", "Correct the id."),
    "WORKFLOW_NOT_FOUND": _no_such("workflow", "Correct triggerId, or activate the workflow in Stigg."),
    "NOT_FOUND_IN_STIGG": Words("Not found in Stigg's {environment} environment: {subject}."),
    "REFUSED_BY_STIGG": Words("Stigg refused the request: {said}."),
    "OPEN_INVOICE": Words(
        "Stigg does not make this change while an invoice of {whose} is unpaid.",
        f"Have the invoice paid or voided, or mark it as paid with mark-invoice-paid, {_AGAIN}",
    ),
    "PENDING_PAYMENT": Words(
        "Stigg does not make this change while another change of {whose} awaits payment.",
        f"Have that change paid, or drop it with cancel-scheduled-update, {_AGAIN}",
    ),
    "CUSTOMER_ARCHIVED": Words(
        "Customer {customer_id} is archived in Stigg's {environment} environment, and Stigg changes nothing for it.",
        f"Restore the customer with archive-customer and restore true, {_AGAIN}",
    ),
    "STIGG_KEY_REJECTED": Words(
        "Stigg rejected the API key of the {environment} environment: it is unknown, revoked or expired.",
        "Store a valid server key as apiKey in the secret of the {environment} environment "
        "(scripts/stigg-actions secret set api-key --env {environment}).",
    ),
    "STIGG_KEY_LACKS_PERMISSION": Words(
        "The API key of the {environment} environment lacks permission for this operation.",
        "Store a full-access server key as apiKey in the secret of the {environment} environment "
        "(scripts/stigg-actions secret set api-key --env {environment}).",
    ),
    "RATE_LIMITED": Words(
        "Stigg's rate limit was reached; nothing was changed.",
        "Try again in {seconds} seconds.",
    ),
    "OUTCOME_UNKNOWN": Words("Stigg gave no usable answer and may or may not have acted.", _FIND_OUT),
    "STIGG_UNAVAILABLE": Words("Stigg did not answer; nothing was changed."),
    "WORKFLOW_FAILED": Words(
        "Stigg ran workflow {trigger_id}, but not to its end; some of its steps may have taken effect.",
        "Look at the run in Stigg before you trigger it again.",
    ),
}
"""The sentence and the remedy of each code."""


def words(code: str, **values: object) -> Words:
    """Return what an error with this code says of these values."""
    text = WORDS[code]
    return Words(text.sentence.format(**values), text.remedy.format(**values))


def refusal(reply: StiggReply, *, environment: str, subject: str) -> ActionError:
    """Return the error for a definite refusal: key trouble, something that does not exist, or a business rule.

    ``subject`` names what the request was about, such as ``subscription sub-1``, where Stigg says no more than 404.
    """
    code = error_codes.normalise(reply.code or "")
    if code in error_codes.KEY_LACKS_PERMISSION or reply.status == 403:
        return key_lacks_permission(reply, environment=environment)
    said = (reply.message or f"HTTP {reply.status}").rstrip(". ")
    values = {"environment": environment, "subject": subject, "said": said, "field": "the id"}
    if code in error_codes.NOT_FOUND:
        return error(NotFound, error_codes.NOT_FOUND[code], reply, values)
    if reply.status == 404:
        return error(NotFound, "NOT_FOUND_IN_STIGG", reply, values)
    return error(Refused, "REFUSED_BY_STIGG", reply, values)


def explained(refused: ActionError, request: StiggRequest, stigg: "Stigg") -> ActionError:
    """Return a refusal with what a look at Stigg adds: similar ids, or the invoice or payment that it comes from.

    Without anything to add, or if Stigg cannot be read, it is the same refusal.
    """
    if error_codes.normalise(refused.stigg.code or "") in error_codes.ARCHIVED:
        return _explain("archived_customers", refused, request, stigg)
    if refused.code in error_codes.CATALOG_CODES:
        return _explain("unknown_ids", refused, request, stigg)
    if _may_meet_an_invoice(request) and error_codes.may_mean_open_invoice(refused.stigg.code):
        return _explain("open_invoice", refused, request, stigg)
    return refused


def renamed(refused: NotFound, fields: Mapping[str, str]) -> NotFound:
    """Return a refusal of unknown ids with the caller's own names of the fields, by id."""
    problems = zip(refused.unknown_ids, refused.details, strict=True)
    details = [problem._replace(field=fields.get(unknown, problem.field)) for unknown, problem in problems]
    if not details:
        return refused
    field = " and ".join(dict.fromkeys(problem.field for problem in details))
    remedy = WORDS[refused.code].remedy.format(field=field)
    own = NotFound(refused.code, refused.sentence, remedy=remedy, details=details, stigg=refused.stigg)
    own.unknown_ids = refused.unknown_ids
    return own


def invoice_of(subscription: "Subscription") -> OpenInvoice:
    """Return what is known of a subscription's latest invoice."""
    invoice = subscription.latest_invoice
    return OpenInvoice(
        subscription_id=subscription.id,
        invoice_id=invoice.billing_id if invoice else None,
        amount_due=plain_number(invoice.amount_due) if invoice and invoice.amount_due is not None else None,
        currency=invoice.currency if invoice else None,
        pdf_url=invoice.pdf_url if invoice else None,
    )


def error[E: ActionError](
    category: type[E],
    code: str,
    reply: StiggReply,
    values: Mapping[str, object],
    **more: Any,
) -> E:
    """Return the error with this code, in its words for these values."""
    text = words(code, **values)
    return category(code, text.sentence, remedy=text.remedy, stigg=reply, **more)


def key_rejected(reply: StiggReply, *, environment: str) -> Misconfigured:
    """Return the error for a key that Stigg does not accept, even after the secret was read again."""
    return error(Misconfigured, "STIGG_KEY_REJECTED", reply, {"environment": environment})


def key_lacks_permission(reply: StiggReply, *, environment: str) -> Misconfigured:
    """Return the error for a key that is valid but may not do this."""
    return error(Misconfigured, "STIGG_KEY_LACKS_PERMISSION", reply, {"environment": environment})


def customer_archived(customer_id: str, reply: StiggReply, *, environment: str) -> Refused:
    """Return the error for a request that Stigg refuses because its customer is archived."""
    return error(Refused, "CUSTOMER_ARCHIVED", reply, {"customer_id": customer_id, "environment": environment})


def rate_limited(reply: StiggReply, *, retry_after: float | None) -> RateLimited:
    """Return the error for a request that Stigg turned away until the retries were spent."""
    seconds = _whole(retry_after) or RATE_LIMIT_WINDOW_SECONDS
    return error(RateLimited, "RATE_LIMITED", reply, {"seconds": seconds}, retry_after_seconds=seconds)


def no_answer(
    request: StiggRequest, reply: StiggReply, *, may_have_acted: bool, retry_after: float | None = None
) -> ActionError:
    """Return the error for a request without a usable answer: unknown if Stigg may have acted, unavailable if not.

    ``retry_after``: the seconds that Stigg asks to wait, if it does.
    """
    seconds = _whole(retry_after)
    if may_have_acted and not request.reads:
        return error(OutcomeUnknown, "OUTCOME_UNKNOWN", reply, {}, retry_after_seconds=seconds)
    return error(StiggUnavailable, "STIGG_UNAVAILABLE", reply, {}, retry_after_seconds=seconds)


def failed_after_loss(failure: ActionError) -> OutcomeUnknown:
    """Return the error for a write whose first answer was lost and whose next try failed: the first may have acted."""
    unknown = OutcomeUnknown(
        "OUTCOME_UNKNOWN",
        "One answer of Stigg was lost, and the next try failed. Stigg may or may not have acted. "
        f"{_FIND_OUT} {failure.message}",
        stigg=failure.stigg,
        retry_after_seconds=failure.retry_after_seconds,
    )
    unknown.refused_since = isinstance(failure, NotFound | Refused)
    return unknown


def not_read_back(subject: str, failure: ActionError) -> OutcomeUnknown:
    """Return the error for a change that Stigg accepted, but that could not be read afterwards."""
    return OutcomeUnknown(
        "OUTCOME_UNKNOWN",
        f"Stigg accepted the change of {subject}, but it could not be read back ({failure.code}). {_FIND_OUT}",
        stigg=failure.stigg,
        retry_after_seconds=failure.retry_after_seconds,
    )


def workflow_failed(trigger_id: str) -> OutcomeUnknown:
    """Return the error for a workflow that Stigg ran, but not to its end: what it did until then is done."""
    reply = StiggReply(status=200)
    return error(OutcomeUnknown, "WORKFLOW_FAILED", reply, {"trigger_id": trigger_id}, retryable=False)


def _explain(module: str, refused: ActionError, request: StiggRequest, stigg: "Stigg") -> ActionError:
    reason: ActionError = import_module(f"stigg_actions.stigg.{module}").explain(refused, request, stigg)
    return reason


def _may_meet_an_invoice(request: StiggRequest) -> bool:
    """Whether a request provisions, previews or changes a subscription."""
    if request.method == "PATCH":
        return request.path.startswith(f"{_SUBSCRIPTIONS}/")
    return request.path in {_SUBSCRIPTIONS, f"{_SUBSCRIPTIONS}/preview"}


def _whole(seconds: float | None) -> int | None:
    """Return a wait in whole seconds, at least one; None if Stigg asks for no wait."""
    return max(1, round(seconds)) if seconds else None
