"""The example requests under `events/<action>/`: `api.<case>.json` and `direct.<case>.json`.

An `api` file is an API Gateway proxy event, a `direct` file the body itself. A case that starts with `bad-` is
refused (4xx); every other one succeeds, once the customer that it names exists.
"""

import base64
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from local.stack.template import ROOT

FOLDER = ROOT / "events"
NOBODY = "cust-nobody"
"""The one customer id in these files that no customer is meant to have."""


@dataclass(frozen=True)
class Event:
    """One file."""

    path: Path

    def __str__(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def action(self) -> str:
        """The action that it calls, as its route is named."""
        return self.path.parent.name.replace("_", "-")

    @property
    def caller(self) -> str:
        """Who sends it: `api` or `direct`."""
        return self.path.name.split(".")[0]

    @property
    def is_refused(self) -> bool:
        """Whether the action must refuse it."""
        return self.path.name.split(".")[1].startswith("bad-")

    @cached_property
    def content(self) -> Any:  # noqa: ANN401 - any JSON
        """The file, as JSON."""
        return json.loads(self.path.read_text())

    @property
    def body(self) -> str:
        """The text of the request's body, whoever sends it."""
        if self.caller == "direct":
            return self.path.read_text()
        text: str = self.content["body"]
        return base64.b64decode(text).decode() if self.content["isBase64Encoded"] else text

    def customer(self) -> dict[str, str] | None:
        """A create-customer request for the customer that must exist before; None if it needs none."""
        if self.action == "create-customer":
            return None
        body = json.loads(self.body)
        named = {name: body[name] for name in ("customerId", "salesforceAccountId") if body.get(name)}
        needs_none = not named or named.get("customerId") == NOBODY
        return None if needs_none else {**named, "name": "Acme Corporation"}


def event(name: str) -> Event:
    """The event of a name such as `create_customer/api.with-email`."""
    return Event(FOLDER / f"{name}.json")


def events(caller: str = "*") -> list[Event]:
    """Every event, or every one of a caller."""
    return [Event(path) for path in sorted(FOLDER.glob(f"*/{caller}.*.json"))]
