"""What a stack costs a month, counted in the template: for standing there, for being used, and for its options."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from local.stack.expansion import expanded
from local.stack.template import routed
from scripts import prices

MILLION = Decimal(1_000_000)
MINUTES_A_MONTH = 30 * 24 * 60
SECONDS_A_MONTH = MINUTES_A_MONTH * 60

# Assumptions that were not measured on AWS.
SECONDS_OF_A_SCHEDULED_RUN = Decimal(1)
EMPTY_RECEIVES_A_MINUTE = 5 * 3
"""Lambda asks an empty queue five times side by side, and each request waits 20 s."""
LOGGED_GIGABYTES = 2
"""Logs of a million calls: the function's line and counts, Lambda's own lines, and API Gateway's access log."""

# Counts that tests/budgets/test_costs.py compares with a run.
METRICS_OF_SCHEDULES = 13
"""Metrics that the scheduled functions write without any call."""
METRICS_OF_AN_ACTION = 1
METRICS_OF_A_FAILURE = 2
"""Metrics that an action writes once a call of it has failed, beside those above: ``Failures`` and the error code."""

METRICS_OF_A_ROUTE = 5
"""Metrics of API Gateway for each route: Count, 4XXError, 5XXError, Latency, IntegrationLatency."""
REQUESTS_OF_A_MESSAGE = 3
"""Requests that a message of a queue takes: it is sent, received and deleted."""


class Item(NamedTuple):
    """Something that costs money every month: how many there are, and the price of one in US dollars."""

    number: int
    price: Decimal

    @property
    def dollars(self) -> Decimal:
        """The costs of all of them."""
        return self.number * self.price


def a_million_runs(seconds: Decimal) -> Decimal:
    """Return the costs of a million runs of a function with 1 GB, of so many seconds each."""
    return prices.INVOCATION.dollars + seconds * prices.GIGABYTE_SECOND.dollars


def idle() -> dict[str, Item]:
    """Return what a stack without calls costs."""
    runs = sum(map(_runs_a_month, _made("AWS::Events::Rule")))
    queues = [source for source in _made("AWS::Lambda::EventSourceMapping") if _reads_a_queue(source)]
    receives = len(queues) * EMPTY_RECEIVES_A_MINUTE * MINUTES_A_MONTH
    return {
        "alarms": Item(len(_made("AWS::CloudWatch::Alarm")), prices.ALARM.dollars),
        "secrets": Item(len(_made("AWS::SecretsManager::Secret")), prices.SECRET.dollars),
        "dashboard (`Dashboard`)": Item(1, prices.DASHBOARD.dollars),
        "metrics of the scheduled functions": Item(METRICS_OF_SCHEDULES, prices.METRIC.dollars),
        "scheduled runs of a second each": Item(runs, a_million_runs(SECONDS_OF_A_SCHEDULED_RUN) / MILLION),
        "traces of these runs, all of them": Item(runs, prices.TRACE.dollars / MILLION),
        "requests of Lambda to empty queues": Item(receives, prices.FIFO_REQUEST.dollars / MILLION),
    }


def in_use() -> dict[str, Item]:
    """Return what use adds to a month, whatever the number of calls is."""
    metric = prices.METRIC.dollars
    of_an_action = METRICS_OF_A_ROUTE + METRICS_OF_AN_ACTION + METRICS_OF_A_FAILURE
    read = LOGGED_GIGABYTES * prices.READ_GIGABYTE.dollars
    return {
        "metrics of a route that was called": Item(METRICS_OF_A_ROUTE, metric),
        "metrics of an action that was called": Item(METRICS_OF_AN_ACTION, metric),
        "... and of which a call failed": Item(METRICS_OF_A_FAILURE, metric),
        "all of these, for every action with a route": Item(len(routed()) * of_an_action, metric),
        "metrics of failures that alarms count in the logs": Item(len(_made("AWS::Logs::MetricFilter")), metric),
        "queries of the dashboard, each time it shows a million calls": Item(len(log_queries()), read),
        "a GB in tables": Item(1, prices.STORED.dollars + prices.RECOVERABLE.dollars),
        "a KMS key of your own (`KmsKeyArn`)": Item(1, prices.KEY.dollars),
        "10,000 uses of it": Item(1, 10_000 * prices.KEY_USE.dollars / MILLION),
    }


def snapshots() -> dict[str, Item]:
    """Return what starts from a snapshot cost. A function has 1 GB of memory."""
    kept = SECONDS_A_MONTH * prices.SNAPSHOT.dollars / MILLION
    versions = [made for made in expanded()["Resources"].values() if made["Type"] == "AWS::Lambda::Version"]
    return {
        "snapshots, a month, called or not": Item(len(versions), kept),
        "a thousand starts": Item(1, 1_000 * prices.RESTORED.dollars / MILLION),
    }


def written_back() -> dict[str, Decimal]:
    """Return the costs of a million events that go into the Salesforce org by item, in US dollars."""
    return {
        "queue: send, receive, delete": REQUESTS_OF_A_MESSAGE * prices.QUEUE_REQUEST.dollars,
        "pipe": prices.PIPE_REQUEST.dollars,
        "API destination": prices.DESTINATION_CALL.dollars,
    }


def log_queries() -> list[str]:
    """Return the queries of logs that a load of the dashboard runs."""
    text, parts = expanded()["Resources"]["OperationsDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for name in parts:
        text = text.replace(f"${{{name}}}", "")
    return [one["properties"]["query"] for one in json.loads(text)["widgets"] if one["type"] == "log"]


def _made(resource_type: str) -> list[Mapping[str, Any]]:
    """Return the resources of a type that every stack has, whatever its parameters are."""
    resources = expanded()["Resources"].values()
    return [made["Properties"] for made in resources if made["Type"] == resource_type and "Condition" not in made]


def _runs_a_month(rule: Mapping[str, Any]) -> int:
    minutes = re.findall(r"rate\((\d+) minutes\)", rule.get("ScheduleExpression", ""))
    return MINUTES_A_MONTH // int(minutes[0]) if minutes else 0


def _reads_a_queue(source: Mapping[str, Any]) -> bool:
    source_id = source["EventSourceArn"]["Fn::GetAtt"][0]
    return bool(expanded()["Resources"][source_id]["Type"] == "AWS::SQS::Queue")
