"""Which characters text may contain. Imported only for text beyond plain ASCII.

Users cannot correct a character that they cannot see. So text has at least one visible character, and no control
characters, direction marks or invalid Unicode. Text that programs compare (keys and values of metadata) has no
zero-width characters either, except after a character outside ASCII, where scripts and emoji need them.
"""

import re
from typing import Literal

type Use = Literal["read", "compared", "key", "address"]
"""What text is for: people read it, programs compare it, or it is a key or an address."""

_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # except tab and line ends
_TURNS = r"\u202a-\u202e\u2066-\u2069"
_NO_TEXT = r"\ud800-\udfff\ufeff\ufff9-\uffff"  # half surrogates, byte order mark, annotations, noncharacters
_OF_SCRIPTS = r"\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f"  # they join letters, vary signs, and make flags
_UNSEEN = (
    r"\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2060-\u206f\u2800\u3164\uffa0"
    r"\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e0fff"
)

_HARMFUL = re.compile(f"[{_CONTROLS}{_TURNS}{_NO_TEXT}]")
_ZERO_WIDTH = re.compile(r"(?<![^\x00-\x7f])[\u200b-\u200d\u2060]")
_OTHER_SPACES = re.compile(r"[^\S ]")
_SEEN = re.compile(rf"[^\s{_CONTROLS}{_TURNS}{_NO_TEXT}{_OF_SCRIPTS}{_UNSEEN}]")

_REFUSED: dict[Use, tuple[re.Pattern[str], ...]] = {
    "read": (_HARMFUL,),
    "compared": (_HARMFUL, _ZERO_WIDTH),
    "key": (_HARMFUL, _ZERO_WIDTH, _OTHER_SPACES, re.compile(f"[{_UNSEEN}]")),
    "address": (_HARMFUL, _OTHER_SPACES, re.compile(f"[{_UNSEEN}{_OF_SCRIPTS}]")),
}


def check(text: str, use: Use) -> None:
    """Check the characters of text for a use; text may be blank.

    Raises:
        ValueError: the text contains a character that is not allowed, or only invisible ones.
    """
    refused = next((match[0] for kind in _REFUSED[use] if (match := kind.search(text))), None)
    if refused is not None:
        raise ValueError(f"contains {_named(refused)}; remove it")
    if text.strip() and not _SEEN.search(text):
        raise ValueError("contains only invisible characters; give visible text")


def _named(character: str) -> str:
    if re.match(f"[{_CONTROLS}]", character):
        return "a control character"
    return f"the invisible character U+{ord(character):04X}"
