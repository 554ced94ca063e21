"""docs/coverage.md names every operation of the installed SDK, and actions that use it."""

import re
from fnmatch import fnmatchcase

from local.stack.template import functions
from scripts.stigg_coverage import DOCUMENT, left_out, offered, operations, reasons, rendered
from stigg_actions.stigg import account, contracts, imports
from stigg_actions.stigg.client import Stigg

NAMES = {operation.name for operation in operations()}


def called() -> set[str]:
    """Return the requests that our client names, with nothing in the braces of a path."""
    operations = [*vars(Stigg).values(), *vars(account).values(), *vars(contracts).values(), *vars(imports).values()]
    texts = (getattr(operation, "__doc__", None) or "" for operation in operations)
    found = (re.findall(r"(?:GET|POST|PATCH|DELETE) /api/[\w/{}-]+", text) for text in texts)
    return {_anonymous(request) for requests in found for request in requests}


def _anonymous(request: str) -> str:
    return re.sub(r"\{\w+\}", "{}", request)


def test_current() -> None:
    """The page is what the program writes; `make docs` writes it."""
    assert DOCUMENT.read_text() == rendered()


def test_operations_are_found() -> None:
    """The SDK's source is read: operations of three depths, with their method and path."""
    found = {operation.name: operation.request for operation in operations()}

    assert found["v1.usage.report"] == "POST /api/v1/usage"
    assert found["v1.subscriptions.retrieve"] == "GET /api/v1/subscriptions/{id}"
    assert found["v1.subscriptions.future_update.cancel_schedule"] == (
        "DELETE /api/v1/subscriptions/{id}/future-update/schedule"
    )


def test_each_operation_once() -> None:
    """An operation is offered, or left out for one reason: a new one of the SDK is neither, and is shown here."""
    count = {name: (name in offered()) + len(reasons(name)) for name in NAMES}

    assert {name: places for name, places in count.items() if places != 1} == {}


def test_no_other_operations() -> None:
    """The tables name nothing that the SDK no longer has."""
    assert offered().keys() - NAMES == set()
    assert [pattern for pattern in left_out() if not any(fnmatchcase(name, pattern) for name in NAMES)] == []


def test_offered_by_actions() -> None:
    """Every action that the table names exists."""
    assert {action for actions in offered().values() for action in actions} - functions().keys() == set()


def test_offered_operations_are_called() -> None:
    """Our client sends the request of every operation that is offered."""
    sent = {operation.name: _anonymous(operation.request) for operation in operations() if operation.name in offered()}

    assert {name: request for name, request in sent.items() if request not in called()} == {}
