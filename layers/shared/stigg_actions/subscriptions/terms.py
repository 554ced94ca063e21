"""The terms of a subscription: as Stigg returns them, or else as they were last sent."""

from __future__ import annotations

from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json
from stigg_actions.models.update_subscription import item_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import SubscriptionState

LISTS = ("addons", "charges", "entitlements", "priceOverrides")
"""The terms that are lists. PATCH replaces each as a whole."""

_KIND_OF_CHANGE = {
    "addons": {"ADDON"},
    "appliedCoupon": {"COUPON"},
    "billingInformation": {"BILLING_INFO_METADATA"},
    "billingPeriod": {"BILLING_PERIOD"},
    "charges": {"UNIT_AMOUNT", "RECURRING_CREDITS"},
    "metadata": {"ADDITIONAL_META_DATA"},
    "priceOverrides": {"PRICE_OVERRIDE"},
}


DEFERRABLE = frozenset(_KIND_OF_CHANGE)
"""The terms whose change may be deferred."""

_OF_ONE_CHANGE = {"isBackdated", "isInvoicePaid", "prorationBehavior"}
"""Billing information about one change only. Sent again with the next one, it could mark an unpaid invoice as paid."""


class Unknown(Enum):
    """Marks a term that Stigg does not return and that the actions have not sent."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


class SubscriptionTerms:
    """The terms of a subscription, by their names in Stigg: those in force, and ``scheduled`` ones that still wait."""

    def __init__(
        self, current: Subscription, remembered: Mapping[str, Any], scheduled: Mapping[str, Any] | None = None
    ) -> None:
        self.current = current
        self.scheduled = {name: value for name, value in (scheduled or {}).items() if self.deferred(name)}
        arrived = {name: value for name, value in (scheduled or {}).items() if name not in self.scheduled}
        self._last_sent = remembered
        self.remembered = {**remembered, **arrived}
        self._shown = _shown(current)

    def value(self, field: str) -> Any:  # noqa: ANN401 - a term is any JSON
        """Return a term; None or an empty list if it is not set, ``UNKNOWN`` if it is not known."""
        return UNKNOWN if self.current.is_unread(field) else self._value(field)

    def _value(self, field: str) -> Any:  # noqa: ANN401 - a term is any JSON
        if field in self._shown:
            return self._shown[field]
        if field == "entitlements":
            return self._entitlements()
        if field in {"appliedCoupon", "promotionCode"} and not self._coupons:
            return None
        if field == "billingPeriod" and field not in self.remembered and self._period_shown:
            return self._period_shown
        if field in self.remembered or self.is_ours:
            return _lasting(field, self.remembered.get(field, [] if field in LISTS else None))
        return UNKNOWN

    def known(self) -> dict[str, Any]:
        """Return the terms that are set and known."""
        values = {name: self.value(name) for name in {**self.remembered, **self._shown}}
        return {name: value for name, value in values.items() if value is not UNKNOWN and value not in (None, [], {})}

    def same(self, field: str, requested: object) -> bool:
        """Whether a term certainly is as requested already, and no waiting change affects it."""
        value = self.value(field)
        if value is UNKNOWN or self.deferred(field):
            return False
        match field:
            case "billingPeriod":
                return {value, self._period_shown} - {None} == {requested}
            case "appliedCoupon":
                return _equal(value, requested) and self._applies(requested)
            case "minimumSpend" | "budget" if isinstance(requested, dict) and isinstance(value, dict):
                return all(_equal(value.get(name), part) for name, part in requested.items())
            case _:
                return _equal(value, requested)

    def without_arrivals(self) -> SubscriptionTerms:
        """Return the terms as if the changes that no longer wait were withdrawn and never took effect."""
        return SubscriptionTerms(self.current, self._last_sent, self.scheduled)

    def deferred(self, field: str) -> bool:
        """Whether a change of the term waits for its time or for a payment."""
        kinds = _KIND_OF_CHANGE.get(field, set())
        return any(
            update.subscription_schedule_type in kinds and update.is_waiting for update in self.current.future_updates
        )

    @property
    def entitlement_names(self) -> set[str]:
        """The ids of the entitlements that Stigg returns, without their limits."""
        return {reference.id for reference in self.current.subscription_entitlements}

    @property
    def is_ours(self) -> bool:
        """Whether the actions provisioned the subscription, so that a term that was not sent is not set."""
        return "planId" in self.remembered

    @property
    def _coupons(self) -> set[str]:
        return {coupon.id for coupon in self.current.coupons if coupon.status == "ACTIVE"}

    @property
    def _period_shown(self) -> str | None:
        """The billing period, judged by the length of the current one if that is a full period."""
        start, end = self.current.current_billing_period_start, self.current.current_billing_period_end
        days = (end - start).days if start and end and self.current.status == "ACTIVE" else 0
        return "ANNUALLY" if days >= 360 else "MONTHLY" if 28 <= days <= 31 else None

    def _applies(self, coupon: Any) -> bool:  # noqa: ANN401 - a coupon as it is sent
        coupon_id = coupon.get("couponId") if isinstance(coupon, dict) else None
        return coupon_id is None or coupon_id in self._coupons

    def _entitlements(self) -> Any:  # noqa: ANN401 - a list, or unknown
        """Return the entitlements with their limits as last sent, if Stigg returns the same ids."""
        remembered = self.remembered.get("entitlements", [])
        return remembered if set(by_name("entitlements", remembered)) == self.entitlement_names else UNKNOWN


def terms_in_force(state: SubscriptionState | None, current: Subscription) -> SubscriptionTerms:
    """Return the terms of a subscription that was just read, completed by the stored ones."""
    return SubscriptionTerms(current, state.terms, state.scheduled_terms) if state else SubscriptionTerms(current, {})


def terms_after_a_drop(
    state: SubscriptionState, after: Subscription, kinds: set[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the terms in force and those that still wait, once changes of these kinds were dropped.

    A term that no longer waits has arrived, unless it was dropped.
    """
    dropped = {name for name, its_kinds in _KIND_OF_CHANGE.items() if its_kinds & kinds}
    kept = {name: value for name, value in state.scheduled_terms.items() if name not in dropped}
    terms = SubscriptionTerms(after, state.terms, kept)
    return terms.remembered, terms.scheduled


def by_name(field: str, items: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the items of a list by their names, in their order."""
    return {item_name(field, item): item for item in items}


def _shown(current: Subscription) -> dict[str, Any]:
    return {
        "planId": current.plan_id,
        "resourceId": current.resource_id,
        "startDate": current.start_date,
        "cancellationDate": current.cancellation_date,
        "trialEndDate": current.trial_end_date,
        "paymentCollectionMethod": current.payment_collection_method,
        "payingCustomerId": current.paying_customer_id,
        "addons": [{"id": addon.id, "quantity": int(addon.quantity)} for addon in current.addons],
        "minimumSpend": current.minimum_spend,
        "budget": current.budget,
        "metadata": current.metadata,
    }


def _lasting(field: str, value: Any) -> Any:  # noqa: ANN401 - any term
    """Return a stored term without the parts that concern one change only."""
    if field != "billingInformation" or value is None:
        return value
    return {name: part for name, part in value.items() if name not in _OF_ONE_CHANGE}


def _equal(term: object, other: object) -> bool:
    """Whether two terms are equal as JSON, where a date is text, 5.0 is 5 and lists have no order."""
    return _as_json(term) == _as_json(other)


def _as_json(term: object) -> object:
    dumps = partial(decimal_json.dumps, sort=True)
    return sorted(map(dumps, term)) if isinstance(term, list) else dumps(term)
