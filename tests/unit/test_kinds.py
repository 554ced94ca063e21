"""Which write and which request an operation of the ledger stands for."""

import inspect
from importlib import import_module
from pathlib import Path

import stigg_actions.writes
from stigg_actions.writes import kinds
from stigg_actions.writes.base import Write
from tests.support.some import some

WRITES = Path(next(iter(stigg_actions.writes.__path__)))


def test_every_write_is_found() -> None:
    """Each class of writes that has a kind is found under it, with a request that can be read from the ledger."""
    modules = [import_module(f"stigg_actions.writes.{path.stem}") for path in WRITES.glob("*.py")]
    classes = {one for module in modules for _, one in inspect.getmembers(module, inspect.isclass)}
    named = {
        one.__name__: one.kind for one in classes if issubclass(one, Write) and isinstance(vars(one).get("kind"), str)
    }

    assert named
    assert {place.write[1]: kind for kind, place in kinds._KINDS.items()} == named  # noqa: SLF001 - what is tested
    for place in some(kinds._KINDS.values()):  # noqa: SLF001
        assert callable(kinds._class("models", place.request).stored)  # noqa: SLF001
