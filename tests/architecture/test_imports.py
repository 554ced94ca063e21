"""The package's shape: which way imports point, what importing does, and how long things are."""

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "shared"
PACKAGE = LAYER / "stigg_actions"
APPS = sorted((ROOT / "functions").glob("*/app.py"))
MODULES = sorted(PACKAGE.rglob("*.py"))

# From the innermost to the outermost. A module imports from layers inside of its own, and from its own package; the
# packages of one layer import each other only where EXCEPTIONS says so. The modules of the root are one package.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("root",),
    ("models", "stigg", "storage"),
    ("deps", "exactly_once", "subscriptions"),
    ("reconciliation", "writes"),
    ("batches", "events", "forgetting", "operators", "opportunities", "queries", "webhooks"),
    ("entrypoints",),
    ("functions",),
)
EXCEPTIONS = {("events", "batches"), ("forgetting", "batches")}
"""An event tells of a completed batch, and forgetting a customer empties the batches that hold its requests."""
# Where each of the libraries that cost time to import, or reach the network, may be named.
ALLOWED = {
    "httpx": {"stigg.transport"},
    "boto3": {
        "deps",
        "entrypoints.batch_queue",
        "entrypoints.event_stream",
        "entrypoints.webhook",
        "entrypoints.webhook_queue",
        "storage.dynamodb",
    },
    "botocore": {
        "batches.action_invoker",
        "batches.queue",
        "deps",
        "entrypoints.batch_queue",
        "secrets",
        "sqs_fifo",
        "storage.dynamodb",
        "webhooks.queue",
    },
    "aws_lambda_powertools": {"observability", "sqs_fifo"},
}


def name_of(path: Path) -> str:
    """Return a module's name: within the package, or under `functions`."""
    if path in APPS:
        return f"functions.{path.parent.name}"
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__") or "__init__"


def package_of(name: str) -> str:
    """Return the package of a module; one of the root is of the package ``root``, but for ``deps``."""
    package, dot, _ = name.partition(".")
    return package if dot or package == "deps" else "root"


def layer_of(package: str) -> int:
    """Return the number of a package's layer."""
    (number,) = (number for number, layer in enumerate(LAYERS) if package in layer)
    return number


def is_allowed(importer: str, imported: str) -> bool:
    """Whether a module of one package may import a module of another."""
    inward = layer_of(imported) < layer_of(importer)
    return inward or importer == imported or (importer, imported) in EXCEPTIONS


def imports(path: Path) -> Iterator[str]:
    """Name every module that a module imports when it runs; what only types need does not count."""
    trees: list[ast.AST] = [ast.parse(path.read_text())]
    while trees:
        tree = trees.pop()
        if isinstance(tree, ast.If) and ast.unparse(tree.test) == "TYPE_CHECKING":
            trees.extend(tree.orelse)
        elif isinstance(tree, ast.Import):
            yield from (alias.name for alias in tree.names)
        elif isinstance(tree, ast.ImportFrom):
            yield from (_module(f"{tree.module}.{alias.name}") for alias in tree.names)
        else:
            trees.extend(ast.iter_child_nodes(tree))


def _module(name: str) -> str:
    """Return the module that `from module import name` names: itself if it is one, else where it is from."""
    path = LAYER.joinpath(*name.split("."))
    return name if path.is_dir() or path.with_suffix(".py").is_file() else name.rpartition(".")[0]


def own_imports(path: Path) -> set[str]:
    """Name the package's own modules that a module imports."""
    return {name.removeprefix("stigg_actions.") for name in imports(path) if name.startswith("stigg_actions.")}


def test_every_package_has_a_layer() -> None:
    """No package is left out of the layers, and none is named that does not exist."""
    packages = {package_of(name_of(path)) for path in (*APPS, *MODULES) if name_of(path) != "__init__"}

    assert packages == {package for layer in LAYERS for package in layer}
    assert len(APPS) >= 5


@pytest.mark.parametrize("path", [*APPS, *MODULES], ids=name_of)
def test_imports_point_inwards(path: Path) -> None:
    """A module imports from its own package and from the layers inside of its own."""
    package = package_of(name_of(path))

    assert {other for other in own_imports(path) if not is_allowed(package, package_of(other))} == set()


@pytest.mark.parametrize(("importer", "imported"), sorted(EXCEPTIONS))
def test_exceptions_are_needed(importer: str, imported: str) -> None:
    """Each exception is made use of."""
    users = [path for path in MODULES if package_of(name_of(path)) == importer]

    assert imported in {package_of(other) for path in users for other in own_imports(path)}


def test_no_circles() -> None:
    """Modules can be put in an order in which each imports only those before it."""
    waiting = {name_of(path): own_imports(path) for path in MODULES}
    while ready := {name for name, needs in waiting.items() if not needs & waiting.keys()}:
        waiting = {name: needs for name, needs in waiting.items() if name not in ready}

    assert waiting == {}


@pytest.mark.parametrize("library", ALLOWED)
def test_libraries(library: str) -> None:
    """Each library is imported where it belongs, and nowhere else."""
    users = {name_of(path) for path in (*APPS, *MODULES) if library in {name.split(".")[0] for name in imports(path)}}

    assert ALLOWED[library] == users


def test_actions_are_independent() -> None:
    """No function imports another, nor anything but the package."""
    libraries = {name.split(".")[0] for path in APPS for name in imports(path)}

    assert libraries == {"stigg_actions"}


PROBE = """
import importlib, os, socket, sys

class Watched(type(os.environ)):
    def __getitem__(self, name):
        asked.append((name, sys._getframe(1).f_globals["__name__"], caller()))
        return super().__getitem__(name)

def caller():
    frame = sys._getframe(2)
    while frame:
        module = frame.f_globals["__name__"]
        if module.startswith(("stigg_actions", "functions")):
            return module
        if module not in {"os", "_collections_abc", "collections.abc"}:
            return None
        frame = frame.f_back

def no_network(*_):
    raise AssertionError("importing opens a socket")

asked = []
os.environ.__class__ = Watched
socket.socket.connect = no_network
sys.path[:0] = sys.argv[1:3]
for name in sys.argv[3:]:
    importlib.import_module(name)
from stigg_actions import deps, observability
assert deps.container.cache_info().currsize == 0, "importing makes the container"
assert not observability._logger.cache_info().currsize, "importing makes a logger"
assert not [one for one in asked if one[2]], asked
import threading
assert threading.active_count() == 1, threading.enumerate()
"""


def test_importing_does_nothing() -> None:
    """Importing everything in an empty environment reads no variable, and makes no client, thread or connection."""
    modules = ["stigg_actions." + name_of(path) for path in MODULES if path.name != "__init__.py"]
    apps = [f"functions.{path.parent.name}.app" for path in APPS]
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-I", "-c", PROBE, str(LAYER), str(ROOT), *modules, *apps],
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")


def functions() -> Iterator[tuple[str, int]]:
    """Name every function with its length in lines."""
    for path in (*APPS, *MODULES):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name_of(path)}.{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_lengths() -> None:
    """Actions have at most 40 lines, modules 250, functions 30, half of them fewer than 10."""
    lengths = dict(functions())

    assert [path for path in APPS if len(path.read_text().splitlines()) > 40] == []
    assert [path for path in MODULES if len(path.read_text().splitlines()) > 250] == []
    assert {name: length for name, length in lengths.items() if length > 30} == {}
    assert statistics.median(length for _, length in functions()) < 10
