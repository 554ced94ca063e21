"""The terms that a subscription has: as Stigg shows them, and where it does not, as they were last sent."""

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
"""The terms that are lists: PATCH replaces each as a whole."""

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
"""The terms whose change may wait."""

_OF_ONE_CHANGE = {"isBackdated", "isInvoicePaid", "prorationBehavior"}
"""What billing information says of one change. Sent again with the next, it would settle an invoice that is unpaid."""


class Unknown(Enum):
    """Stands for a term that Stigg does not show and that nobody here has sent."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


class SubscriptionTerms:
    """A subscription's terms, by their names in Stigg: those in force, and those ``scheduled`` that still wait."""

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
        """Return a term, None or an empty list if there is none, ``UNKNOWN`` if nobody can tell."""
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
        """Return every term that there is, as far as anybody can tell."""
        values = {name: self.value(name) for name in {**self.remembered, **self._shown}}
        return {name: value for name, value in values.items() if value is not UNKNOWN and value not in (None, [], {})}

    def same(self, field: str, wanted: object) -> bool:
        """Whether a term surely is as wanted already, and nothing waits that would change it."""
        value = self.value(field)
        if value is UNKNOWN or self.deferred(field):
            return False
        match field:
            case "billingPeriod":
                return {value, self._period_shown} - {None} == {wanted}
            case "appliedCoupon":
                return _equal(value, wanted) and self._applies(wanted)
            case "minimumSpend" | "budget" if isinstance(wanted, dict) and isinstance(value, dict):
                return all(_equal(value.get(name), part) for name, part in wanted.items())
            case _:
                return _equal(value, wanted)

    def without_arrivals(self) -> SubscriptionTerms:
        """Return the terms for the case that what no longer waits was withdrawn, and never came into force."""
        return SubscriptionTerms(self.current, self._last_sent, self.scheduled)

    def deferred(self, field: str) -> bool:
        """Whether a change of the term waits for its time or for a payment."""
        kinds = _KIND_OF_CHANGE.get(field, set())
        return any(
            update.subscription_schedule_type in kinds and update.is_waiting for update in self.current.future_updates
        )

    @property
    def entitlement_names(self) -> set[str]:
        """The ids of the entitlements that Stigg shows, without how much each grants."""
        return {reference.id for reference in self.current.subscription_entitlements}

    @property
    def is_ours(self) -> bool:
        """Whether the subscription was provisioned here, so that what was not sent is not there."""
        return "planId" in self.remembered

    @property
    def _coupons(self) -> set[str]:
        return {coupon.id for coupon in self.current.coupons if coupon.status == "ACTIVE"}

    @property
    def _period_shown(self) -> str | None:
        """The billing period by the length of the current one, where it is a full one."""
        start, end = self.current.current_billing_period_start, self.current.current_billing_period_end
        days = (end - start).days if start and end and self.current.status == "ACTIVE" else 0
        return "ANNUALLY" if days >= 360 else "MONTHLY" if 28 <= days <= 31 else None

    def _applies(self, coupon: Any) -> bool:  # noqa: ANN401 - a coupon as it is sent
        coupon_id = coupon.get("couponId") if isinstance(coupon, dict) else None
        return coupon_id is None or coupon_id in self._coupons

    def _entitlements(self) -> Any:  # noqa: ANN401 - a list, or unknown
        """Return the entitlements with their limits: those last sent, if Stigg shows the same ones."""
        remembered = self.remembered.get("entitlements", [])
        return remembered if set(by_name("entitlements", remembered)) == self.entitlement_names else UNKNOWN


def terms_in_force(state: SubscriptionState | None, current: Subscription) -> SubscriptionTerms:
    """Return the terms of a subscription that was just read, with what is remembered of it."""
    return SubscriptionTerms(current, state.terms, state.scheduled_terms) if state else SubscriptionTerms(current, {})


def by_name(field: str, items: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the items of one of the lists by their names, in their order."""
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
    """Return a remembered term without what was said of one change only."""
    if field != "billingInformation" or value is None:
        return value
    return {name: part for name, part in value.items() if name not in _OF_ONE_CHANGE}


def _equal(one: object, other: object) -> bool:
    """Whether two terms are the same on the wire, where a date is text and 5.0 is 5, and a list has any order."""
    return _on_the_wire(one) == _on_the_wire(other)


def _on_the_wire(term: object) -> object:
    dumps = partial(decimal_json.dumps, sort=True)
    return sorted(map(dumps, term)) if isinstance(term, list) else dumps(term)
