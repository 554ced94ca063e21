"""What the pages say about an operation, in plain words."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from stigg_actions.exactly_once.registry import KINDS

type Item = Mapping[str, Any]

REPLAY = (
    "A replay sends the request of this operation again, with its key. It finds the effect in Stigg, or causes it "
    "once. A repeat by the caller at the same time is the same operation. If a newer operation has changed the same "
    "subscription or customer, nothing is sent."
)
FORCE = "Replay it even if it may undo a newer change."

_HAPPENED = {
    "SUCCEEDED": "It took effect in Stigg.",
    "FAILED": "It was refused, or failed. It certainly had no effect.",
    "UNKNOWN": "The answer of Stigg was lost, or the run was cut off. It may have had an effect.",
    "STARTED": "A run is in progress, or has died.",
}
_MEANS = {
    "SUCCEEDED": "Nothing is left to do. A repeat of the same request gets the stored answer.",
    "FAILED": "The record in Salesforce does not have what it asked for. A customer that it should create first may "
    "exist.",
    "UNKNOWN": "The next repeat, the next write of the customer, or reconcile looks for the effect in Stigg and "
    "settles it. Until then, other writes of this customer wait.",
    "STARTED": "If it has died, the next repeat, the next write of the customer, or reconcile settles it within "
    "minutes.",
}
_TONES = {"SUCCEEDED": "good", "FAILED": "bad", "UNKNOWN": "warn", "STARTED": "info"}


def title_of(kind: str) -> str:
    """Return what a kind of operation does: ``Create subscription``."""
    return spaced(action_of(kind).replace("-", " "))


def action_of(kind: str) -> str:
    """Return the action of a kind of operation; the kind itself, if this version does not know it."""
    return KINDS[kind].action if kind in KINDS else kind


def event_of(kind: str) -> str:
    """Return the detail type of the event that a kind of operation puts on the bus once it has taken effect."""
    return KINDS[kind].detail_type if kind in KINDS else ""


def happened(operation: Item) -> str:
    """Return what happened to an operation, with the message of its error."""
    error = operation.get("errorMessage")
    said = _HAPPENED.get(str(operation["status"]), "")
    return f"{said} {error}" if error else said


def means(operation: Item) -> str:
    """Return what the status of an operation means for the record and the customer."""
    return _MEANS.get(str(operation["status"]), "")


def tone_of(status: str) -> str:
    """Return how a status is colored."""
    return _TONES.get(status, "info")


def spaced(text: str) -> str:
    """Return a name in camel case, or any words, as words: ``stepApplied`` is ``Step applied``."""
    words = re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f" {found[1].lower()}", text)
    return words[:1].upper() + words[1:]


def moment(text: str) -> datetime:
    """Return a moment of an answer."""
    return datetime.fromisoformat(text).astimezone(UTC)


def shown_moment(text: object) -> str:
    """Return a moment for people, in UTC to the minute; nothing for none."""
    return f"{moment(str(text)):%Y-%m-%d %H:%M} UTC" if text else ""


def duration(seconds: float) -> str:
    """Return a time that is left: ``about 3 minutes``."""
    left = timedelta(seconds=max(round(seconds), 1))
    if left < timedelta(minutes=2):
        return f"about {left.seconds} s"
    if left < timedelta(hours=2):
        return f"about {round(left.total_seconds() / 60)} minutes"
    return f"about {round(left.total_seconds() / 3600)} hours"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: ``1 row``, ``2 rows``."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
