"""docs/openapi.json is what the generator writes, valid for other people's tools, and true of requests and answers."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from local.events import event
from local.stack.template import ROOT, gateway_responses, routed
from scripts.openapi.document import DOCUMENT, statuses, written
from scripts.salesforce_registration import REGISTRATION, registration
from stigg_actions.errors import ActionError, OpenInvoice, Problem, Refused, StiggReply
from tests.support.node import run_node
from tests.support.published import JSON, answer_problems, content, operations, request_problems

EXAMPLES = [
    pytest.param(action, case, example["value"], id=f"{action}-{case}")
    for action, operation in operations().items()
    for case, example in operation["requestBody"]["content"][JSON]["examples"].items()
]


def test_up_to_date() -> None:
    """The committed document is what `make openapi` writes."""
    assert DOCUMENT.read_text() == written()


def test_registration() -> None:
    """The committed External Service registration is what `make registration` writes."""
    assert REGISTRATION.read_text() == registration(DOCUMENT)


def test_moments_of_requests() -> None:
    """Dates in requests are days, which Salesforce records hold; asOf alone is a time, because a day does not do."""
    schemas = content()["components"]["schemas"]

    assert schemas["CreateSubscription"]["properties"]["startDate"]["format"] == "date"
    assert schemas["CreateSubscription"]["properties"]["asOf"]["format"] == "date-time"


def test_valid() -> None:
    """The document is valid OpenAPI 3.0."""
    assert list(OpenAPIV30SpecValidator(content()).iter_errors()) == []


def test_redocly() -> None:
    """Redocly's linter finds nothing by its strictest rules, but for those that node/redocly.yaml gives up."""
    ran = run_node("redocly", "lint", "docs/openapi.json", "--config", "node/redocly.yaml", "--format", "json")

    assert json.loads(ran.stdout)["problems"] == []


def test_operations() -> None:
    """The operations are the actions that have a route, and their ids are the actions' names in camelCase."""
    ids = {action: operation["operationId"] for action, operation in operations().items()}

    assert list(ids) == list(routed())
    assert ids["create-subscription-with-return-data"] == "createSubscriptionWithReturnData"
    assert {action: name.lower() for action, name in ids.items()} == {name: name.replace("-", "") for name in routed()}


@pytest.mark.parametrize(("action", "case", "body"), EXAMPLES)
def test_example(action: str, case: str, body: object) -> None:
    """An example is the body of a file in events/, and has the shape that is published."""
    file = event(f"{action.replace('-', '_')}/api.{case}")

    assert body == json.loads(file.body)
    assert not file.is_refused
    assert request_problems(action, body) == []


def test_every_operation_has_an_example() -> None:
    """Every operation shows at least one request."""
    assert {example.values[0] for example in EXAMPLES} == set(routed())


def test_failures() -> None:
    """A failure with all that is known has exactly the fields that are published."""
    invoice = OpenInvoice("subscription-1", "in_1", "49.00", "usd", "https://pay.example/in_1")
    stigg = StiggReply(status=400, code="OpenInvoice", message="Unpaid.", trace_id="trace-1")
    error = Refused(
        "OPEN_INVOICE",
        "Unpaid.",
        details=[Problem("planId", "is wrong")],
        stigg=stigg,
        retry_after_seconds=3,
        open_invoice=invoice,
    )
    body = error.envelope("call-1")

    assert answer_problems("create-subscription", 409, body) == []
    assert body.keys() == content()["components"]["schemas"]["Failure"]["properties"].keys()
    assert body["openInvoice"].keys() == content()["components"]["schemas"]["OpenInvoice"]["properties"].keys()


def test_statuses() -> None:
    """Every status that an action can fail with is declared; the others are API Gateway's."""
    raised = {error.status for error in ActionError.__subclasses__()} | {403}
    declared = {int(status) for status in operations()["create-customer"]["responses"]} - {200}

    assert raised <= declared == statuses()
    assert declared - raised == {413, 502}


@pytest.mark.parametrize("kind", gateway_responses())
def test_failures_of_the_gateway(kind: str) -> None:
    """What API Gateway answers by itself has the shape that is published for its status."""
    response = gateway_responses()[kind]
    status = response.get("StatusCode") or {"DEFAULT_4XX": 403, "DEFAULT_5XX": 502}[kind]

    assert answer_problems("create-customer", status, json.loads(response["ResponseTemplates"][JSON])) == []


@pytest.mark.parametrize(("required", "exit_status"), [("", 0), ("1", 1)])
def test_no_node(tmp_path: Path, required: str, exit_status: int) -> None:
    """Without Node, the checks that need it are said not to run; where Node is required, that is an error."""
    for tool in ("sh", "dirname"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    environment = {"PATH": str(tmp_path), "REQUIRE_NODE": required}
    ran = subprocess.run(  # noqa: S603 - our own program
        [ROOT / "scripts" / "make-node-tools"], env=environment, capture_output=True, text=True, check=False
    )

    assert ran.returncode == exit_status
    assert ran.stderr.startswith("NOT RUN: ")
