"""The package's shape: what importing does, what an action imports, and how long things are.

Which module may import which is in `pyproject.toml`, checked by import-linter (`make lint`).
"""

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "shared"
PACKAGE = LAYER / "stigg_actions"
APPS = sorted((ROOT / "functions").glob("*/app.py"))
MODULES = sorted(PACKAGE.rglob("*.py"))
CONSOLE = sorted((ROOT / "console").rglob("*.py"))
PAGES = [
    path
    for path in CONSOLE
    if path.parent.name == "web" and ("nicegui" in (text := path.read_text()) or ".parts " in text)
]
"""The pages of the web console. Their library is in an environment of its own, where tests/web imports them."""


def name_of(path: Path) -> str:
    """Return a module's name: within the package, or under `functions` or `console`."""
    if path in APPS:
        return f"functions.{path.parent.name}"
    if path in CONSOLE:
        return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__") or "__init__"


def test_actions_are_independent() -> None:
    """No function imports another, nor anything but the package."""
    statements = [node for path in APPS for node in ast.walk(ast.parse(path.read_text()))]

    assert [node for node in statements if isinstance(node, ast.Import)] == []
    assert {str(node.module).split(".")[0] for node in statements if isinstance(node, ast.ImportFrom)} == {
        "stigg_actions"
    }


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
        if module.startswith(("stigg_actions", "functions", "console")):
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
    console = [name_of(path) for path in CONSOLE if path not in PAGES]
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-I", "-c", PROBE, str(LAYER), str(ROOT), *modules, *apps, *console],
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")


def functions(paths: Iterable[Path]) -> Iterator[tuple[str, int]]:
    """Name every function of some files with its length in lines."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name_of(path)}.{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_lengths() -> None:
    """Actions have at most 40 lines, modules 250, functions 30, half of them fewer than 10."""
    assert [path for path in APPS if len(path.read_text().splitlines()) > 40] == []
    assert [path for path in (*MODULES, *CONSOLE) if len(path.read_text().splitlines()) > 250] == []
    for paths in ((*APPS, *MODULES), CONSOLE):
        lengths = [*functions(paths)]
        assert [(name, length) for name, length in lengths if length > 30] == []
        assert statistics.median(length for _, length in lengths) < 10


def test_the_console_stands_apart() -> None:
    """The operators' program needs no local stack and no tests, and no function or module of the layer needs it."""
    for paths, others in ((CONSOLE, {"local", "tests", "functions"}), ((*APPS, *MODULES), {"console"})):
        assert [
            (name_of(path), name) for path in paths for name in imported(path) if name.split(".")[0] in others
        ] == []
    files = [path for path in CONSOLE if path.parent.name == "files"]
    assert [name for path in files for name in imported(path) if name.startswith("console.commands")] == []
    assert {name for path in files for name in imported(path) if name.startswith("stigg_actions")} == {
        "stigg_actions",  # decimal_json
        "stigg_actions.errors",
    }


def imported(path: Path) -> Iterator[str]:
    """Name the modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
