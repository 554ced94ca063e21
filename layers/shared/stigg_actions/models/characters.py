"""Which characters text may hold. Imported for text that is more than plain ASCII.

What cannot be seen cannot be corrected. So no text holds control characters, marks that turn its direction, or what is
no Unicode text, and every text has something to be seen. What programs compare (keys, values of metadata) holds no
zero-width characters either, except where scripts and emoji need them: after a character outside of ASCII.
"""

import re
from typing import Literal

type Use = Literal["read", "compared", "key", "address"]
"""What text is for: people read it, programs compare it, it names a value, or something is sent to it."""

_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # without tab and line ends
_TURNS = r"\u202a-\u202e\u2066-\u2069"
_NO_TEXT = r"\ud800-\udfff\ufeff\ufff9-\uffff"  # half surrogates, byte order mark, what annotates, no characters
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
    """Check text for a use; it may be blank.

    Raises:
        ValueError: it holds a character that it may not, or only such as cannot be seen.
    """
    refused = next((match[0] for kind in _REFUSED[use] if (match := kind.search(text))), None)
    if refused is not None:
        raise ValueError(f"holds {_named(refused)}; remove it")
    if text.strip() and not _SEEN.search(text):
        raise ValueError("holds only characters that cannot be seen; give a text that can")


def _named(character: str) -> str:
    if re.match(f"[{_CONTROLS}]", character):
        return "a control character"
    return f"the character U+{ord(character):04X}, which cannot be seen"
