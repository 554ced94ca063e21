"""AWS clients without botocore, for tests that make tens of thousands of calls: they cost a fifth of the time."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

TARGETS = {"dynamodb": "DynamoDB_20120810", "secretsmanager": "secretsmanager", "sqs": "AmazonSQS"}
"""The services that speak AWS's JSON, and what their operations are named after."""


class PlainAws:
    """Speaks AWS's JSON to a stand-in that checks no signatures, over kept connections; refuses as boto3 does."""

    def __init__(self, url: str, service: str) -> None:
        self._place = urlsplit(url).netloc
        self._headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request",
        }
        self._target = TARGETS[service]
        self._idle: list[HTTPConnection] = []

    def close(self) -> None:
        """Close the connections that are kept."""
        while self._idle:
            self._idle.pop().close()

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """Return an operation by boto3's name: ``transact_write_items``."""
        name = operation.title().replace("_", "")

        def call(**arguments: Any) -> Any:  # noqa: ANN401 - any operation's arguments and answer
            status, answer = self._exchange(name, arguments)
            if status == 200:
                return answer
            code = str(answer.pop("__type")).rpartition("#")[2]
            error: Any = {"Error": {"Code": code, "Message": answer.get("message", code)}, **answer}
            raise ClientError(error, name)

        return call

    def _exchange(self, operation: str, arguments: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        headers = {**self._headers, "X-Amz-Target": f"{self._target}.{operation}"}
        try:
            return self._answer(self._connection(), json.dumps(arguments), headers)
        except ConnectionError:  # a kept connection that the server has closed meanwhile: nothing was read there
            return self._answer(HTTPConnection(self._place, timeout=30), json.dumps(arguments), headers)

    def _answer(self, connection: HTTPConnection, body: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        with ExitStack() as opened:
            opened.callback(connection.close)
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
            opened.pop_all()  # all went well: it is kept
        self._idle.append(connection)
        return response.status, answer

    def _connection(self) -> HTTPConnection:
        try:
            return self._idle.pop()
        except IndexError:
            return HTTPConnection(self._place, timeout=30)
