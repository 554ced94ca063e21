"""The example requests under `events/<action>/`: `api.<case>.json` and `direct.<case>.json`.

An `api` file is an API Gateway proxy event, a `direct` file the body itself. A case that starts with `bad-` is
refused (4xx); every other one succeeds, once the customer or the subscription
that it names exists.
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
NOTHING_SOLD = "00k5g00000LnZzZ"
"""The one record in these files that is not meant to have a subscription when it is to be changed."""
OF_A_SUBSCRIPTION = {
    "cancel-subscription",
    "get-subscription",
    "reschedule-cancellation",
    "set-subscription-metadata",
}
"""The actions that change, or show, a subscription that exists."""
SOLD = {
    "customerId": "cust-acme",
    "customerName": "Acme Corporation",
    "planId": "plan-workspace",
    "billingPeriod": "MONTHLY",
    "paymentCollectionMethod": "NONE",
    "cancellationDate": "2099-12-31",
    "metadata": {"opportunity": "0065g00000OpPtYAAV"},
}
"""The subscription that those are about, but for its record."""


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

    def earlier(self) -> tuple[str, dict[str, Any]] | None:
        """The action that must come before, with its request: it makes what this one is about. None if none must."""
        if self.action == "create-customer":
            return None
        body = json.loads(self.body)
        return _subscription(body) if self.action in OF_A_SUBSCRIPTION else _customer(body)


def _customer(body: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    named = {name: body[name] for name in ("customerId", "salesforceAccountId") if body.get(name)}
    needs_none = not named or named.get("customerId") == NOBODY
    return None if needs_none else ("create-customer", {**named, "name": "Acme Corporation"})


def _subscription(body: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Provision for the record that is named, beside what runs already."""
    record = body.get("salesforceRecordId")
    if record in {None, NOTHING_SOLD}:
        return None
    return "create-subscription", {**SOLD, "salesforceRecordId": record, "resourceId": record}


def event(name: str) -> Event:
    """The event of a name such as `create_customer/api.with-email`."""
    return Event(FOLDER / f"{name}.json")


def events(caller: str = "*") -> list[Event]:
    """Every event, or every one of a caller."""
    return [Event(path) for path in sorted(FOLDER.glob(f"*/{caller}.*.json"))]
