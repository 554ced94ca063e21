"""What operators see of a call."""

import hashlib
import logging
from collections.abc import Iterator

import pytest

from stigg_actions import deps, observability
from stigg_actions.errors import Problem
from stigg_actions.observability import (
    SERVICE,
    Subjects,
    field_names,
    loggable,
    record_call,
    record_followed,
    silence_libraries,
)
from tests.support.fixtures import Console
from tests.support.logs import Listener
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


def test_first_line_of_a_process(console: Console) -> None:
    """The logger is made with the first line, and writes every later one."""
    observability._logger.cache_clear()  # noqa: SLF001 - what a new process starts with
    record_call({"action": "create_customer"}, error_code=None)
    record_call({"action": "create_customer"}, error_code=None)

    assert [line["message"] for line in console.lines() if "message" in line] == ["call", "call"]
    assert observability._logger.cache_info().misses == 1  # noqa: SLF001 - as above


def test_failure(console: Console) -> None:
    """A failure is counted as such and under its code."""
    record_call({"action": "create_customer", "errorCode": "RATE_LIMITED"}, error_code="RATE_LIMITED")
    _, counts = console.lines()

    assert (counts["Calls"], counts["Failures"], counts["RATE_LIMITED"]) == ([1.0], [1.0], [1.0])


def test_ids_of_a_call() -> None:
    """Ids of one kind stand together, each once, in the order in which they were noted."""
    subjects = Subjects()
    subjects.note(customerId="cust-1", operationKey="grant-2")
    subjects.note_body({"customerId": "cust-1", "salesforceAccountId": "0015g00000XyAcM", "planId": "plan-1"})
    subjects.note_body({"newSalesforceRecordId": "a0D30000001n7Pi", "salesforceRecordId": "00k000000000001AAA"})

    assert subjects.line() == {
        "customerId": "cust-1",
        "operationKey": "grant-2",
        "salesforceAccountId": "0015g00000XyAcMAAV",
        "salesforceRecordId": "00k000000000001AAA, a0D30000001n7PiEAI",
    }


@pytest.mark.parametrize("value", ["", "two words", "Müller", "a\n", "a" * 256, 5, None, ["cust-1"]])
def test_what_is_not_an_id(value: object) -> None:
    """Only what has the form of an id comes to the line."""
    subjects = Subjects()
    subjects.note(customerId=value)
    subjects.note_body({"customerId": value, "salesforceRecordId": value})

    assert subjects.line() == {}


def test_addresses_as_ids() -> None:
    """An id that may be an e-mail address is shown as a digest that can be reckoned again."""
    subjects = Subjects()
    subjects.note(customerId="jane@acme.example")

    assert subjects.line() == {"customerId": loggable("jane@acme.example")}
    assert loggable("jane@acme.example") == "hidden-" + hashlib.sha256(b"jane@acme.example").hexdigest()[:12]


def test_addresses_in_webhooks(console: Console) -> None:
    """The line of a webhook hides them, too; what is no text stays as it is."""
    record_followed({"customerId": "jane@acme.example", "active": True})
    (line,) = console.lines()

    assert (line["customerId"], line["active"]) == (loggable("jane@acme.example"), True)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        (["name", "addons[0].quantity", "metadata.tier"], "name, addons[0].quantity, metadata.tier"),
        (["metadata.jane@acme.example", "metadata.two words", "a" * 200], "?, ?, ?"),
        ([], None),
        (["f"] * 25, ", ".join(["f"] * 20)),
    ],
)
def test_wrong_fields(fields: list[str], named: str | None) -> None:
    """Fields are named where that is a name and not a value; of very many, the first twenty."""
    assert field_names([Problem(field, "is wrong") for field in fields]) == named


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
