"""What operators see of a call."""

import logging
from collections.abc import Iterator

import pytest

from stigg_actions import deps
from stigg_actions.observability import SERVICE, record_call, silence_libraries
from tests.support.logs import Listener
from tests.unit.conftest import Console
from tests.unit.test_settings import VARIABLES

CHATTY = ["botocore.parsers", "botocore.endpoint", "httpx", "httpcore.http11", "urllib3.connectionpool"]
"""What writes bodies, headers and addresses on levels below a warning."""


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The logger of all, on the level that Lambda's own setting may give it."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    yield root
    root.setLevel(before)


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


def test_a_stack_counts_for_itself(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts carry the name that the template gives, so that two stacks of one account are told apart."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "stigg-actions-staging")
    record_call({"action": "create_customer"}, error_code=None)

    assert console.lines()[-1]["service"] == "stigg-actions-staging"


def test_libraries_are_silent(root: logging.Logger) -> None:
    """No library writes what it sends and gets, whatever level Lambda sets; ours is as it was."""
    assert logging.getLogger(CHATTY[0]).isEnabledFor(logging.DEBUG)
    silence_libraries()

    assert not [name for name in CHATTY if logging.getLogger(name).isEnabledFor(logging.INFO)]
    assert logging.getLogger(SERVICE).isEnabledFor(logging.INFO)
    assert root.isEnabledFor(logging.WARNING)


def test_every_process_is_silent(root: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process silences the libraries before it makes the clients that would write."""
    for name, value in {**VARIABLES, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    heard = Listener()
    root.addHandler(heard)
    deps.container.cache_clear()
    deps.container()
    deps.container.cache_clear()
    root.removeHandler(heard)

    assert [line for line in heard.lines if line["level"] in {"DEBUG", "INFO"}] == []
