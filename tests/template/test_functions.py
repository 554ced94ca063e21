"""House rules of the functions, checked on the expanded template."""

import re
from typing import Any

import pytest

from local.stack.template import ROOT, consumers, functions, receivers
from tests.support.expanded import as_list, expanded, of_type, properties, role_statements
from tests.support.some import some

ACTIONS = {**functions(), **consumers(), **receivers()}
FUNCTIONS = sorted(ACTIONS.values())
WITHOUT_STIGG = {
    "ForgetCustomerFunction",
    "GetBatchFunction",
    "ListOperationsFunction",
    "PublishEventsFunction",
    "ReceiveWebhookFunction",
    "RunBatchFunction",
    "SubmitBatchFunction",
}
OWN_VARIABLES = {
    "RunBatchFunction": {"FUNCTION_NAME_PREFIX", "GIVEN_UP_QUEUE_URL"},
    "PublishEventsFunction": {"EVENT_BUS_NAME"},
    "ReceiveWebhookFunction": {"WEBHOOK_QUEUE_URL", "WEBHOOK_SECRET_ID", "WEBHOOK_SECRET_FALLBACK_ID"},
    "PreviewSubscriptionFunction": {"RELEASE"},
    "ProvisionOpportunityFunction": {"RELEASE"},
    "HandleWebhookFunction": {"WEBHOOK_QUEUE_URL", "WEBHOOKS_TABLE"},
}
MOST_RESOURCES = 243
"""Resources of the expanded template, with those that only a parameter makes. CloudFormation takes 500 in a stack."""
LONGER = {"RunBatchFunction": 120, "ReconcileFunction": 270, "ApplyRampStepsFunction": 270}
"""Functions that nobody waits for, and how many seconds they may take."""
ENVIRONMENT = {
    "STIGG_ENVIRONMENT",
    "STIGG_API_URL",
    "STIGG_SECRET_ID",
    "MAPPINGS_TABLE",
    "OPERATIONS_TABLE",
    "DEFAULT_SALESFORCE_ORG_ID",
    "ALLOWED_SALESFORCE_ORG_IDS",
    "GRACE_PLAN_ID",
    "TIME_ZONE",
    "BATCHES_TABLE",
    "BATCH_QUEUE_URL",
    "BATCH_WRITES_PER_MINUTE",
    "SSL_CERT_DIR",
    "AWS_CA_BUNDLE",
    "PYDANTIC_DISABLE_PLUGINS",
    "POWERTOOLS_SERVICE_NAME",
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_LOG_LEVEL",
}


def test_every_folder_is_deployed() -> None:
    """Each folder under functions/ is one function of the template, and each function has its folder."""
    folders = {path.parent.name.replace("_", "-") for path in (ROOT / "functions").glob("*/app.py")}

    assert folders == set(ACTIONS)


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_one_name_everywhere(action: str) -> None:
    """Folder, logical id, deployed name and handler follow the action's name."""
    logical_id = "".join(word.capitalize() for word in action.split("-")) + "Function"
    function = properties(logical_id)

    assert ACTIONS[action] == logical_id
    assert function["Code"]["S3Key"] == f"functions/{action.replace('-', '_')}"
    assert function["FunctionName"] == {"Fn::Sub": "${AWS::StackName}-" + action}
    assert function["Handler"] == "app.handler"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_environment(function: str) -> None:
    """Every function is told the same settings, all of them, and no secret; those fed by AWS are told their targets."""
    variables = properties(function)["Environment"]["Variables"]

    assert set(variables) == ENVIRONMENT | OWN_VARIABLES.get(function, set())
    assert variables["STIGG_SECRET_ID"] == {"Fn::GetAtt": ["StiggSecret", "Id"]}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_runtime(function: str) -> None:
    """Every function is traced, runs on its layers' processor, and an action answers before API Gateway gives up."""
    made = properties(function)
    layers = [properties(layer["Ref"]) for layer in made["Layers"]]

    assert (made["Runtime"], made["TracingConfig"]) == ("python3.13", {"Mode": "Active"})
    assert made["Architectures"] == [{"Ref": "Architecture"}]
    assert [layer["CompatibleArchitectures"] for layer in layers] == [made["Architectures"]] * 2
    assert [layer["Content"]["S3Key"] for layer in layers] == ["layers/dependencies", "layers/shared"]
    assert made["LoggingConfig"] == {
        "LogGroup": {"Ref": "FunctionLogs"},
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",  # on DEBUG, botocore would write the secret and every body
    }
    assert made["Timeout"] == LONGER.get(function, 28)


def test_a_role_each() -> None:
    """No two functions share a role, so none has the rights that only another needs."""
    roles = [properties(function)["Role"]["Fn::GetAtt"][0] for function in FUNCTIONS]

    assert len(set(roles)) == len(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_wildcards(function: str) -> None:
    """Every right names its actions and its resource."""
    for statement in some(role_statements(function)):
        assert statement["Effect"] == "Allow"
        assert "*" not in str(statement["Action"])
        assert all(_is_one(resource) for resource in some(as_list(statement["Resource"])))


def _is_one(resource: dict[str, Any]) -> bool:
    """Whether a resource is one of the stack's, or an index of one of its tables by name."""
    return set(resource) == {"Fn::GetAtt"} or bool(re.fullmatch(r"\$\{\w+Table\.Arn\}/index/\w+", resource["Fn::Sub"]))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_failed_events_are_kept(function: str) -> None:
    """An asynchronous event that keeps failing goes to the queue; a workflow's trigger is never run again for that."""
    queue = {"Fn::GetAtt": ["FailedEventsQueue", "Arn"]}
    (config,) = (
        made["Properties"]
        for made in of_type("AWS::Lambda::EventInvokeConfig").values()
        if made["Properties"]["FunctionName"] == {"Ref": function}
    )

    assert config["DestinationConfig"]["OnFailure"]["Destination"] == queue
    assert config["MaximumRetryAttempts"] == (0 if function == "TriggerWorkflowFunction" else 2)
    assert ("sqs:SendMessage", queue) in [(right["Action"], right["Resource"]) for right in role_statements(function)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_secrets(function: str) -> None:
    """What calls Stigg reads the secret of the key, what lets webhooks in reads theirs; no function writes any."""
    rights = [right for right in role_statements(function) if "secretsmanager" in str(right["Action"])]
    secret = "WebhookSecret" if function == "ReceiveWebhookFunction" else "StiggSecret"
    reads = {"Fn::GetAtt": [secret, "Id"]}

    assert {right["Action"] for right in rights} <= {"secretsmanager:GetSecretValue"}
    assert [as_list(right["Resource"]) for right in rights] == (
        [] if function in WITHOUT_STIGG - {"ReceiveWebhookFunction"} else [[reads]]
    )


def test_older_webhook_secrets() -> None:
    """As long as a deployment says so, webhooks may bear the secret that older stacks keep beside the key."""
    (reads,) = (
        right
        for right in role_statements("ReceiveWebhookFunction", "HasWebhookFallback")
        if "secretsmanager" in str(right["Action"])
    )
    variables = properties("ReceiveWebhookFunction")["Environment"]["Variables"]

    assert reads["Resource"] == [{"Fn::GetAtt": ["WebhookSecret", "Id"]}, {"Fn::GetAtt": ["StiggSecret", "Id"]}]
    assert variables["WEBHOOK_SECRET_ID"] == {"Fn::GetAtt": ["WebhookSecret", "Id"]}
    assert variables["WEBHOOK_SECRET_FALLBACK_ID"] == {
        "Fn::If": ["HasWebhookFallback", {"Fn::GetAtt": ["StiggSecret", "Id"]}, ""]
    }


def test_every_role_is_bounded() -> None:
    """The policy that a deployment names as a boundary bounds every role, and without one none is bounded."""
    bounds = {"Fn::If": ["HasBoundary", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]}

    for role in some(of_type("AWS::IAM::Role").values()):
        assert role["Properties"]["PermissionsBoundary"] == bounds


def test_number_of_resources() -> None:
    """The stack has as many resources as are counted here, or fewer; more than 400 would leave an upgrade no room."""
    assert len(expanded()["Resources"]) <= MOST_RESOURCES < 400


def test_limits_of_iam() -> None:
    """The stack stays within what AWS allows.

    A role has ten policies of 6,144 characters each, and 10,240 characters of its own.
    """
    roles = [made["Properties"] for made in of_type("AWS::IAM::Role").values()]
    policies = [made["Properties"]["PolicyDocument"] for made in of_type("AWS::IAM::ManagedPolicy").values()]

    assert max(len(role.get("ManagedPolicyArns", ())) for role in roles) <= 8
    assert max(len("".join(str(policy).split())) for policy in policies) < 6_144
    assert max(len("".join(str(role.get("Policies", [])).split())) for role in roles) < 10_240


def test_names_fit() -> None:
    """The longest name of a function leaves 27 characters to the stack's, as the guide says and a deployment checks."""
    suffixes = [
        properties(function)["FunctionName"]["Fn::Sub"].removeprefix("${AWS::StackName}") for function in FUNCTIONS
    ]

    assert 64 - max(map(len, suffixes)) == 27
