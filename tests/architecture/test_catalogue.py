"""An action is one thing in many places, under one name; what is missing of one that is half there is listed."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.events import FEEDS, events
from local.stack.template import ROOT, consumers, functions, receivers, routed, template, written_routes
from stigg_actions.exactly_once.registry import KINDS
from tests.support.some import some

ACTIONS = sorted(functions())
FED = {*consumers(), *receivers()}
"""Functions that AWS or Stigg feed: they are no actions."""
PACKAGE = Path("layers/shared/stigg_actions")
SHARED_CODE = {"create-subscription-with-return-data": "create-subscription"}
"""An action that has a function of its own, and shares the rest with another."""
DOERS = ("writes", "queries", "operators", "opportunities", "batches", "reconciliation", "forgetting")
"""The packages that hold what an action does."""
NAMED_IN = (
    "README.md",
    "tests/every_action/test_event_files.py",
    "tests/every_action/test_rights.py",
    "tests/layers/test_layers.py",
)
"""Files that name every action."""
WRITES_NAMED_IN = (
    "tests/budgets/test_network_calls.py",
    "tests/support/valid_requests.py",
    "tests/resilience/scenarios.py",
)
"""Files that name every write besides; of a workflow no scenario is played, because Stigg does not show its effect."""
CHAPTER = re.compile(r"^## `(.+)`$", re.MULTILINE)


def chapters(root: Path) -> set[str]:
    """Return the actions that docs/actions.md has a chapter for."""
    return set(CHAPTER.findall((root / "docs" / "actions.md").read_text()))


def operations(root: Path) -> set[str]:
    """Return the actions that the OpenAPI document offers to Salesforce."""
    return {path.strip("/") for path in json.loads((root / "docs" / "openapi.json").read_text())["paths"]}


def mentioned(root: Path) -> set[str]:
    """Return every action that has a place somewhere, whole or not."""
    folders = {path.name for kind in ("functions", "events") for path in (root / kind).glob("*/")}
    tests = {
        path.stem.removeprefix("test_") for path in (root / "tests" / "actions").glob("[a-z]*") if path.suffix != ".pyc"
    }
    names = {name.replace("_", "-") for name in folders | tests if not name.startswith("__")}
    return (names | chapters(root) | operations(root) | set(ACTIONS)) - FED


def missing(root: Path, action: str) -> Iterator[str]:
    """Name each place that an action does not have."""
    name, code = action.replace("-", "_"), SHARED_CODE.get(action, action).replace("-", "_")
    places: dict[str, tuple[str, ...]] = {
        f"functions/{name}/app.py": (f"functions/{name}/app.py",),
        f"models/{code}.py": (str(PACKAGE / "models" / f"{code}.py"),),
        f"{code}.py in one of {', '.join(DOERS)}": tuple(str(PACKAGE / doer / f"{code}.py") for doer in DOERS),
        f"events/{name}/": (f"events/{name}",),
        f"tests/actions/test_{code}.py": (f"tests/actions/test_{code}.py", f"tests/actions/{code}"),
    }
    yield from (place for place, paths in places.items() if not any((root / path).exists() for path in paths))
    if action not in functions():
        yield "template.yaml"
    if action not in chapters(root):
        yield "docs/actions.md"
    if action in routed() and action not in operations(root):
        yield "docs/openapi.json"
    is_write = (root / PACKAGE / "writes" / f"{code}.py").exists()
    if is_write and not registered(code):
        yield "exactly_once/registry.py"
    naming = (*NAMED_IN, *WRITES_NAMED_IN) if is_write and code != "trigger_workflow" else NAMED_IN
    yield from (path for path in naming if not names(root / path, action))


def names(file: Path, action: str) -> bool:
    """Whether a file names an action, or the folder of its function."""
    return re.search(rf"\b({action}|{action.replace('-', '_')})\b", file.read_text()) is not None


def registered(code: str) -> bool:
    """Whether an operation of the ledger leads to the module of a write."""
    return any(kind.write_class().__module__ == f"stigg_actions.writes.{code}" for kind in KINDS.values())


def test_no_action_is_half_there() -> None:
    """Each action has all its places; the failure names those that one lacks."""
    lacking = {action: [*missing(ROOT, action)] for action in sorted(mentioned(ROOT))}

    assert {action: places for action, places in lacking.items() if places} == {}
    assert sorted(mentioned(ROOT)) == ACTIONS


def _without(path: str) -> Callable[[Path], None]:
    def remove(root: Path) -> None:
        shutil.rmtree(root / path) if (root / path).is_dir() else (root / path).unlink()

    return remove


@pytest.mark.parametrize(
    ("place", "remove"),
    [
        ("functions/cancel_subscription/app.py", _without("functions/cancel_subscription/app.py")),
        ("models/cancel_subscription.py", _without(f"{PACKAGE}/models/cancel_subscription.py")),
        (
            f"cancel_subscription.py in one of {', '.join(DOERS)}",
            _without(f"{PACKAGE}/writes/cancel_subscription.py"),
        ),
        ("events/cancel_subscription/", _without("events/cancel_subscription")),
        ("tests/actions/test_cancel_subscription.py", _without("tests/actions/test_cancel_subscription.py")),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, place: str, remove: Callable[[Path], None]) -> None:
    """An action that lacks one place is listed with that place alone."""
    root = tmp_path / "project"
    for part in ("functions", "events", "tests/actions", str(PACKAGE)):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ("docs/actions.md", "docs/openapi.json", *NAMED_IN, *WRITES_NAMED_IN):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, root / path)
    remove(root)

    assert [*missing(root, "cancel-subscription")] == [place]
    assert [*missing(root, "cancel-order")][-6:] == ["template.yaml", "docs/actions.md", *NAMED_IN]


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
    assert set(ACTIONS) - set(routed()) == {
        *("apply-ramp-steps", "forget-customer", "import-customer", "import-subscription", "list-operations"),
        *("merge-customers", "reconcile", "replay-operation"),
    }


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
    assert {event.action for event in events(*FEEDS)} == FED
    assert {(event.caller, event.is_refused) for event in events(*FEEDS) if event.action == function} == {
        (feed, False),
        (feed, True),
    }


@pytest.mark.parametrize("action", ACTIONS)
def test_tests(action: str) -> None:
    """The tests of an action call it, apart from those that send every events file."""
    code = SHARED_CODE.get(action, action).replace("-", "_")
    tests = ROOT / "tests" / "actions"
    files = [path for path in (tests / f"test_{code}.py", *(tests / code).glob("test_*.py")) if path.exists()]
    support = [path.read_text() for path in (ROOT / "tests" / "support").glob("*.py")]

    assert any(f'"{action}"' in text for text in [*(path.read_text() for path in files), *support])


def test_documentation() -> None:
    """Each chapter of docs/actions.md has the same sections."""
    text = (ROOT / "docs" / "actions.md").read_text()
    sections = [
        f"### {part} of {action}"
        for action in some(sorted(chapters(ROOT)))
        for part in ("Request", "Outcomes", "Errors", "Examples")
    ]

    assert [section for section in sections if f"\n{section}\n" not in text] == []
