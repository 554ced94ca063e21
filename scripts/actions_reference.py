"""Write the tables of fields in docs/actions.md, from the models that check the requests:  make docs."""

import re
from collections.abc import Iterator

from pydantic import BaseModel

from local.stack.template import ROOT, functions
from scripts.action_models import Schema, in_order, models
from stigg_actions.models.base import ActionRequest, Answer

DOCUMENT = ROOT / "docs" / "actions.md"
_REGION = re.compile(r"(<!-- fields of (?P<subject>[a-z -]+) -->\n).*?(<!-- end of fields -->)", re.DOTALL)
_HUGE = 10**6

_WORDS = {
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "object": "JSON object",
}


def main() -> None:
    """Update the document."""
    DOCUMENT.write_text(rendered(DOCUMENT.read_text()))


def rendered(text: str) -> str:
    """Return the document with every marked region replaced."""
    return _REGION.sub(lambda region: f"{region[1]}\n{_content(region['subject'])}\n\n{region[3]}", text)


def _content(subject: str) -> str:
    if subject == "objects":
        return "\n\n".join(_objects())
    action, _, side = subject.partition(" ")
    request, answer = models(action)
    return _request_table(_schema(request)) if side == "request" else _table(_schema(answer))


def _schema(model: type[BaseModel]) -> Schema:
    return model.model_json_schema()


def _request_table(schema: Schema) -> str:
    """Write the table of a request: required fields first, shared ones last."""
    return _table(in_order(schema), required_title="required")


def _table(schema: Schema, required_title: str = "always") -> str:
    """Write the table of an object's fields. In an answer, the mark means that the field is always present."""
    rows = [f"| field | type | {required_title} | meaning |", "|---|---|---|---|"]
    for name, field in schema["properties"].items():
        marked = name in schema.get("required", ()) if required_title == "required" else not _may_be_absent(field)
        cells = (f"`{name}`", _type(field, schema), "yes" if marked else "", " ".join(field["description"].split()))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _objects() -> Iterator[str]:
    """Write a section for each object in requests and answers."""
    schemas = [(_schema(model), title) for model, title in _sides()]
    definitions = {
        name: (definition, schema, title)
        for schema, title in schemas
        for name, definition in schema.get("$defs", {}).items()
        if "properties" in definition
    }
    for name, (definition, schema, title) in sorted(definitions.items()):
        table = _table({**definition, "$defs": schema["$defs"]}, required_title=title)
        yield f"### {name}\n\n{definition['description'].split('\n')[0]}\n\n{table}"


def _sides() -> Iterator[tuple[type[ActionRequest | Answer], str]]:
    for action in functions():
        request, answer = models(action)
        yield request, "required"
        yield answer, "always"


def _may_be_absent(field: Schema) -> bool:
    return {"type": "null"} in field.get("anyOf", ())


def _type(field: Schema, schema: Schema) -> str:
    """Return a field's type as text."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        target = schema["$defs"][name]
        return f"[{name}](#{name.lower()})" if "properties" in target else _type(target, schema)
    if "anyOf" in field:
        return _type({**field["anyOf"][0], **_limits(field)}, schema)
    if "enum" in field:
        *others, last = (f"`{value}`" for value in field["enum"])
        return f"{', '.join(others)} or {last}" if others else last
    if field.get("type") == "array":
        return f"list of {_type(field['items'], schema)}"
    return _plain_type(field)


def _plain_type(field: Schema) -> str:
    if "const" in field:
        return "true" if field["const"] is True else f"`{field['const']}`"
    match field:
        case {"format": "date-time"}:
            return "date"
        case {"maxLength": longest}:
            return f"text, up to {longest}"
        case {"additionalProperties": {"type": "string"}}:
            return "map of text"
    return _WORDS[field["type"]] + _range(field)


def _limits(field: Schema) -> Schema:
    """Return the limits that are given beside alternatives instead of in them."""
    return {name: field[name] for name in ("ge", "gt", "le") if name in field}


def _range(field: Schema) -> str:
    most = field.get("le", field.get("maximum", _HUGE))
    if most < _HUGE:
        return f", {field.get('ge', field.get('minimum', 0))} to {most}"
    return ", above 0" if "gt" in field or "exclusiveMinimum" in field else ""


if __name__ == "__main__":
    main()
