"""Salesforce record ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stigg_actions.salesforce import organization_id, plain_id, record_id

KNOWN = [("a0D30000001n7Pi", "EAI"), ("0019000000B98de", "AAB"), ("001A0000006Vm9r", "IAC")]
ALPHANUMERIC = st.text("ABCXYZabcxyz0189", min_size=15, max_size=15)


@pytest.mark.parametrize(("first_15", "check"), KNOWN)
def test_known_ids(first_15: str, check: str) -> None:
    """A 15-character id gets the check characters that Salesforce gives it."""
    assert first_15 + check == record_id(first_15)


@pytest.mark.parametrize(("first_15", "check"), KNOWN)
def test_long_form(first_15: str, check: str) -> None:
    """An 18-character id stays as it is."""
    assert first_15 + check == record_id(first_15 + check)


@pytest.mark.parametrize(("first_15", "check"), KNOWN)
def test_lost_case(first_15: str, check: str) -> None:
    """An 18-character id that was lower-cased on its way gets its case back."""
    assert first_15 + check == record_id((first_15 + check).lower())


@given(ALPHANUMERIC)
def test_every_id_survives_lower_casing(first_15: str) -> None:
    """The check characters tell the case of every letter."""
    whole = record_id(first_15)

    assert whole == record_id(whole.lower())


def test_lower_case_check_characters() -> None:
    """Check characters alone may be written small."""
    assert record_id("a0D30000001n7PiEAI") == record_id("a0D30000001n7Pieai")


@pytest.mark.parametrize("mistyped", ["a0D30000001N7PiEAI", "a0d30000001n7PiEAI", "a0D30000001n7PiEAA"])
def test_mistyped(mistyped: str) -> None:
    """Check characters that do not fit give a mistake in case away."""
    with pytest.raises(ValueError, match="check characters that do not fit"):
        record_id(mistyped)


@pytest.mark.parametrize(
    "malformed",
    ["", "001", "a0D30000001n7P", "a0D30000001n7PiE", "a0D30000001n7PiEA9", "a0D30000001n7P-", "a0D30000001n7Pi\n",
     "a0D30000001n7Pé", "\N{ARABIC-INDIC DIGIT ONE}" * 15],
)  # fmt: skip
def test_malformed(malformed: str) -> None:
    """Anything but 15 or 18 letters and digits is no record id."""
    with pytest.raises(ValueError, match="is not a Salesforce record id"):
        record_id(malformed)


def test_organization() -> None:
    """An organization's id is stored in its long form too."""
    assert organization_id("00D000000000001") == "00D000000000001EAA"


def test_no_organization() -> None:
    """An account's id is no organization's."""
    with pytest.raises(ValueError, match="is not an organization id"):
        organization_id("0019000000B98de")


@pytest.mark.parametrize("given_id", ["a0D30000001n7Pi", "a0D30000001n7PiEAI", "a0d30000001n7pieai"])
def test_an_id_for_the_log(given_id: str) -> None:
    """What has the form of a record id goes into the log as it was given."""
    assert plain_id(given_id) == given_id


@pytest.mark.parametrize(
    "given_id", ["ann@acme.example", "", "a0D30000001n7P", "a0D30000001n7PiEAI1", None, 5, ["a0D30000001n7Pi"]]
)
def test_no_id_for_the_log(given_id: object) -> None:
    """Whatever else stands in its place does not."""
    assert plain_id(given_id) is None
