"""The objects of an org and what their fields hold: the project's own fields, and the standard ones beside them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from scripts.salesforce_checks.lengths import URL
from scripts.salesforce_checks.metadata import Component, text
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.standard_objects import LENGTHS

PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "Contract": "800",
    "CustomNotificationType": "0ML",
    "Opportunity": "006",
    "OpportunityContactRole": "00K",
    "OpportunityLineItem": "00k",
    "Product2": "01t",
    "Stigg_Event__e": "e00",
    "User": "005",
}
PARENTS = {
    "Account": {"Owner": "OwnerId"},
    "Contract": {"Owner": "OwnerId"},
    "Opportunity": {"Account": "AccountId", "Contract": "ContractId", "Owner": "OwnerId"},
    "OpportunityLineItem": {"Opportunity": "OpportunityId", "Product2": "Product2Id"},
}
_STANDARD: dict[str, dict[str, str]] = {
    "Account": {"Name": "Text", "OwnerId": "Id"},
    "Contact": {"Email": "Text"},
    "Contract": {"AccountId": "Id", "ContractNumber": "Text", "OwnerId": "Id"},
    "CustomNotificationType": {"DeveloperName": "Text"},
    "Opportunity": {
        "AccountId": "Id",
        "CloseDate": "Date",
        "ContractId": "Id",
        "Name": "Text",
        "OwnerId": "Id",
        "StageName": "Text",
    },
    "OpportunityContactRole": {"ContactId": "Id", "IsPrimary": "Checkbox", "OpportunityId": "Id"},
    "OpportunityLineItem": {
        "OpportunityId": "Id",
        "Product2Id": "Id",
        "Quantity": "Number",
        "ServiceDate": "Date",
        "TotalPrice": "Number",
    },
    "Product2": {"Name": "Text"},
    "Stigg_Event__e": {},
    "User": {"Email": "Text", "IsActive": "Checkbox"},
}
for _fields in (_STANDARD["Account"], _STANDARD["Contract"], _STANDARD["Opportunity"], _STANDARD["Product2"]):
    _fields["RecordType"] = "Text"
_NUMBERS = {"OpportunityLineItem.Quantity": (12, 2), "OpportunityLineItem.TotalPrice": (18, 2)}
SYSTEM = ("Id", "CreatedDate", "LastModifiedDate")
_YEARS = range(1700, 4001)  # of a date field


class SaveRefused(Exception):  # noqa: N818 - what became of the save
    """The org does not save a record; the message says why, as Salesforce does."""


class Field(NamedTuple):
    """A field that is stored, and what it holds."""

    type: str
    length: int | None = None
    whole_digits: int = 18
    values: frozenset[str] = frozenset()
    restricted: bool = False
    required: bool = False
    default: Any = None


@dataclass(frozen=True)
class Schema:
    """The fields of a project's org, and which picklist values its record types offer."""

    project: Project
    offered: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """Values by record type and field, as `Opportunity.Stigg_Deal_Type__c`; other record types offer none."""

    @cached_property
    def fields(self) -> dict[str, dict[str, Field]]:
        """The stored fields of every object."""
        found = {
            record: {name: _standard(record, name, kind) for name, kind in kinds.items()}
            for record, kinds in _STANDARD.items()
        }
        for component in self.project.of("CustomField"):
            record, _, name = component.name.partition(".")
            if component.root.find("formula") is None and record in found:
                found[record][name] = _custom(component)
        return found

    @cached_property
    def formulas(self) -> dict[str, dict[str, str]]:
        """The formulas of every object's other fields."""
        found: dict[str, dict[str, str]] = {}
        for component in self.project.of("CustomField"):
            record, _, name = component.name.partition(".")
            if component.root.find("formula") is not None:
                found.setdefault(record, {})[name] = text(component.root, "formula")
        return found

    def offers(self, record_type: str | None, place: str, value: object) -> bool:
        """Whether a record type offers a picklist value; a record without one is offered all."""
        record, _, name = place.partition(".")
        is_picklist = self.fields[record][name].type == "Picklist"
        return not is_picklist or record_type is None or value in self.offered.get((record_type, place), frozenset())

    def defaults(self, record: str, record_type: str | None) -> dict[str, Any]:
        """Return what a new record holds before it is given anything."""
        made = {name: kind.default for name, kind in self.fields[record].items()}
        return {n: v if v is None or self.offers(record_type, f"{record}.{n}", v) else None for n, v in made.items()}

    def check(self, record: str, values: dict[str, Any], record_type: str | None) -> None:
        """Raise SaveRefused where a field does not take its value."""
        for name, value in values.items():
            kind = self.fields[record].get(name)
            if kind is None and name not in SYSTEM:
                raise SaveRefused(f"INVALID_FIELD: No such column '{name}' on {record}")
            if kind is not None and value is not None:
                _check_value(f"{record}.{name}", kind, value)
                if kind.restricted and not self.offers(record_type, f"{record}.{name}", value):
                    raise _bad_value(name, value)
        missing = [name for name, kind in self.fields[record].items() if kind.required and values.get(name) is None]
        if missing:
            raise SaveRefused(f"REQUIRED_FIELD_MISSING: {record}.{missing[0]}: Required fields are missing: {missing}")


def _check_value(place: str, kind: Field, value: Any) -> None:  # noqa: ANN401 - of any type
    if kind.length is not None and len(value) > kind.length:
        raise SaveRefused(f"STRING_TOO_LONG: {place}: data value too large (max length={kind.length})")
    if kind.type == "Number" and abs(value) >= 10**kind.whole_digits:
        raise SaveRefused(f"NUMBER_OUTSIDE_VALID_RANGE: {place}: value outside of valid range on numeric field")
    if kind.restricted and value not in kind.values:
        raise _bad_value(place, value)
    if kind.type == "Date" and (isinstance(value, datetime) or value.year not in _YEARS):
        raise SaveRefused(f"INVALID_TYPE_ON_FIELD_IN_RECORD: {place}: {value} is no date")
    if not isinstance(value, _PYTHON[kind.type]):
        raise SaveRefused(f"INVALID_TYPE_ON_FIELD_IN_RECORD: {place}: {value!r} is no {kind.type}")


def _bad_value(place: str, value: str) -> SaveRefused:
    return SaveRefused(
        f"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: {place}: bad value for restricted picklist field: {value}"
    )


def _standard(record: str, name: str, kind: str) -> Field:
    precision, scale = _NUMBERS.get(f"{record}.{name}", (18, 0))
    default = True if name == "IsActive" else False if kind == "Checkbox" else None
    return Field(kind, LENGTHS.get(f"{record}.{name}"), precision - scale, default=default)


def _custom(component: Component) -> Field:
    root = component.root
    kind = {"Currency": "Number", "LongTextArea": "Text", "Url": "Text"}.get(text(root, "type"), text(root, "type"))
    values = list(root.iter("value"))
    defaults = [text(value, "fullName") for value in values if text(value, "default") == "true"]
    return Field(
        kind,
        URL if text(root, "type") == "Url" else int(text(root, "length")) if text(root, "length") else None,
        int(text(root, "precision") or 18) - int(text(root, "scale") or 0),
        frozenset(text(value, "fullName") for value in values),
        "true" in [one.text for one in root.iter("restricted")],
        text(root, "required") == "true",
        text(root, "defaultValue") == "true" if kind == "Checkbox" else next(iter(defaults), None),
    )


_PYTHON = {"Checkbox": bool, "Date": date, "DateTime": datetime, "Number": float} | dict.fromkeys(
    ("Id", "Picklist", "Text"), str
)
