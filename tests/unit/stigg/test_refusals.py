"""From Stigg's refusals to errors."""

import pytest

from stigg_actions.errors import ActionError, Misconfigured, NotFound, OutcomeUnknown, Refused, StiggReply
from stigg_actions.errors import StiggUnavailable as Unavailable
from stigg_actions.stigg import error_codes, refusals
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.request import StiggRequest
from tests.support.fakes import Answer, ScriptedStigg
from tests.support.fixtures import Connect


@pytest.mark.parametrize(
    ("status", "code", "category", "expected"),
    [
        (400, "BadUserInput", Refused, "REFUSED_BY_STIGG"),
        (422, None, Refused, "REFUSED_BY_STIGG"),
        (400, "PLAN_NOT_FOUND", NotFound, "PLAN_NOT_FOUND"),
        (404, "CustomerNotFound", NotFound, "CUSTOMER_NOT_FOUND"),
        (404, "CustomCurrencyNotFound", NotFound, "CREDIT_CURRENCY_NOT_FOUND"),
        (200, "WorkflowTriggerNotFound", NotFound, "WORKFLOW_NOT_FOUND"),
        (404, None, NotFound, "NOT_FOUND_IN_STIGG"),
        (404, "RouteNotFound", NotFound, "NOT_FOUND_IN_STIGG"),
        (403, None, Misconfigured, "STIGG_KEY_LACKS_PERMISSION"),
        (403, "CustomerNotFound", Misconfigured, "STIGG_KEY_LACKS_PERMISSION"),
        (400, "IdentityForbidden", Misconfigured, "STIGG_KEY_LACKS_PERMISSION"),
    ],
)
def test_refusal(status: int, code: str | None, category: type[ActionError], expected: str) -> None:
    """Codes go before statuses; what is not known is a refusal in Stigg's own words."""
    reply = StiggReply(status, code, "No.", "t-1")
    error = refusals.refusal(reply, environment="development", subject="plan plan-x")

    assert (category, expected, reply) == (type(error), error.code, error.stigg)


@pytest.mark.parametrize(
    ("reply", "parts"),
    [
        (StiggReply(400, "X", "Too odd."), ("Stigg refused the request: Too odd.", "")),
        (StiggReply(422), ("Stigg refused the request: HTTP 422.", "")),
        (
            StiggReply(400, "CustomerNotFound", "No customer"),
            (
                "Stigg's development environment has no such customer: No customer.",
                "Correct the id, or call create-customer first.",
            ),
        ),
        (
            StiggReply(400, "PlanNotFound", "No {plan}."),
            (
                "Stigg's development environment has no such plan: No {plan}.",
                "Correct the id, or publish the plan in Stigg.",
            ),
        ),
        (StiggReply(404), ("Not found in Stigg's development environment: plan plan-x.", "")),
    ],
)
def test_sentences(reply: StiggReply, parts: tuple[str, str]) -> None:
    """The sentence says where something is missing, and what Stigg said; the remedy is apart from it."""
    error = refusals.refusal(reply, environment="development", subject="plan plan-x")

    assert (error.sentence, error.remedy) == parts
    assert error.message == f"{error.code}: {' '.join(parts)}".rstrip()


def test_every_code_has_words() -> None:
    """Every code that a code of Stigg leads to has a sentence with the values that are known."""
    values = {"environment": "development", "said": "No", "field": "the id", "subject": "it"}
    sentences = {code: refusals.words(code, **values).sentence for code in error_codes.NOT_FOUND.values()}

    assert [code for code, sentence in sentences.items() if "development" not in sentence] == []
    assert set(sentences) >= error_codes.CATALOG_CODES


def test_key_trouble() -> None:
    """An error about the key says which secret to correct, and how."""
    rejected = refusals.key_rejected(StiggReply(401), environment="staging")
    lacking = refusals.key_lacks_permission(StiggReply(403), environment="staging")

    assert "Store a valid server key as apiKey in the secret of the staging environment" in rejected.message
    assert "Store a full-access server key as apiKey in the secret of the staging environment" in lacking.message


@pytest.mark.parametrize(("asked", "expected"), [(None, 60), (7.4, 7), (0.2, 1)])
def test_rate_limited(asked: float | None, expected: int) -> None:
    """An error about the rate limit says when to try again: when Stigg asks, or after its window of a minute."""
    error = refusals.rate_limited(StiggReply(429), retry_after=asked)

    assert expected == error.retry_after_seconds
    assert error.message.endswith(f"nothing was changed. Try again in {expected} seconds.")


@pytest.mark.parametrize(
    ("method", "may_have_acted", "expected"),
    [("GET", True, Unavailable), ("GET", False, Unavailable), ("POST", False, Unavailable),
     ("POST", True, OutcomeUnknown), ("PATCH", True, OutcomeUnknown)],
)  # fmt: skip
def test_no_answer(method: str, *, may_have_acted: bool, expected: type[ActionError]) -> None:
    """Only a write that may have been done is unknown."""
    error = refusals.no_answer(StiggRequest(method, "/x"), StiggReply(), may_have_acted=may_have_acted)

    assert expected is type(error)


SUBSCRIPTIONS = "/api/v1/subscriptions"


@pytest.mark.parametrize(
    ("request_sent", "code"),
    [
        (StiggRequest("POST", SUBSCRIPTIONS, {"customerId": "acme"}), "BillingPeriodMissingError"),
        (StiggRequest("POST", SUBSCRIPTIONS, {"customerId": "acme"}), "AccessDeniedError"),
        (StiggRequest("POST", SUBSCRIPTIONS, {"customerId": "acme"}), "CustomerNotFound"),
        (StiggRequest("POST", f"{SUBSCRIPTIONS}/sub-1/cancel", {}), None),
        (StiggRequest("PATCH", "/api/v1/customers/acme", {}), None),
        (StiggRequest("POST", "/api/v1/credits/grants", {"customerId": "acme"}), None),
    ],
)
def test_known_reason(connect: Connect, request_sent: StiggRequest, code: str | None) -> None:
    """A refusal of another meaning, or of another request, costs no read, even if its words speak of invoices."""
    stigg = ScriptedStigg(Answer(500))
    refused = Refused("REFUSED_BY_STIGG", "No.", stigg=StiggReply(400, code, "invoice"))

    assert refused is refusals.explained(refused, request_sent, Stigg(connect(stigg)))
    assert stigg.requests == []


@pytest.mark.parametrize(
    "request_sent",
    [
        StiggRequest("POST", SUBSCRIPTIONS, {"customerId": "acme"}),
        StiggRequest("POST", f"{SUBSCRIPTIONS}/preview", {"customerId": "acme"}),
        StiggRequest("PATCH", f"{SUBSCRIPTIONS}/sub-1", {}),
    ],
)
def test_same_words(connect: Connect, request_sent: StiggRequest) -> None:
    """A new subscription, a preview and a change explain an open invoice in the same words."""
    owing = {
        "id": "sub-1",
        "customerId": "acme",
        "planId": "p",
        "status": "ACTIVE",
        "latestInvoice": {"status": "OPEN"},
    }
    answer = {"data": owing} if request_sent.method == "PATCH" else {"data": [owing]}
    refused = Refused("REFUSED_BY_STIGG", "No.", stigg=StiggReply(400, None, "There is an unpaid invoice"))
    error = refusals.explained(refused, request_sent, Stigg(connect(ScriptedStigg(Answer(200, answer)))))

    assert error.message == (
        "OPEN_INVOICE: Stigg does not make this change while an invoice of subscription sub-1 is unpaid. "
        "Have the invoice paid or voided, or mark it as paid with mark-invoice-paid, then send the same request again."
    )
