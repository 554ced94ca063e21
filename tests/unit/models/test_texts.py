"""Maps of text, and text anywhere in JSON."""

import pytest
from pydantic_core import PydanticCustomError

from stigg_actions.models import texts

SPOILED = {"note\u200b": "a\x92"}


def test_what_was_accepted_before() -> None:
    """Keys and values that were accepted before are taken as they are; their shape is looked at all the same."""
    assert texts.pairs(SPOILED, check=False) == SPOILED
    with pytest.raises(ValueError, match="gives the key 'a' twice"):
        texts.pairs([{"key": "a", "value": "1"}, {"key": "a", "value": "2"}], check=False)


@pytest.mark.parametrize("spoiled", [SPOILED, {"note\u200b": "a"}, {"note": "a\x92"}])
def test_what_is_asked(spoiled: dict[str, str]) -> None:
    """Keys and values of a request are checked."""
    with pytest.raises(ValueError, match="remove it"):
        texts.pairs(spoiled, check=True)


def test_place_in_a_value() -> None:
    """What is wrong in a value is told with its place, what is wrong with the value itself without one."""
    with pytest.raises(PydanticCustomError) as inside:
        texts.checked_throughout([{"a": "b\x07"}])
    with pytest.raises(ValueError, match=r"^contains a control character; remove it$"):
        texts.checked_throughout("b\x07")

    assert (inside.value.context or {})["field"] == "[0].a"
