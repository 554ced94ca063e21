"""Answers as varied as Stigg's types allow: by switch, so that a client is not spoilt by one way of writing them.

`null` and `absent` are for optional fields that hold nothing: they come as null, or not at all. `extra` adds fields
that the types do not have, `noPagination` writes a last page's pagination as null. None of these loses anything.
`words` puts new words into optional enums, and `requiredOnly` leaves out optional fields whatever they hold.
"""

from dataclasses import dataclass, field
from random import Random

from local.stigg_emulator.shapes.fields import Choice, Field, ListOf, Record, Tagged

KINDS = ("null", "absent", "extra", "noPagination", "words", "requiredOnly")
NEW_WORD = "SOMETHING_NEW"
NEW_FIELD = "addedLater"


@dataclass
class Variety:
    """How answers vary. Each optional field is varied with the probability `share`, by the `seed`."""

    kinds: frozenset[str] = frozenset()
    share: float = 1.0
    seed: int = 0
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311  it decides nothing that is secret

    def of(self, shape: Record, answer: object) -> object:
        """Write an answer in another way that its shape allows."""
        return self._varied(shape, answer) if self.kinds else answer

    def _varied(self, shape: Field, value: object) -> object:
        match shape, value:
            case Record(), dict():
                return self._record(shape, value)
            case Tagged(tag, records), dict():
                return self._record(records[value[tag]], value)
            case ListOf(inner), list():
                return [self._varied(inner, item) for item in value]
        return value

    def _record(self, shape: Record, value: dict[str, object]) -> dict[str, object]:
        varied: dict[str, object] = {}
        for name, item in value.items():
            if name in shape.required:
                varied[name] = self._varied(shape.required[name], item)
            else:
                varied |= self._optional(name, shape.optional[name], item)
        if "extra" in self.kinds:
            varied[NEW_FIELD] = {"of": "another version", "number": 1.5, "list": [None]}
        return varied

    def _optional(self, name: str, shape: Field, item: object) -> dict[str, object]:
        if name == "pagination":
            return {name: self._pagination(item)}
        if "requiredOnly" in self.kinds and self._strikes():
            return {}
        if item in (None, [], {}):
            return self._nothing(name, item)
        if isinstance(shape, Choice) and "words" in self.kinds and self._strikes():
            return {name: NEW_WORD}
        return {name: self._varied(shape, item)}

    def _nothing(self, name: str, item: object) -> dict[str, object]:
        """Write that there is nothing: as it is, as null, or by leaving it out."""
        nothing: list[tuple[str, dict[str, object]]] = [("null", {name: None}), ("absent", {})]
        ways = [way for kind, way in nothing if kind in self.kinds]
        return self.random.choice(ways) if ways and self._strikes() else {name: item}

    def _pagination(self, item: object) -> object:
        is_last = isinstance(item, dict) and item["next"] is None
        return None if is_last and "noPagination" in self.kinds else item

    def _strikes(self) -> bool:
        return self.random.random() < self.share
