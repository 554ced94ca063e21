"""The OpenAPI document as Salesforce sees it once it is registered: actions, Apex classes, outputs.

Source: Salesforce Help, "External Services", on Apex-safe names and on the outputs of an action.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from scripts.salesforce_checks.apex_names import apex_name
from scripts.salesforce_checks.kinds import ANY, Kind

type Schema = dict[str, Any]

SERVICE = "StiggActions"
_PRIMITIVES = {"string": "text", "boolean": "boolean", "integer": "number", "number": "number"}
_FORMATS = {"date-time": "datetime", "date": "date"}


@dataclass(frozen=True)
class Document:
    """An OpenAPI document in which every body and object is a named schema."""

    path: Path

    @cached_property
    def content(self) -> dict[str, Any]:
        """The parsed document."""
        return dict(json.loads(self.path.read_text()))

    @cached_property
    def operations(self) -> dict[str, dict[str, Any]]:
        """Every operation, by its id."""
        return {
            operation["operationId"]: operation | {"path": path}
            for path, methods in self.content["paths"].items()
            for operation in methods.values()
            if isinstance(operation, dict)
        }

    def request_class(self, operation: str) -> str:
        """The schema of an operation's body."""
        return _referred(self.operations[operation]["requestBody"]["content"]["application/json"]["schema"])

    def outputs(self, operation: str) -> dict[str, Kind]:
        """What a Flow can read of an action: `200`, `400Exc`, ..., `responseCode`, `defaultExc`."""
        answers = {
            key if key.startswith("2") else f"{key}Exc": Kind("class", _referred(_body(response)))
            for key, response in self.operations[operation]["responses"].items()
        }
        return {"defaultExc": Kind("text"), **answers, "responseCode": Kind("number")}

    @property
    def schemas(self) -> dict[str, Schema]:
        """Every named schema."""
        return dict(self.content["components"]["schemas"])

    def properties(self, schema: str) -> dict[str, Kind]:
        """The fields of a schema's Apex class, by the names that a Flow gives them."""
        return {apex_name(name): _kind(made) for name, made in self.schemas[schema].get("properties", {}).items()}

    def wire_names(self, schema: str) -> dict[str, str]:
        """The same fields' names in JSON."""
        return {apex_name(name): name for name in self.schemas[schema].get("properties", {})}

    def schema_of(self, apex_class: str) -> str | None:
        """The schema that an Apex class stands for: `ExternalService__StiggActions_Addon` is `Addon`."""
        match = re.fullmatch(rf"ExternalService__{SERVICE}_(\w+)", apex_class)
        return match[1] if match and match[1] in self.schemas else None


def _body(response: Schema) -> Schema:
    return dict(response["content"]["application/json"]["schema"])


def _referred(schema: Schema) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def _kind(schema: Schema) -> Kind:
    if "$ref" in schema:
        return Kind("class", _referred(schema))
    if "allOf" in schema and len(schema["allOf"]) == 1:  # a reference with a description of its own
        return _kind(schema["allOf"][0])
    if schema.get("type") == "array":
        return _kind(schema["items"]).as_list()
    primitive = _FORMATS.get(schema.get("format", "")) or _PRIMITIVES.get(schema.get("type", ""))
    return Kind(primitive) if primitive else ANY
