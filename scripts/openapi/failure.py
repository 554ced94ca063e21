"""What every action answers when it fails, for the document.

`ActionError.envelope` and the template's gateway responses write it; a test holds them to these fields.
"""

from typing import Annotated

from pydantic import Field

from stigg_actions.models.base import Model


class Problem(Model):
    """One field of a request, and what is wrong with it."""

    field: Annotated[str, Field(description="Name of the field, such as addons[0].quantity.")]
    problem: Annotated[str, Field(description="What is wrong with it, and what to do.")]


class OpenInvoice(Model):
    """The unpaid invoice that keeps a subscription from being replaced."""

    subscription_id: Annotated[str, Field(description="Subscription that the invoice is of.")]
    invoice_id: Annotated[str | None, Field(description="Id of the invoice at the billing provider.")] = None
    amount_due: Annotated[str | None, Field(description="Amount due in whole currency units, as text.")] = None
    currency: Annotated[str | None, Field(description="Three-letter currency code of the amount.")] = None
    pdf_url: Annotated[str | None, Field(description="Address of the invoice as PDF.")] = None


class Failure(Model):
    """Why an action failed, whatever failed: the body of every status that is not 200."""

    success: Annotated[bool, Field(description="False: the action failed.")]
    error_code: Annotated[str, Field(description="Reason in one word, such as PLAN_NOT_FOUND. Branch on it.")]
    error_message: Annotated[str, Field(description="The reason with a sentence for people: CODE: sentence.")]
    retryable: Annotated[
        bool, Field(description="True: send the same request again, later. False: change something first.")
    ]
    correlation_id: Annotated[str, Field(description="Id of this call, for logs and support.")]
    details: Annotated[list[Problem], Field(description="Fields that are wrong; empty where none is to blame.")]
    retry_after_seconds: Annotated[
        int | None, Field(description="Seconds to wait before the next try, where that is known.")
    ] = None
    stigg_error_code: Annotated[str | None, Field(description="Error code of Stigg, for its support.")] = None
    stigg_trace_id: Annotated[str | None, Field(description="Trace id of Stigg, for its support.")] = None
    open_invoice: Annotated[OpenInvoice | None, Field(description="With OPEN_INVOICE: the unpaid invoice.")] = None
