"""The HTTP surface, fuzzed from the OpenAPI document, and every status that the document promises."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local.stack.template import ROOT, gateway_responses, routed
from stigg_actions.batches.batch import BatchId
from stigg_actions.storage.operation import KeyScope, explicit_key
from tests.resilience.mishaps import LASTING_AWS_FAULTS, LOST_ANSWERS, no_connection
from tests.resilience.scenarios import CUSTOMER, SCENARIOS, SOLD, USED, Scenario
from tests.resilience.stage import Stage
from tests.support.deals import deal
from tests.support.harness import ORG, SECRET, Reply
from tests.support.network import FOR_EVER, Network
from tests.support.requests import LINE, OTHER_LINE

DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text())
SURFACE = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
CASES = 6


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize("action", routed())
def test_any_request_gets_a_documented_answer(stage: Stage, action: str, mode: GenerationMode) -> None:
    """Whatever is sent, valid by the document or not, the answer is as documented, and no fault of ours."""
    stage.arrange(Scenario("", "", {}, (CUSTOMER, SOLD)))

    @settings(
        max_examples=CASES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=SURFACE[f"/{action}"]["POST"].as_strategy(mode))
    def answer_as_documented(case: "Case[Any]") -> None:
        text = case.body if isinstance(case.body, str) else json.dumps(case.body, default=str)
        reply = stage.actions.post(action, text)
        request = httpx.Request("POST", f"https://stage.example/{action}", content=text)
        response = httpx.Response(reply.status, json=reply.body, request=request)
        response.elapsed = timedelta()

        assert reply.status < 500, reply.body
        case.validate_response(response, checks=CHECKS)

    answer_as_documented()


@given(action=st.sampled_from(sorted(routed())), text=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_text_gets_a_documented_answer(stage: Stage, action: str, text: str) -> None:
    """A body that is no request at all is refused as malformed."""
    assert stage.actions.post(action, text).body["errorCode"] == "INVALID_REQUEST"


def _refuses(code: str, status: int) -> Callable[[Stage, Scenario], Reply]:
    def serve(stage: Stage, scenario: Scenario) -> Reply:
        body = {"message": "No.", "code": code}
        stage.actions.emulator.fault("*", "/(api|graphql)", "status", {"status": status, "body": body})
        return stage.serve(scenario, Network())

    return serve


def _with_key(status: str) -> Callable[[Stage, Scenario], Reply]:
    def serve(stage: Stage, scenario: Scenario) -> Reply:
        stage.actions.emulator.set_key(stage.actions.emulator.key, status)
        return stage.serve(scenario, Network())

    return serve


def _changed(**change: Any) -> Callable[[Stage, Scenario], Reply]:  # noqa: ANN401 - any field
    def serve(stage: Stage, scenario: Scenario) -> Reply:
        return stage.actions.post(scenario.action, scenario.body | change)

    return serve


def _twice(stage: Stage, scenario: Scenario) -> Reply:
    body = scenario.body | {"idempotencyKey": "deal-1"}
    stage.actions.ok(scenario.action, body)
    return stage.actions.post(scenario.action, body | CHANGED.get(scenario.action, {"metadata": {"tier": "silver"}}))


def _lost(stage: Stage, scenario: Scenario) -> Reply:
    first = next(number for number, call in enumerate(stage.story(scenario).calls) if call.startswith(WRITES))
    stage.arrange(scenario)
    return stage.serve(scenario, Network(LOST_ANSWERS["502 in HTML"], first, FOR_EVER, "Stigg"))


def _unreachable(stage: Stage, scenario: Scenario) -> Reply:
    return stage.serve(scenario, Network(no_connection, 0, FOR_EVER, "Stigg"))


def _without_tables(stage: Stage, scenario: Scenario) -> Reply:
    return stage.serve(scenario, Network(LASTING_AWS_FAULTS["throttled"], 0, FOR_EVER, "DynamoDB"))


WRITES = ("Stigg DELETE", "Stigg POST", "Stigg PATCH")
CHANGED: dict[str, dict[str, Any]] = {
    "cancel-subscription": {"cancelWhen": "endOfBillingPeriod"},
    "cancel-scheduled-update": {"waitsFor": "payment"},
    "mark-invoice-paid": {"invoiceId": "in-other"},
    "reschedule-cancellation": {"cancellationDate": "2099-11-30"},
    "migrate-subscription": {"migrateWhen": "now"},
    "transfer-subscription": {"destinationResourceId": "site-3"},
    "adopt-subscription": {"salesforceRecordId": OTHER_LINE},
    "delegate-subscription": {"destinationCustomerId": "cust-acme"},
    "import-subscription": {"startDate": "2020-02-01"},
    "trigger-workflow": {"isTest": True},
    "report-usage": {"value": 8},
    "grant-promotional-entitlement": {"period": "lifetime"},
    "revoke-promotional-entitlement": {"featureId": "feature-seats"},
    "provision-contract": {"name": "Other"},
    "archive-contract": {"cancelSubscriptions": False},
    "archive-customer": {"cancelSubscriptions": False, "restore": True},
    "void-credit-grant": {"salesforceRecordId": "", "grantId": "cred-grant-1", "customerId": "cust-acme"},
    "submit-batch": {"requests": [{"action": "cancel-subscription", "request": {}}]},
}
"""What makes a request another one, where metadata do not."""
REACHED: dict[int, Callable[[Stage, Scenario], Reply]] = {
    200: _changed(),
    400: _changed(emial="typo"),
    403: _changed(salesforceOrgId="00D000000000002EAA"),
    404: _refuses("CustomerNotFound", 404),
    409: _twice,
    422: _refuses("InvalidArgumentError", 400),
    429: _refuses("RateLimitExceeded", 429),
    500: _with_key("expired"),
    503: _unreachable,
    504: _lost,
}
REACHED_OTHERWISE: dict[tuple[str, int], Callable[[Stage, Scenario], Reply]] = {
    ("submit-batch", 503): _without_tables,
    ("get-batch", 503): _without_tables,
    ("get-batch", 404): _changed(batchId=f"batch-{'0' * 40}-1"),
}
"""What does not ask Stigg."""
BY_API_GATEWAY_ALONE = {413: "REQUEST_TOO_LARGE", 502: "DEFAULT_5XX"}
"""A body that is too large, and a function that crashes: the template words these answers."""
OTHERS = [
    Scenario("get-customer", "get-customer", {"customerId": "cust-acme"}),
    Scenario("get-subscription", "get-subscription", {"salesforceRecordId": LINE}),
    Scenario(
        "preview-subscription",
        "preview-subscription",
        {"customerId": "cust-acme", "planId": "plan-growth", "billingPeriod": "MONTHLY"},
    ),
    Scenario("check-connection", "check-connection", {}, before=()),
    Scenario("provision-opportunity", "provision-opportunity", deal(), before=()),
    Scenario("report-usage", *USED, before=(CUSTOMER,)),
    Scenario("trigger-workflow", "trigger-workflow", {"triggerId": "notify-customer", "idempotencyKey": "run-1"}),
]
BATCH: tuple[str, dict[str, Any]] = (
    "submit-batch",
    {"requests": [{"action": CUSTOMER[0], "request": CUSTOMER[1]}], "idempotencyKey": "batch-1"},
)
BATCH_ID = BatchId(explicit_key(KeyScope("development", ORG, "batch"), "batch-1"))
BATCHES = [
    Scenario(BATCH[0], *BATCH, before=()),
    Scenario("get-batch", "get-batch", {"batchId": str(BATCH_ID)}, before=(BATCH,)),
]
FIRST_OF_EACH = {scenario.action: scenario for scenario in reversed([*SCENARIOS, *OTHERS, *BATCHES])}
CANNOT_BE = {
    ("preview-subscription", 404),  # what is missing stands in the way of the deal, which is what it tells
    ("get-subscription", 409), ("preview-subscription", 409),  # they wait for nobody, and take no key
    ("provision-opportunity", 409),  # it takes no key, and its lines conflict one by one
    ("get-customer", 409), ("get-customer", 504), ("get-customer", 422),  # it says of a part that it is missing
    ("get-subscription", 504), ("preview-subscription", 504),  # what only reads is never unknown
    ("get-batch", 409),
    *((action, status) for action in ("submit-batch", "get-batch") for status in (422, 429, 500, 504)),
    *(("check-connection", status) for status in (404, 409, 422, 429, 500, 503, 504)),  # it tells them as its result
    ("submit-batch", 404),  # neither asks Stigg: each request of the batch has a status of its own
}  # fmt: skip


def test_every_status_is_accounted_for() -> None:
    """The statuses of the document are those that are reached here, and those that API Gateway makes."""
    documented = {int(status) for path in DOCUMENT["paths"].values() for status in path["post"]["responses"]}

    assert documented == REACHED.keys() | BY_API_GATEWAY_ALONE.keys()
    assert gateway_responses().keys() >= set(BY_API_GATEWAY_ALONE.values())


@pytest.mark.parametrize(
    ("action", "status"),
    [(action, status) for action in sorted(routed()) for status in REACHED if (action, status) not in CANNOT_BE],
)
def test_every_documented_status_is_reached(stage: Stage, action: str, status: int) -> None:
    """Each status that the document names is what some request or some state of Stigg leads to."""
    scenario = FIRST_OF_EACH[action]
    stage.arrange(scenario)

    reply = REACHED_OTHERWISE.get((action, status), REACHED[status])(stage, scenario)
    stage.actions.store_secret(SECRET)

    assert reply.status == status, reply.body
