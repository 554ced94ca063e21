"""Stigg's answers as the official SDK types them, to hold the emulator against, and to generate answers from.

`answer_problems(Subscription, body)` says what in an answer the SDK's types do not have: unknown fields, missing ones,
null where they know none, wrong types, words outside an enum.
"""

import types
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel

from local.stigg_emulator.shapes.fields import Choice, Field, ListOf, Nullable, Record, Tagged, TextMap
from tests.contract.sdk_shapes import SCALARS, type_word


def sdk_answer(model: type[BaseModel]) -> Record:
    """Translate one of the SDK's answers, by its wire names; an optional field may be null or absent."""
    required: dict[str, Field] = {}
    optional: dict[str, Field] = {}
    for name, field in model.model_fields.items():
        (required if field.is_required() else optional)[field.alias or name] = _field(field.annotation)
    return Record(required, optional)


def answer_problems(model: type[BaseModel], body: dict[str, Any]) -> list[str]:
    """Say what in an answer the SDK's type does not have; nothing when it fits."""
    return list(_nullable(sdk_answer(model)).problems(body, ""))


def _nullable(field: Field) -> Field:
    """Return a shape in which what is optional may be null."""
    match field:
        case Record(required, optional):
            return Record(
                {name: _nullable(inner) for name, inner in required.items()},
                {name: Nullable(_nullable(inner)) for name, inner in optional.items()},
            )
        case ListOf(inner):
            return ListOf(_nullable(inner))
        case Tagged(tag, records):
            return Tagged(tag, {word: cast("Record", _nullable(record)) for word, record in records.items()})
    return field


def _field(hint: Any) -> Field:  # noqa: ANN401 - a type hint
    origin, arguments = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return sdk_answer(hint)
    if origin is Literal:
        return Choice(arguments)
    if origin in {Union, types.UnionType}:
        return _union([member for member in arguments if member is not type(None) and member != Literal[""]])
    if origin in {Annotated, list}:
        inner = _field(arguments[0])
        return inner if origin is Annotated else ListOf(inner)
    return TextMap() if origin is dict else SCALARS[hint]


def _union(members: list[Any]) -> Field:
    if len(members) == 1:
        return _field(members[0])
    records = [sdk_answer(member) for member in members]
    if not all("type" in record.required for record in records):
        return _merged(records)
    return Tagged("type", {type_word(record): record for record in records})


def _merged(records: list[Record]) -> Record:
    """Return one record for members that nothing tells apart: each field has the words of all of them."""
    words: dict[str, list[str]] = {}
    for record in records:
        for name, field in record.required.items():
            assert isinstance(field, Choice)
            words.setdefault(name, []).extend(field.words)
    return Record({name: Choice(tuple(dict.fromkeys(some))) for name, some in words.items()})
