"""House rules of webhooks: what the open route reaches, the queue behind it, and what follows it."""

import json

from local.stack.template import WEBHOOK_QUEUE, WEBHOOKS
from tests.support.expanded import as_list, expanded, of_type, properties, role_statements

GIVEN_UP = "WebhookGivenUpQueue"


def test_the_open_route_reaches_no_table() -> None:
    """Who calls it gets at the secret's check and, with the secret, at the queue; at no table, and at nothing else."""
    reached = {
        (action, str(resource["Fn::GetAtt"][0]))
        for right in role_statements("ReceiveWebhookFunction")
        for action in as_list(right["Action"])
        for resource in as_list(right["Resource"])
    }

    assert reached == {
        ("secretsmanager:GetSecretValue", "WebhookSecret"),
        ("sqs:SendMessage", WEBHOOK_QUEUE),
        ("sqs:SendMessage", "FailedEventsQueue"),
    }


def test_the_queue() -> None:
    """Messages keep their order and wait for two weeks; what cannot be followed in 12 deliveries is given up."""
    for queue in (WEBHOOK_QUEUE, GIVEN_UP):
        assert (properties(queue)["FifoQueue"], properties(queue)["MessageRetentionPeriod"]) == (True, 14 * 24 * 3600)
    redrive = properties(WEBHOOK_QUEUE)["RedrivePolicy"]

    assert redrive == {"deadLetterTargetArn": {"Fn::GetAtt": [GIVEN_UP, "Arn"]}, "maxReceiveCount": 12}
    assert properties(WEBHOOK_QUEUE)["VisibilityTimeout"] == 6 * properties("HandleWebhookFunction")["Timeout"]


def test_sources() -> None:
    """The queue feeds the follower one message at a time; the table's stream tells what was followed, once."""
    sources = {name: made["Properties"] for name, made in of_type("AWS::Lambda::EventSourceMapping").items()}
    queue, stream = sources["WebhookQueueSource"], sources["WebhooksSource"]
    (wanted,) = stream["FilterCriteria"]["Filters"]

    assert (queue["FunctionName"], queue["BatchSize"]) == ({"Ref": "HandleWebhookFunction"}, 1)
    assert queue["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (stream["FunctionName"], json.loads(wanted["Pattern"])) == (
        {"Ref": "PublishEventsFunction"},
        {"eventName": ["INSERT"]},
    )
    assert properties(WEBHOOKS)["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}


def test_webhooks_may_come_from_allowed_networks() -> None:
    """The API's own policy lets anybody call this one route without a signature, from the allowed networks."""
    statements = expanded()["Resources"]["Api"]["Properties"]["Body"]["x-amazon-apigateway-policy"]["Statement"]
    allowed = [statement for statement in statements if statement["Effect"] == "Allow"]

    assert [statement["Resource"] for statement in allowed] == ["execute-api:/v1/POST/receive-webhook"]
