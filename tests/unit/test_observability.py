"""What operators see of a call."""

import pytest

from stigg_actions.observability import record_call
from tests.unit.conftest import Console


def test_success(console: Console) -> None:
    """A call is one line and one count."""
    record_call({"action": "create_customer", "outcome": "created"}, error_code=None)
    line, counts = console.lines()

    assert (line["message"], line["action"], line["outcome"]) == ("call", "create_customer", "created")
    assert (counts["action"], counts["Calls"], "Failures" in counts) == ("create_customer", [1.0], False)


def test_failure(console: Console) -> None:
    """A failure is counted as such and under its code."""
    record_call({"action": "create_customer", "errorCode": "RATE_LIMITED"}, error_code="RATE_LIMITED")
    _, counts = console.lines()

    assert (counts["Calls"], counts["Failures"], counts["RATE_LIMITED"]) == ([1.0], [1.0], [1.0])


@pytest.mark.parametrize(("fault", "level"), [(True, "ERROR"), (False, "INFO")])
def test_level(console: Console, *, fault: bool, level: str) -> None:
    """What is nobody's fault is an error, so that no log level hides it from the alarm."""
    record_call({"action": "create_customer"}, error_code="STIGG_UNAVAILABLE", fault=fault)

    assert console.lines()[0]["level"] == level


def test_calls_are_counted_apart(console: Console) -> None:
    """Each call's counts are its own."""
    record_call({"action": "create_customer"}, error_code="RATE_LIMITED")
    record_call({"action": "trigger_workflow"}, error_code=None)
    counts = console.lines()[-1]

    assert (counts["action"], counts["Calls"], "RATE_LIMITED" in counts) == ("trigger_workflow", [1.0], False)
