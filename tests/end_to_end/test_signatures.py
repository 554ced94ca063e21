"""Who may call the API, and what the others are told: 403 in our own envelope, never 401.

ministack models signatures, policies and routes. It does not model throttling (429) or the 10 MB limit (413), and
words two refusals its own way: a caller whose policy does not allow the call, and the 502 of a crashing function.
"""

from datetime import UTC, datetime, timedelta

import boto3
import httpx
import pytest

from local.stack import LocalStack
from local.stack.ministack import ROOT_CREDENTIALS, Credentials
from tests.support.calls import salesforce, signed_call

BODY = '{"customerId": "acme"}'


def _url(stack: LocalStack) -> str:
    return f"{stack.endpoints.api}/create-customer"


def _refused(response: httpx.Response, code: str) -> bool:
    body = response.json()
    envelope = ["success", "errorCode", "errorMessage", "retryable", "correlationId", "details"]
    assert list(body) == envelope
    assert (body["success"], body["retryable"], body["details"]) == (False, False, [])
    assert body["errorMessage"].startswith(f"{code}: ")
    return (response.status_code, body["errorCode"]) == (403, code)


def test_unsigned(stack: LocalStack) -> None:
    """A request without a signature is refused."""
    response = httpx.post(_url(stack), content=BODY, trust_env=False)

    assert _refused(response, "NOT_SIGNED")


def test_the_callers_id_is_repeated(stack: LocalStack) -> None:
    """A refusal of the gateway repeats the caller's correlation id in the header, as the answers of actions do."""
    sent = httpx.post(_url(stack), content=BODY, headers={"X-Correlation-Id": "flow-1"}, trust_env=False)
    without = httpx.post(_url(stack), content=BODY, trust_env=False)

    assert _refused(sent, "NOT_SIGNED")
    assert (sent.headers["X-Correlation-Id"], "X-Correlation-Id" in without.headers) == ("flow-1", False)
    assert sent.json()["correlationId"] == sent.headers["x-amzn-requestid"]


def test_wrong_secret(stack: LocalStack) -> None:
    """A signature by another secret key is refused."""
    thief = Credentials(stack.endpoints.access_key_id, "wrong")

    assert _refused(signed_call(_url(stack), BODY, thief), "INVALID_SIGNATURE")


def test_old_signature(stack: LocalStack) -> None:
    """A request that was signed long ago cannot be played again."""
    long_ago = datetime.now(UTC) - timedelta(minutes=20)

    assert _refused(signed_call(_url(stack), BODY, salesforce(stack), moment=long_ago), "INVALID_SIGNATURE")


def test_unknown_key(stack: LocalStack) -> None:
    """An access key that AWS does not know is refused."""
    stranger = Credentials("AKIAUNKNOWN", "secret")

    assert _refused(signed_call(_url(stack), BODY, stranger), "REFUSED_BY_API_GATEWAY")


def test_user_without_the_policy(stack: LocalStack) -> None:
    """An AWS user is refused until the stack's caller policy is attached to it."""
    iam = boto3.client("iam", **stack.ministack.client_settings())
    iam.create_user(UserName="intern")
    key = iam.create_access_key(UserName="intern")["AccessKey"]
    intern = Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    assert signed_call(_url(stack), BODY, intern).status_code == 403


def test_no_such_action(stack: LocalStack) -> None:
    """A path that no action has is refused: to Salesforce's user, and to one who may call everything."""
    url = f"{stack.endpoints.api}/no-such-action"

    assert signed_call(url, BODY, salesforce(stack)).status_code == 403
    assert _refused(signed_call(url, BODY, ROOT_CREDENTIALS), "NOT_SIGNED")


def test_other_method(stack: LocalStack) -> None:
    """An action answers POST alone; the caller's policy allows nothing else."""
    assert signed_call(_url(stack), "", salesforce(stack), method="GET").status_code == 403


def test_the_caller_key_opens_nothing_else(stack: LocalStack) -> None:
    """The Salesforce user's key calls the API; it cannot invoke a function or read the secret."""
    settings = stack.ministack.client_settings(salesforce(stack))
    lambda_client = boto3.client("lambda", **settings)
    secrets = boto3.client("secretsmanager", **settings)

    with pytest.raises(lambda_client.exceptions.ClientError, match="AccessDenied"):
        lambda_client.invoke(FunctionName=stack.endpoints.functions["create-customer"], Payload=BODY)
    with pytest.raises(secrets.exceptions.ClientError, match="AccessDenied"):
        secrets.get_secret_value(SecretId=stack.deployment.outputs["StiggSecretArn"])
