"""Check names, limits, logs and webhook secrets before a deployment."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from local.stack.template import template
from scripts.samconfig import NotConfiguredError, Section

LONGEST_FUNCTION_NAME = 64
WORKERS = 2
"""Concurrent batch workers, of which each calls BatchWidth functions; also the concurrent webhook workers."""
QUOTA = "L-B99A9384"
"""The code of concurrent executions in Service Quotas."""


def check_names(section: Section) -> None:
    """Refuse a stack name that makes a function name too long. Raises NotConfiguredError."""
    suffix = max(_function_suffixes(), key=len)
    longest, length = LONGEST_FUNCTION_NAME - len(suffix), len(section.stack_name)
    if length > longest:
        raise NotConfiguredError(
            f"The stack name {section.stack_name} has {length} characters, and {longest} is the limit: "
            f"a function name has at most {LONGEST_FUNCTION_NAME}, and the longest one ends in {suffix}. "
            f"Shorten stack_name of {section.name} in samconfig.toml."
        )


def look(section: Section, session: Any) -> Iterator[str]:  # noqa: ANN401 - a boto3 session
    """Check the account of a deployment; yield information and warnings.

    A check that AWS does not allow is reported and skipped.

    Raises:
        NotConfiguredError: the deployment would fail, or webhooks would be refused after it.
    """
    for check in (_concurrency, _log_role, _secret_names, _webhook_secret):
        try:
            yield from check(section, session)
        except ClientError as error:
            yield f"Not checked ({error.response['Error']['Code']}): {check.__doc__}"


def _concurrency(section: Section, session: Any) -> Iterator[str]:  # noqa: ANN401 - a boto3 session
    """The number of functions that the account may run at once."""
    limits = session.client("lambda").get_account_settings()["AccountLimit"]
    room, total = limits["UnreservedConcurrentExecutions"], limits["ConcurrentExecutions"]
    width = int(section.parameters.get("BatchWidth") or template()["Parameters"]["BatchWidth"]["Default"])
    batches = WORKERS * (1 + width)
    yield (
        f"Lambda may run {total} functions of this account at once in this region, {room} of them unreserved. "
        f"Batches take up to {batches} (BatchWidth={width}), webhooks {WORKERS}, events and reconciliation a few."
    )
    if batches + WORKERS > room / 2:
        yield (
            "WARNING: This leaves less than half to your callers, whose calls may be throttled during a batch. Give a "
            f"smaller BatchWidth in samconfig.toml (1 takes {2 * WORKERS}), or request a higher limit: "
            f"aws service-quotas request-service-quota-increase --service-code lambda --quota-code {QUOTA} "
            "--desired-value 1000"
        )


def _log_role(section: Section, session: Any) -> Iterator[str]:  # noqa: ANN401 - a boto3 session
    """Whether API Gateway has a role for its logs."""
    role = session.client("apigateway").get_account().get("cloudwatchRoleArn")
    creates = section.parameters.get("ApiGatewayLogRole", "exists") == "create"
    if not role and not creates:
        raise NotConfiguredError(
            "API Gateway has no role for its logs in this account and region, so the API cannot be created. "
            f"Give ApiGatewayLogRole=create in the section {section.name} of samconfig.toml."
        )
    if role and creates and f"/{section.stack_name}-" not in role:
        yield (
            f"WARNING: API Gateway logs with the role {role} in this account and region, and ApiGatewayLogRole=create "
            "replaces it for the whole account. Leave the parameter out to keep it."
        )


def _secret_names(section: Section, session: Any) -> Iterator[str]:  # noqa: ANN401 - a boto3 session
    """Whether the names of the secrets are free or belong to the stack."""
    secrets, stacks = session.client("secretsmanager"), session.client("cloudformation")
    for logical_id, name in (("StiggSecret", section.secret), ("WebhookSecret", section.webhook_secret)):
        arn = _found(partial(_arn, secrets, name), "ResourceNotFoundException")
        if arn is not None and arn != _of_the_stack(stacks, section.stack_name, logical_id):
            raise NotConfiguredError(
                f"The secret {name} already exists and does not belong to the stack {section.stack_name}, which cannot "
                f"create it. Give the section {section.name} of samconfig.toml another SecretName, such as "
                f"SecretName=stigg/{section.stack_name}; or import or delete the secret of a removed stack "
                "(Remove, in docs/deploy.md)."
            )
    yield from ()


def _arn(secrets: Any, name: str) -> str:  # noqa: ANN401 - a boto3 client
    return str(secrets.describe_secret(SecretId=name)["ARN"])


def _of_the_stack(stacks: Any, stack_name: str, logical_id: str) -> str | None:  # noqa: ANN401 - a boto3 client
    """Return a stack's resource with a logical id; None if the stack or the resource does not exist."""

    def describe() -> str:
        resource = stacks.describe_stack_resource(StackName=stack_name, LogicalResourceId=logical_id)
        return str(resource["StackResourceDetail"].get("PhysicalResourceId"))

    return _found(describe, "ValidationError")


def _webhook_secret(section: Section, session: Any) -> Iterator[str]:  # noqa: ANN401 - a boto3 session
    """Whether the webhook secret is where receive-webhook reads it."""
    if section.parameters.get("WebhookSecretFallback", "yes") == "yes":
        return
    client = session.client("secretsmanager")
    shared, own = (_content(client, name) for name in (section.secret, section.webhook_secret))
    if shared.get("webhookSecret") and not own.get("webhookSecret"):
        raise NotConfiguredError(
            f"{section.secret} still holds webhookSecret, which is not read with WebhookSecretFallback=no. "
            "Deploy with WebhookSecretFallback=yes, run scripts/stigg-actions secret move-webhook-secret --env "
            f"{section.name}, and then deploy with no."
        )
    yield from ()


def _content(client: Any, secret_id: str) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    """Return the content of a secret; empty if it does not exist or is not a JSON object."""
    text = _found(
        lambda: client.get_secret_value(SecretId=secret_id).get("SecretString", ""), "ResourceNotFoundException"
    )
    try:
        content = json.loads(text or "")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _found(call: Callable[[], str], not_there: str) -> str | None:
    """Return the result of a call to AWS, or None if it raises the given error."""
    try:
        return call()
    except ClientError as error:
        if error.response["Error"]["Code"] != not_there:
            raise
        return None


def _function_suffixes() -> Iterator[str]:
    for made in template()["Resources"].values():
        if made["Type"] == "AWS::Serverless::Function":
            yield made["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("${AWS::StackName}")
