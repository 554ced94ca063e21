"""Read the OpenAPI document as a Flow sees it: actions, their outputs, and Apex classes.

Source: Salesforce Help, "External Services", on Apex-safe names and on the outputs of an action.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from scripts.openapi.reading import Document, Node, Operation, name_of, schema_of
from scripts.openapi.uses import SERVICE, output_name
from scripts.salesforce_checks.apex_names import apex_name
from scripts.salesforce_checks.kinds import ANY, Kind

_PRIMITIVES = {"string": "text", "boolean": "boolean", "integer": "number", "number": "number"}
_FORMATS = {"date-time": "datetime", "date": "date"}


@dataclass(frozen=True)
class Service:
    """The External Service of a document in which every body and object is a named schema."""

    document: Document

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """Every operation, by the name of its action."""
        return {operation.id: operation for operation in self.document.operations}

    def request_class(self, operation: str) -> str:
        """Return the schema of an operation's body."""
        return name_of(self.operations[operation].request)

    def outputs(self, operation: str) -> dict[str, Kind]:
        """Return the outputs of an action: `200`, `400Exc`, ..., `responseCode`, `defaultExc`."""
        answers = {
            output_name(status): Kind("class", name_of(schema_of(response)))
            for status, response in self.operations[operation].responses.items()
        }
        return {"defaultExc": Kind("text"), **answers, "responseCode": Kind("number")}

    def properties(self, schema: str) -> dict[str, Kind]:
        """Return the fields of a schema's Apex class, by their names in a Flow."""
        return {apex_name(name): _kind(made) for name, made in self._properties(schema).items()}

    def wire_names(self, schema: str) -> dict[str, str]:
        """Return the JSON names of the fields of a schema's Apex class."""
        return {apex_name(name): name for name in self._properties(schema)}

    def schema_of(self, apex_class: str) -> str | None:
        """Return the schema of an Apex class: `ExternalService__StiggActions_Addon` is `Addon`."""
        match = re.fullmatch(rf"ExternalService__{SERVICE}_(\w+)", apex_class)
        return match[1] if match and match[1] in self.document.named else None

    def _properties(self, schema: str) -> dict[str, Node]:
        return dict(self.document.named[schema].get("properties", {}))


def _kind(schema: Node) -> Kind:
    if "$ref" in schema:
        return Kind("class", name_of(schema))
    if schema.get("type") == "array":
        return _kind(schema["items"]).as_list()
    primitive = _FORMATS.get(schema.get("format", "")) or _PRIMITIVES.get(schema.get("type", ""))
    return Kind(primitive) if primitive else ANY
