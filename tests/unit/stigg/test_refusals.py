"""From Stigg's answers to errors."""

import pytest

from stigg_actions.errors import ActionError, Misconfigured, NotFound, OutcomeUnknown, Refused, StiggReply
from stigg_actions.errors import StiggUnavailable as Unavailable
from stigg_actions.stigg import error_mapping
from stigg_actions.stigg.request import StiggRequest


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
    error = error_mapping.refusal(reply, environment="development", subject="plan plan-x")

    assert (category, expected, reply) == (type(error), error.code, error.stigg)


@pytest.mark.parametrize(
    ("reply", "parts"),
    [
        (StiggReply(400, "X", "Too odd."), ["REFUSED_BY_STIGG: ", "plan plan-x", "Too odd."]),
        (StiggReply(422), ["REFUSED_BY_STIGG: ", "plan plan-x", "HTTP 422"]),
        (StiggReply(400, "PlanNotFound", "No plan."), ["PLAN_NOT_FOUND: ", "development", "plan plan-x", "No plan."]),
        (StiggReply(404), ["NOT_FOUND_IN_STIGG: ", "development", "plan plan-x"]),
    ],
)
def test_sentences(reply: StiggReply, parts: list[str]) -> None:
    """The sentence names what the request was about, where something is missing, and what Stigg said."""
    message = error_mapping.refusal(reply, environment="development", subject="plan plan-x").message

    assert parts == [part for part in parts if part in message]


def test_key_trouble() -> None:
    """Key trouble says which secret to mend, and how."""
    rejected = error_mapping.key_rejected(StiggReply(401), environment="staging")
    lacking = error_mapping.key_lacks_permission(StiggReply(403), environment="staging")

    assert "Store a valid server key as apiKey in the secret of the staging environment" in rejected.message
    assert "Store a full-access server key as apiKey in the secret of the staging environment" in lacking.message


@pytest.mark.parametrize(("asked", "expected"), [(None, 60), (7.4, 7), (0.2, 1)])
def test_rate_limited(asked: float | None, expected: int) -> None:
    """A throttled caller is told when to come back: as Stigg asked, or after its window of a minute."""
    error = error_mapping.rate_limited(StiggReply(429), retry_after=asked)

    assert expected == error.retry_after_seconds
    assert error.message.endswith(f"nothing was changed. Try again in {expected} seconds.")


@pytest.mark.parametrize(
    ("method", "may_have_acted", "expected"),
    [("GET", True, Unavailable), ("GET", False, Unavailable), ("POST", False, Unavailable),
     ("POST", True, OutcomeUnknown), ("PATCH", True, OutcomeUnknown)],
)  # fmt: skip
def test_no_answer(method: str, *, may_have_acted: bool, expected: type[ActionError]) -> None:
    """Only a write that may have been done is unknown."""
    error = error_mapping.no_answer(StiggRequest(method, "/x"), StiggReply(), may_have_acted=may_have_acted)

    assert expected is type(error)
