"""Whether Flows that were built on the released document work with another one; a break is told in a Flow's words.

Source: Salesforce Help, "Schema Update Support" and "Edit an External Service": what an update of a registration may
not take away. Operations, schemas and optional fields may be added, and whatever only people read may change.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from scripts.openapi.findings import Found
from scripts.openapi.reading import Document, Node, Operation, name_of, schema_of
from scripts.openapi.uses import Use, action_name, output_name, uses
from scripts.salesforce_checks.apex_names import apex_name

_KINDS = {"boolean": "Boolean", "integer": "whole Number", "number": "Number", "string": "Text"}
_FORMATS = {"date": "Date", "date-time": "DateTime"}


def breaks(released: Document, document: Document) -> Iterator[Found]:
    """ES26: nothing is taken away that a Flow may use."""
    now = {operation.id: operation for operation in document.operations}
    for operation in released.operations:
        if operation.id in now:
            yield from _changed_operation(operation, now[operation.id])
        else:
            yield action_name(operation), "is gone; a Flow that calls it can neither be saved nor run"
    for name, use in uses(released).items():
        yield from _changed_schema(use, released.named[name], document.named.get(name))


@dataclass(frozen=True)
class _Input:
    """A parameter or a body: its kind, and whether it must be given."""

    kind: str
    is_required: bool


def _changed_operation(before: Operation, after: Operation) -> Iterator[Found]:
    action = action_name(before)
    if before.where != after.where:
        yield action, f"was {before.where}, is {after.where}; a registration of the released document calls the former"
    yield from _changed_inputs(action, _inputs(before), _inputs(after))
    for status, response in before.responses.items():
        output = f"{action}: output {output_name(status)}"
        kinds = [_kind(schema_of(body)) for body in (response, after.responses.get(status, {}))]
        if status not in after.responses:
            yield output, "is gone; a Flow that reads it cannot be saved or fails"
        elif kinds[0] != kinds[1]:
            yield output, f"was {kinds[0]}, is {kinds[1]}; a Flow that reads it cannot be saved or fails"


def _inputs(operation: Operation) -> dict[str, _Input]:
    """Return the inputs of an action, by the names that a Flow gives them."""
    body = {"name": "body", "schema": operation.request, **operation.content.get("requestBody", {})}
    given = [*operation.content.get("parameters", ()), *([body] if operation.request else [])]
    return {one["name"]: _Input(_kind(one["schema"]), bool(one.get("required"))) for one in given}


def _changed_inputs(action: str, before: dict[str, _Input], after: dict[str, _Input]) -> Iterator[Found]:
    for name, given in before.items():
        if name not in after:
            yield f"{action}: input {name}", "is gone; a Flow that fills it cannot be saved"
        elif after[name].kind != given.kind:
            yield (
                f"{action}: input {name}",
                f"was {given.kind}, is {after[name].kind}; a Flow that fills it cannot be saved",
            )
    for name, wanted in after.items():
        if wanted.is_required and not (name in before and before[name].is_required):
            yield f"{action}: input {name}", "is required now; a Flow that leaves it empty fails"


def _changed_schema(use: Use, before: Node, after: Node | None) -> Iterator[Found]:
    if after is None:
        yield use.element, "is gone; a Flow with a variable of that class cannot be saved"
        return
    fields = after.get("properties", {})
    for name, field in before.get("properties", {}).items():
        if name not in fields:
            yield use.element, f"lost property {apex_name(name)}; a Flow that {use.verb} it cannot be saved or fails"
        else:
            yield from _changed_field(use, apex_name(name), field, fields[name])
    if use.is_filled:
        for name in sorted({*after.get("required", ())} - {*before.get("required", ())}):
            yield use.element, f"requires property {apex_name(name)} now; a Flow that leaves it empty is refused"


def _changed_field(use: Use, name: str, before: Node, after: Node) -> Iterator[Found]:
    kind, now = _kind(before), _kind(after)
    if kind != now:
        yield use.element, f"property {name} was {kind}, is {now}; a Flow that {use.verb} it cannot be saved or fails"
    elif use.is_filled and "enum" in _each(after):
        taken = _each(after)["enum"]
        lost = [value for value in _each(before).get("enum", ["any other text"]) if value not in taken]
        if lost:
            yield use.element, f"property {name} no longer takes {', '.join(lost)}; a Flow that fills it so is refused"


def _each(schema: Node) -> Node:
    """Return what a field holds, or each item of a list."""
    items: Node = schema.get("items", schema)
    return items


def _kind(schema: Node) -> str:
    """Return the type that a Flow sees."""
    if "items" in schema:
        return f"a list of {_kind(schema['items'])}"
    plain = _FORMATS.get(str(schema.get("format"))) or _KINDS.get(str(schema.get("type")))
    return name_of(schema) or plain or str(schema.get("type", "nothing"))
