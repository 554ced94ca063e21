"""House rules of the API, checked on the expanded template."""

import json
from typing import Any

import pytest

from local.stack.template import gateway_responses, receivers, routed, written_routes
from stigg_actions.models.base import ActionRequest
from stigg_actions.models.submit_batch import SubmitBatch
from tests.support.expanded import chosen, of_type, properties
from tests.support.some import some

RESPONSES = gateway_responses()
ENVELOPE = ["success", "errorCode", "errorMessage", "retryable", "correlationId", "details"]
RETRYABLE = {"DEFAULT_5XX", "THROTTLED"}


def _body(response_type: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(RESPONSES[response_type]["ResponseTemplates"]["application/json"])
    return body


def test_routes_are_the_actions() -> None:
    """The API has one route per action, and one for webhooks, and each calls its function."""
    routes = {
        path: str(chosen(operations["post"]["x-amazon-apigateway-integration"]["uri"], set()))
        for path, operations in properties("Api")["Body"]["paths"].items()
        if list(operations) == ["post"]
    }

    called = routed() | receivers()
    assert set(routes) == {f"/{action}" for action in called}
    for action, logical_id in some(called.items()):
        written, of_sam = str({"Fn::GetAtt": [logical_id, "Arn"]}), "${" + logical_id + ".Arn}"
        assert (written if f"/{action}" in written_routes() else of_sam) in routes[f"/{action}"]


def test_routes_demand_a_signature() -> None:
    """Every action's route checks the caller's AWS signature, and calls the function with API Gateway's own right."""
    paths = properties("Api")["Body"]["paths"]

    assert {path: operations["post"]["security"] for path, operations in paths.items()} == {
        **{f"/{action}": [{"AWS_IAM": []}] for action in routed()},
        "/receive-webhook": [{"NONE": []}],
    }
    for operations in some(paths.values()):
        assert "credentials" not in operations["post"]["x-amazon-apigateway-integration"]


def test_stage() -> None:
    """The one stage is v1: throttled, traced, and it never logs bodies; the open route has a share of its own."""
    (stage,) = of_type("AWS::ApiGateway::Stage").values()
    everywhere, of_webhooks = stage["Properties"]["MethodSettings"]

    assert (stage["Properties"]["StageName"], stage["Properties"]["TracingEnabled"]) == ("v1", True)
    assert (of_webhooks["ResourcePath"], of_webhooks["HttpMethod"]) == ("/~1receive-webhook", "POST")
    for settings in (everywhere, of_webhooks):
        assert settings["DataTraceEnabled"] is False
        assert settings["ThrottlingRateLimit"] > 0
        assert settings["ThrottlingBurstLimit"] > 0
    assert of_webhooks["ThrottlingRateLimit"] < everywhere["ThrottlingRateLimit"]


def test_access_log_is_impersonal() -> None:
    """An access log line is JSON and holds neither address, header nor body."""
    (stage,) = of_type("AWS::ApiGateway::Stage").values()
    line = json.loads(stage["Properties"]["AccessLogSetting"]["Format"])

    assert {"requestId", "path", "status", "caller"} <= set(line)
    assert not [value for value in line.values() if "sourceIp" in value or "userAgent" in value]


@pytest.mark.parametrize("response_type", sorted(RESPONSES))
def test_gateway_error(response_type: str) -> None:
    """API Gateway's own error is the envelope of every action, and names what is retryable."""
    body = _body(response_type)

    assert list(body) == ENVELOPE
    assert (body["success"], body["details"], body["correlationId"]) == (False, [], "$context.requestId")
    assert body["errorMessage"].startswith(f"{body['errorCode']}: ")
    assert body["retryable"] is (response_type in RETRYABLE)


@pytest.mark.parametrize("response_type", sorted(RESPONSES))
def test_gateway_error_repeats_the_callers_id(response_type: str) -> None:
    """API Gateway's own error has the caller's correlation id as the answers of actions do: in the header."""
    expanded = properties("Api")["Body"]["x-amazon-apigateway-gateway-responses"][response_type]
    header = "gatewayresponse.header.X-Correlation-Id"

    assert expanded["responseParameters"] == {header: "method.request.header.X-Correlation-Id"}


def test_all_gateway_errors_are_worded() -> None:
    """Whatever else fails falls under the two defaults."""
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(RESPONSES)


def test_sizes() -> None:
    """Whatever API Gateway answers to a request that is too large for Lambda says what to do: send less."""
    messages = {response_type: _body(response_type)["errorMessage"] for response_type in ("DEFAULT_4XX", "DEFAULT_5XX")}
    too_large = _body("REQUEST_TOO_LARGE")["errorMessage"]

    assert all("6 MB" in message for message in some(messages.values()))
    assert "Send it in smaller parts." in messages["DEFAULT_5XX"]
    assert f"up to {ActionRequest.longest_body // 1024} KB" in too_large
    assert f"submit-batch up to {SubmitBatch.longest_body // 1024**2} MB" in too_large


def test_never_401() -> None:
    """No error is a 401, which makes Salesforce refresh a token and call twice."""
    assert RESPONSES["UNAUTHORIZED"]["StatusCode"] == 403
    assert not [response for response in RESPONSES.values() if response.get("StatusCode") == 401]


def test_salesforce_may_call_and_no_more() -> None:
    """The policy of the Salesforce user allows to call the routes of the API, and nothing else."""
    (statement,) = properties("SalesforceCallerPolicy")["PolicyDocument"]["Statement"]

    assert (statement["Effect"], statement["Action"]) == ("Allow", "execute-api:Invoke")
    assert statement["Resource"] == {
        "Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/v1/POST/*"
    }
