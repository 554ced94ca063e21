"""What the alarms of the template count, against what the functions really write."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stigg_actions.errors import ActionError
from tests.support.crashes import CrashError, dying_container
from tests.support.expanded import of_type, properties
from tests.support.harness import ORG, SECRET, Harness
from tests.support.logs import listening, matches
from tests.support.requests import LINE, sold, sold_in_the_app, subscription

CUSTOMER = {"customerId": "cust-acme", "name": "Acme"}
WORKFLOW = {"triggerId": "notify-customer"}
COUNTERS = sorted(of_type("AWS::Logs::MetricFilter"))
OF_OTHERS = {"CallersRefused", "FunctionFailures"}
"""Filters that count lines of API Gateway and Lambda: see test_failure_alarms.py."""
FUNCTION_SETTINGS = properties("CreateCustomerFunction")["Environment"]["Variables"]


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """The lines of this test's calls."""
    with listening() as heard:
        yield heard.lines


def _rejected(actions: Harness) -> None:
    actions.emulator.set_key(actions.emulator.key, "expired")
    actions.post("create-customer", CUSTOMER)


def _without_permission(actions: Harness) -> None:
    actions.emulator.set_key(actions.emulator.key, "readOnly")
    actions.post("create-customer", CUSTOMER)


def _of_another_environment(actions: Harness) -> None:
    actions.store_secret(SECRET | {"environment": "production"})
    actions.post("create-customer", CUSTOMER, actions.container())


def _without_stigg(actions: Harness) -> None:
    actions.post("create-customer", CUSTOMER, actions.container(actions.unreachable_wire()))


def _lost(actions: Harness) -> None:
    actions.emulator.fault("POST", "/api/v1/customers", "status", {"status": 502, "body": "bad gateway"})
    actions.post("create-customer", CUSTOMER)


def _workflow_lost(actions: Harness) -> None:
    actions.emulator.fault("POST", "/graphql", "cutAfter")
    actions.post("trigger-workflow", WORKFLOW)


MISHAPS: list[tuple[Callable[[Harness], None], set[str]]] = [
    (_rejected, {"StiggKeyUnusable", "ServiceFailures"}),
    (_without_permission, {"StiggKeyUnusable", "ServiceFailures"}),
    (_of_another_environment, {"StiggKeyUnusable", "ServiceFailures"}),
    (_without_stigg, {"ServiceFailures"}),
    (_lost, {"ServiceFailures"}),
    (_workflow_lost, {"WorkflowsUnknown", "ServiceFailures"}),
]


@pytest.mark.parametrize(("mishap", "counters"), MISHAPS)
def test_mishaps_are_counted(
    actions: Harness, lines: list[dict[str, Any]], mishap: Callable[[Harness], None], counters: set[str]
) -> None:
    """The line of a failed call is taken by the filters of the alarms that are about it, and by no other."""
    mishap(actions)
    counted = {name for name in COUNTERS for line in lines if matches(properties(name)["FilterPattern"], line)}

    assert counted == counters


def test_every_counter_counts() -> None:
    """No filter of our own lines is left that no mishap was found for."""
    assert set().union(*(counters for _, counters in MISHAPS)) == set(COUNTERS) - OF_OTHERS


def test_success_and_refusals_are_not_counted(actions: Harness, lines: list[dict[str, Any]]) -> None:
    """What goes well, and what a caller does wrong, sets no alarm off."""
    actions.post("create-customer", CUSTOMER)
    actions.post("create-customer", CUSTOMER | {"email": "nobody"})
    actions.post("create-subscription", subscription(planId="plan-platinum"))

    assert len(lines) == 3
    assert not [name for name in COUNTERS for line in lines if matches(properties(name)["FilterPattern"], line)]


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ('{ $.a = "x" && ($.b = "y*" || $.c = "z") }', True),
        ('{ $.a = "x" && ($.b = "z" || $.c = "y*") }', False),
        ('{ $.b = "z" || $.a = "x" && $.b = "yes" }', True),
        ('{ $.absent = "x" || $.a = "xx" }', False),
        ('{ $.a != "y" && $.d.e = "deep" }', True),
        ('{ $.a != "x" || $.absent != "y" || $.d.f = "*" || $.a.b = "*" }', False),
        ('{ $.b = %^[a-z]{3}$% && $.b = "*" }', True),
        ("{ $.b = %^[a-z]{2}$% || $.a = %^.x% }", False),
    ],
)
def test_patterns_are_read_as_cloudwatch_does(pattern: str, *, taken: bool) -> None:
    """A pattern's comparisons, stars, expressions, brackets and the order of its operators are understood."""
    assert matches(pattern, {"a": "x", "b": "yes", "c": "no", "d": {"e": "deep"}}) is taken


def test_operations_that_stay_unsettled(actions: Harness, capsys: pytest.CaptureFixture[str]) -> None:
    """The metric that reconcile writes has the alarm's namespace, name and dimensions, and a value above its limit."""
    lost = dying_container(actions, "POST .*", after=True)
    with pytest.raises(CrashError):
        actions.post("create-customer", CUSTOMER, lost)
    actions.clock.skip(100)
    actions.emulator.fault("GET", "/api/v1/customers/.*", "status", {"status": 500, "body": {}})
    capsys.readouterr()
    actions.invoke("reconcile", {})
    written = json.loads(capsys.readouterr().out.splitlines()[-1])
    (directive,) = written["_aws"]["CloudWatchMetrics"]
    alarm = properties("OperationsUnsettledAlarm")
    dimensions = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}

    assert (alarm["Namespace"], written[alarm["MetricName"]]) == (directive["Namespace"], [1.0])
    assert (directive["Dimensions"], set(dimensions)) == ([["action", "service"]], {"action", "service"})
    assert (written["action"], dimensions["action"]) == ("reconcile", "reconcile")
    assert dimensions["service"] == FUNCTION_SETTINGS["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}
    assert written[alarm["MetricName"]][0] > alarm["Threshold"]


def test_a_conflict_rings(actions: Harness, capsys: pytest.CaptureFixture[str]) -> None:
    """A subscription that runs beside a record's own is counted, and rings until a person has ended one of them."""
    sold(actions)
    marks = {"salesforceOrgId": ORG, "salesforceRecordId": LINE}
    beside = sold_in_the_app(actions, planId="plan-workspace", resourceId="site-1", metadata=marks)
    capsys.readouterr()
    actions.invoke("reconcile", {})
    counted = [json.loads(capsys.readouterr().out.splitlines()[-1])]
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{beside}/cancel", {"cancellationTime": "IMMEDIATE"})
    actions.invoke("reconcile", {})
    counted.append(json.loads(capsys.readouterr().out.splitlines()[-1]))
    alarm = properties("MappingsNeedAttentionAlarm")

    assert [one[alarm["MetricName"]][0] > alarm["Threshold"] for one in counted] == [True, False]
    assert [one["MappingConflicts"] for one in counted] == [[1.0], [0.0]]


def test_only_a_run_that_ends_is_heard(actions: Harness, capsys: pytest.CaptureFixture[str]) -> None:
    """Each reconciliation that comes to its end writes the metric whose silence rings; one that fails does not."""
    silent, dimensions = properties("ReconcileSilentAlarm"), properties("OperationsUnsettledAlarm")["Dimensions"]
    capsys.readouterr()
    actions.invoke("reconcile", {})
    ended = json.loads(capsys.readouterr().out.splitlines()[-1])
    actions.emulator.set_key(actions.emulator.key, "expired")
    with pytest.raises(ActionError):
        actions.invoke("reconcile", {})
    failed = json.loads(capsys.readouterr().out.splitlines()[-1])

    assert (silent["Dimensions"], silent["Statistic"]) == (dimensions, "SampleCount")
    assert len(ended[silent["MetricName"]]) >= silent["Threshold"]
    assert (failed["Failures"], silent["MetricName"] in failed) == ([1.0], False)
