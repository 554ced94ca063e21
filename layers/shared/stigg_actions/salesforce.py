"""Salesforce record ids: 15 case-sensitive characters, or the same with 3 check characters.

Both forms name one record, so everything here is stored and compared in the 18-character form.
"""

import re

_SHAPE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-5]{3})?", re.ASCII)
_CHECK_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ORGANIZATION_PREFIX = "00D"


def record_id(text: str) -> str:
    """Return a record id in its 18-character form, restoring case that a case-insensitive store has lost.

    Raises:
        ValueError: it is not 15 or 18 letters and digits, or its check characters do not fit.
    """
    if not _SHAPE.fullmatch(text):
        raise ValueError("is not a Salesforce record id: 15 or 18 letters and digits are expected")
    if len(text) == 15:
        return text + check_characters(text)
    first_15 = _restore_case(text) if text.islower() else text[:15]
    check = text[15:].upper()
    if check_characters(first_15) != check:
        raise ValueError("has check characters that do not fit: it was mistyped or cut; copy it again from Salesforce")
    return first_15 + check


def plain_id(value: object) -> str | None:
    """Return a record id in its 18-character form, or as it was given if it was mistyped; None for any other value."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        return record_id(text)
    except ValueError:
        return text if _SHAPE.fullmatch(text) else None


def organization_id(text: str) -> str:
    """Return an organization id (a record id starting with 00D) in its 18-character form.

    Raises:
        ValueError: it is no record id, or that of something else than an organization.
    """
    normalised = record_id(text)
    if not normalised.startswith(_ORGANIZATION_PREFIX):
        raise ValueError("is not an organization id: those start with 00D")
    return normalised


def check_characters(first_15: str) -> str:
    """Return the three characters that Salesforce appends: each encodes which of five characters are upper case."""
    groups = (first_15[0:5], first_15[5:10], first_15[10:15])
    return "".join(
        _CHECK_CHARACTERS[sum(1 << place for place, letter in enumerate(group) if "A" <= letter <= "Z")]
        for group in groups
    )


def _restore_case(text: str) -> str:
    """Rewrite the 15 characters in the case that the check characters tell."""
    positions = [_CHECK_CHARACTERS.index(check) for check in text[15:].upper()]
    return "".join(
        letter.upper() if positions[index // 5] >> (index % 5) & 1 else letter for index, letter in enumerate(text[:15])
    )
