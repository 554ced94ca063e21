"""One id leads from a call to all that it left behind."""

import json

from stigg_actions.events import event_of
from tests.support.harness import Harness, handler_of
from tests.support.logs import listening
from tests.support.requests import subscription


def test_one_id_everywhere(actions: Harness) -> None:
    """API Gateway's id of a call is in its answer, its log line, the ledger, Stigg's metadata and the event of it."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    call = {
        "httpMethod": "POST",
        "requestContext": {"requestId": "gateway-1"},
        "headers": {},
        "body": json.dumps(subscription()),
    }
    with listening() as heard:
        answer = handler_of("create-subscription", lambda: actions.warm)(call, None)
    (in_stigg,) = actions.emulator.state()["subscriptions"]
    (kept,) = (item for item in actions.tables.items(actions.tables.operations) if item["kind"]["S"] == "provision")
    told = event_of({"dynamodb": {"NewImage": kept}}, "development").detail

    assert answer["headers"]["X-Correlation-Id"] == json.loads(answer["body"])["correlationId"] == "gateway-1"
    assert [(line["correlationId"], line["apiRequestId"]) for line in heard.lines] == [("gateway-1", "gateway-1")]
    assert kept["correlation_id"]["S"] == in_stigg["metadata"]["correlationId"] == "gateway-1"
    assert told["correlationId"] == "gateway-1"
