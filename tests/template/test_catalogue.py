"""An action is one thing in many places: they all list the same actions."""

import re

import pytest

from local.events import FEEDS, events
from local.stack.template import ROOT, consumers, functions, receivers, routed, template, written_routes

ACTIONS = sorted(functions())


def test_routes() -> None:
    """Each function that callers may reach has one route, named after its action."""
    events = {
        action: template()["Resources"][logical_id]["Properties"].get("Events", {}).values()
        for action, logical_id in routed().items()
    }
    routes = {
        action: [(one["Properties"]["Method"], one["Properties"]["Path"]) for one in of_one]
        for action, of_one in events.items()
    }
    written = {action: [("post", f"/{action}")] for action in routed() if f"/{action}" in written_routes()}

    assert {**routes, **written} == {action: [("post", f"/{action}")] for action in routed()}
    assert [action for action in written if routes[action]] == []
    assert {path: list(methods) for path, methods in written_routes().items()} == {
        f"/{action}": ["post"] for action in written
    }


def test_operators_alone() -> None:
    """What is for operators has no route, so that no caller of the API reaches it."""
    assert set(ACTIONS) - set(routed()) == {"forget-customer", "list-operations", "reconcile", "replay-operation"}


def test_folders() -> None:
    """functions/ and events/ have a folder for each action; functions/ has those that AWS or Stigg feed besides."""
    code = {path.parent.name.replace("_", "-") for path in (ROOT / "functions").glob("*/app.py")}
    examples = {event.action for event in events()}

    assert sorted(code) == sorted([*ACTIONS, *consumers(), *receivers()])
    assert sorted(examples) == ACTIONS


@pytest.mark.parametrize("action", ACTIONS)
def test_events(action: str) -> None:
    """Each action has events for every way in - a route, where it has one, and direct - good and bad ones."""
    kinds = {(event.caller, event.is_refused) for event in events() if event.action == action}
    callers = ["api", "direct"] if action in routed() else ["direct"]

    assert kinds == {(caller, is_refused) for caller in callers for is_refused in (False, True)}


@pytest.mark.parametrize(
    ("function", "feed"),
    [("publish-events", "stream"), ("run-batch", "sqs"), ("handle-webhook", "sqs"), ("receive-webhook", "webhook")],
)
def test_events_of_consumers(function: str, feed: str) -> None:
    """Each function that AWS or Stigg feeds has events of its source, good and bad ones, and no others."""
    assert {event.action for event in events(*FEEDS)} == {*consumers(), *receivers()}
    assert {(event.caller, event.is_refused) for event in events(*FEEDS) if event.action == function} == {
        (feed, False),
        (feed, True),
    }


@pytest.mark.parametrize("action", ACTIONS)
def test_tests(action: str) -> None:
    """Each action is called by tests of its own, apart from those that send every events file."""
    tests = [path.read_text() for path in (ROOT / "tests" / "functions").glob("test_*.py")]

    assert any(f'"{action}"' in text for text in tests)


def test_documentation() -> None:
    """docs/actions.md has a chapter for each action, each with the same sections."""
    text = (ROOT / "docs" / "actions.md").read_text()
    chapters = re.findall(r"^## `(.+)`$", text, re.MULTILINE)
    sections = [
        f"### {part} of {action}" for action in chapters for part in ("Request", "Outcomes", "Errors", "Examples")
    ]

    assert sorted(chapters) == ACTIONS
    assert [section for section in sections if f"\n{section}\n" not in text] == []
