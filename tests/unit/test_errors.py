"""The failures of an action."""

import pytest

from stigg_actions.errors import (
    ActionError,
    Conflict,
    InProgress,
    Misconfigured,
    NotFound,
    OpenInvoice,
    OutcomeUnknown,
    Problem,
    RateLimited,
    Refused,
    RequestInvalid,
    StiggReply,
    StiggUnavailable,
)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RequestInvalid([Problem("planId", "is required")]), (400, False, True)),
        (NotFound("PLAN_NOT_FOUND", "No."), (404, False, True)),
        (Refused("REFUSED_BY_STIGG", "No."), (422, False, True)),
        (Refused("OPEN_INVOICE", "No."), (409, False, True)),
        (Refused("ORG_NOT_ALLOWED", "No."), (403, False, True)),
        (Conflict("IDEMPOTENCY_CONFLICT", "No."), (409, False, True)),
        (InProgress("IN_PROGRESS", "Later."), (409, True, True)),
        (RateLimited("RATE_LIMITED", "Later."), (429, True, True)),
        (Misconfigured("NOT_CONFIGURED", "No."), (500, False, False)),
        (StiggUnavailable("STIGG_UNAVAILABLE", "Later."), (503, True, False)),
        (OutcomeUnknown("OUTCOME_UNKNOWN", "Later."), (504, True, False)),
        (OutcomeUnknown("OUTCOME_UNKNOWN", "Never.", retryable=False), (504, False, False)),
    ],
)
def test_categories(error: ActionError, expected: tuple[int, bool, bool]) -> None:
    """Every category has its HTTP status, says whether to retry, and whether the caller is at fault."""
    assert expected == (error.http_status, error.may_retry, error.is_refusal)


def test_short_envelope() -> None:
    """The envelope leaves out what is not known."""
    expected = {
        "success": False,
        "errorCode": "NOT_CONFIGURED",
        "errorMessage": "NOT_CONFIGURED: The secret is missing.",
        "retryable": False,
        "correlationId": "call-1",
        "details": [],
    }

    assert expected == Misconfigured("NOT_CONFIGURED", "The secret is missing.").envelope("call-1")


def test_full_envelope() -> None:
    """The envelope carries all that is known: fields, Stigg's own words, when to retry, the invoice."""
    error = Refused(
        "OPEN_INVOICE",
        "Pay first.",
        details=[Problem("planId", "is blocked")],
        stigg=StiggReply(status=400, code="BadUserInput", message="unpaid", trace_id="trace-1"),
        retry_after_seconds=60,
        open_invoice=OpenInvoice("sub-1", "in-1", "49.5", "usd", "https://pay.example/in-1.pdf"),
    )
    expected = {
        "success": False,
        "errorCode": "OPEN_INVOICE",
        "errorMessage": "OPEN_INVOICE: Pay first.",
        "retryable": False,
        "correlationId": "call-1",
        "details": [{"field": "planId", "problem": "is blocked"}],
        "stiggErrorCode": "BadUserInput",
        "stiggTraceId": "trace-1",
        "retryAfterSeconds": 60,
        "openInvoice": {
            "subscriptionId": "sub-1",
            "invoiceId": "in-1",
            "amountDue": "49.5",
            "currency": "usd",
            "pdfUrl": "https://pay.example/in-1.pdf",
        },
    }

    assert expected == error.envelope("call-1")


def test_little_known_invoice() -> None:
    """Of an invoice, only what is known is told."""
    error = Refused("OPEN_INVOICE", "Pay first.", open_invoice=OpenInvoice("sub-1"))

    assert error.envelope("call-1")["openInvoice"] == {"subscriptionId": "sub-1"}


@pytest.mark.parametrize(
    ("count", "listed"),
    [(1, "f0: is odd"), (5, "f0: is odd; .*; f4: is odd$"), (7, "f0: is odd; .*; f4: is odd; and 2 more$")],
)
def test_many_problems(count: int, listed: str) -> None:
    """The sentence names five fields at most; the details name all."""
    error = RequestInvalid([Problem(f"f{number}", "is odd") for number in range(count)])
    with pytest.raises(RequestInvalid, match=f"^INVALID_REQUEST: {listed}"):
        raise error

    assert count == len(error.envelope("call-1")["details"])
