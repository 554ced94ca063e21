"""Events of asynchronous direct callers: what keeps failing is kept for an operator."""

import json
import uuid

import boto3

from local.stack import LocalStack


def test_failed_event_is_kept(stack: LocalStack) -> None:
    """An event that fails three times waits in the queue, with its body and the reason."""
    event = {"noSuchField": uuid.uuid4().hex}
    client = boto3.client("lambda", **stack.ministack.client_settings())
    client.invoke(
        FunctionName=stack.endpoints.functions["create-customer"], InvocationType="Event", Payload=json.dumps(event)
    )
    queue = boto3.client("sqs", **stack.ministack.client_settings())
    answer = queue.receive_message(QueueUrl=stack.deployment.outputs["FailedEventsQueueUrl"], WaitTimeSeconds=20)
    (kept,) = (json.loads(message["Body"]) for message in answer["Messages"])

    assert kept["requestPayload"] == event
    assert kept["requestContext"]["condition"] == "RetriesExhausted"
    assert kept["requestContext"]["approximateInvokeCount"] == 3
