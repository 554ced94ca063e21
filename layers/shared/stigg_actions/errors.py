"""The errors of an action.

    ActionError
    ├── RequestInvalid      400  the body, a field or an id is malformed
    ├── NotFound            404  a customer, plan, mapping, workflow, ... does not exist in this environment
    ├── Refused             422  a business rule says no (403 and 409 for some codes)
    ├── Conflict            409  one idempotency key or record, two different requests
    ├── InProgress          409  the same operation, or another write of the customer, is under way
    ├── RateLimited         429  Stigg's limits were reached, after the retries
    ├── Misconfigured       500  secret, key or deployment needs an operator
    ├── StiggUnavailable    503  a service did not answer, and nothing was changed
    └── OutcomeUnknown      504  Stigg may have acted

The class is the *category*: AWS callers match its name, so a new name breaks their Retry and Catch blocks.
The code is the exact reason, on which a Flow can branch. The sentence and the remedy are text for people.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple


class Problem(NamedTuple):
    """One field of a request and what is wrong with it."""

    field: str
    problem: str


class StiggReply(NamedTuple):
    """What Stigg says of a failure, for its support: error code, message and trace id, as far as known."""

    status: int | None = None
    code: str | None = None
    message: str | None = None
    trace_id: str | None = None


class OpenInvoice(NamedTuple):
    """The unpaid invoice that blocks a subscription. The amount is text, in whole currency units."""

    subscription_id: str
    invoice_id: str | None = None
    amount_due: str | None = None
    currency: str | None = None
    pdf_url: str | None = None


class ActionError(Exception):
    """A failure with everything that the answer to the caller contains."""

    status: ClassVar[int]
    retryable: ClassVar[bool] = False
    statuses_by_code: ClassVar[dict[str, int]] = {}

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        remedy: str = "",
        details: Sequence[Problem] = (),
        stigg: StiggReply | None = None,
        retry_after_seconds: int | None = None,
        open_invoice: OpenInvoice | None = None,
        retryable: bool | None = None,
    ) -> None:
        self.code = code
        self.sentence = sentence
        self.remedy = remedy
        super().__init__(f"{code}: {self.explanation}")
        self.details = tuple(details)
        self.stigg = stigg or StiggReply()
        self.retry_after_seconds = retry_after_seconds
        self.open_invoice = open_invoice
        self.may_retry = type(self).retryable if retryable is None else retryable

    @property
    def explanation(self) -> str:
        """The sentence and the remedy, without the code."""
        return f"{self.sentence} {self.remedy}".rstrip()

    @property
    def message(self) -> str:
        """The explanation, with the code in front."""
        return str(self.args[0])

    @property
    def http_status(self) -> int:
        """The HTTP status: that of the code, else that of the category."""
        return self.statuses_by_code.get(self.code, self.status)

    @property
    def is_refusal(self) -> bool:
        """Whether the caller is at fault, not the service (status 4xx)."""
        return self.http_status < 500

    def envelope(self, correlation_id: str) -> dict[str, Any]:
        """Return the failure as the JSON body of an answer, without absent values."""
        optional = {
            "stiggErrorCode": self.stigg.code,
            "stiggTraceId": self.stigg.trace_id,
            "retryAfterSeconds": self.retry_after_seconds,
            "openInvoice": _invoice_body(self.open_invoice),
        }
        return {
            "success": False,
            "errorCode": self.code,
            "errorMessage": self.message,
            "retryable": self.may_retry,
            "correlationId": correlation_id,
            "details": [{"field": detail.field, "problem": detail.problem} for detail in self.details],
            **{name: value for name, value in optional.items() if value is not None},
        }


def _invoice_body(invoice: OpenInvoice | None) -> dict[str, str] | None:
    if invoice is None:
        return None
    body = {
        "subscriptionId": invoice.subscription_id,
        "invoiceId": invoice.invoice_id,
        "amountDue": invoice.amount_due,
        "currency": invoice.currency,
        "pdfUrl": invoice.pdf_url,
    }
    return {name: value for name, value in body.items() if value is not None}


class RequestInvalid(ActionError):
    """The request is malformed; nothing was done. ``details`` names each field and what is wrong with it."""

    status = 400

    def __init__(self, problems: Sequence[Problem]) -> None:
        sentence = "; ".join(f"{problem.field}: {problem.problem}" for problem in problems[:5])
        more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
        super().__init__("INVALID_REQUEST", sentence + more, details=problems)


class NotFound(ActionError):
    """Something that the request names does not exist in this environment.

    ``unknown_ids``: the ids that Stigg does not know, one for each of ``details``.
    """

    status = 404
    unknown_ids: tuple[str, ...] = ()


class Refused(ActionError):
    """A business rule of Stigg or of this deployment says no."""

    status = 422
    statuses_by_code: ClassVar[dict[str, int]] = {
        "INVOICE_NOT_LATEST": 409,
        "OPEN_INVOICE": 409,
        "PENDING_PAYMENT": 409,
        "REQUEST_TOO_LARGE": 413,
        "ORG_NOT_ALLOWED": 403,
        "WEBHOOK_REFUSED": 403,
    }


class Conflict(ActionError):
    """The same idempotency key was used for a different request, or a record belongs to another customer."""

    status = 409


class InProgress(ActionError):
    """The same operation, or another write of this customer, is running or unsettled."""

    status = 409
    retryable = True


class RateLimited(ActionError):
    """Stigg's rate limit refused every retry; nothing was done."""

    status = 429
    retryable = True


class Misconfigured(ActionError):
    """The deployment cannot work: the message names the secret or setting to correct."""

    status = 500


class StiggUnavailable(ActionError):
    """Stigg or a service behind this action did not answer; nothing was changed."""

    status = 503
    retryable = True


class OutcomeUnknown(ActionError):
    """Stigg may or may not have acted. The same request, sent again, finds out and never doubles the effect.

    ``refused_since``: one try was lost and a later one was refused. The lost one can still arrive for some time.
    """

    status = 504
    retryable = True
    refused_since: bool = False
