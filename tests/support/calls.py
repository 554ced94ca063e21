"""Calls as the two kinds of caller make them: signed HTTP, as Salesforce does, and direct invocation, as AWS does."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import httpx
from botocore import credentials
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from local.stack import LocalStack
from local.stack.ministack import REGION, Credentials, Ministack
from tests.support.tls import unused_tls

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LONGEST_CALLOUT_SECONDS = 120
"""How long Salesforce waits for an answer at most."""


class _SigV4At(SigV4Auth):
    """Signature version 4 as of a given moment."""

    def __init__(self, caller: Credentials, moment: datetime) -> None:
        key = credentials.Credentials(caller.access_key_id, caller.secret_access_key)
        super().__init__(key, "execute-api", REGION)
        self._moment = moment

    def add_auth(self, request: Any) -> None:  # noqa: ANN401 - botocore's own type is narrower than its use
        """Sign; the parent's method, with our clock."""
        stamp = self._moment.strftime("%Y%m%dT%H%M%SZ")
        request.context["timestamp"] = stamp
        request.headers["X-Amz-Date"] = stamp
        signed = self.signed_headers(self.headers_to_sign(request))
        signature = self.signature(self.string_to_sign(request, self.canonical_request(request)), request)
        request.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.scope(request)}, SignedHeaders={signed}, Signature={signature}"
        )


def signed_call(
    url: str, body: str, caller: Credentials, *, method: str = "POST", moment: datetime | None = None
) -> httpx.Response:
    """Send a body to a URL, signed by the caller, now or as of the moment."""
    request = AWSRequest(method, url, headers={"content-type": "application/json"}, data=body)
    _SigV4At(caller, moment or datetime.now(UTC)).add_auth(request)
    return httpx.request(
        method,
        url,
        content=body,
        headers=dict(request.headers.items()),
        timeout=LONGEST_CALLOUT_SECONDS,
        trust_env=False,
        verify=unused_tls(),
    )


def salesforce(stack: LocalStack) -> Credentials:
    """The key that a Salesforce Named Credential of this stack would hold."""
    return Credentials(stack.endpoints.access_key_id, stack.endpoints.secret_access_key)


def call_api(stack: LocalStack, action: str, body: str) -> httpx.Response:
    """Call an action as Salesforce does."""
    return signed_call(f"{stack.endpoints.api}/{action}", body, salesforce(stack))


@cache
def _lambda_client(ministack: Ministack) -> "LambdaClient":
    return boto3.client("lambda", **ministack.client_settings())


def invoke(stack: LocalStack, action: str, body: str) -> tuple[bool, Any]:
    """Call an action as another AWS service does: whether it succeeded, and what it returned or raised."""
    answer = _lambda_client(stack.ministack).invoke(FunctionName=stack.endpoints.functions[action], Payload=body)
    return "FunctionError" not in answer, json.loads(answer["Payload"].read())
