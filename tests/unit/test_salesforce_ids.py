"""Salesforce record ids."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stigg_actions.salesforce_ids import (
    account_id,
    long_form,
    named_record,
    opportunity_id,
    organization_id,
    plain_id,
    record_id,
)

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
    with pytest.raises(ValueError, match="its last three characters do not match the others"):
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


@pytest.mark.parametrize(
    ("read", "text", "meant", "given_"),
    [
        (organization_id, "0019000000B98de", "an organization id, which starts with 00D", "an account (001)"),
        (account_id, "0069000000B98de", "an account id, which starts with 001", "an opportunity (006)"),
        (account_id, "0039000000B98de", "an account id, which starts with 001", "a contact (003)"),
        (opportunity_id, "0019000000B98de", "an opportunity id, which starts with 006", "an account (001)"),
        (opportunity_id, "0QL9000000B98d1", "an opportunity id, which starts with 006", "a quote line (0QL)"),
    ],
)
def test_id_of_another_object(read: Callable[[str], str], text: str, meant: str, given_: str) -> None:
    """Where one kind of object is meant, an id of another is refused, with what that is the id of."""
    with pytest.raises(ValueError, match="is not") as refused:
        read(text)

    assert str(refused.value) == f"is not {meant}; this is the id of {given_}"


def test_id_of_a_custom_object() -> None:
    """What a custom object is cannot be told from its id."""
    with pytest.raises(ValueError, match=r"is not an account id, which starts with 001$"):
        account_id("a0D30000001n7Pi")


def test_organization_as_a_record() -> None:
    """An organization is no record; its id is told where it goes."""
    with pytest.raises(ValueError, match=r"is the id of an organization \(00D\), which belongs in salesforceOrgId"):
        named_record("00D000000000001")


@pytest.mark.parametrize("read", [account_id, opportunity_id, organization_id, named_record, long_form])
@pytest.mark.parametrize("text", ["000000000000000", "000000000000000AAA", "000000000000000aaa"])
def test_null_id(read: Callable[[str], str], text: str) -> None:
    """The id that Salesforce has in place of none is refused for what it is."""
    with pytest.raises(ValueError, match="is the null id, which identifies no record"):
        read(text)


@pytest.mark.parametrize("prefix", ["001", "006", "00k", "0QL", "500", "800", "802", "a0D", "005", "00d"])
def test_any_record(prefix: str) -> None:
    """A record may be of any object, and is named by either form of its id."""
    text = f"{prefix}30000001n7Pi"

    assert named_record(text) == named_record(record_id(text)) == record_id(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0019000000B98de", "0019000000B98deAAB"), ("order 17", "order 17"), ("0019000000B98deXXX", "0019000000B98deXXX")],
)
def test_long_form_of_any_text(text: str, expected: str) -> None:
    """What may hold a record id has it in its long form, and any other text as it is."""
    assert long_form(text) == expected


def test_account_and_opportunity() -> None:
    """Ids of accounts and opportunities are stored in their long form."""
    assert account_id("0019000000b98deaab") == "0019000000B98deAAB"
    assert opportunity_id("006000000000001") == "006000000000001AAA"


def test_no_organization() -> None:
    """An account's id is no organization's."""
    with pytest.raises(ValueError, match="is not an organization id"):
        organization_id("0019000000B98de")


@pytest.mark.parametrize("given_id", ["a0D30000001n7Pi", "a0D30000001n7PiEAI", "a0d30000001n7pieai"])
def test_an_id_for_the_log(given_id: str) -> None:
    """What has the form of a record id goes into the log in its long form."""
    assert plain_id(given_id) == "a0D30000001n7PiEAI"


@pytest.mark.parametrize(
    "given_id", ["ann@acme.example", "", "a0D30000001n7P", "a0D30000001n7PiEAI1", None, 5, ["a0D30000001n7Pi"]]
)
def test_no_id_for_the_log(given_id: object) -> None:
    """Whatever else stands in its place does not."""
    assert plain_id(given_id) is None
