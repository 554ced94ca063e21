"""The alarms on what no line of ours tells: crashes, time-outs, and callers that never reach an action.

Lambda's own lines are those of its runtime client, run here, and of its platform, as the reference of its Telemetry API
has them. API Gateway's line is the template's own format with the values that its context has.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.lambda_runtime import started
from stigg_actions.errors import ActionError
from tests.support.error_codes import raised
from tests.support.expanded import of_type, properties
from tests.support.harness import Harness
from tests.support.lambda_runtime import PACKAGES, Runtimes
from tests.support.logs import matches
from tests.support.requests import grant, subscription
from tests.support.some import some

CUSTOMER = {"customerId": "cust-acme", "name": "Acme"}
REQUEST_ID = "6d68ca91-49c9-448d-89b8-7ca3e6dc66aa"
METRICS = {"durationMs": 28000.0, "billedDurationMs": 28000, "memorySizeMB": 1024, "maxMemoryUsedMB": 84}
CALLED = {"context.httpMethod": "POST", "context.path": "/v1/create-customer", "context.status": "200"}
REFUSED = {"context.status": "403", "context.integrationLatency": "-"}
GATEWAY_REFUSALS = ["INVALID_SIGNATURE", "ACCESS_DENIED", "EXPIRED_TOKEN", "INVALID_API_KEY", "DEFAULT_4XX"]
"""Why API Gateway turns a call away with 403, by its type of response; an unknown access key is DEFAULT_4XX."""


def counted(group: str, lines: list[dict[str, Any]]) -> dict[str, int]:
    """Return how many of a log group's lines each filter of the group takes, those that take none left out."""
    filters = {
        name: sum(matches(made["Properties"]["FilterPattern"], line) for line in lines)
        for name, made in of_type("AWS::Logs::MetricFilter").items()
        if made["Properties"]["LogGroupName"] == {"Ref": group}
    }
    return {name: number for name, number in filters.items() if number}


def report(status: str, **more: object) -> dict[str, Any]:
    """Return the line that Lambda's platform writes at the end of an invocation."""
    record = {"requestId": REQUEST_ID, "metrics": METRICS, "status": status, **more}
    return {"time": "2026-11-28T09:30:00.000Z", "type": "platform.report", "record": record}


def access_line(**context: str) -> dict[str, Any]:
    """Return the line of a call in the access log; what API Gateway does not know is a hyphen."""
    (stage,) = of_type("AWS::ApiGateway::Stage").values()
    layout = stage["Properties"]["AccessLogSetting"]["Format"]
    values = CALLED | context
    line: dict[str, Any] = json.loads(re.sub(r"\$([\w.]+)", lambda found: values.get(found[1], "-"), layout))
    return line


@pytest.mark.parametrize(
    ("action", "event"),
    [
        ("create-subscription", {"customerId": "cust-acme", "planID": "plan-growth"}),
        ("create-subscription", subscription(planId="plan-nowhere")),
        ("create-subscription", subscription(billingPeriod=None)),
        ("create-credit-grant", grant(idempotencyKey="deal-1", amount=7)),
        ("replay-operation", {"operationKey": "provision-0"}),
    ],
)
def test_refusals_ring_nothing(served_actions: Harness, runtimes: Runtimes, action: str, event: dict[str, Any]) -> None:
    """However often a direct caller is refused, no filter takes one of the lines, Lambda's own included."""
    served_actions.ok("create-customer", CUSTOMER)
    served_actions.ok("create-credit-grant", grant(idempotencyKey="deal-1"))
    lines = [line for _ in range(5) for line in runtimes.logged(action, event)]
    raised_types = [line["errorType"] for line in lines if "errorType" in line]

    assert len(raised_types) == 5
    assert all(
        category.status < 500 for category in some(ActionError.__subclasses__()) if category.__name__ in raised_types
    )
    assert counted("FunctionLogs", [*lines, report("error", errorType="Runtime.Unknown"), report("success")]) == {}


def test_no_alarm_counts_what_lambda_calls_errors() -> None:
    """Lambda's metric Errors has refusals that were raised to direct callers in it: no alarm watches it."""
    alarms = [made["Properties"] for made in of_type("AWS::CloudWatch::Alarm").values()]

    assert [alarm["MetricName"] for alarm in alarms if alarm["Namespace"] == "AWS/Lambda"] == ["Throttles"]


def test_every_error_code_counts_or_does_not() -> None:
    """By our own lines, every failure that is no caller's is counted, and no refusal is."""
    for code, category in some(raised().items()):
        line = {"message": "call", "action": "trigger_workflow", "errorCode": code}
        status = category.statuses_by_code.get(code, category.status)

        assert bool(counted("FunctionLogs", [line])) is (status >= 500), code


def test_a_crash(served_actions: Harness, runtimes: Runtimes) -> None:
    """An exception that no action raises on purpose is counted: here, of a ledger that holds what no version wrote."""
    served_actions.ok("create-customer", CUSTOMER)
    served_actions.ok("create-credit-grant", grant())
    for item in served_actions.tables.items(served_actions.tables.operations):
        item["status"] = {"S": "NEITHER"}
        served_actions.tables.plain.put_item(TableName=served_actions.tables.operations, Item=item)
    lines = runtimes.logged("create-credit-grant", grant())

    assert [line["errorType"] for line in lines if "errorType" in line] == ["ValueError"]
    assert counted("FunctionLogs", lines) == {"FunctionFailures": 1}


def test_a_function_that_cannot_be_imported(tmp_path: Path) -> None:
    """A function whose layers are missing is counted as it starts."""
    (tmp_path / "app.py").write_text("import stigg_actions.entrypoints.action\n")
    variables = {"AWS_LAMBDA_LOG_FORMAT": "JSON"}
    with (
        pytest.raises(RuntimeError, match=r"Runtime\.ImportModuleError"),
        started("app.handler", [tmp_path, *PACKAGES], variables, log=tmp_path / "log"),
    ):
        raise AssertionError("it was imported")
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]

    assert counted("FunctionLogs", lines) == {"FunctionFailures": 1}


@pytest.mark.parametrize(
    "line",
    [report("timeout"), report("error", errorType="Runtime.ExitError"), report("failure", errorType="Sandbox.Failure")],
)
def test_what_only_the_platform_tells(line: dict[str, Any]) -> None:
    """A time-out, a process that died (as for its memory) and a sandbox that failed are counted by Lambda's report."""
    assert counted("FunctionLogs", [line]) == {"FunctionFailures": 1}


def test_what_is_raised_is_counted_by_its_own_line() -> None:
    """The filter for crashes leaves out what actions raise; what a function without a caller lacks is left in."""
    pattern = properties("FunctionFailures")["FilterPattern"]
    left_out = set(re.findall(r'\$\.errorType != "(\w+)"', pattern))

    assert left_out == {category.__name__ for category in ActionError.__subclasses__()} - {"Misconfigured"}


@pytest.mark.parametrize("error_type", GATEWAY_REFUSALS)
def test_a_lost_key(error_type: str) -> None:
    """A call that API Gateway refuses for its key, its signature, its rights or its network is counted."""
    line = access_line(**REFUSED, **{"context.error.responseType": error_type})

    assert counted("AccessLogs", [line]) == {"CallersRefused": 1}


@pytest.mark.parametrize("path", ["/v1/create-subscription-with-return-data", "/v1/get-batch"])
def test_unsigned_calls_of_actions(path: str) -> None:
    """A call without a signature is counted where the path is an action's."""
    unsigned = {"context.error.responseType": "MISSING_AUTHENTICATION_TOKEN", "context.path": path}

    assert counted("AccessLogs", [access_line(**REFUSED, **unsigned)]) == {"CallersRefused": 1}


@pytest.mark.parametrize("path", ["/v1/", "/v1/.env", "/v1/wp-login.php", "/v1/admin", "/v1/api/create-customer"])
def test_scanners_ring_nothing(path: str) -> None:
    """A program that tries addresses on the whole internet rings no alarm."""
    unsigned = {"context.error.responseType": "MISSING_AUTHENTICATION_TOKEN", "context.path": path}

    assert counted("AccessLogs", [access_line(**REFUSED, **unsigned)]) == {}


@pytest.mark.parametrize("status", ["200", "400", "403", "404", "409", "422", "429", "500", "504"])
def test_answers_of_actions_are_not_refusals_of_the_gateway(status: str) -> None:
    """What an action answered itself, a 403 for the org too, is not counted in the access log."""
    line = access_line(**{"context.status": status, "context.integrationLatency": "120"})

    assert counted("AccessLogs", [line]) == {}


@pytest.mark.parametrize(
    "error_type", ["THROTTLED", "REQUEST_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "INTEGRATION_TIMEOUT"]
)
def test_other_refusals_of_the_gateway(error_type: str) -> None:
    """API Gateway's other errors have other statuses, and other alarms where they need one."""
    status = {"THROTTLED": "429", "REQUEST_TOO_LARGE": "413", "UNSUPPORTED_MEDIA_TYPE": "415"}.get(error_type, "504")
    line = access_line(**{"context.status": status, "context.error.responseType": error_type})

    assert counted("AccessLogs", [line]) == {}
