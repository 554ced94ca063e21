"""Return the request and result of an action, for the programs that describe the actions."""

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
    """Return the request and result of an action."""
    name = action.replace("-", "_")
    hints = get_type_hints(getattr(importlib.import_module(f"functions.{name}.app"), name))
    return hints["request"], hints["return"]


def purpose(action: str) -> str:
    """Return the description of an action from its module."""
    module = importlib.import_module(f"functions.{action.replace('-', '_')}.app")
    return str(module.__doc__)


def in_order(request: Schema) -> Schema:
    """Return a request's schema with its fields in order: required ones first, shared ones last."""
    required, fields = request.get("required", ()), request["properties"]
    own = sorted((name for name in fields if name not in _SHARED), key=lambda name: name not in required)
    names = [*own, *(name for name in _SHARED if name in fields)]
    return {**request, "properties": {name: fields[name] for name in names}}
