"""House rules of tables, secret, logs and alarms, checked on the expanded template."""

import re

import pytest

from local.stack.template import (
    BATCHES,
    MAPPINGS,
    OPERATIONS,
    ROOT,
    WEBHOOKS,
    template,
)
from tests.support.expanded import chosen, expanded, of_type, properties
from tests.support.some import some

ALARMS = sorted(of_type("AWS::CloudWatch::Alarm"))
COUNTERS = sorted(of_type("AWS::Logs::MetricFilter"))
RUNBOOK = (ROOT / "docs" / "operations.md").read_text()
SEVERITIES = {"1": "now", "2": "today", "3": "this week"}


SILENT = {"RampStepsSilentAlarm", "ReconcileSilentAlarm"}
"""Alarms about schedules that stand still."""


@pytest.mark.parametrize("table", [BATCHES, MAPPINGS, OPERATIONS, WEBHOOKS])
def test_tables_survive(table: str) -> None:
    """A table outlives its stack, cannot be deleted by mistake, and can be restored to any second."""
    made = expanded()["Resources"][table]

    assert (made["DeletionPolicy"], made["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert made["Properties"]["DeletionProtectionEnabled"] is True
    assert made["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert made["Properties"]["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("table", [BATCHES, OPERATIONS, WEBHOOKS])
def test_what_is_old_expires(table: str) -> None:
    """Ledger, batches and webhooks forget by themselves; mappings never expire."""
    assert properties(table)["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert "TimeToLiveSpecification" not in properties(MAPPINGS)


def test_secret_survives() -> None:
    """What is in the secrets is not lost with the stack; a first deployment that fails leaves no secret in the way."""
    for secret in some(of_type("AWS::SecretsManager::Secret").values()):
        assert (secret["DeletionPolicy"], secret["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


@pytest.mark.parametrize("kind", ["AWS::Logs::LogGroup", "AWS::SQS::Queue"])
def test_what_goes_with_the_stack_says_so(kind: str) -> None:
    """Logs and queues go with the stack, so that it can be made again under its name; a change of theirs loses none."""
    for made in some(of_type(kind).values()):
        assert (made["DeletionPolicy"], made["UpdateReplacePolicy"]) == ("Delete", "Retain")


@pytest.mark.parametrize(
    ("secret", "suffix"), [("StiggSecret", ""), ("WebhookSecret", "/webhook"), ("SalesforceSecret", "/salesforce")]
)
def test_secrets_start_empty(secret: str, suffix: str) -> None:
    """The template creates the secrets of its environment without a value, under the given name where there is one."""
    made = properties(secret)
    given = {"Fn::Sub": "${SecretName}" + suffix} if suffix else {"Ref": "SecretName"}

    assert made["Name"] == {"Fn::If": ["HasSecretName", given, {"Fn::Sub": "stigg/${Environment}" + suffix}]}
    assert made["SecretString"] == {"Fn::Sub": '{"environment": "${Environment}"}'}


@pytest.mark.parametrize(
    ("name", "matches"),
    [
        ("development", True),
        ("production-eu", True),
        ("qa2", True),
        ("x" * 20, True),
        ("x" * 21, False),
        ("", False),
        ("2nd", False),
        ("QA", False),
        ("dev/webhook", False),
        ("dev_1", False),
    ],
)
def test_names_of_environments(name: str, matches: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """An environment has any short name; one with a slash could be the name of another one's webhook secret."""
    assert bool(re.fullmatch(template()["Parameters"]["Environment"]["AllowedPattern"], name)) is matches


def test_two_stacks_fit_one_account() -> None:
    """What is named is named after the stack, or by a parameter, so that two stacks never want the same name."""
    names = {
        logical_id: made["Properties"][name]
        for logical_id, made in expanded()["Resources"].items()
        for name in (
            "Name",
            "FunctionName",
            "LogGroupName",
            "LayerName",
            "TableName",
            "QueueName",
            "RoleName",
            "AlarmName",
        )
        if name in made["Properties"] and made["Type"] not in {"AWS::Lambda::Alias", "AWS::Lambda::Permission"}
    }
    of_the_stack = {"AWS::StackName", "SecretName"}
    taken = {
        logical_id: name
        for logical_id, name in names.items()
        if not any(one in str(name) for one in of_the_stack) and set(name) not in ({"Ref"}, {"Fn::If"})
    }

    assert "CreateCustomerFunction" in names
    assert taken == {}


@pytest.mark.parametrize(
    ("conditions", "days"),
    [(set(), 14), ({"IsStaging"}, 30), ({"IsProduction"}, 365), ({"HasLogRetention"}, {"Ref": "LogRetentionDays"})],
)
def test_logs_end(conditions: set[str], days: object) -> None:
    """Every log group says how long it keeps its lines: as the parameter says, else by the environment's name."""
    for group in some(of_type("AWS::Logs::LogGroup").values()):
        assert chosen(group["Properties"]["RetentionInDays"], conditions) == days


@pytest.mark.parametrize("alarm", ALARMS)
def test_alarm_notifies(alarm: str) -> None:
    """An alarm notifies the topic when it rings and when it is over; silence is one only where there is a schedule."""
    made = properties(alarm)

    assert made["AlarmActions"]["Fn::If"][:2] == ["AlarmsNotify", [{"Ref": "AlarmTopicArn"}]]
    assert made["OKActions"] == made["AlarmActions"]
    assert made["TreatMissingData"] == ("breaching" if alarm in SILENT else "notBreaching")


@pytest.mark.parametrize("alarm", ALARMS)
def test_alarm_says_how_bad_it_is(alarm: str) -> None:
    """The message of an alarm begins with its severity, as the runbook explains it, and ends with its section there."""
    description = properties(alarm)["AlarmDescription"]
    severity, when, anchor = re.fullmatch(
        r"Severity (\d), ([a-z ]+)\. \S.+\S\. Runbook: docs/operations\.md#([a-z0-9-]+)", description
    ).groups()  # type: ignore[union-attr]  # another form fails the test all the same
    section = sections()[anchor]

    assert SEVERITIES[severity] == when
    assert f"| {severity} | {when} |" in RUNBOOK
    assert f"Severity {severity}." in section
    assert f"`{alarm}`" in section


def test_every_section_of_the_runbook_has_its_alarm() -> None:
    """No section names an alarm that does not exist, and no two sections the same one."""
    named = [name for section in sections().values() for name in re.findall(r"`(\w+Alarm)`", section)]

    assert sorted(named) == ALARMS


def sections() -> dict[str, str]:
    """Return the sections of the runbook on alarms, by their anchor as GitHub makes it of the heading."""
    alarms = RUNBOOK.split("\n## Alarms\n")[1].split("\n## ")[0]
    parts = [part.split("\n", 1) for part in alarms.split("\n### ")[1:]]
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-"): text for heading, text in parts}


def counted(counter: str) -> tuple[str, object, dict[str, object]]:
    """Return the metric that log lines are counted in: namespace, name, dimensions."""
    (transformation,) = properties(counter)["MetricTransformations"]
    return transformation["MetricNamespace"], transformation["MetricName"], {}


def test_alarms_watch_what_exists() -> None:
    """Each alarm's metric and dimensions are those that its resource really emits."""
    watched = {
        alarm: (
            made["Namespace"],
            made["MetricName"],
            {one["Name"]: one["Value"] for one in made.get("Dimensions", [])},
        )
        for alarm in ALARMS
        for made in [properties(alarm)]
    }

    assert watched == {
        "FailedEventsAlarm": (
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": {"Fn::GetAtt": ["FailedEventsQueue", "QueueName"]}},
        ),
        "BatchGivenUpAlarm": (
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": {"Fn::GetAtt": ["BatchGivenUpQueue", "QueueName"]}},
        ),
        "WebhookGivenUpAlarm": (
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": {"Fn::GetAtt": ["WebhookGivenUpQueue", "QueueName"]}},
        ),
        "SalesforceGivenUpAlarm": (
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": {"Fn::GetAtt": ["SalesforceGivenUpQueue", "QueueName"]}},
        ),
        "SalesforceLateAlarm": (
            "AWS/SQS",
            "ApproximateAgeOfOldestMessage",
            {"QueueName": {"Fn::GetAtt": ["SalesforceQueue", "QueueName"]}},
        ),
        "ApiErrorsAlarm": (
            "AWS/ApiGateway",
            "5XXError",
            {"ApiName": properties("Api")["Name"], "Stage": {"Ref": "Apiv1Stage"}},
        ),
        "ThrottlesAlarm": ("AWS/Lambda", "Throttles", {}),
        "ApiLatencyAlarm": (
            "AWS/ApiGateway",
            "Latency",
            {"ApiName": properties("Api")["Name"], "Stage": {"Ref": "Apiv1Stage"}},
        ),
        "OperationsUnsettledAlarm": (
            "StiggActions",
            "OperationsUnsettled",
            {"service": {"Ref": "AWS::StackName"}, "action": "reconcile"},
        ),
        "MappingsNeedAttentionAlarm": (
            "StiggActions",
            "MappingsNeedAttention",
            {"service": {"Ref": "AWS::StackName"}, "action": "reconcile"},
        ),
        "RampStepsNeedAttentionAlarm": (
            "StiggActions",
            "RampStepsNeedAttention",
            {"service": {"Ref": "AWS::StackName"}, "action": "apply_ramp_steps"},
        ),
        "RampStepsSilentAlarm": (
            "StiggActions",
            "RampStepsApplied",
            {"service": {"Ref": "AWS::StackName"}, "action": "apply_ramp_steps"},
        ),
        "ReconcileSilentAlarm": (
            "StiggActions",
            "SubscriptionsCompared",
            {"service": {"Ref": "AWS::StackName"}, "action": "reconcile"},
        ),
        **{f"{counter}Alarm": counted(counter) for counter in COUNTERS},
    }


@pytest.mark.parametrize("counter", COUNTERS)
def test_counted_failures_are_ours(counter: str) -> None:
    """Every error code that an alarm counts is one that an action can log; no pattern is too long for CloudWatch."""
    sources = "".join(path.read_text() for path in (ROOT / "layers" / "shared").rglob("*.py"))
    codes = re.findall(r'errorCode = "([^"]+)"', properties(counter)["FilterPattern"])

    assert len(properties(counter)["FilterPattern"]) <= 1024
    assert [code for code in codes if not re.search(f'"{code.replace("*", "[A-Z_]+")}"', sources)] == []


def test_no_alarm_waits_for_more_than_can_happen() -> None:
    """What runs by schedule has time to come to its end, and to be found unsettled, before its alarm rings."""
    rules = of_type("AWS::Events::Rule").values()
    schedules = [
        rule["Properties"]["ScheduleExpression"] for rule in rules if "ScheduleExpression" in rule["Properties"]
    ]
    (minutes,) = {int(re.findall(r"\d+", schedule)[0]) for schedule in schedules}

    assert len(schedules) == 2
    for alarm in (properties("ReconcileSilentAlarm"), properties("RampStepsSilentAlarm")):
        assert alarm["Period"] >= 2 * 60 * minutes
        assert (alarm["Statistic"], alarm["Threshold"]) == ("SampleCount", 1)
    assert properties("OperationsUnsettledAlarm")["Period"] == 3 * 60 * minutes
    assert properties("OperationsUnsettledAlarm")["Statistic"] == "Minimum"


def test_indexes_find_by_what_items_have() -> None:
    """Every key of the indexes is declared, and none is declared that no key needs."""
    for table in (properties(OPERATIONS), properties(MAPPINGS)):
        keys = [*table["KeySchema"], *(key for index in table["GlobalSecondaryIndexes"] for key in index["KeySchema"])]

        assert {one["AttributeName"] for one in table["AttributeDefinitions"]} == {key["AttributeName"] for key in keys}


def test_latency_alarm_is_below_the_limit() -> None:
    """The latency that sets the alarm off is one that API Gateway still measures: it gives up after 29 s."""
    assert properties("ApiLatencyAlarm")["Threshold"] < 29_000
    assert (properties("ApiLatencyAlarm")["ExtendedStatistic"], "Statistic" in properties("ApiLatencyAlarm")) == (
        "p95",
        False,
    )


def test_parameters_explain_themselves() -> None:
    """Every parameter is described, and only the Salesforce org has to be given."""
    parameters = template()["Parameters"]

    assert all(parameter["Description"] for parameter in some(parameters.values()))
    assert [name for name, parameter in parameters.items() if "Default" not in parameter] == ["SalesforceOrgId"]
