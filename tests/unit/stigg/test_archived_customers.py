"""Recognizing an archived customer."""

import pytest

from stigg_actions.errors import NotFound, Refused, StiggReply
from stigg_actions.stigg import refusals
from stigg_actions.stigg.archived_customers import explain
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.request import StiggRequest
from tests.support.fakes import Answer, ScriptedStigg, data
from tests.support.fixtures import Connect

REFUSED = Refused("REFUSED_BY_STIGG", "No.", stigg=StiggReply(400, "EntityIsArchivedError", "No.", "t-1"))
UNKNOWN = NotFound("CUSTOMER_NOT_FOUND", "No.", stigg=StiggReply(404, "CustomerNotFound", "No.", "t-1"))
SALE = StiggRequest("POST", "/api/v1/subscriptions", {"customerId": "acme"})
ARCHIVED = data({"id": "acme", "archivedAt": "2026-11-30T09:00:00Z"})


@pytest.mark.parametrize(
    "request_sent",
    [
        SALE,
        StiggRequest("POST", "/api/v1/usage", {"usages": [{"customerId": "acme"}]}),
        StiggRequest("PATCH", "/api/v1/customers/acme", {}),
        StiggRequest("POST", "/api/v1/customers/acme/promotional-entitlements", {}),
    ],
    ids=["sale", "usage", "customer", "promotional entitlement"],
)
def test_archived(connect: Connect, request_sent: StiggRequest) -> None:
    """A refusal for a customer that is archived names it, with the remedy and Stigg's own code."""
    error = explain(REFUSED, request_sent, Stigg(connect(ScriptedStigg(ARCHIVED))))

    assert (error.code, error.stigg) == ("CUSTOMER_ARCHIVED", REFUSED.stigg)
    assert "Customer acme is archived" in error.message
    assert "archive-customer and restore true" in error.message


@pytest.mark.parametrize(
    ("request_sent", "answer"),
    [
        (SALE, data({"id": "acme", "archivedAt": None})),
        (SALE, Answer(503, {})),
        (StiggRequest("POST", "/api/v1/other", {}), ARCHIVED),
    ],
)
def test_something_else(connect: Connect, request_sent: StiggRequest, answer: Answer) -> None:
    """A refusal stands if the customer is not archived, cannot be read, or is not named."""
    assert explain(REFUSED, request_sent, Stigg(connect(ScriptedStigg(answer)))) is REFUSED


@pytest.mark.parametrize(("refused", "code"), [(REFUSED, "CUSTOMER_ARCHIVED"), (UNKNOWN, "CUSTOMER_NOT_FOUND")])
def test_when_it_is_looked_for(connect: Connect, refused: Refused, code: str) -> None:
    """Stigg is asked for the customer only if it says that something is archived."""
    error = refusals.explained(refused, SALE, Stigg(connect(ScriptedStigg(ARCHIVED))))

    assert error.code == code
