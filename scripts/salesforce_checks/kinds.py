"""The kinds of values in a Flow: text, numbers, dates, records, objects of the API, and lists of them."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Kind:
    """The kind of a value: `base` is `text`, `number`, ..., or `record` or `class`, of the type in `of`."""

    base: str
    of: str = ""
    many: bool = False

    def as_list(self) -> "Kind":
        """Return the kind of a list of such values."""
        return replace(self, many=True)

    def as_item(self) -> "Kind":
        """Return the kind of the list's values."""
        return replace(self, many=False)

    def takes(self, other: "Kind") -> bool:
        """Whether a value of the other kind can be assigned to a place of this one."""
        return ANY in {self, other} or self == other

    def __str__(self) -> str:
        name = f"{self.base} {self.of}".strip()
        return f"list of {name}" if self.many else name


ANY = Kind("anything")

OF_FLOW_TYPES = {
    "Boolean": "boolean",
    "Currency": "number",
    "Date": "date",
    "DateTime": "datetime",
    "Number": "number",
    "Picklist": "text",
    "String": "text",
}
OF_FIELD_TYPES = {
    "Checkbox": "boolean",
    "Currency": "number",
    "Date": "date",
    "DateTime": "datetime",
    "LongTextArea": "text",
    "Number": "number",
    "Picklist": "text",
    "Text": "text",
    "Url": "text",
}
OF_LITERALS = {"booleanValue": "boolean", "numberValue": "number", "stringValue": "text"}
