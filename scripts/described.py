"""What fields mean, as their docstrings tell it: in the JSON schemas of the documents, and never in a function.

A description that a model carried would be read at every cold start, and used at none.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from types import ModuleType

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema


class DescribedSchemas(GenerateJsonSchema):
    """Pydantic's own generator, which besides takes the description of a field from its docstring."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Return the schema of a model, each field described."""
        described, model = super().model_schema(schema), schema["cls"]
        for name, meaning in descriptions(model).items():
            alias = str(model.model_fields[name].alias)
            if alias in described["properties"]:  # a model may keep a field to itself
                described["properties"][alias]["description"] = meaning
        return described


def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """Return what the fields of a model mean, by their names, those that it inherited too."""
    told: dict[str, str] = {}
    for parent in reversed(model.__mro__):
        told |= _own_descriptions(parent) if issubclass(parent, BaseModel) and parent is not BaseModel else {}
    return {name: meaning for name, meaning in told.items() if name in model.model_fields}


def _own_descriptions(model: type[BaseModel]) -> dict[str, str]:
    return _of_module(sys.modules[model.__module__]).get(model.__name__, {})


@cache
def _of_module(module: ModuleType) -> dict[str, dict[str, str]]:
    """Return what the docstrings of fields say, by the names of a module's classes."""
    definitions = ast.parse(inspect.getsource(module)).body
    return {one.name: dict(_fields(one.body)) for one in definitions if isinstance(one, ast.ClassDef)}


def _fields(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, text in pairwise(body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str):
            yield field.target.id, " ".join(text.value.value.split())
