"""The two ways to call an action: over HTTP, signed as Salesforce signs, and by invoking its function."""

import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.credentials import Credentials

from local.signing import signed_headers
from local.stack import Endpoints, LocalStack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LONGEST_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """The answer of an action: its body, and the HTTP status if it was called over HTTP."""

    status: int | None
    body: dict[str, Any]


def post(endpoints: Endpoints, action: str, body: str, correlation_id: str | None) -> Answer:
    """Call an action as a Flow does through a Named Credential."""
    url = f"{endpoints.api}/{action}"
    headers = signed_headers(
        url,
        body,
        credentials=Credentials(endpoints.access_key_id, endpoints.secret_access_key),
        region=endpoints.region,
        headers={"X-Correlation-Id": correlation_id} if correlation_id else {},
    )
    address = urlsplit(url)
    with closing(HTTPConnection(address.netloc, timeout=LONGEST_SECONDS)) as connection:
        connection.request("POST", address.path, body.encode(), headers)
        response = connection.getresponse()
        return Answer(response.status, json.loads(response.read()))


def invoke(stack: LocalStack, action: str, body: str) -> Answer:
    """Call an action as another AWS service does. An error that it raises has the envelope as its message."""
    client: LambdaClient = boto3.client("lambda", **stack.ministack.client_settings())
    with closing(client):
        answer = client.invoke(FunctionName=stack.endpoints.functions[action], Payload=body)
        returned = json.loads(answer["Payload"].read())
    return Answer(None, json.loads(returned["errorMessage"]) if "FunctionError" in answer else returned)
