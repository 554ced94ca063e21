"""What would go wrong with a deployment, found before anything is sent: names, limits, logs, and webhooks' secrets."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from local.stack.template import template
from scripts.samconfig import NotConfiguredError, Section

LONGEST_FUNCTION_NAME = 64
WORKERS = 2
"""Workers of batches that run at once; each calls BatchWidth functions. The webhooks' worker is as often at work."""
QUOTA = "L-B99A9384"
"""Concurrent executions, as Service Quotas calls it."""


def check_names(section: Section) -> None:
    """Refuse a stack whose name leaves too little room for the names of its functions. Raises NotConfiguredError."""
    suffix = max(_function_suffixes(), key=len)
    longest = LONGEST_FUNCTION_NAME - len(suffix)
    if len(section.stack_name) > longest:
        raise NotConfiguredError(
            f"The stack name {section.stack_name} has {len(section.stack_name)} characters, and {longest} is the most: "
            f"a function's name has up to {LONGEST_FUNCTION_NAME}, and the longest one ends in {suffix}. "
            f"Shorten stack_name of {section.name} in samconfig.toml."
        )


def look(section: Section, session: Any) -> Iterator[str]:  # noqa: ANN401 - a boto3 session
    """Look at the account that a stack is to be deployed to; yield what there is to know.

    What may not be read is said, and holds up nothing.

    Raises:
        NotConfiguredError: the deployment would fail, or webhooks be refused after it.
    """
    for check in (_concurrency, _log_role, _secret_names, _webhook_secret):
        try:
            yield from check(section, session)
        except ClientError as error:
            yield f"Not checked ({error.response['Error']['Code']}): {check.__doc__}"


def _concurrency(section: Section, session: Any) -> Iterator[str]:  # noqa: ANN401 - a boto3 session
    """How many functions the account may run at once."""
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
            "WARNING: that leaves less than half to your callers, who are turned away while a batch runs. Give a "
            f"smaller BatchWidth in samconfig.toml (1 takes {2 * WORKERS}), or let AWS raise the limit: "
            f"aws service-quotas request-service-quota-increase --service-code lambda --quota-code {QUOTA} "
            "--desired-value 1000"
        )


def _log_role(section: Section, session: Any) -> Iterator[str]:  # noqa: ANN401 - a boto3 session
    """Whether API Gateway has a role for its logs."""
    role = session.client("apigateway").get_account().get("cloudwatchRoleArn")
    creates = section.parameters.get("ApiGatewayLogRole", "exists") == "create"
    if not role and not creates:
        raise NotConfiguredError(
            "API Gateway has no role for its logs in this account and region, so the stack's API could not be made. "
            f"Give ApiGatewayLogRole=create in the section {section.name} of samconfig.toml."
        )
    if role and creates and f"/{section.stack_name}-" not in role:
        yield (
            f"WARNING: API Gateway logs with the role {role} in this account and region, and ApiGatewayLogRole=create "
            "replaces it for everybody. Leave the parameter out to keep it."
        )


def _secret_names(section: Section, session: Any) -> Iterator[str]:  # noqa: ANN401 - a boto3 session
    """Whether the names of the secrets are free, or those secrets the stack's own."""
    secrets, stacks = session.client("secretsmanager"), session.client("cloudformation")
    for logical_id, name in (("StiggSecret", section.secret), ("WebhookSecret", section.webhook_secret)):
        arn = _found(partial(_arn, secrets, name), "ResourceNotFoundException")
        if arn is not None and arn != _of_the_stack(stacks, section.stack_name, logical_id):
            raise NotConfiguredError(
                f"The secret {name} is there already and is not the stack {section.stack_name}'s, which could not make "
                f"it. Give the section {section.name} of samconfig.toml another SecretName, such as "
                f"SecretName=stigg/{section.stack_name}; or import or delete the secret that a former stack has left "
                "(Remove, in docs/deploy.md)."
            )
    yield from ()


def _arn(secrets: Any, name: str) -> str:  # noqa: ANN401 - a boto3 client
    return str(secrets.describe_secret(SecretId=name)["ARN"])


def _of_the_stack(stacks: Any, stack_name: str, logical_id: str) -> str | None:  # noqa: ANN401 - a boto3 client
    """Return what a stack has made under a logical id; None if it has not, or does not exist."""

    def describe() -> str:
        found = stacks.describe_stack_resource(StackName=stack_name, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"].get("PhysicalResourceId"))

    return _found(describe, "ValidationError")


def _webhook_secret(section: Section, session: Any) -> Iterator[str]:  # noqa: ANN401 - a boto3 session
    """Whether the webhooks' secret is where receive-webhook looks for it."""
    if section.parameters.get("WebhookSecretFallback", "yes") == "yes":
        return
    client = session.client("secretsmanager")
    shared, own = (_content(client, name) for name in (section.secret, section.webhook_secret))
    if shared.get("webhookSecret") and not own.get("webhookSecret"):
        raise NotConfiguredError(
            f"{section.secret} holds webhookSecret still, and with WebhookSecretFallback=no it would count no longer. "
            f"Deploy with WebhookSecretFallback=yes, run scripts/stigg-secret {section.name} move-webhook-secret, and "
            "then deploy with no."
        )
    yield from ()


def _content(client: Any, secret_id: str) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    """Return what a secret holds; nothing, if there is none or it is no JSON object."""
    text = _found(
        lambda: client.get_secret_value(SecretId=secret_id).get("SecretString", ""), "ResourceNotFoundException"
    )
    try:
        content = json.loads(text or "")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _found(call: Callable[[], str], not_there: str) -> str | None:
    """Return what a call to AWS returns, None if it ends in the error that says that there is none."""
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
