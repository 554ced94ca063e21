"""The `development` stack in the AWS stand-in: deployed, its secret written, its Salesforce user created."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3

from console.salesforce_user import let_in, new_key
from local.stack.ministack import Credentials, Ministack
from local.stack.sam import deploy, machine_architecture
from local.stack.template import functions, gateway_responses

STACK_NAME = "stigg-actions-development"
SALESFORCE_ORG_ID = "00D000000000001EAA"
SECRETS = {
    "StiggSecretArn": {
        "apiKey": "server-local-development",
        "environment": "development",
        "environmentSlug": "development-local",
    },
    "WebhookSecretArn": {"webhookSecret": "whsec-local-development", "environment": "development"},
}
"""The contents of the secrets, by the outputs that name them."""
ARTIFACTS = "artifacts"
IN_ONE_CALL = {
    "SubmitBatchFunctionRole": "sqs:SendMessageBatch",
    "RunBatchFunctionRole": "sqs:ChangeMessageVisibilityBatch",
}
"""The roles that process many messages of the batch queue in one call."""


@dataclass(frozen=True)
class Deployment:
    """A deployed stack."""

    api: str
    functions: Mapping[str, str]
    outputs: Mapping[str, str]
    salesforce: Credentials


def deploy_development(ministack: Ministack, built_template: Path, *, stigg_url: str) -> Deployment:
    """Deploy the built template, write its secrets, and create the user with which Salesforce calls."""
    boto3.client("s3", **ministack.client_settings()).create_bucket(Bucket=ARTIFACTS)
    parameters = {
        "Environment": "development",
        "SalesforceOrgId": SALESFORCE_ORG_ID,
        "GracePlanId": "plan-grace",
        "StiggApiUrl": stigg_url,
        "Architecture": machine_architecture(),
        "WebhookSecretFallback": "no",
    }
    deploy(ministack, built_template, stack_name=STACK_NAME, bucket=ARTIFACTS, parameters=parameters)
    outputs = _outputs(ministack)
    _write_secrets(ministack, outputs)
    _apply_gateway_responses(ministack, outputs["ApiId"])
    _allow_many_in_one_call(ministack, outputs["BatchQueueArn"])
    return Deployment(
        api=f"{ministack.url}/_aws/execute-api/{outputs['ApiId']}/v1",
        functions={action: f"{STACK_NAME}-{action}" for action in functions()},
        outputs=outputs,
        salesforce=_create_salesforce_user(ministack, outputs["SalesforceCallerPolicyArn"]),
    )


def _outputs(ministack: Ministack) -> dict[str, str]:
    cloudformation = boto3.client("cloudformation", **ministack.client_settings())
    (stack,) = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def _write_secrets(ministack: Ministack, outputs: Mapping[str, str]) -> None:
    secrets = boto3.client("secretsmanager", **ministack.client_settings())
    for output, content in SECRETS.items():
        secrets.put_secret_value(SecretId=outputs[output], SecretString=json.dumps(content))


def _apply_gateway_responses(ministack: Ministack, api: str) -> None:
    """Do what AWS does on deployment: ministack imports the API's routes, but not its error responses."""
    gateway = boto3.client("apigateway", **ministack.client_settings())
    for response_type, response in gateway_responses().items():
        status = {"statusCode": str(response["StatusCode"])} if "StatusCode" in response else {}
        headers = response["ResponseParameters"]["Headers"]
        gateway.put_gateway_response(
            restApiId=api,
            responseType=response_type,
            responseTemplates=response["ResponseTemplates"],
            responseParameters={f"gatewayresponse.header.{name}": source for name, source in headers.items()},
            **status,
        )
    gateway.create_deployment(restApiId=api, stageName="v1")


def _allow_many_in_one_call(ministack: Ministack, queue: str) -> None:
    """Do what AWS does: a permission for one message also allows several messages in one call.

    ministack requires another permission.
    """
    cloudformation = boto3.client("cloudformation", **ministack.client_settings())
    iam = boto3.client("iam", **ministack.client_settings())
    for name, action in IN_ONE_CALL.items():
        role = cloudformation.describe_stack_resource(StackName=STACK_NAME, LogicalResourceId=name)
        right = {"Effect": "Allow", "Action": action, "Resource": queue}
        iam.put_role_policy(
            RoleName=role["StackResourceDetail"]["PhysicalResourceId"],
            PolicyName="many-in-one-call",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [right]}),
        )


def _create_salesforce_user(ministack: Ministack, policy: str) -> Credentials:
    iam = boto3.client("iam", **ministack.client_settings())
    let_in(iam, "salesforce", policy)
    return Credentials(*new_key(iam, "salesforce"))
