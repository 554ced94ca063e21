"""The organization's values of the Stigg Settings. A value that an admin has entered stays."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from console.errors import BadInputError
from console.org_setup import project
from console.org_setup.found import Found, State
from console.org_setup.setup import Setup

_WORDS = {"true": True, "false": False}


def read(file: Path | None, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of a TOML file and of options, which win, by API name. Raises BadInputError."""
    return {_api_name(name): _checked(name, value) for name, value in {**_of_file(file), **given}.items()}


def fill(setup: Setup) -> Iterator[Found]:
    """Enter the values that are wished and that the org does not have."""
    wished = setup.wishes.settings
    if setup.dry_run and not setup.is_deployed:
        yield Found(State.CREATED, _named(wished))
        return
    record = _record(setup)
    if not wished and not record:
        yield Found(State.LEFT, "no values are given (--settings, --set): Setup, Custom Settings, Stigg Settings")
        return
    differing = {name: value for name, value in wished.items() if record.get(name) not in {value, None, ""}}
    missing = {name: value for name, value in wished.items() if record.get(name) in {None, ""}}
    if record and not missing:
        yield Found(State.THERE, _named({name: record.get(name) for name in _names() if record.get(name)}))
    else:
        _save(setup, record.get("Id"), missing)
        yield Found(State.CHANGED if record else State.CREATED, _named(missing))
    if differing:
        yield Found(State.LEFT, f"the org keeps its own {_named(differing)}; to change: Setup, Custom Settings")


def _save(setup: Setup, record_id: str | None, values: Mapping[str, Any]) -> None:
    if setup.dry_run:
        return
    path = f"/sobjects/{project.SETTINGS}"
    if record_id is None:
        setup.org.send("POST", path, {"SetupOwnerId": setup.org.id, **values})
    else:
        setup.org.send("PATCH", f"{path}/{record_id}", values)


def _record(setup: Setup) -> dict[str, Any]:
    found = setup.org.find(project.SETTINGS, "Id", *_names(), SetupOwnerId=setup.org.id)
    return found[0] if found else {}


def _fields() -> dict[str, project.Field]:
    return {field.name: field for field in project.fields() if field.record == project.SETTINGS}


def _names() -> list[str]:
    return list(_fields())


def _named(values: Mapping[str, Any]) -> str:
    return ", ".join(_fields()[name].label for name in values) or "no values"


def _of_file(file: Path | None) -> dict[str, Any]:
    try:
        return {} if file is None else tomllib.loads(file.read_text())
    except OSError as error:
        raise BadInputError(f"{file} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise BadInputError(f'{file} is no TOML, such as Currency = "USD": {error}') from None


def _api_name(name: str) -> str:
    known = _names()
    if name not in known and f"{name}__c" not in known:
        names = ", ".join(one.removesuffix("__c") for one in known)
        raise BadInputError(f"The Stigg Settings have no {name}. They have: {names}.")
    return name if name in known else f"{name}__c"


def _checked(name: str, value: Any) -> str | bool:  # noqa: ANN401 - any TOML
    field = _fields()[_api_name(name)]
    if field.kind == "Checkbox":
        ticked = _WORDS.get(value.lower()) if isinstance(value, str) else value
        if not isinstance(ticked, bool):
            raise BadInputError(f"{name} is a checkbox: true or false.")
        return ticked
    if not isinstance(value, str) or not value or len(value) > (field.length or 255):
        raise BadInputError(f"{name} takes a text of 1 to {field.length or 255} characters.")
    if field.kind == "Url" and not value.startswith("https://"):
        raise BadInputError(f"{name} takes a web address that begins with https://.")
    return value
