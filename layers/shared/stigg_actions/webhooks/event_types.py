"""The names of Stigg's events, and what they decide, by one rule: names that are new need no change here."""

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
"""The detail type of what is about nothing that this deployment keeps."""
UNKNOWN = "unknown"
"""The name of an event whose own name cannot be told on."""


def kind_of(name: object) -> str:
    """Return the name under which an event is told: Stigg's own in lower case, its words joined by ``_``.

    Dots stay where Stigg has set them; without any, the first word is the area: ``SUBSCRIPTION_CANCELED`` is
    ``subscription.canceled``, and ``promotionalEntitlement.granted`` is ``promotional_entitlement.granted``.
    """
    if not isinstance(name, str) or not _PLAIN.fullmatch(name):
        return UNKNOWN
    words = _WITHIN_A_PART.sub("_", name).lower()
    return words if "." in words else words.replace("_", ".", 1)


def area_of(kind: str) -> str:
    """Return what an event is about by the first word of its name: ``customer``, ``subscription``, ``credit``, ...

    A word that is new stands for itself.
    """
    first = _BETWEEN_WORDS.split(kind)[0].removesuffix("s")
    return _AREAS.get(first, first)


def is_of_grant(kind: str) -> bool:
    """Whether an event is about one credit grant, rather than a balance or a type of credits."""
    return re.match("credits?(grant|expired)", _squeezed(kind)) is not None


def tells_failed_payment(kind: str) -> bool:
    """Whether an event tells that a customer's payment failed."""
    return _squeezed(kind).startswith("customerpaymentfailed")


def detail_type(kind: str) -> str:
    """Return the EventBridge detail type of an event."""
    return _DETAIL_TYPES.get(area_of(kind), OTHER)


def _squeezed(kind: str) -> str:
    return _BETWEEN_WORDS.sub("", kind)
