"""Read Salesforce's description of its metadata in `@salesforce/types`: elements, their order, enums.

The package is generated from the WSDL of the Metadata API.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

_OBJECT = re.compile(r"^export type (\w+) = (?:(\w+) & )?\{\n(.*?)^\};", re.MULTILINE | re.DOTALL)
_UNION = re.compile(r"^export type (\w+) = ('[^;]*');", re.MULTILINE)
_ALIAS = re.compile(r"^export type (\w+) = (\w+);", re.MULTILINE)
_MEMBER = re.compile(r"^    (\w+)(\??): ([\w.]+)(\[\])?;", re.MULTILINE)


@dataclass(frozen=True)
class Member:
    """An element of a metadata type: its type, and how often it may occur."""

    type: str
    required: bool
    many: bool


@dataclass(frozen=True)
class MetadataTypes:
    """The declarations in `metadata.d.ts`."""

    path: Path

    @cached_property
    def _source(self) -> str:
        return self.path.read_text()

    @cached_property
    def _objects(self) -> dict[str, tuple[str, str]]:
        aliases = {name: (target, "") for name, target in _ALIAS.findall(self._source)}
        return aliases | {name: (base, body) for name, base, body in _OBJECT.findall(self._source)}

    @cached_property
    def enums(self) -> dict[str, set[str]]:
        """The values of every enumeration."""
        return {name: set(re.findall(r"'([^']*)'", values)) for name, values in _UNION.findall(self._source)}

    def is_object(self, name: str) -> bool:
        """Whether a type has elements."""
        return name in self._objects and bool(self.members(name))

    def members(self, name: str) -> dict[str, Member]:
        """Return the elements of a type, in the order in which Salesforce writes them."""
        return self._members(name)

    @cached_property
    def _members(self) -> Callable[[str], dict[str, Member]]:
        return cache(self._read_members)

    def _read_members(self, name: str) -> dict[str, Member]:
        base, body = self._objects[name]
        inherited = self.members(base) if base in self._objects else {}
        own = {
            member: Member(of, required=not optional and not many, many=bool(many))
            for member, optional, of, many in _MEMBER.findall(body)
        }
        return inherited | own
