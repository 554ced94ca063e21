"""Docstrings of fields describe them in the documents, and cost a function no time."""

import subprocess
import sys

import pytest

from local.stack.template import ROOT, functions
from scripts.action_models import models
from tests.support.some import some

PROBE = """
import importlib, sys
from stigg_actions.models.base import Model
for name in sys.argv[1:]:
    importlib.import_module(f"functions.{name}.app")
models = [Model]
for model in models:
    models += model.__subclasses__()
assert len(models) > 50
print(*{field.description for model in models for field in model.model_fields.values()})
"""


@pytest.mark.parametrize("action", functions())
def test_fields_are_described(action: str) -> None:
    """Every field of a request and of a result has a description."""
    for model in some(models(action)):
        assert [name for name, field in model.model_fields.items() if not field.description] == []


def test_functions_carry_no_descriptions() -> None:
    """In a function no field has a description, so a cold start does not read the sources of models."""
    names = [action.replace("-", "_") for action in functions()]
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", PROBE, *names],
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'shared'}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.stdout, ran.stderr) == ("None\n", "")
