"""The dashboard of the template names what is there: metrics and log fields of a run, and resources of the template."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.batch_requests import entry, submit
from tests.support.expanded import of_type, properties
from tests.support.fixtures import Console
from tests.support.harness import Harness
from tests.support.requests import subscription
from tests.support.some import some
from tests.support.webhooks import Doorway, followed_webhooks

CUSTOMER = {"customerId": "cust-acme", "name": "Acme"}
STACK, FUNCTION_LOGS = "<AWS::StackName>", "<FunctionLogs>"
OF_AWS = {
    "AWS/ApiGateway": ({"ApiName", "Stage"}, {"Count", "4XXError", "5XXError", "Latency"}),
    "AWS/SQS": ({"QueueName"}, {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"}),
    "AWS/Lambda": ({"FunctionName"}, {"Errors", "Throttles"}),
}
"""Metrics that AWS emits for resources of the stack, by namespace: their dimensions and names."""
OF_THE_PLATFORM = {"type", "record.metrics.initDurationMs"}
"""Fields of the lines that Lambda's platform writes, in its JSON format."""
SEARCH = re.compile(r"SEARCH\('\{(?P<schema>[\w/,]+)\} MetricName=\"(?P<name>\w+)\" (?P<terms>.+)', '\w+', 300\)")
WORDS = {"by", "as", "desc", "in", "filter", "stats", "sort", "count", "avg", "pct", "sum", "bin"}
"""Words of the language of Logs Insights."""


def widgets(kind: str) -> list[dict[str, Any]]:
    """Return the properties of the dashboard's widgets of a kind, of a stack that writes back to Salesforce.

    ``<Name>`` stands for what a deployment fills in.
    """
    text, parts = properties("OperationsDashboard")["DashboardBody"]["Fn::Sub"]
    for name, part in parts.items():
        if "Fn::If" in part:
            text = text.replace(f"${{{name}}}", part["Fn::If"][1]["Fn::Sub"])
    body = json.loads(re.sub(r"\$\{([\w:.]+)\}", r"<\1>", text))
    return some([one["properties"] for one in body["widgets"] if one["type"] == kind])


def named_metrics() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield namespace, name and dimensions of each metric that is written out, without CloudWatch's abbreviations."""
    for widget in widgets("metric"):
        before: list[Any] = []
        for metric in widget["metrics"]:
            cells = [cell for cell in metric if isinstance(cell, str)]
            if cells[:1] == ["..."]:
                cells = [*before[: len(before) - len(cells) + 1], *cells[1:]]
            cells = [before[place] if cell == "." else cell for place, cell in enumerate(cells)]
            if cells:
                yield cells[0], cells[1], dict(zip(cells[2::2], cells[3::2], strict=True))
            before = cells


def searches() -> list[re.Match[str]]:
    """Return the searches for metrics. Each must be of the form that these tests read."""
    texts = [
        metric[0]["expression"] for widget in widgets("metric") for metric in widget["metrics"] if len(metric) == 1
    ]
    found = [SEARCH.fullmatch(text) for text in some(texts)]

    assert None not in found, texts
    return [match for match in found if match]


@pytest.fixture
def written(actions: Harness, console: Console) -> list[dict[str, Any]]:
    """The lines of a run with calls that succeed and fail, a batch, webhooks and the scheduled functions."""
    actions.ok("create-customer", CUSTOMER)
    actions.post("create-subscription", subscription(planId="plan-nowhere"))
    actions.ok("create-subscription", subscription())
    submit(actions, [entry("create-customer", **CUSTOMER), entry("update-subscription", salesforceRecordId="0")])
    Doorway().post({}, headers={})
    with followed_webhooks(actions) as hooks:
        hooks.deliver(hooks.events()[-1])
        actions.emulator.fault("GET", "/api/v1/subscriptions/.*", "status", {"status": 500, "body": {}})
        hooks.forget()
        hooks.deliver(hooks.events()[-1])
    for scheduled in ("reconcile", "apply-ramp-steps"):
        actions.invoke(scheduled, {})
    return console.lines()


def test_metrics_of_the_functions(written: list[dict[str, Any]]) -> None:
    """Each metric of the functions has the name and the dimensions under which a run counts it."""
    counted = {
        (name, tuple(sorted(dimensions)), line["action"])
        for line in written
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", [])
        for dimensions in directive["Dimensions"]
        for name in (metric["Name"] for metric in directive["Metrics"])
    }
    ours = [(name, dimensions) for namespace, name, dimensions in named_metrics() if namespace == "StiggActions"]
    searched = [match for match in searches() if match["schema"].startswith("StiggActions")]

    for name, dimensions in some(ours):
        assert dimensions["service"] == STACK
        assert (name, tuple(sorted(dimensions)), dimensions["action"]) in counted
    for match in some(searched):
        assert match["terms"] == f'service="{STACK}"'
        schema = tuple(sorted(match["schema"].split(",")[1:]))
        assert (match["name"], schema, "create_subscription") in counted


def test_metrics_of_aws() -> None:
    """Each metric of AWS is one that a resource of the template has, with the dimensions that AWS gives it."""
    (stage,) = of_type("AWS::ApiGateway::Stage").values()
    queues = {f"<{name}.QueueName>" for name in of_type("AWS::SQS::Queue")}
    values = {"ApiName": {STACK}, "Stage": {stage["Properties"]["StageName"]}, "QueueName": queues}
    named = [one for one in named_metrics() if one[0] != "StiggActions"]

    assert properties("Api")["Name"] == {"Ref": "AWS::StackName"}
    for namespace, name, dimensions in some(named):
        assert (set(dimensions), name in OF_AWS[namespace][1]) == (OF_AWS[namespace][0], True)
        assert [value for dimension, value in dimensions.items() if value not in values[dimension]] == []
    assert {dimensions["QueueName"] for namespace, _, dimensions in named if namespace == "AWS/SQS"} == queues


def test_metrics_of_all_functions() -> None:
    """Functions are searched by the words of the stack's name, with which the name of each begins."""
    searched = [match for match in searches() if match["schema"].startswith("AWS/")]
    words = properties("OperationsDashboard")["DashboardBody"]["Fn::Sub"][1]["Words"]

    for match in some(searched):
        namespace, *dimensions = match["schema"].split(",")
        assert (set(dimensions), match["name"] in OF_AWS[namespace][1]) == (OF_AWS[namespace][0], True)
        assert match["terms"] == "<Words>"
    assert words == {"Fn::Join": [" ", {"Fn::Split": ["-", {"Ref": "AWS::StackName"}]}]}
    for function in some(of_type("AWS::Lambda::Function").values()):
        assert function["Properties"]["FunctionName"]["Fn::Sub"].startswith("${AWS::StackName}-")


def test_fields_of_the_logs(written: list[dict[str, Any]]) -> None:
    """Each query reads the functions' log group, and only messages and fields that a run writes there."""
    fields = {name for line in written for name in line} | OF_THE_PLATFORM
    messages = {line["message"] for line in written if "message" in line}

    for widget in some(widgets("log")):
        source, rest = widget["query"].split(" | ", 1)
        aliases = set(re.findall(r" as (\w+)", rest))
        names = set(re.findall(r"(?<![\w.])[a-zA-Z][\w.]*", re.sub(r'"[^"]*"|\b\d+\w?\b', "", rest)))

        assert source == f"SOURCE '{FUNCTION_LOGS}'"
        assert names - aliases - WORDS <= fields, rest
        assert set(re.findall(r'"([\w.]+)"', rest)) <= messages | {"platform.report"}, rest


def test_every_alarm_is_shown() -> None:
    """The first thing to see is the state of every alarm."""
    (shown,) = widgets("alarm")

    assert sorted(shown["alarms"]) == sorted(f"<{alarm}.Arn>" for alarm in of_type("AWS::CloudWatch::Alarm"))


def test_what_a_dashboard_needs() -> None:
    """Widgets have a title and say their region; regions share the names of dashboards, so the name has the region."""
    made = of_type("AWS::CloudWatch::Dashboard")["OperationsDashboard"]

    assert (made["Condition"], made["Properties"]["DashboardName"]) == (
        "HasDashboard",
        {"Fn::Sub": "${AWS::StackName}-${AWS::Region}"},
    )
    for widget in some([*widgets("metric"), *widgets("log")]):
        assert (widget["region"], bool(widget["title"])) == ("<AWS::Region>", True)
