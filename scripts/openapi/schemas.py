"""The named schemas of the document, from the models: shapes that a Flow can fill and read.

A Flow knows objects of simple fields, and lists of them. So a field that may be absent is optional and never null, a
map is a list of entries, free JSON is text, and whatever the models accept beside that (text for numbers, JSON text
for lists, maps) is left out: one shape for each field. A moment is a date in a request, because that is what
Salesforce records hold; in an answer it is the exact time.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.json_schema import JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from scripts.action_models import Schema, in_order
from scripts.described import DescribedSchemas
from scripts.openapi.failure import Failure
from stigg_actions.models.base import ActionRequest, Answer
from stigg_actions.models.get_subscription import MetadataEntry

PREFIX = "#/components/schemas/"
_LEFT_OUT = {"title", "additionalProperties", "max_digits", "decimal_places"}
_RENAMED = {"ge": "minimum", "le": "maximum"}
_IN_PLACE_OF_A_FAULT = (
    "With faultOnError false a refusal comes in this shape too: success is false, errorCode and errorMessage say why, "
    "and the fields of a success are absent."
)


class FlowSchemas(DescribedSchemas):
    """Pydantic's own generator, but for what Flows and OpenAPI 3.0 do not know."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """A field is there or it is not; null is no value."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """External Services ignore the default of a field; its description tells it."""
        return self.generate_inner(schema["schema"])

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        """A whole number is a Long."""
        return {**super().int_schema(schema), "format": "int64"}

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:  # noqa: ARG002 - as inherited
        """A decimal is a number; its text is accepted, but a Flow need not know. Limits are added where it is used."""
        return {"type": "number", "format": "double"}

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        """A request holds dates, an answer exact times."""
        text = super().datetime_schema(schema)
        return {**text, "format": "date"} if self.mode == "validation" else text

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        """A choice is an enum of text, even of one; a constant boolean is a boolean."""
        if all(isinstance(value, bool) for value in schema["expected"]):
            return {"type": "boolean"}
        return {"type": "string", "enum": list(schema["expected"])}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A map of text is a list of entries; a free object is its JSON text."""
        if schema["values_schema"]["type"] == "any":
            return {"type": "string"}
        return self.generate_inner(core_schema.list_schema(MetadataEntry.__pydantic_core_schema__))

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: ANN401, FBT001 - as inherited
        """What an answer holds is optional from the start: Salesforce never lets a required field go again."""
        return self.mode == "validation" and super().field_is_required(field, total)


def schemas(actions: Iterable[tuple[type[ActionRequest], type[Answer]]]) -> dict[str, Schema]:
    """Return every schema that the actions need, by name; those of requests and answers are named like their models."""
    requests, answers = (list(dict.fromkeys(side)) for side in zip(*actions, strict=True))
    MetadataEntry.model_rebuild()
    _, found = models_json_schema(
        [
            *((model, "validation") for model in requests),
            *((model, "serialization") for model in [*answers, Failure]),
        ],
        ref_template=f"{PREFIX}{{model}}",
        schema_generator=FlowSchemas,
    )
    named = {name: _plain(schema) for name, schema in found["$defs"].items()}
    named |= {model.__name__: in_order(named[model.__name__]) for model in requests}
    named["Failure"] = {**named["Failure"], "required": list(_always(Failure))}
    named |= {model.__name__: _answer(named[model.__name__], named["Failure"]) for model in answers}
    return dict(sorted(named.items()))


def reference(model: type[ActionRequest | Answer | Failure]) -> Schema:
    """Return the reference to the schema of a model."""
    return {"$ref": f"{PREFIX}{model.__name__}"}


def _always(model: type[Failure]) -> Iterable[str]:
    return (str(field.alias) for field in model.model_fields.values() if field.is_required())


def _answer(answer: Schema, failure: Schema) -> Schema:
    """Return the schema of what comes with HTTP 200: a success, or a refusal that was not to be a fault."""
    properties = {**failure["properties"], **answer["properties"]}
    in_order_of_use = [*answer["properties"], *(name for name in properties if name not in answer["properties"])]
    return {
        **answer,
        "description": f"{answer['description']} {_IN_PLACE_OF_A_FAULT}",
        "properties": {name: properties[name] for name in in_order_of_use}
        | {"success": {"type": "boolean", "description": "True: the action did what was asked. False: refused."}},
        "required": ["success", "correlationId"],
    }


def _plain(schema: Mapping[str, Any]) -> Schema:
    """Return a schema with OpenAPI 3.0's words alone; a reference stands by itself, as it must."""
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    kept = {_RENAMED.get(name, name): value for name, value in schema.items() if name not in _LEFT_OUT}
    if "gt" in kept:
        kept |= {"minimum": kept.pop("gt"), "exclusiveMinimum": True}
    if "items" in kept:
        kept["items"] = _plain(kept["items"])
    if "properties" in kept:
        kept["description"] = _description(schema)
        kept["properties"] = {name: _plain(field) for name, field in kept["properties"].items()}
    return kept


def _description(schema: Mapping[str, Any]) -> str:
    """Describe an object, and those of its fields that are objects: beside a reference, a description is ignored."""
    text = " ".join(schema["description"].partition("\n\n")[0].split())
    objects = [
        f"{name}: {field['description']}"
        for name, field in schema["properties"].items()
        if {"$ref", "description"} <= field.keys()
    ]
    return " ".join([text, *objects])
