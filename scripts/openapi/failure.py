"""The body of every failed call, for the document.

`ActionError.envelope` and the template's gateway responses write it; a test holds them to these fields.
"""

from stigg_actions.models.base import Model


class Problem(Model):
    """One field of a request and its problem."""

    field: str
    """Name of the field, such as addons[0].quantity."""
    problem: str
    """The problem and the remedy."""


class OpenInvoice(Model):
    """The unpaid invoice that keeps a subscription from being replaced."""

    subscription_id: str
    """Subscription of the invoice."""
    invoice_id: str | None = None
    """Id of the invoice at the billing provider."""
    amount_due: str | None = None
    """Amount due in whole currency units, as text."""
    currency: str | None = None
    """Three-letter currency code of the amount."""
    pdf_url: str | None = None
    """Address of the invoice as PDF."""


class Failure(Model):
    """Why an action failed: the body of every status other than 200."""

    success: bool
    """False: the action failed."""
    error_code: str
    """Reason in one word, such as PLAN_NOT_FOUND. Branch on it."""
    error_message: str
    """The reason as CODE: sentence, for people."""
    retryable: bool
    """True: send the same request again, later. False: change something first."""
    correlation_id: str
    """Id of this call, for logs and support."""
    details: list[Problem]
    """Invalid fields; empty if no field is the cause."""
    retry_after_seconds: int | None = None
    """Seconds to wait before the next try, if known."""
    stigg_error_code: str | None = None
    """Error code of Stigg, for its support."""
    stigg_trace_id: str | None = None
    """Trace id of Stigg, for its support."""
    open_invoice: OpenInvoice | None = None
    """With OPEN_INVOICE: the unpaid invoice."""
