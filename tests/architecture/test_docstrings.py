"""What fields mean is told in their docstrings, and in no function."""

import pytest
from pydantic import Field

from local.stack.template import functions
from scripts.action_models import models
from scripts.described import DescribedSchemas, descriptions
from stigg_actions.models.base import Model
from tests.support.some import some


class Inner(Model):
    """An object."""


class Base(Model):
    """What is inherited."""

    plan_id: str
    """Id of the plan."""
    unsaid: str = ""
    kept: str = ""
    """What the parent says."""


class Derived(Base):
    """What inherits."""

    kept: str = Field("", max_length=3)
    """What the child says,
    in two lines."""
    inner: Inner
    """The object in it."""


def test_docstrings() -> None:
    """A field's docstring is its meaning: in one line, inherited, and told anew by a field that is defined anew."""
    assert descriptions(Derived) == {
        "plan_id": "Id of the plan.",
        "kept": "What the child says, in two lines.",
        "inner": "The object in it.",
    }


def test_schema() -> None:
    """The JSON schema of a model describes its fields by their names on the wire, and leaves out what is not said."""
    properties = Derived.model_json_schema(schema_generator=DescribedSchemas)["properties"]

    assert {name: field.get("description") for name, field in properties.items()} == {
        "planId": "Id of the plan.",
        "unsaid": None,
        "kept": "What the child says, in two lines.",
        "inner": "The object in it.",
    }


@pytest.mark.parametrize("action", functions())
def test_functions_carry_no_descriptions(action: str) -> None:
    """Every field of a request and of an answer has a meaning, and no model carries it."""
    for model in some(models(action)):
        assert descriptions(model).keys() == model.model_fields.keys()
        assert {field.description for field in model.model_fields.values()} == {None}
