"""Stigg's request shapes as the official SDK types them, to hold request bodies and the emulator against.

`body_problems(SubscriptionProvisionParams, body)` says what the SDK's types do not allow in a request body: unknown
keys, missing ones, wrong types, words outside an enum.
"""

import types
import typing
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, singledispatch
from typing import Annotated, Any, Literal, Required, Union, get_args, get_origin

from typing_extensions import is_typeddict

from local.stigg_emulator.shapes.fields import (
    Choice,
    Field,
    Flag,
    ListOf,
    Moment,
    Nullable,
    Number,
    Record,
    ScalarMap,
    Tagged,
    Text,
    TextMap,
)

SCALARS: dict[object, Field] = {
    str: Text(),
    bool: Flag(),
    int: Number(whole=True),
    float: Number(),
    datetime: Moment(),
}
# Headers that only matter with user tokens; the SDK takes them as parameters beside the body's.
HEADERS = frozenset({"X-ACCOUNT-ID", "X-ENVIRONMENT-ID"})


def body_problems(params: type, body: dict[str, Any]) -> list[str]:
    """Say what in a request body the SDK's parameter type does not allow; nothing when it fits.

    Path parameters are no part of a body and no part of these types.
    """
    return list(sdk_record(params).problems(body))


@cache
def sdk_record(params: type) -> Record:
    """Translate one of the SDK's TypedDicts, by its wire names."""
    required: dict[str, Field] = {}
    optional: dict[str, Field] = {}
    for name, hint in typing.get_type_hints(params, include_extras=True).items():
        wire_name, is_required, bare = _unwrap(hint, name)
        if wire_name not in HEADERS:
            (required if is_required else optional)[wire_name] = _field(bare)
    return Record(required, optional)


@singledispatch
def plain(field: Field) -> Field:
    """Keep of a field what types can say: no lengths, patterns or limits, and enums in one order."""
    return field


@plain.register
def _(_field: Text) -> Field:
    return Text()


@plain.register
def _(field: Number) -> Field:
    return Number(whole=field.whole)


@plain.register
def _(field: Choice) -> Field:
    return Choice(tuple(sorted(field.words)))


@plain.register
def _(field: Nullable) -> Field:
    return Nullable(plain(field.inner))


@plain.register
def _(field: ListOf) -> Field:
    return ListOf(plain(field.inner))


@plain.register
def _(field: Tagged) -> Field:
    return Tagged(field.tag, {word: plain_record(record) for word, record in field.records.items()})


@plain.register
def plain_record(field: Record) -> Record:
    """Keep of a record what types can say."""
    return Record(
        {name: plain(inner) for name, inner in field.required.items()},
        {name: plain(inner) for name, inner in field.optional.items()},
    )


def _unwrap(hint: Any, name: str, *, required: bool = False) -> tuple[str, bool, object]:  # noqa: ANN401  a type hint
    """Find the wire name, whether the field is required, and the bare type inside the SDK's annotations."""
    if get_origin(hint) is Required:
        return _unwrap(get_args(hint)[0], name, required=True)
    if get_origin(hint) is Annotated:
        bare, *notes = get_args(hint)
        alias = next((note.alias for note in notes if note.alias), name)
        return _unwrap(bare, alias, required=required)
    return name, required, hint


def _field(hint: Any) -> Field:  # noqa: ANN401  a type hint
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in SCALARS:
        return SCALARS[hint]
    if is_typeddict(hint):
        return sdk_record(hint)
    if origin is Literal:
        return Choice(arguments)
    if origin in {Union, types.UnionType}:
        return _union(arguments)
    if origin is dict:
        return TextMap() if arguments[1] is str else ScalarMap()
    if origin in {Iterable, Sequence, list} or "Sequence" in str(origin):
        return ListOf(_field(arguments[0]))
    raise AssertionError(f"The SDK has a type that is not understood: {hint}")


def _union(members: tuple[Any, ...]) -> Field:
    present = [member for member in members if member is not type(None) and member != Literal[""]]
    if len(present) < len(members) and type(None) in members:
        return Nullable(_union(tuple(present)))
    if datetime in present:
        return Moment()
    if len(present) == 1:
        return _field(present[0])
    records = [sdk_record(member) for member in present]
    return Tagged("type", {type_word(record): record for record in records})


def type_word(record: Record) -> str:
    """Find the one word that the field `type` of a union's member may have."""
    tag = record.required["type"]
    assert isinstance(tag, Choice)
    return tag.words[0]
