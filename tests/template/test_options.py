"""What a deployment may choose: networks, an API key, a KMS key of its own. Checked on the expanded template."""

import re
from typing import Any

import pytest

from local.stack.template import (
    BATCH_QUEUE,
    BATCHES,
    MAPPINGS,
    OPERATIONS,
    TEMPLATE,
    WEBHOOK_QUEUE,
    WEBHOOKS,
    consumers,
    functions,
    receivers,
    routed,
    template,
)
from tests.support.expanded import as_list, expanded, of_type, properties, role_statements

FUNCTIONS = sorted([*functions().values(), *consumers().values(), *receivers().values()])
QUEUES = [BATCH_QUEUE, "BatchGivenUpQueue", "FailedEventsQueue", WEBHOOK_QUEUE, "WebhookGivenUpQueue"]
QUEUES += ["SalesforceGivenUpQueue", "SalesforceQueue"]
READS = {"BatchGetItem", "Query", "Scan", "DescribeStream", "GetRecords", "GetShardIterator"}
NO_VALUE = {"Ref": "AWS::NoValue"}
OWN_KEY = {"Fn::If": ["HasOwnKey", {"Ref": "KmsKeyArn"}, NO_VALUE]}
KEYS = {
    "secretsmanager": {"kms:Decrypt"},
    "sqs": {"kms:Decrypt", "kms:GenerateDataKey"},
}
"""What a function does with the deployment's own key, by the service whose data it opens; with tables it differs."""
READS_TABLES, WRITES_TABLES = {"kms:Decrypt"}, {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}


def body(**parameters: str) -> dict[str, Any]:
    """Return the API's document as deployed with these parameters."""
    document: dict[str, Any] = expanded(**parameters)["Resources"]["Api"]["Properties"]["Body"]
    return document


def test_any_network() -> None:
    """Unless a deployment names networks, no address is refused."""
    assert template()["Parameters"]["AllowedNetworks"]["Default"] == "0.0.0.0/0,::/0"


def test_networks_only_forbid() -> None:
    """The API's own policy refuses other networks and lets nobody in, which the caller's policy alone does."""
    statements = body(AllowedNetworks="192.0.2.0/24")["x-amazon-apigateway-policy"]["Statement"]
    (statement,) = (one for one in statements if "receive-webhook" not in one["Resource"])

    assert statement == {
        "Sid": "off",  # of SnapStart, so that its switch makes another deployment of the API
        "Effect": "Deny",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        "Condition": {"NotIpAddress": {"aws:SourceIp": {"Fn::Split": [",", "192.0.2.0/24"]}}},
    }


@pytest.mark.parametrize(
    "change", [{"AllowedNetworks": "192.0.2.0/24"}, {"ApiKeyRequired": "yes"}, {"SnapStart": "on", "Release": "r-1"}]
)
def test_a_change_is_deployed(change: dict[str, str]) -> None:
    """Another network, the wish for a key or for snapshots makes another deployment of the API, which puts it in force.

    Without one, the stage goes on as before.
    """
    before, after = ({name for name in expanded(**made)["Resources"] if "Deployment" in name} for made in ({}, change))

    assert len(before) == len(after) == 1
    assert before != after


@pytest.mark.parametrize(("wish", "key"), [("", []), ("yes", [{"api_key": []}])])
def test_api_key(wish: str, key: list[dict[str, list[str]]]) -> None:
    """Every action demands the signature, and the API key besides where a deployment wants one; webhooks that alone."""
    paths = body(ApiKeyRequired=wish)["paths"]

    assert {path: operations["post"]["security"] for path, operations in paths.items()} == {
        **{f"/{action}": [{"AWS_IAM": []}, *key] for action in routed()},
        "/receive-webhook": [{"NONE": []}, *key],
    }


def test_usage_plan() -> None:
    """The one key is in a usage plan of the stack's stage, which limits it; all is made only where it is wanted."""
    names = ("ApiKey", "UsagePlan", "UsagePlanKey")

    assert [expanded()["Resources"][name]["Condition"] for name in names] == ["CallersHaveKey"] * 3
    assert properties("UsagePlan")["ApiStages"] == [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "Apiv1Stage"}}]
    assert min(properties("UsagePlan")["Throttle"].values()) > 0
    assert properties("UsagePlanKey")["UsagePlanId"] == {"Ref": "UsagePlan"}
    assert expanded()["Outputs"]["ApiKeyId"]["Condition"] == "CallersHaveKey"


@pytest.mark.parametrize("table", [BATCHES, MAPPINGS, OPERATIONS, WEBHOOKS])
def test_tables_are_encrypted(table: str) -> None:
    """Tables are encrypted, with the deployment's own key where it names one."""
    assert properties(table)["SSESpecification"] == {
        "Fn::If": [
            "HasOwnKey",
            {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Ref": "KmsKeyArn"}},
            {"SSEEnabled": True},
        ]
    }


@pytest.mark.parametrize("queue", QUEUES)
def test_queues_are_encrypted(queue: str) -> None:
    """Queues are encrypted with one key or the other; SQS takes only one of them."""
    assert sorted(of_type("AWS::SQS::Queue")) == sorted(QUEUES)
    assert properties(queue)["SqsManagedSseEnabled"] == {"Fn::If": ["HasOwnKey", NO_VALUE, True]}
    assert properties(queue)["KmsMasterKeyId"] == OWN_KEY


def test_secret_and_logs_are_encrypted() -> None:
    """Secret and logs take the deployment's own key, too; AWS encrypts them in any case."""
    made = [*of_type("AWS::SecretsManager::Secret").values(), *of_type("AWS::Logs::LogGroup").values()]

    assert [one["Properties"]["KmsKeyId"] for one in made] == [OWN_KEY] * 5


def of_the_key(function: str) -> dict[str, set[str]]:
    """Return what a function's role may do with the deployment's own key, by service."""
    found: dict[str, set[str]] = {}
    for right in role_statements(function, "HasOwnKey"):
        if right["Resource"] == {"Ref": "KmsKeyArn"}:
            (place,) = right["Condition"]["StringEquals"].values()
            service = place["Fn::Sub"].removesuffix(".${AWS::Region}.${AWS::URLSuffix}")
            found.setdefault(service, set()).update(as_list(right["Action"]))
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_who_may_use_the_key(function: str) -> None:
    """A role may use the key for what it touches, through that service alone: secrets, tables, and the queues."""
    actions = [action for right in role_statements(function) for action in as_list(right["Action"])]
    on_tables = {action.removeprefix("dynamodb:") for action in actions if action.startswith("dynamodb:")}
    tables = {"dynamodb": WRITES_TABLES if on_tables - READS else READS_TABLES} if on_tables else {}
    secrets = ["secretsmanager"] if "secretsmanager:GetSecretValue" in actions else []

    assert of_the_key(function) == {service: KEYS[service] for service in [*secrets, "sqs"]} | tables


@pytest.mark.parametrize("function", FUNCTIONS)
def test_without_a_key_of_ones_own(function: str) -> None:
    """Where no key is named, no role mentions one."""
    assert [right for right in role_statements(function) if "kms:" in str(right["Action"])] == []


def test_other_partitions() -> None:
    """Nothing says where AWS is: ARNs and endpoints are those of the partition that the stack is in."""
    text = "\n".join(line.split(" # ")[0] for line in TEMPLATE.read_text().splitlines())
    principals = re.findall(r"(?:Service|Principal): ([a-z]+\.amazonaws\.com)", text)

    assert re.findall(r"arn:aws:", text) == []
    assert re.findall(r"\S*amazonaws\.com\S*", text) == [*principals]
    assert set(principals) == {"apigateway.amazonaws.com", "events.amazonaws.com", "pipes.amazonaws.com"}


def test_logs_of_api_gateway() -> None:
    """API Gateway's one role per account and region is left alone unless a deployment asks for one of its own."""
    parameter = template()["Parameters"]["ApiGatewayLogRole"]

    assert (parameter["Default"], sorted(parameter["AllowedValues"])) == ("exists", ["create", "exists"])
    for name in ("ApiGatewayAccount", "ApiGatewayRole"):
        assert expanded()["Resources"][name]["Condition"] == "CreatesApiGatewayLogRole"
