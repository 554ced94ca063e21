"""Write docs/coverage.md: each operation of Stigg's SDK, and the action that offers it or why none does:  make docs."""

import ast
import importlib.util
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from local.stack.template import ROOT

DOCUMENT = ROOT / "docs" / "coverage.md"
TABLES = Path(__file__).with_suffix(".toml")
_METHODS = {
    "_delete": "DELETE",
    "_get": "GET",
    "_get_api_list": "GET",
    "_patch": "PATCH",
    "_post": "POST",
    "_put": "PUT",
}
_HEAD = """# Coverage of Stigg's API

Every operation of Stigg's SDK for Python. The first table has those that an action offers; the second says why no
action offers the others. `make docs` writes this page from `scripts/stigg_coverage.toml`, and a test fails when the
installed SDK has an operation that the file does not name.
"""


@dataclass(frozen=True)
class Operation:
    """An operation: its name in the SDK, such as ``v1.customers.archive``, and the request that it sends."""

    name: str
    method: str
    path: str

    @property
    def request(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


@cache
def operations() -> tuple[Operation, ...]:
    """Return the operations of the installed SDK, read from its source, sorted by name."""
    spec = importlib.util.find_spec("stigg")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("Stigg's SDK is not installed: run `make setup`.")
    resources = Path(spec.origin).parent / "resources"
    found = (operation for path in resources.rglob("*.py") for operation in _in_module(path, resources))
    return tuple(sorted(found, key=lambda operation: operation.name))


@cache
def offered() -> dict[str, list[str]]:
    """Return the actions that offer an operation, by its name."""
    return dict(tomllib.loads(TABLES.read_text())["offered"])


@cache
def left_out() -> dict[str, str]:
    """Return why no action offers an operation, by its name or the beginning of several names."""
    return dict(tomllib.loads(TABLES.read_text())["left_out"])


def reasons(name: str) -> list[str]:
    """Return the reasons in the table why no action offers an operation: one, if it is not offered."""
    return [reason for pattern, reason in left_out().items() if fnmatchcase(name, pattern)]


def rendered() -> str:
    """Return the document."""
    return "\n".join([_HEAD, "## Offered", "", *_offered(), "", "## Not offered", "", *_left_out(), ""])


def _offered() -> Iterator[str]:
    yield "| operation | request | action |"
    yield "|---|---|---|"
    for operation in operations():
        if actions := offered().get(operation.name):
            links = ", ".join(f"[`{action}`](actions.md#{action})" for action in actions)
            yield f"| `{operation.name}` | `{operation.request}` | {links} |"


def _left_out() -> Iterator[str]:
    yield "| operation | request | why |"
    yield "|---|---|---|"
    for operation in operations():
        for reason in reasons(operation.name):
            yield f"| `{operation.name}` | `{operation.request}` | {reason} |"


def _in_module(path: Path, resources: Path) -> Iterator[Operation]:
    resource = _resource(path.relative_to(resources).with_suffix("").parts)
    for part in ast.parse(path.read_text()).body:
        if isinstance(part, ast.ClassDef) and part.name.endswith("Resource") and not part.name.startswith("Async"):
            for function in part.body:
                if isinstance(function, ast.FunctionDef):
                    yield from _sent(f"{resource}.{function.name}", function)


def _resource(parts: tuple[str, ...]) -> str:
    """Name a resource as callers do: ``v1/customers/customers.py`` is ``v1.customers``."""
    return ".".join(parts[:-1] if parts[-1:] == parts[-2:-1] else parts)


def _sent(name: str, function: ast.FunctionDef) -> Iterator[Operation]:
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _METHODS:
            yield Operation(name, _METHODS[call.func.attr], _path(call.args[0]))


def _path(argument: ast.expr) -> str:
    """Return a path that is a constant, or the template that is filled in with ids."""
    constants = (part.value for part in ast.walk(argument) if isinstance(part, ast.Constant))
    return next(value for value in constants if isinstance(value, str))


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(rendered())


if __name__ == "__main__":
    main()
