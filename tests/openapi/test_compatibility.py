"""Each change that breaks a Flow built on the released document is found, in the words of Flow Builder."""

import pytest

from local.stack.template import ROOT
from scripts.openapi.compatibility import breaks
from scripts.openapi.reading import Document
from tests.support.spoiled_documents import (
    PATH,
    PUBLISHED,
    TEXT,
    Json,
    Mutation,
    Place,
    as_json,
    changed,
    field,
    named,
    operation,
    reference,
    request,
    response,
    responses,
    spoiled,
    with_field,
    with_operation,
    without,
)

RELEASED = ROOT / "docs" / "openapi-released.json"
CANCEL = "Flow action StiggActions.cancelSubscription"
CREATE = "Flow action StiggActions.createCustomer"
MONEY = "Flow variable of class ExternalService__StiggActions_Money"
NEW_STATUS = {"418": {"description": "Another.", "content": {"application/json": {"schema": reference("Failure")}}}}


def fields(name: str) -> Place:
    """Find the properties of a schema."""
    return lambda content: named(name)(content)["properties"]


def items(name: str) -> Place:
    """Find what a property is a list of."""
    return lambda content: field(name)(content)["items"]


def required(name: str, own: str) -> Mutation:
    """Let a schema require one more of its properties."""
    return lambda content: named(name)(content)["required"].append(own)


def without_operation(content: Json) -> None:
    """Take the operation away."""
    del content["paths"][PATH]


def moved(content: Json) -> None:
    """Give the operation another path."""
    content["paths"]["/cancel"] = content["paths"].pop(PATH)


def without_money(content: Json) -> None:
    """Take a schema away."""
    del content["components"]["schemas"]["Money"]


CHOICE = field("CancelSubscription.cancelWhen")
SAVED = "cannot be saved or fails"
BREAKS: list[tuple[str, Mutation, str, str]] = [
    ("operation", without_operation, CANCEL, "is gone; a Flow that calls it can neither be saved nor run"),
    (
        "renamed-operation",
        changed(operation, {"operationId": "endSubscription"}),
        CANCEL,
        "is gone; a Flow that calls it can neither be saved nor run",
    ),
    (
        "path",
        moved,
        CANCEL,
        f"was post {PATH}, is post /cancel; a registration of the released document calls the former",
    ),
    (
        "status",
        without(responses, "409"),
        f"{CANCEL}: output 409Exc",
        f"is gone; a Flow that reads it {SAVED}",
    ),
    (
        "answer",
        changed(as_json(response(200)), {"schema": reference("CustomerResult")}),
        f"{CANCEL}: output 200",
        f"was ChangedSubscription, is CustomerResult; a Flow that reads it {SAVED}",
    ),
    (
        "request",
        changed(as_json(request), {"schema": reference("CreateCustomer")}),
        f"{CANCEL}: input body",
        "was CancelSubscription, is CreateCustomer; a Flow that fills it cannot be saved",
    ),
    (
        "no-request",
        without(operation, "requestBody"),
        f"{CANCEL}: input body",
        "was CancelSubscription, is nothing; a Flow that fills it cannot be saved",
    ),
    (
        "property-of-an-answer",
        without(fields("CustomerResult"), "customerUrl"),
        f"{CREATE}: output 200",
        f"lost property customerUrl; a Flow that reads it {SAVED}",
    ),
    (
        "property-of-a-request",
        without(fields("CancelSubscription"), "endDate"),
        f"{CANCEL}: input body",
        f"lost property endDate; a Flow that fills it {SAVED}",
    ),
    (
        "property-of-an-object",
        without(fields("Money"), "currency"),
        MONEY,
        f"lost property z0currency; a Flow that fills it {SAVED}",
    ),
    (
        "property-of-both-sides",
        without(fields("MetadataEntry"), "value"),
        "Flow variable of class ExternalService__StiggActions_MetadataEntry",
        f"lost property value; a Flow that fills or reads it {SAVED}",
    ),
    (
        "type",
        changed(field("Money.amount"), {"type": "string"}),
        MONEY,
        f"property amount was Number, is Text; a Flow that fills it {SAVED}",
    ),
    (
        "format",
        changed(field("CancelSubscription.endDate"), {"format": "date-time"}),
        f"{CANCEL}: input body",
        f"property endDate was Date, is DateTime; a Flow that fills it {SAVED}",
    ),
    (
        "type-of-items",
        changed(field("CreateCustomer.integrations"), {"items": TEXT}),
        f"{CREATE}: input body",
        f"property integrations was a list of IntegrationLink, is a list of Text; a Flow that fills it {SAVED}",
    ),
    ("schema", without_money, MONEY, "is gone; a Flow with a variable of that class cannot be saved"),
    (
        "required",
        required("CancelSubscription", "endDate"),
        f"{CANCEL}: input body",
        "requires property endDate now; a Flow that leaves it empty is refused",
    ),
    (
        "choice",
        changed(CHOICE, {"enum": ["now", "onDate"]}),
        f"{CANCEL}: input body",
        "property cancelWhen no longer takes endOfBillingPeriod; a Flow that fills it so is refused",
    ),
    (
        "choice-in-a-list",
        changed(items("UpdateSubscription.clearFields"), {"enum": ["budget", "minimumSpend", "salesforceId"]}),
        "Flow action StiggActions.updateSubscription: input body",
        "property clearFields no longer takes cancellationDate; a Flow that fills it so is refused",
    ),
    (
        "first-choice",
        changed(field("CreateCustomer.language"), {"enum": ["en"]}),
        f"{CREATE}: input body",
        "property language no longer takes any other text; a Flow that fills it so is refused",
    ),
]
HARMLESS: list[tuple[str, Mutation]] = [
    ("operation", with_operation("more")),
    ("status", changed(responses, NEW_STATUS)),
    ("property", with_field("more", TEXT)),
    ("choice", changed(CHOICE, {"enum": ["now", "endOfBillingPeriod", "onDate", "later"]})),
    ("outcome", changed(field("CustomerResult.outcome"), {"enum": ["created"]})),
    ("always-answered", required("CustomerResult", "customerId")),
    ("description", changed(operation, {"description": "Answers within 3 seconds.", "summary": "Cancel."})),
]


def test_published_document() -> None:
    """No Flow that was built on the released document breaks; `make release-openapi` makes a new one the released."""
    breaking = [": ".join(broken) for broken in breaks(Document(RELEASED.read_text()), PUBLISHED)]

    assert breaking == []


@pytest.mark.parametrize(("mutation", "where", "problem"), [pytest.param(*rest, id=name) for name, *rest in BREAKS])
def test_break(mutation: Mutation, where: str, problem: str) -> None:
    """A break names the element of the Flow, and what becomes of the Flow."""
    assert list(breaks(PUBLISHED, spoiled(mutation))) == [(where, problem)]


@pytest.mark.parametrize("mutation", [pytest.param(mutation, id=name) for name, mutation in HARMLESS])
def test_no_break(mutation: Mutation) -> None:
    """Additions break no Flow, and neither do changes of texts that only people read."""
    assert list(breaks(PUBLISHED, spoiled(mutation))) == []


def test_of_every_action() -> None:
    """A break in what all actions answer is reported once."""
    ((where, _),) = breaks(PUBLISHED, spoiled(without(fields("Failure"), "retryable")))

    assert where.startswith("every Flow action: output 400Exc, output 403Exc, ")
