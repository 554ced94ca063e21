"""What a deployment may choose: networks, an API key, a KMS key of its own. Checked on the expanded template."""

from typing import Any

import pytest

from local.stack.template import (
    BATCH_QUEUE,
    BATCHES,
    MAPPINGS,
    OPERATIONS,
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
READS = {"BatchGetItem", "Query", "DescribeStream", "GetRecords", "GetShardIterator"}
NO_VALUE = {"Ref": "AWS::NoValue"}
OWN_KEY = {"Fn::If": ["HasOwnKey", {"Ref": "KmsKeyArn"}, NO_VALUE]}
KEY_POLICIES = {
    name: made["Properties"]
    for name, made in of_type("AWS::IAM::ManagedPolicy").items()
    if made.get("Condition") == "HasOwnKey"
}


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
        "Effect": "Deny",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        "Condition": {"NotIpAddress": {"aws:SourceIp": {"Fn::Split": [",", "192.0.2.0/24"]}}},
    }


@pytest.mark.parametrize("change", [{"AllowedNetworks": "192.0.2.0/24"}, {"ApiKeyRequired": "yes"}])
def test_a_change_is_deployed(change: dict[str, str]) -> None:
    """Another network, or the wish for a key, makes another deployment of the API, without which it is not in force."""
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
    made = [properties("StiggSecret"), *(group["Properties"] for group in of_type("AWS::Logs::LogGroup").values())]

    assert [one["KmsKeyId"] for one in made] == [OWN_KEY] * 3


def _may(function: str, policy: str) -> bool:
    """Whether a function's role has a policy of the key."""
    return {"Ref": properties(function)["Role"]["Fn::GetAtt"][0]} in KEY_POLICIES[policy]["Roles"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_who_may_use_the_key(function: str) -> None:
    """A role may use the key for what it touches: the secret, tables that it reads or writes, the queues."""
    actions = [action for right in role_statements(function) for action in as_list(right["Action"])]
    on_tables = {action.removeprefix("dynamodb:") for action in actions if action.startswith("dynamodb:")}

    assert {policy for policy in KEY_POLICIES if _may(function, policy)} == {
        *(["SecretKeyPolicy"] if "secretsmanager:GetSecretValue" in actions else []),
        *(["ReadTablesKeyPolicy"] if on_tables and on_tables <= READS else []),
        *(["WriteTablesKeyPolicy"] if on_tables - READS else []),
        *(["QueuesKeyPolicy"] if "sqs:SendMessage" in actions else []),
    }


@pytest.mark.parametrize(
    ("policy", "service", "actions"),
    [
        ("SecretKeyPolicy", "secretsmanager", ["kms:Decrypt"]),
        ("ReadTablesKeyPolicy", "dynamodb", ["kms:Decrypt"]),
        ("WriteTablesKeyPolicy", "dynamodb", ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]),
        ("QueuesKeyPolicy", "sqs", ["kms:Decrypt", "kms:GenerateDataKey"]),
    ],
)
def test_what_the_key_is_for(policy: str, service: str, actions: list[str]) -> None:
    """The key serves one service at a time, for the actions that it needs, and is the only one that may be used."""
    (statement,) = KEY_POLICIES[policy]["PolicyDocument"]["Statement"]

    assert set(KEY_POLICIES) == {"SecretKeyPolicy", "ReadTablesKeyPolicy", "WriteTablesKeyPolicy", "QueuesKeyPolicy"}
    assert (statement["Effect"], as_list(statement["Action"])) == ("Allow", actions)
    assert statement["Resource"] == {"Ref": "KmsKeyArn"}
    assert statement["Condition"] == {
        "StringEquals": {"kms:ViaService": {"Fn::Sub": service + ".${AWS::Region}.amazonaws.com"}}
    }
