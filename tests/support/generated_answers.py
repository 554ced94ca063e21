"""Answers of Stigg generated from the official SDK's own types, at every depth, in every way that these allow.

Optional fields are given, null or absent; enums hold words that are new; fields come that the types do not have; texts
are long, numbers extreme. What identifies a thing (its id, customer, plan) is a text that is not blank.
"""

import json
import string
from collections.abc import Mapping
from datetime import UTC, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from local.stigg_emulator.shapes.fields import (
    Choice,
    Field,
    Flag,
    ListOf,
    Moment,
    Number,
    Record,
    Tagged,
    Text,
    TextMap,
)

type Json = dict[str, Any]

_IDENTITY = {"id", "customerId", "featureId", "planId", "currencyId", "productId", "resourceId", "vendorIdentifier"}
_VISIBLE = st.characters(exclude_categories=["C", "Z"])
NAMES = st.text(_VISIBLE, min_size=1, max_size=80) | st.just("x" * 255) | st.just("客户" * 40)
"""Ids, as long as Stigg allows."""

TEXTS = st.sampled_from(["", " ", "x", "x" * 5_000, "客" * 2_000, "\x00", "a@b.example"]) | st.text(max_size=10)
WHOLE = st.integers(0, 50) | st.sampled_from([-1, 2**31, 2**53 + 1, 10**15, 10**39, 10**60, -(10**60)])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | WHOLE | st.sampled_from([1e-45, 1e308, -0.0, 0.1])
WORDS = st.sampled_from(["SOMETHING_NEW", "something.new", "neu!", "X" * 2_000])
"""Words of an enum that is closed no more."""

_OFFSETS = st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=12))])
MOMENTS = st.datetimes(timezones=_OFFSETS).map(lambda moment: moment.isoformat()) | st.sampled_from(
    ["2026-01-31T00:00:00Z", "2026-01-31T00:00:00.123Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z"]
)
METADATA = st.dictionaries(
    st.text(string.ascii_letters, min_size=1, max_size=20), TEXTS | NUMBERS | st.booleans() | st.none(), max_size=4
) | st.dictionaries(st.sampled_from(["tier", "a"]), st.lists(st.none() | TEXTS, max_size=2), max_size=2)
"""Metadata is text by the types; numbers, null and lists in it must do no harm."""

EXTRAS = st.dictionaries(
    st.sampled_from(["addedLater", "_id", "new-field", "__typename"]),
    st.none() | TEXTS | NUMBERS | st.lists(st.none() | NUMBERS, max_size=2),
    max_size=2,
)


def answers(shape: Field, name: str = "") -> st.SearchStrategy[Any]:
    """Make values of a shape. ``name`` is that of the field which holds it."""
    match shape:
        case Record(required, optional):
            return records(required, optional)
        case Tagged(_, by_word):
            return st.one_of(*(answers(record) for record in by_word.values()))
        case ListOf(inner):
            return st.lists(answers(inner), max_size=2)
        case Choice(words):
            return st.sampled_from(words) | WORDS if name != "type" else st.sampled_from(words)
    return _plain(shape, name)


def _plain(shape: Field, name: str) -> st.SearchStrategy[Any]:
    """Make values that hold no others."""
    texts = NAMES if name in _IDENTITY else TEXTS
    numbers = WHOLE if isinstance(shape, Number) and shape.whole else NUMBERS
    return {Text: texts, TextMap: METADATA, Number: numbers, Flag: st.booleans(), Moment: MOMENTS}[type(shape)]


def records(required: Mapping[str, Field], optional: Mapping[str, Field]) -> st.SearchStrategy[Json]:
    """Make objects: all that is required, and of what is optional some, some of it null; and fields that are new."""
    needed = st.fixed_dictionaries({name: answers(field, name) for name, field in required.items()})
    given = {name: st.none() | answers(field, name) for name, field in optional.items()}
    some = st.fixed_dictionaries({}, optional=given)
    return st.builds(lambda *parts: {**parts[0], **parts[1], **parts[2]}, EXTRAS, needed, st.just({}) | some)


def text_of(answer: object) -> str:
    """Write an answer as JSON; numbers are as Python writes them."""
    return json.dumps(answer)
