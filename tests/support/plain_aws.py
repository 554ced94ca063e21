"""AWS clients without botocore, for tests that make tens of thousands of calls: they cost a fifth of the time."""

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

TARGETS = {"dynamodb": "DynamoDB_20120810", "secretsmanager": "secretsmanager", "sqs": "AmazonSQS"}
"""The services that speak AWS's JSON, and what their operations are named after."""

type Post = Callable[[str, Mapping[str, str]], tuple[int, bytes]]
"""Sends a body with its headers to AWS; returns status and body of the answer."""


class PlainAws:
    """Speaks AWS's JSON to a stand-in that checks no signatures; refuses as boto3 does."""

    def __init__(self, post: Post, service: str) -> None:
        self._post = post
        self._headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request",
        }
        self._target = TARGETS[service]

    def close(self) -> None:
        """Close the connections that are kept."""
        if isinstance(self._post, HttpPost):
            self._post.close()

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """Return an operation by boto3's name: ``transact_write_items``."""
        name = operation.title().replace("_", "")
        headers = {**self._headers, "X-Amz-Target": f"{self._target}.{name}"}

        def call(**arguments: Any) -> Any:  # noqa: ANN401 - any operation's arguments and answer
            status, body = self._post(json.dumps(arguments), headers)
            answer = json.loads(body) if body else {}
            if status == 200:
                return answer
            code = str(answer.pop("__type")).rpartition("#")[2]
            error: Any = {"Error": {"Code": code, "Message": answer.get("message", code)}, **answer}
            raise ClientError(error, name)

        return call


class HttpPost:
    """Posts over kept connections."""

    def __init__(self, url: str) -> None:
        self._place = urlsplit(url).netloc
        self._idle: list[HTTPConnection] = []

    def __call__(self, body: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Post a body."""
        try:
            return self._answer(self._connection(), body, headers)
        except ConnectionError:  # a kept connection that the server has closed meanwhile: nothing was read there
            return self._answer(HTTPConnection(self._place, timeout=30), body, headers)

    def close(self) -> None:
        """Close the connections that are kept."""
        while self._idle:
            self._idle.pop().close()

    def _answer(self, connection: HTTPConnection, body: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        with ExitStack() as opened:
            opened.callback(connection.close)
            connection.request("POST", "/", body, dict(headers))
            response = connection.getresponse()
            content = response.read()
            opened.pop_all()  # all went well: it is kept
        self._idle.append(connection)
        return response.status, content

    def _connection(self) -> HTTPConnection:
        try:
            return self._idle.pop()
        except IndexError:
            return HTTPConnection(self._place, timeout=30)
