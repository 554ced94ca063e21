"""Foresee what the writes of a subscription do. The checks before a request is sent are the writes' own."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.errors import Refused
from stigg_actions.models.price import Blocker, Price
from stigg_actions.stigg import refusals
from stigg_actions.subscriptions import pricing
from stigg_actions.subscriptions.carry_over import changes_by_replacement, outlook_of
from stigg_actions.subscriptions.diff import changes_by_amendment, differences, picture_of
from stigg_actions.subscriptions.pricing import Priced
from stigg_actions.subscriptions.renewal_plan import HOW_WHEN_NEW
from stigg_actions.subscriptions.replacement_rules import of_another_product
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.subscriptions.terms import terms_in_force
from stigg_actions.writes.cancel_subscription import possible_instead

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stigg_actions.models.subscription_data import Change
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.snapshot import Snapshot
    from stigg_actions.subscriptions.renewal_plan import RenewalPlan
    from stigg_actions.subscriptions.terms import SubscriptionTerms
    from stigg_actions.writes.cancel_subscription import CancelSubscriptionWrite
    from stigg_actions.writes.downgrade_subscription import DowngradeSubscriptionWrite
    from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite
    from stigg_actions.writes.update_subscription import UpdateSubscriptionWrite

_NOT_BY_AN_AMENDMENT = dict.fromkeys(name for name in Price.model_fields if name.startswith("immediate_"))
"""Price fields that Stigg's preview gives for a new subscription only. An amendment is invoiced in another way."""

_PACKAGE = {"addons", "appliedCoupon", "billingPeriod", "charges", "priceOverrides"}
"""The terms whose change waits if the request says when. Stigg makes other changes at once."""


class Forecast(NamedTuple):
    """What a write would do. ``later``: it takes effect later, at ``at`` if that is known; None: it changes nothing.

    ``own``: the fields of an answer that has fields of its own for a dry run.
    """

    outcome: str
    later: bool | None = None
    at: datetime | None = None
    changes: Sequence[Change] = ()
    blockers: Sequence[Blocker] = ()
    price: Price = Price()
    not_priced: Sequence[str] | None = None
    fallback_used: str | None = None
    own: Mapping[str, Any] = MappingProxyType({})


def timing(forecast: Forecast) -> dict[str, Any]:
    """Return the fields of ``Timing``."""
    if forecast.later is None:
        return {}
    return {
        "takes_effect": "later" if forecast.later else "now",
        **drop_none({"takes_effect_at": forecast.at if forecast.later else None}),
    }


def _update(write: UpdateSubscriptionWrite, snapshot: Snapshot, current: Subscription) -> Forecast:
    """Foresee an amendment. Raises what it raises before it is sent."""
    terms = terms_in_force(snapshot.subscription, current)
    body = write.body(current, terms)
    if not body:
        return Forecast("unchanged")
    wanted = write.amendment.wanted(terms)
    priced = _price_of_amendment(write, terms, wanted)
    later, at = _when_amended(body, write.amendment.modifiers, current)
    return Forecast(
        "scheduled" if later else "updated",
        later,
        at,
        changes_by_amendment(terms.known(), wanted),
        pricing.blockers(priced.blocker, ()),
        priced.price.model_copy(update=_NOT_BY_AN_AMENDMENT),
        pricing.not_priced(wanted),
    )


def _cancel(write: CancelSubscriptionWrite, snapshot: Snapshot, current: Subscription) -> Forecast:  # noqa: ARG001
    """Foresee a cancellation. Raises RequestInvalid if its date lies in the past."""
    write.check_date()
    if current.has_ended:
        return Forecast("unchanged")
    ends_at, reason = write.ends_at(current), write.why_only_now(current)
    if reason and not write.request.fallback:
        refusal = possible_instead(_refused(reason))
        return Forecast("scheduled", later=True, blockers=[pricing.blocker(refusal)])
    if ends_at is None or reason:
        ended = differences({"status": current.status}, {"status": "CANCELED"})
        return Forecast("canceled", later=False, changes=ended, fallback_used="now" if reason else None)
    dates = [drop_none({"cancellationDate": date}) for date in (current.cancellation_date, ends_at)]
    return Forecast("scheduled", later=True, at=ends_at, changes=differences(*map(picture_of, dates)))


def _downgrade(write: DowngradeSubscriptionWrite, snapshot: Snapshot, current: Subscription) -> Forecast:
    """Foresee a downgrade. Raises what it raises before it is sent."""
    when = write.when(snapshot, current)
    if when is None:
        return Forecast("unchanged")
    later, at = write.starts_later(current), write.starts_at(current)
    new = {name: value for name, value in write.terms(snapshot).items() if name not in HOW_WHEN_NEW}
    known = terms_in_force(snapshot.subscription, current).known()
    body = _of_customer({**write.terms(snapshot), **when}, current)
    priced = pricing.price(write.deps.stigg, body, write.field_names)
    replaced = _replaced(write, current, new["planId"])
    at_once = "replaced" if replaced else "created"
    return Forecast(
        "scheduled" if later else at_once,
        later,
        at,
        changes_by_replacement(known, {**new, **drop_none({"startDate": at if later else None})}),
        pricing.blockers(priced.blocker, replaced),
        priced.price,
        pricing.not_priced(new),
    )


def _renew(write: RenewSubscriptionWrite, snapshot: Snapshot, current: Subscription) -> Forecast:
    """Foresee a renewal. Raises what it raises before it is sent."""
    plan = write.plan(snapshot, current)
    price, blockers, terms = _price_of(write, plan, current)
    later, at = _when_renewed(plan, current, write.deps.clock.now())
    own = {
        "decision": plan.decision,
        "reasons": plan.reasons,
        "changes": plan.changes,
        "blockers": blockers,
        "not_priced": pricing.not_priced(terms),
        **drop_none({"salesforce_record_id": write.owner(snapshot).record_id}),
        **price.model_dump(exclude_none=True),
    }
    forecast = Forecast(plan.decision, later, at)
    return forecast._replace(own={**own, **timing(forecast)})


def _price_of_amendment(write: UpdateSubscriptionWrite, terms: SubscriptionTerms, wanted: Mapping[str, Any]) -> Priced:
    """Return the price of an amended subscription. One that has ended cannot be amended."""
    if terms.current.has_ended:
        refusal = _refused(f"Subscription {terms.current.id} is {terms.current.status}")
        return Priced(Price(), pricing.blocker(refusal))
    return pricing.price(write.deps.stigg, _of_customer(outlook_of(terms, wanted), terms.current))


def _refused(said: str) -> Refused:
    """Return the refusal that Stigg would give, in its words."""
    return Refused("REFUSED_BY_STIGG", refusals.words("REFUSED_BY_STIGG", said=said).sentence)


BY_KIND: Mapping[str, Callable[[Any, Snapshot, Subscription], Forecast]] = {
    "update": _update,
    "cancel": _cancel,
    "downgrade": _downgrade,
    "renew": _renew,
}
"""By the kind of the write."""


def _price_of(
    write: RenewSubscriptionWrite, plan: RenewalPlan, current: Subscription
) -> tuple[Price, list[Blocker], Sequence[str]]:
    """Return the price, the blockers and the priced terms. Only a replacement is blocked by an unpaid invoice.

    Raises:
        RequestInvalid: the new subscription would run beside the present one.
    """
    if plan.decision == "none":
        return Price(), [], ()
    terms = _of_customer(plan.outlook, current)
    priced = pricing.price(write.deps.stigg, terms)
    if plan.decision != "replace":
        price = priced.price.model_copy(update=_NOT_BY_AN_AMENDMENT)
        return price, pricing.blockers(priced.blocker, ()), [*terms]
    replaced = _replaced(write, current, terms["planId"])
    is_beside = plan.other_plan_id and current.is_active and current.id not in {item.id for item in replaced}
    if is_beside and not priced.blocker:
        raise of_another_product()
    return priced.price, pricing.blockers(priced.blocker, replaced), [*terms]


def _of_customer(terms: Mapping[str, Any], current: Subscription) -> dict[str, Any]:
    return drop_none({"resourceId": current.resource_id, **terms, "customerId": current.customer_id})


def _replaced(
    write: RenewSubscriptionWrite | DowngradeSubscriptionWrite, current: Subscription, plan_id: str
) -> list[Subscription]:
    return pricing.replaced(
        write.deps.stigg, customer_id=current.customer_id, plan_id=plan_id, resource_id=current.resource_id
    )


def _when_amended(
    changed: Mapping[str, Any], modifiers: Mapping[str, Any], current: Subscription
) -> tuple[bool, datetime | None]:
    """Return whether a change waits, and until when if that is known."""
    strategy, end = modifiers.get("scheduleStrategy"), current.current_billing_period_end
    if strategy not in {"END_OF_BILLING_PERIOD", "END_OF_BILLING_MONTH"} or end is None or not _PACKAGE & {*changed}:
        return False, None
    return True, end if strategy == "END_OF_BILLING_PERIOD" else None


def _when_renewed(plan: RenewalPlan, current: Subscription, now: float) -> tuple[bool | None, datetime | None]:
    """Return whether a renewal takes effect later, and when if that is known; None if it changes nothing."""
    if plan.decision == "none":
        return None, None
    start = plan.wanted.get("startDate") if plan.decision == "replace" else None
    if isinstance(start, datetime) and start > datetime.fromtimestamp(now, UTC):
        return True, start
    changed = plan.outlook if plan.decision == "replace" else plan.amendment.body(plan.terms)
    return _when_amended(changed, plan.amendment.modifiers, current)
