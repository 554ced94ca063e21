"""What an action takes and answers, for the programs that describe the actions."""

import importlib
from collections.abc import Mapping
from functools import cache
from typing import Any, get_type_hints

import scripts.described  # noqa: F401 - before the models
from stigg_actions.models.base import ActionRequest, Answer, CustomerRequest

type Schema = Mapping[str, Any]

_SHARED = [str(field.alias) for field in reversed(CustomerRequest.model_fields.values())]


@cache
def models(action: str) -> tuple[type[ActionRequest], type[Answer]]:
    """Return what an action takes and what it answers."""
    name = action.replace("-", "_")
    hints = get_type_hints(getattr(importlib.import_module(f"functions.{name}.app"), name))
    return hints["request"], hints["return"]


def purpose(action: str) -> str:
    """Return what an action does, as its module says."""
    module = importlib.import_module(f"functions.{action.replace('-', '_')}.app")
    return str(module.__doc__)


def in_order(request: Schema) -> Schema:
    """Return a request's schema with its fields in order: what is required first, what all actions share last."""
    required, fields = request.get("required", ()), request["properties"]
    own = sorted((name for name in fields if name not in _SHARED), key=lambda name: name not in required)
    names = [*own, *(name for name in _SHARED if name in fields)]
    return {**request, "properties": {name: fields[name] for name in names}}
