"""Which characters text may hold."""

import sys
import unicodedata
from typing import get_args

import pytest

from stigg_actions.models.characters import Use, check

USES: tuple[Use, ...] = get_args(Use.__value__)
FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
SCOTLAND = "\N{WAVING BLACK FLAG}" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbsct") + "\U000e007f"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
KHMER = "\u1797\u17b6\u179f\u17b6\u200b\u1781\u17d2\u1798\u17c2\u179a"
SHOWN_FORMATS = {
    *range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440),
}  # fmt: skip
"""Signs that enclose numbers or arrange hieroglyphs: Unicode calls them formats, and they can be seen."""


def refused(text: str, use: Use) -> bool:
    """Whether text is refused for a use."""
    try:
        check(text, use)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "plain",
        "M\u00fcller & S\u00f6hne",
        "\u5c71\u7530",
        "O\u2019Neil",
        FAMILY,
        SCOTLAND,
        PERSIAN,
        "\u2603\ufe0f",
    ],
)
def test_good_text(use: Use, text: str) -> None:
    """Any script and emoji are good text, for all but addresses with what joins and varies signs."""
    joins = any(character in text for character in "\u200c\u200d\ufe0f\U000e007f")

    assert refused(text, use) is (use == "address" and joins)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a\x00b", "contains a control character; remove it"),
        ("a\x1b[31m", "contains a control character; remove it"),
        ("a\x7f", "contains a control character; remove it"),
        ("a\x85b", "contains a control character; remove it"),
        ("caf\x92", "contains a control character; remove it"),
        ("a\u202eb", "contains the invisible character U+202E; remove it"),
        ("\u2066a\u2069", "contains the invisible character U+2066; remove it"),
        ("\ufeffa", "contains the invisible character U+FEFF; remove it"),
        ("a\ud83d", "contains the invisible character U+D83D; remove it"),
        ("a\uffff", "contains the invisible character U+FFFF; remove it"),
        ("\u200b", "contains only invisible characters; give visible text"),
        ("\u3164 \u2800", "contains only invisible characters; give visible text"),
    ],
)
def test_never_good(text: str, problem: str) -> None:
    """Control characters, marks that turn text, no Unicode, and text that nobody can see are refused by name."""
    with pytest.raises(ValueError, match="contains") as error:
        check(text, "read")

    assert str(error.value) == problem
    assert all(refused(text, use) for use in USES)


@pytest.mark.parametrize(
    ("text", "good_for"),
    [
        ("two\nlines\tand more", {"read", "compared"}),
        ("a\u00a0b", {"read", "compared"}),
        ("gold\u200b", {"read"}),
        ("\u200bgold", {"read"}),
        ("go\u200dld", {"read"}),
        ("gold \u2060", {"read"}),
        (KHMER, {"read", "compared"}),
        ("soft\xadhyphen", {"read", "compared"}),
        ("\u05e9\u05dc\u05d5\u05dd\u200f!", {"read", "compared"}),
    ],
)
def test_good_for_some(text: str, good_for: set[Use]) -> None:
    """What cannot be seen is good beside what can: for people, where scripts need it to compare, never in keys."""
    assert {use for use in USES if not refused(text, use)} == good_for


def test_nothing_that_cannot_be_seen() -> None:
    """No character that Unicode calls a control, format, surrogate or space is a text by itself."""
    unseen = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"} and code not in SHOWN_FORMATS
    ]

    assert len(unseen) > 2_000
    assert [text for text in unseen if text.strip() and not refused(text, "read")] == []


def test_controls_and_surrogates() -> None:
    """Every control character but tab and line ends, and every half of a surrogate pair, is refused in any text."""
    bad = [
        chr(code)
        for code in range(0x10000)
        if unicodedata.category(chr(code)) in {"Cc", "Cs"} and chr(code) not in "\t\n\r"
    ]

    assert len(bad) == 65 - 3 + 2_048
    assert [text for text in bad if not all(refused(f"a{text}b", use) for use in USES)] == []
