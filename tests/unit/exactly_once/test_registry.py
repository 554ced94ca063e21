"""Which write and which request an operation of the ledger stands for."""

import inspect
from importlib import import_module
from pathlib import Path

import stigg_actions.writes
from stigg_actions.exactly_once.registry import KINDS
from stigg_actions.exactly_once.write import Write
from tests.support.some import some

WRITES = Path(next(iter(stigg_actions.writes.__path__)))


def test_every_write_is_found() -> None:
    """Each class of writes that has a kind is found under it, with a request that can be read from the ledger."""
    modules = [import_module(f"stigg_actions.writes.{path.stem}") for path in WRITES.glob("*.py")]
    classes = {one for module in modules for _, one in inspect.getmembers(module, inspect.isclass)}
    named = {one.kind: one for one in classes if issubclass(one, Write) and isinstance(vars(one).get("kind"), str)}

    assert named
    assert {name: kind.write_class() for name, kind in KINDS.items()} == named
    for kind in some(KINDS.values()):
        assert callable(kind.request_class().stored)


def test_which_limit_counts() -> None:
    """Each kind counts towards the limit of the call that it makes in Stigg; PATCH is one, whatever it changes."""
    assert {name: kind.limited_as for name, kind in KINDS.items()} == {
        "customer": "customer",
        "provision": "provision",
        "cancel": "cancel",
        "update": "update",
        "reschedule": "update",
        "metadata": "update",
        "downgrade": "provision",
        "renew": "provision",
        "step": "provision",
        "drop": "drop",
        "migrate": "migrate",
        "pay": "pay",
        "transfer": "transfer",
        "delegate": "delegate",
        "adopt": "update",
        "import": "import",
        "enroll": "import",
        "grant": "grant",
        "void": "void",
        "usage": "usage",
        "entitle": "entitle",
        "revoke": "revoke",
        "archive": "customer",
        "contract": "contract",
        "close": "close",
        "workflow": "workflow",
    }
