"""Call an action for each message of a queue: another Lambda, which invokes the actions by boto3.

A message is `{"action": "create-customer", "request": {...}}`. What was refused is logged and done with: sending it
again would not help. Anything else goes back to the queue, and after its last receive to the dead-letter queue. A
message that is delivered twice takes effect once, because the same request does.
"""

import json
import logging
import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

log = logging.getLogger()


@cache
def functions() -> Any:  # noqa: ANN401 - boto3's client has no type of its own at run time
    """The Lambda API. An action takes 28 s at most; whether to call it again is for the queue to decide."""
    return boto3.client("lambda", config=Config(read_timeout=30, retries={"total_max_attempts": 1}))


class CallFailedError(Exception):
    """An action gave no answer that would be final."""


def call(action: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return what an action answered, be it a refusal. Raises CallFailedError."""
    payload = json.dumps({**request, "faultOnError": False})  # a refusal is an answer, not an error
    answer = functions().invoke(FunctionName=f"{os.environ['ACTIONS_STACK']}-{action}", Payload=payload)
    body: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer or body.get("retryable"):
        raise CallFailedError(body["errorMessage"])
    return body


def handler(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Call the actions; tell SQS which messages are to be delivered again."""
    failed = []
    for record in event["Records"]:
        message = json.loads(record["body"])
        try:
            answer = call(message["action"], {**message["request"], "correlationId": record["messageId"]})
        except CallFailedError as error:
            log.warning("to be delivered again: %s", error)
            failed.append({"itemIdentifier": record["messageId"]})
        else:
            log.info("answered: %s", answer.get("outcome") or answer["errorCode"])
    return {"batchItemFailures": failed}
