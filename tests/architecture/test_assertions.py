"""The tests themselves: no loop of theirs passes because it has no items."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MODULES = sorted(TESTS.rglob("test_*.py"))
NEVER_EMPTY = {"some", "range", "enumerate", "sorted", "reversed", "zip", "list", "set", "items", "values"}
"""Calls that have something to loop over if what they are given has: `some` makes sure of it."""


def loops(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what is looped over around an assertion, or inside of ``assert all(...)``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For) and any(isinstance(inner, ast.Assert) for inner in ast.walk(node)):
            yield node.iter
        elif isinstance(node, ast.Assert):
            yield from (_iterated(call) for call in ast.walk(node.test) if _called(call) == "all")


def _iterated(call: ast.AST) -> ast.expr:
    assert isinstance(call, ast.Call)
    (argument,) = call.args
    return argument.generators[0].iter if isinstance(argument, ast.GeneratorExp) else argument


def _called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def surely_has_items(node: ast.expr) -> bool:
    """Whether there is something in what is looped over: a table of the test, or what `some` has made sure of."""
    match node:
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return any(not isinstance(item, ast.Starred) for item in items)
        case ast.Dict(keys=keys):
            return bool(keys)
        case ast.Call(func=ast.Attribute(value=holder)):
            return _called(node) in NEVER_EMPTY and surely_has_items(holder)
        case ast.Call(args=arguments):
            return _called(node) in {"some", "range"} or (
                _called(node) in NEVER_EMPTY and all(map(surely_has_items, arguments))
            )
        case ast.Name(id=name):
            return name.isupper()
    return isinstance(node, ast.Constant)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(TESTS)))
def test_no_loop_is_empty(module: Path) -> None:
    """An assertion in a loop is made at least once: what is looped over is a table, or goes through ``some``."""
    tree = ast.parse(module.read_text())

    assert [ast.unparse(looped) for looped in loops(tree) if not surely_has_items(looped)] == []
