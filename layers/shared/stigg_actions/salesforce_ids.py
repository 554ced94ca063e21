"""Salesforce record ids: 15 case-sensitive characters, or the same with 3 check characters.

Both forms name the same record, so ids are stored and compared in the 18-character form.
"""

import re

_SHAPE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-5]{3})?", re.ASCII)
_CHECK_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_NULL = "000000000000000AAA"
_OBJECTS = {
    "001": "an account",
    "003": "a contact",
    "005": "a user",
    "006": "an opportunity",
    "00D": "an organization",
    "00Q": "a lead",
    "00k": "an opportunity line",
    "0Q0": "a quote",
    "0QL": "a quote line",
    "500": "a case",
    "800": "a contract",
    "801": "an order",
    "802": "an order item",
}
"""Standard objects by the first three characters of their ids. Custom objects have other prefixes in each org."""


def record_id(text: str) -> str:
    """Return a record id in its 18-character form, restoring case that a case-insensitive store has lost.

    Raises:
        ValueError: the text is not 15 or 18 letters and digits, or its check characters do not match.
    """
    if not _SHAPE.fullmatch(text):
        raise ValueError("is not a Salesforce record id: 15 or 18 letters and digits are expected")
    if len(text) == 15:
        return text + check_characters(text)
    first_15 = _restore_case(text) if text.islower() else text[:15]
    check = text[15:].upper()
    if check_characters(first_15) != check:
        raise ValueError(
            "is mistyped or cut: its last three characters do not match the others; copy it again from Salesforce"
        )
    return first_15 + check


def plain_id(value: object) -> str | None:
    """Return a record id in its 18-character form, or unchanged if it is mistyped; None for any other value."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        return record_id(text)
    except ValueError:
        return text if _SHAPE.fullmatch(text) else None


def long_form(text: str) -> str:
    """Return a record id in its 18-character form, and any other text as it is.

    Raises:
        ValueError: the text is the null id.
    """
    try:
        normalised = record_id(text)
    except ValueError:
        return text
    return _refuse_null(normalised)


def named_record(text: str) -> str:
    """Return the id of a record of any object in its 18-character form.

    Raises:
        ValueError: as ``record_id``, or the id is the null id or an organization id.
    """
    normalised = _refuse_null(record_id(text))
    if normalised.startswith("00D"):
        raise ValueError(
            "is the id of an organization (00D), which belongs in salesforceOrgId; give the id of a record"
        )
    return normalised


def account_id(text: str) -> str:
    """Return an account id (a record id starting with 001) in its 18-character form. Raises as ``organization_id``."""
    return _id_of("an account", "001", text)


def opportunity_id(text: str) -> str:
    """Return an opportunity id (a record id starting with 006) in its long form. Raises as ``organization_id``."""
    return _id_of("an opportunity", "006", text)


def organization_id(text: str) -> str:
    """Return an organization id (a record id starting with 00D) in its 18-character form.

    Raises:
        ValueError: the text is not a record id, or is the id of another object.
    """
    return _id_of("an organization", "00D", text)


def _id_of(kind: str, prefix: str, text: str) -> str:
    normalised = _refuse_null(record_id(text))
    if not normalised.startswith(prefix):
        other = _OBJECTS.get(normalised[:3])
        actual = f"; this is the id of {other} ({normalised[:3]})" if other else ""
        raise ValueError(f"is not {kind} id, which starts with {prefix}{actual}")
    return normalised


def check_characters(first_15: str) -> str:
    """Return the three characters that Salesforce appends: each encodes which of five characters are upper case."""
    groups = (first_15[0:5], first_15[5:10], first_15[10:15])
    return "".join(
        _CHECK_CHARACTERS[sum(1 << place for place, letter in enumerate(group) if "A" <= letter <= "Z")]
        for group in groups
    )


def _refuse_null(long_form: str) -> str:
    if long_form == _NULL:
        raise ValueError("is the null id, which identifies no record; give the id of a record, or leave the field out")
    return long_form


def _restore_case(text: str) -> str:
    """Restore the case of the 15 characters from the check characters."""
    positions = [_CHECK_CHARACTERS.index(check) for check in text[15:].upper()]
    return "".join(
        letter.upper() if positions[index // 5] >> (index % 5) & 1 else letter for index, letter in enumerate(text[:15])
    )
