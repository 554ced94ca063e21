"""The events that Stigg tells of, and the many ways in which it writes their names (contract, section 7.2)."""

from __future__ import annotations

import re

KINDS = (
    "customer.created",
    "customer.updated",
    "customer.deleted",
    "customer.payment_failed",
    "subscription.created",
    "subscription.updated",
    "subscription.canceled",
    "subscription.expired",
    "subscription.create_failed",
    "subscription.trial_started",
    "subscription.trial_expired",
    "subscription.trial_converted",
    "subscription.trial.ends_soon",
    "subscription.billing_month.ends_soon",
    "entitlements.updated",
    "promotional_entitlement.granted",
    "promotional_entitlement.updated",
    "promotional_entitlement.revoked",
    "promotional_entitlement.expired",
    "credit_grant.created",
    "credit_grant.updated",
    "credits.expired",
    "credits.balance.depleted",
    "credits.automatic_recharge_limit_exceeded",
    "contract.created",
    "contract.updated",
    "contract.canceled",
    "contract.subscription_added",
    "contract.subscription_removed",
    "plan.created",
    "plan.updated",
    "measurement.reported",
)
"""The names under which this deployment tells them."""

_OTHER_NAMES = {
    "subscription.creation_failed": "subscription.create_failed",
    "subscription.cancelled": "subscription.canceled",
    "customer.archived": "customer.deleted",
    "trial.started": "subscription.trial_started",
    "trial.expired": "subscription.trial_expired",
    "trial.converted": "subscription.trial_converted",
    "trial.ends_soon": "subscription.trial.ends_soon",
    "credits.granted": "credit_grant.created",
    "credits.grant.created": "credit_grant.created",
    "credits.grant.updated": "credit_grant.updated",
}
_BETWEEN_WORDS = re.compile(r"[._\-\s]")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,99}", re.ASCII)
_DETAIL_TYPES = {
    "customer": "Stigg Customer Changed",
    "subscription": "Stigg Subscription Changed",
    "entitlement": "Stigg Entitlements Changed",
    "promotional": "Stigg Entitlements Changed",
    "credit": "Stigg Credits Changed",
}
OTHER = "Stigg Event"
"""The detail type of what is told of nothing that this deployment keeps."""
UNKNOWN = "unknown"
"""The name of an event whose own name cannot be told on."""


def _normalised(name: str) -> str:
    return _BETWEEN_WORDS.sub("", name).lower()


_BY_NORMALISED = {
    **{_normalised(kind): kind for kind in KINDS},
    **{_normalised(other): kind for other, kind in _OTHER_NAMES.items()},
}


def kind_of(name: object) -> str:
    """Return the one name of an event, however it is spelt; one that is not known keeps its own."""
    if not isinstance(name, str):
        return UNKNOWN
    known = _BY_NORMALISED.get(_normalised(name))
    return known or (name if _PLAIN.fullmatch(name) else UNKNOWN)


def area_of(kind: str) -> str:
    """Return what an event is about, whether it is known or not: `customer`, `subscription`, `credit`, ..."""
    return _BETWEEN_WORDS.split(kind.lower())[0].removesuffix("s")


def detail_type(kind: str) -> str:
    """Return the EventBridge detail type of an event."""
    return _DETAIL_TYPES.get(area_of(kind), OTHER)
