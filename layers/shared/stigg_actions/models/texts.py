"""Check maps of text, and text inside JSON. Imported only for requests that have them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pydantic_core import PydanticCustomError

from stigg_actions import decimal_json
from stigg_actions.models import characters

_LONGEST_KEY, _LONGEST_VALUE = 255, 5_000


def json_object(value: Any) -> Any:
    """Return a JSON object, parsed if it is JSON text. Raises ValueError."""
    payload = decimal_json.value_of(value)
    if not isinstance(payload, dict):
        raise ValueError("must be a JSON object, or a JSON object as text")  # noqa: TRY004 - pydantic reports ValueError by field
    return payload


def checked_throughout(value: Any, path: str = "") -> Any:
    """Return a JSON value after checking the characters of its keys and texts at any depth.

    Raises:
        ValueError: a character is not allowed. The error names its place, unless that is the value itself.
    """
    match value:
        case str():
            _check_at(path, "", value, "compared")
        case list():
            for index, item in enumerate(value):
                checked_throughout(item, f"{path}[{index}]")
        case dict():
            for name, item in value.items():
                _check_at(path, f"has the key {name!r}, which ", name, "key")
                checked_throughout(item, f"{path}.{name}" if path else name)
    return value


def pairs(value: Any, *, check: bool) -> dict[str, str]:
    """Return a map that is given as an object, as JSON text, or as the list of ``{key, value}`` that a Flow can build.

    Raises:
        ValueError: the value is not a map, a key or value is not text, or, with ``check``, a character is not allowed.
    """
    entries = _entries(decimal_json.value_of(value))
    _check_keys([name for name, _ in entries])
    texts = {name: _map_text(name, item) for name, item in entries if item is not None and item != ""}
    for name, text in texts.items() if check else ():
        _check_at("", f"has the key {name!r}, which ", name, "key")
        _check_at("", f"has a value under {name!r} that ", text, "compared")
    return texts


def _check_at(path: str, part: str, text: str, use: characters.Use) -> None:
    """Check text at a place in a value, and report a problem under that place."""
    try:
        characters.check(text, use)
    except ValueError as error:
        problem = f"{part}{error}"
        if not path:
            raise ValueError(problem) from None
        raise PydanticCustomError("field_problem", "{problem}", {"field": path, "problem": problem}) from None


def _entries(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return [(_stripped(name), _stripped(item)) for name, item in value.items()]
    if isinstance(value, list):
        return [_pair(entry) for entry in value]
    raise ValueError("must be a list of {key, value} or a map")


def _pair(entry: Any) -> tuple[Any, Any]:
    if not isinstance(entry, Mapping) or not {"key"} <= set(entry) <= {"key", "value"}:
        raise ValueError("must contain only entries of the form {key, value}")
    return _stripped(entry["key"]), _stripped(entry.get("value"))


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _check_keys(names: Iterable[Any]) -> None:
    seen: set[str] = set()
    for name in names:
        if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_KEY:
            raise ValueError(f"has a key that is not text of 1 to {_LONGEST_KEY} characters")
        if name in seen:
            raise ValueError(f"gives the key {name!r} twice")
        seen.add(name)


def _map_text(name: str, item: Any) -> str:
    match item:
        case bool():
            return "true" if item else "false"
        case int():
            return str(item)
        case Decimal():
            return decimal_json.plain_number(item)
        case str() if len(item) <= _LONGEST_VALUE:
            return item
    raise ValueError(
        f"has a value under {name!r} that is not text (up to {_LONGEST_VALUE} characters), number or boolean"
    )
