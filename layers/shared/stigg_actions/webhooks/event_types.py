"""Derive an event's name, area and detail type from Stigg's name by one rule, so that new names need no change."""

from __future__ import annotations

import re

_WITHIN_A_PART = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\- ]+")
_BETWEEN_WORDS = re.compile(r"[._]+")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._\- ]{0,99}", re.ASCII)
_AREAS = {
    "customer": "customer",
    "subscription": "subscription",
    "trial": "subscription",
    "entitlement": "entitlement",
    "promotional": "entitlement",
    "credit": "credit",
}
_DETAIL_TYPES = {
    "customer": "Stigg Customer Changed",
    "subscription": "Stigg Subscription Changed",
    "entitlement": "Stigg Entitlements Changed",
    "credit": "Stigg Credits Changed",
}
OTHER = "Stigg Event"
"""The detail type of events outside the known areas."""
UNKNOWN = "unknown"
"""The name of an event whose own name is malformed."""


def kind_of(name: object) -> str:
    """Return the name under which an event is published: Stigg's name in lower case, its words joined by ``_``.

    Dots stay. In a name without dots, the first word is the area: ``SUBSCRIPTION_CANCELED`` is
    ``subscription.canceled``, and ``promotionalEntitlement.granted`` is ``promotional_entitlement.granted``.
    """
    if not isinstance(name, str) or not _PLAIN.fullmatch(name):
        return UNKNOWN
    words = _WITHIN_A_PART.sub("_", name).lower()
    return words if "." in words else words.replace("_", ".", 1)


def area_of(kind: str) -> str:
    """Return the area of an event from the first word of its name: ``customer``, ``subscription``, ``credit``, ...

    An unknown first word is an area of its own.
    """
    first = _BETWEEN_WORDS.split(kind)[0].removesuffix("s")
    return _AREAS.get(first, first)


def is_of_grant(kind: str) -> bool:
    """Whether an event is about one credit grant, not a balance or a type of credits."""
    return re.match("credits?(grant|expired)", _squeezed(kind)) is not None


def tells_failed_payment(kind: str) -> bool:
    """Whether an event reports a customer's failed payment."""
    return _squeezed(kind).startswith("customerpaymentfailed")


def detail_type(kind: str) -> str:
    """Return the EventBridge detail type of an event."""
    return _DETAIL_TYPES.get(area_of(kind), OTHER)


def _squeezed(kind: str) -> str:
    return _BETWEEN_WORDS.sub("", kind)
