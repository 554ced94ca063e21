"""A small language for request shapes.

Every field answers one question: what is wrong with this value? Stigg's request schemas are closed, so a
`Record` refuses keys that it does not name. `at` is the path of the value, for messages: `addons[0].quantity`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from local.stigg_emulator.clock import is_moment

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
IDENTIFIER = r"[a-zA-Z0-9][a-zA-Z0-9_|.@-]*"


class Field(Protocol):
    """Anything that can judge a decoded JSON value."""

    def problems(self, value: object, at: str) -> Iterator[str]:
        """Say what is wrong with the value, one sentence each; nothing when it is fine."""


@dataclass(frozen=True)
class Text:
    """A string, perhaps of limited length or following a pattern as a whole."""

    longest: int | None = None
    pattern: str | None = None

    def problems(self, value: object, at: str) -> Iterator[str]:
        """Say what is wrong with the value."""
        if not isinstance(value, str):
            yield f"{at} must be a string"
        elif self.longest is not None and len(value) > self.longest:
            yield f"{at} must be at most {self.longest} characters"
        elif self.pattern is not None and not re.fullmatch(self.pattern, value):
            yield f"{at} has an invalid format"


@dataclass(frozen=True)
class Number:
    """A JSON number within limits; `whole` asks for an integer, which JSON may write as `3.0`."""

    least: float | None = None
    most: float | None = None
    whole: bool = False

    def problems(self, value: object, at: str) -> Iterator[str]:
        """Say what is wrong with the value."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{at} must be a number"
        elif self.whole and value != int(value):
            yield f"{at} must be an integer"
        elif self.least is not None and value < self.least:
            yield f"{at} must not be less than {self.least}"
        elif self.most is not None and value > self.most:
            yield f"{at} must not be greater than {self.most}"


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def problems(self, value: object, at: str) -> Iterator[str]:
        """Say what is wrong with the value."""
        if not isinstance(value, bool):
            yield f"{at} must be a boolean"


@dataclass(frozen=True)
class Moment:
    """A date-time: ISO 8601 text with its offset from UTC."""

    def problems(self, value: object, at: str) -> Iterator[str]:
        """Say what is wrong with the value."""
        if not isinstance(value, str) or not is_moment(value):
            yield f"{at} must be an ISO 8601 date-time"


@dataclass(frozen=True)
class Choice:
    """One of a closed list of words."""

    words: tuple[str, ...]

    def problems(self, value: object, at: str) -> Iterator[str]:
        """Say what is wrong with the value."""
        if value not in self.words:
            yield f"{at} must be one of the following values: {', '.join(self.words)}"


@dataclass(frozen=True)
class TextMap:
    """A flat object whose values are all strings."""

    def problems(self, value: object, at: str) -> Iterator[str]:
        """Say what is wrong with the value."""
        if not isinstance(value, dict):
            yield f"{at} must be an object"
        else:
            yield from (f"{at}.{key} must be a string" for key, item in value.items() if not isinstance(item, str))


@dataclass(frozen=True)
class ScalarMap:
    """A flat object whose values are strings, numbers or booleans."""

    def problems(self, value: object, at: str) -> Iterator[str]:
        """Say what is wrong with the value."""
        if not isinstance(value, dict):
            yield f"{at} must be an object"
            return
        others = (key for key, item in value.items() if not isinstance(item, str | int | float | bool))
        yield from (f"{at}.{key} must be a string, a number or a boolean" for key in others)


@dataclass(frozen=True)
class Nullable:
    """A field that may be null."""

    inner: Field

    def problems(self, value: object, at: str) -> Iterator[str]:
        """Say what is wrong with the value."""
        if value is not None:
            yield from self.inner.problems(value, at)


@dataclass(frozen=True)
class ListOf:
    """A list of equal things."""

    inner: Field

    def problems(self, value: object, at: str) -> Iterator[str]:
        """Say what is wrong with the value."""
        if not isinstance(value, list):
            yield f"{at} must be an array"
        else:
            for index, item in enumerate(value):
                yield from self.inner.problems(item, f"{at}[{index}]")


@dataclass(frozen=True)
class Record:
    """An object with the named fields and no others."""

    required: Mapping[str, Field] = field(default_factory=dict)
    optional: Mapping[str, Field] = field(default_factory=dict)

    @property
    def fields(self) -> dict[str, Field]:
        """All fields by name."""
        return {**self.required, **self.optional}

    def problems(self, value: object, at: str = "") -> Iterator[str]:
        """Say what is wrong with the value."""
        if not isinstance(value, dict):
            yield f"{at or 'body'} must be an object"
        else:
            prefix = f"{at}." if at else ""
            yield from (f"property {prefix}{key} should not exist" for key in value if key not in self.fields)
            yield from (f"{prefix}{key} is required" for key in self.required if key not in value)
            for key in (key for key in self.fields if key in value):
                yield from self.fields[key].problems(value[key], f"{prefix}{key}")


@dataclass(frozen=True)
class Tagged:
    """A union of records told apart by the value of one field."""

    tag: str
    records: Mapping[str, Record]

    def problems(self, value: object, at: str) -> Iterator[str]:
        """Say what is wrong with the value."""
        record = self.records.get(str(value.get(self.tag))) if isinstance(value, dict) else None
        if record is None:
            yield f"{at}.{self.tag} must be one of the following values: {', '.join(self.records)}"
        else:
            yield from record.problems(value, at)


@dataclass(frozen=True)
class Anything:
    """Any JSON value."""

    def problems(self, value: object, at: str) -> Iterator[str]:  # noqa: ARG002  nothing is wrong with anything
        """Say nothing."""
        return iter(())
