"""Describe fields in the JSON schemas of the documents by their docstrings.

Models do not carry the descriptions, because every cold start would read them without a use.
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
    """Pydantic's generator, with the description of each field from its docstring."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Return the schema of a model with described fields."""
        described, model = super().model_schema(schema), schema["cls"]
        for name, meaning in descriptions(model).items():
            alias = str(model.model_fields[name].alias)
            if alias in described["properties"]:  # a field may be internal
                described["properties"][alias]["description"] = meaning
        return described


def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """Return the descriptions of all fields of a model, including inherited ones, by name."""
    described: dict[str, str] = {}
    for parent in reversed(model.__mro__):
        described |= _own_descriptions(parent) if issubclass(parent, BaseModel) and parent is not BaseModel else {}
    return {name: meaning for name, meaning in described.items() if name in model.model_fields}


def _own_descriptions(model: type[BaseModel]) -> dict[str, str]:
    return _of_module(sys.modules[model.__module__]).get(model.__name__, {})


@cache
def _of_module(module: ModuleType) -> dict[str, dict[str, str]]:
    """Return the docstrings of fields by the classes of a module."""
    definitions = ast.parse(inspect.getsource(module)).body
    return {node.name: dict(_fields(node.body)) for node in definitions if isinstance(node, ast.ClassDef)}


def _fields(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, text in pairwise(body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str):
            yield field.target.id, " ".join(text.value.value.split())
