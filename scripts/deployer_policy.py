"""Write docs/deployer-policy.json: the permissions that CloudFormation needs to deploy the stack.

They follow from the resource types in the expanded template. For each type, AWS publishes the permissions that its
handlers use to create, read, update and delete a resource (the resource provider schemas, as the pinned cfn-lint ships
them). Permissions for features that this stack does not use are left out. `--partition aws-cn` prints the policy for
another partition.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from local.stack.expansion import expanded
from local.stack.template import ROOT

DOCUMENT = ROOT / "docs" / "deployer-policy.json"
OF_SALESFORCE = ROOT / "docs" / "deployer-policy-salesforce.json"
"""What SalesforceDomain needs besides: IAM takes no policy as long as both together."""
HANDLERS = ("create", "read", "update", "delete")
REGION = "us-east-1"
"""The region whose schemas are read. They are the same in all regions that have the type."""

LEFT_OUT = {
    "codedeploy:*": "no alias is deployed step by step",
    "ec2:*": "no function is in a VPC",
    "elasticfilesystem:*": "no function mounts a file system",
    "s3files:*": "no function mounts a file system",
    "firehose:*": "no log group or pipe delivers its lines elsewhere",
    "s3:REST.PUT.OBJECT": "no log group delivers its lines elsewhere",
    "kinesis:*": "no table streams to Kinesis",
    "kms:*": "only with KmsKeyArn: the guide names the rights on that key",
    "s3:*": "what SAM uploads is in the bucket of the statement Artifacts",
    "iam:CreateServiceLinkedRole": "the guide names the one of API destinations; no table is scaled",
    "iam:*GroupPolicy": "no policy is attached to a group",
    "iam:*UserPolicy": "no policy is attached to a user by the stack",
    "dynamodb:*Replica": "no table is replicated",
    "dynamodb:*Item": "items are only written for a new replica; a deployment reads and writes none",
    "dynamodb:Query": "as above",
    "dynamodb:Scan": "as above",
    "dynamodb:ImportTable": "no table is imported",
    "dynamodb:DescribeImport": "no table is imported",
    "logs:CreateLogStream": "no table is imported",
    "logs:DescribeLogStreams": "no table is imported",
    "logs:PutLogEvents": "no table is imported",
    "secretsmanager:GetRandomPassword": "no secret is generated",
    "secretsmanager:ReplicateSecretToRegions": "no secret is replicated",
    "secretsmanager:RemoveRegionsFromReplication": "no secret is replicated",
    "lambda:PassCapacityProvider": "no function runs on instances of the account",
}
"""Patterns of permissions that this stack does not need, with the reason."""

NOT_CHANGED = {
    "dynamodb:*KinesisStreamingDestination": "no table streams to Kinesis",
    "dynamodb:*ContributorInsights": "no table is watched so",
    "dynamodb:*ResourcePolicy": "no table has a policy of its own",
    "events:*Permission": "the bus has no policy of its own",
    "lambda:*CodeSigningConfig": "no code is signed",
    "lambda:*FunctionConcurrency": "no concurrency is reserved",
    "lambda:*FunctionRecursionConfig": "left as Lambda sets it",
    "lambda:*FunctionScalingConfig": "no function runs on instances of the account",
    "lambda:*ProvisionedConcurrencyConfig": "no concurrency is provisioned",
    "lambda:*RuntimeManagementConfig": "left as Lambda sets it",
    "lambda:AssociateRuntimeAlias": "left as Lambda sets it",
    "logs:*BearerTokenAuthentication": "no log group takes lines over HTTP",
    "logs:*DataProtectionPolicy": "no log group masks data: no line holds any",
    "logs:*GroupDeletionProtection": "logs go with the stack",
    "logs:*IndexPolicy": "no log group has an index",
    "logs:DeleteResourcePolicy": "no log group has a policy of its own",
}
"""Patterns of permissions that CloudFormation needs to read but not to change these resources, with the reason."""

ANYWHERE = {
    "cloudwatch:DescribeAlarms": "lists",
    "lambda:CreateEventSourceMapping": "a mapping has no name before it is made",
    "lambda:DeleteEventSourceMapping": "nor one that could be foreseen",
    "lambda:GetEventSourceMapping": "as above",
    "lambda:UpdateEventSourceMapping": "as above",
    "lambda:ListTags": "of a mapping",
    "lambda:TagResource": "of a mapping",
    "lambda:UntagResource": "of a mapping",
    "logs:CreateLogDelivery": "the API's access log",
    "logs:DeleteLogDelivery": "the API's access log",
    "logs:DescribeLogGroups": "lists",
    "logs:DescribeResourcePolicies": "lists",
    "logs:GetLogDelivery": "the API's access log",
    "logs:ListLogDeliveries": "the API's access log",
    "logs:PutResourcePolicy": "the API's access log",
    "logs:UpdateLogDelivery": "the API's access log",
    "lambda:GetAccountSettings": "make deploy shows how many functions may run at once",
}
"""Actions that AWS cannot restrict to a resource, with their purpose."""

BESIDES = {
    "lambda": ["InvokeFunction"],  # check-connection and the first call, as the guide says
    "secretsmanager": ["DescribeSecret", "PutSecretValue"],  # scripts/stigg-actions secret set
}
"""Actions that the guide asks for besides the deployment."""

PLACES = {
    "apigateway": [
        "apigateway:*::/account",
        "apigateway:*::/apikeys*",
        "apigateway:*::/domainnames*",
        "apigateway:*::/restapis*",
        "apigateway:*::/tags/*",
        "apigateway:*::/usageplans*",
    ],
    "cloudwatch": ["cloudwatch:*:*:alarm:stigg-actions-*", "cloudwatch::*:dashboard/stigg-actions-*"],
    "dynamodb": ["dynamodb:*:*:table/stigg-actions-*"],
    "events": ["events:*:*:event-bus/stigg-actions-*", "events:*:*:rule/stigg-actions-*"],
    "iam": ["iam::*:role/stigg-actions-*", "iam::*:policy/stigg-actions-*"],
    "lambda": [
        "lambda:*:*:function:stigg-actions-*",
        "lambda:*:*:layer:stigg-actions-*",
        "lambda:*:*:layer:stigg-actions-*:*",
    ],
    "logs": ["logs:*:*:log-group:/aws/apigateway/stigg-actions-*", "logs:*:*:log-group:/aws/lambda/stigg-actions-*"],
    "secretsmanager": ["secretsmanager:*:*:secret:stigg/*"],
    "sqs": ["sqs:*:*:stigg-actions-*"],
}
"""The resources on which the other actions of each service are allowed, by the name of the stack."""

SALESFORCE_PLACES = {
    "events": ["events:*:*:api-destination/stigg-actions-*", "events:*:*:connection/stigg-actions-*"],
    "pipes": ["pipes:*:*:pipe/stigg-actions-*"],
    "secretsmanager": ["secretsmanager:*:*:secret:events!connection/stigg-actions-*"],
}
"""The same for the way into Salesforce; the last is the secret in which EventBridge keeps the connection's."""
_INTO_SALESFORCE = ("events:*ApiDestination", "events:*Connection", "pipes:*")

STACKS = (
    *("CreateChangeSet", "CreateStack", "DeleteChangeSet", "DeleteStack", "DescribeChangeSet", "DescribeStackEvents"),
    *("DescribeStackResource", "DescribeStackResources", "DescribeStacks", "ExecuteChangeSet", "GetTemplate"),
    *("GetTemplateSummary", "ListStackResources", "TagResource", "UntagResource", "UpdateStack"),
)


def main() -> int:
    """Write the document, or print it for another partition."""
    parser = argparse.ArgumentParser(prog="python -m scripts.deployer_policy", description=__doc__)
    parser.add_argument("--partition", help="print the policy for aws-cn or aws-us-gov instead")
    partition = parser.parse_args().partition
    if partition:
        print(rendered(partition), end="")
    else:
        DOCUMENT.write_text(rendered())
        OF_SALESFORCE.write_text(rendered_for_salesforce())
    return 0


def rendered(partition: str = "aws") -> str:
    """Return the policy as the text of a JSON file."""
    statements = [*_of_the_stack(partition), _of_its_resources(partition), _statement("Anywhere", ANYWHERE, ["*"])]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


def rendered_for_salesforce(partition: str = "aws") -> str:
    """Return the policy that SalesforceDomain needs besides, as the text of a JSON file."""
    secret = {"secretsmanager:CreateSecret", "secretsmanager:UpdateSecret", "secretsmanager:PutSecretValue"}
    actions = {one for one in needed() if _leads_into_salesforce(one)} | secret | {"secretsmanager:GetSecretValue"}
    statements = [
        _statement(
            service.capitalize(),
            [one for one in actions if one.startswith(f"{service}:")],
            [f"arn:{partition}:{place}" for place in places],
        )
        for service, places in SALESFORCE_PLACES.items()
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


def _leads_into_salesforce(permission: str) -> bool:
    return any(fnmatchcase(permission, pattern) for pattern in _INTO_SALESFORCE)


@cache
def needed(*handlers: str) -> frozenset[str]:
    """Return every permission that the given handlers, or all, of the types in the template may use."""
    types = {made["Type"] for made in expanded()["Resources"].values()}
    return frozenset(permission for name in types for permission in _permissions(name, handlers or HANDLERS))


def left_out(permission: str) -> bool:
    """Whether a permission is for a feature that this stack does not use."""
    changes = {} if permission in needed("read") else NOT_CHANGED
    return any(fnmatchcase(permission, pattern) for pattern in (*LEFT_OUT, *changes))


def _permissions(resource_type: str, handlers: Sequence[str]) -> Iterator[str]:
    known: Mapping[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource_type).schema["handlers"]
    for name in handlers:
        yield from known.get(name, {}).get("permissions", ())


def _of_the_stack(partition: str) -> Iterator[dict[str, Any]]:
    stacks = ("cloudformation:*:*:stack/stigg-actions-*/*", "cloudformation:*:*:stack/aws-sam-cli-managed-default/*")
    places = [*stacks, "cloudformation:*:aws:transform/Serverless-2016-10-31"]
    buckets = ["s3:::aws-sam-cli-managed-default-*", "s3:::aws-sam-cli-managed-default-*/*"]
    actions = [f"cloudformation:{action}" for action in STACKS]
    yield _statement("Stacks", actions, [f"arn:{partition}:{place}" for place in places])
    yield _statement("Artifacts", ["s3:*"], [f"arn:{partition}:{place}" for place in buckets])


def _of_its_resources(partition: str) -> dict[str, Any]:
    """Return one statement for all services, because IAM limits the length: an action only meets its own service."""
    allowed = {permission for permission in needed() if not left_out(permission)}
    allowed = {permission for permission in allowed if not _leads_into_salesforce(permission)}
    allowed |= {f"{service}:{action}" for service, actions in BESIDES.items() for action in actions}
    # Functions and layers have tags, as mappings do.
    of_tags = {action for action in ANYWHERE if action in allowed and re.fullmatch("lambda:.*Tag.*", action)}
    actions = {action for action in allowed - ANYWHERE.keys() if action.partition(":")[0] in PLACES} | of_tags
    places = [f"arn:{partition}:{place}" for of_a_service in PLACES.values() for place in of_a_service]
    return _statement("Resources", actions, places)


def _statement(sid: str, actions: Any, resources: list[str]) -> dict[str, Any]:  # noqa: ANN401 - any collection
    places = resources if len(resources) > 1 else resources[0]
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": places}


if __name__ == "__main__":
    sys.exit(main())
