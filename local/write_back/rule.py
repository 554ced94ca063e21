"""The template's rule: which events it takes, and what its input transformer makes of them.

Source: Amazon EventBridge User Guide, "Event patterns" and "Input transformation". A path that an event lacks becomes
nothing. Values are not escaped.
"""

import re
from collections.abc import Mapping
from typing import Any

from local.stack.expansion import expanded

_PLACEHOLDER = re.compile(r"<([^<>]*)>")
type Event = Mapping[str, Any]


class Rule:
    """The rule `SalesforceRule` of a stack that serves an org."""

    def __init__(self, org_id: str) -> None:
        properties = expanded()["Resources"]["SalesforceRule"]["Properties"]
        self.pattern = _resolved(properties["EventPattern"], {"SalesforceOrgId": org_id})
        (target,) = properties["Targets"]
        self.paths: dict[str, str] = target["InputTransformer"]["InputPathsMap"]
        self.template: str = target["InputTransformer"]["InputTemplate"]

    def takes(self, event: Event) -> bool:
        """Whether an event of the bus matches the pattern."""
        return _matches(self.pattern, event)

    def transformed(self, event: Event) -> str:
        """Return the text that is queued for an event."""
        values = {name: _text(_found(path, event)) for name, path in self.paths.items()}
        return _PLACEHOLDER.sub(lambda found: values[found[1]], self.template)


def _resolved(part: Any, parameters: Mapping[str, str]) -> Any:  # noqa: ANN401 - any part of a template
    if isinstance(part, dict) and set(part) == {"Ref"}:
        return parameters[part["Ref"]]
    if isinstance(part, dict):
        return {name: _resolved(value, parameters) for name, value in part.items()}
    return [_resolved(value, parameters) for value in part] if isinstance(part, list) else part


def _matches(pattern: Mapping[str, Any], event: Event) -> bool:
    return all(_field_matches(name, wanted, event) for name, wanted in pattern.items())


def _field_matches(name: str, wanted: Any, event: Event) -> bool:  # noqa: ANN401 - any pattern
    if name == "$or":
        return any(_matches(one, event) for one in wanted)
    if isinstance(wanted, dict):
        return _matches(wanted, event.get(name, {}))
    return any(one == {"exists": name in event} or (name in event and one == event[name]) for one in wanted)


def _found(path: str, event: Event) -> Any:  # noqa: ANN401 - any JSON
    found: Any = event
    for name in path.removeprefix("$.").split("."):
        found = found.get(name, "") if isinstance(found, Mapping) else ""
    return found


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON
    return str(value).lower() if isinstance(value, bool) else str(value)
