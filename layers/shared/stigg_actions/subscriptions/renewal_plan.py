"""Decide how to renew: whether Stigg can change the subscription in place or has to replace it, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models.values import RESERVED_METADATA
from stigg_actions.subscriptions import trials
from stigg_actions.subscriptions.amendment import PATCHABLE_PRICE, Amendment
from stigg_actions.subscriptions.carry_over import (
    CARRIED,
    FIXED,
    IN_PLACE_ALONE,
    as_provisioned,
    changes_by_replacement,
    refuse_unknown_entitlements,
)
from stigg_actions.subscriptions.diff import changes_by_amendment
from stigg_actions.subscriptions.terms import LISTS, UNKNOWN, by_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stigg_actions.models.renew_subscription import RenewSubscription
    from stigg_actions.models.subscription_data import Change
    from stigg_actions.subscriptions.terms import SubscriptionTerms

type Decision = Literal["amend", "replace", "none"]

_HOW = {"awaitPaymentConfirmation", "billingCycleAnchor", "scheduleStrategy"}
HOW_WHEN_NEW = {*_HOW, "checkoutOptions"}
"""Fields that say how a change is made, and are not terms of the subscription."""


@dataclass(frozen=True)
class RenewalPlan:
    """How to bring a subscription to the requested state. ``base``: terms to restore; None: the present ones.

    Raises:
        RequestInvalid: from any property, if the request cannot be carried out.
    """

    request: RenewSubscription
    terms: SubscriptionTerms
    base: Mapping[str, Any] | None
    now: float

    @cached_property
    def decision(self) -> Decision:
        """Amend if Stigg can make every change in place, do nothing if there is no change, else replace."""
        self._refuse_what_cannot_be_amended()
        if self.terms.current.has_ended or self.request.strategy == "replace" or self._fixed:
            return "replace"
        return "amend" if self._different or self.amendment.starts_a_billing_cycle else "none"

    @property
    def reasons(self) -> list[str]:
        """Return the reasons for the decision, in sentences."""
        return list(self._reasons())

    @property
    def changes(self) -> list[Change]:
        """Return the differences between the present and the requested state, field by field."""
        known = self.terms.known()
        if self.decision != "replace":
            return changes_by_amendment(known, self.wanted)
        new = {name: value for name, value in self.replacement.items() if name not in HOW_WHEN_NEW}
        return changes_by_replacement(known, new)

    @cached_property
    def wanted(self) -> dict[str, Any]:
        """The requested terms in full, with a trial as the change in place or the replacement needs it."""
        in_place = trials.in_place(self.asked, self.terms, self.now)
        replaces = self.terms.current.has_ended or self.request.strategy == "replace" or self._fixed_among(in_place)
        return trials.when_replaced(self.asked, self.terms, self.now) if replaces else in_place

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The terms as they are requested, in full; None clears a term."""
        given = {name: value for name, value in self._given.items() if name not in HOW_WHEN_NEW}
        asked = {**(self.base or {}), **given}
        for name in {"metadata", "billingInformation"} & given.keys():
            kept = self.terms.value(name)
            asked[name] = {**(kept if isinstance(kept, dict) else {}), **(self.base or {}).get(name, {}), **given[name]}
        return {**asked, **(self._merged(given) if self.request.merges else {})}

    @property
    def _given(self) -> dict[str, Any]:
        """What is given, without the lists that have nothing to merge, as a Flow sends them."""
        given, merges = self.request.given(), self.request.merges
        return {name: value for name, value in given.items() if value or name not in LISTS or not merges}

    @cached_property
    def amendment(self) -> Amendment:
        """The changes to make in place."""
        how = {name: value for name, value in self.request.given().items() if name in _HOW}
        in_place = {name: value for name, value in self.wanted.items() if name not in FIXED and name != "resourceId"}
        if "metadata" in in_place:  # the actions' own keys may change with it
            kept = in_place["metadata"].items()
            in_place["metadata"] = {name: text for name, text in kept if name not in RESERVED_METADATA}
        return Amendment(in_place, modifiers=how, merges=False)

    @cached_property
    def replacement(self) -> dict[str, Any]:
        """The terms of a new subscription: the present or restored ones, overridden by the requested ones."""
        if self.base is None and "entitlements" not in self.wanted:
            refuse_unknown_entitlements(self.terms)
        return self.outlook

    @cached_property
    def outlook(self) -> dict[str, Any]:
        """The terms of a new subscription as far as they are known, which is enough for a price."""
        carried = dict(self._carried()) if self.base is None else {}
        how = {name: value for name, value in self.request.given().items() if name in HOW_WHEN_NEW}
        terms = {**carried, **self.wanted, **trials.how_replaced(self.wanted, self.terms), **how}
        new = {name: as_provisioned(name, value) for name, value in terms.items() if value is not None}
        return {name: value for name, value in new.items() if value not in ([], {})}

    def to_remember(self, terms: Mapping[str, Any]) -> dict[str, Any]:
        """Return the terms to store after a change in place, with a trial in full."""
        return {**terms, **trials.to_remember(self.asked)}

    def _merged(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the given lists merged with the present ones, without the present plan's price if the plan changes."""
        changes, removed = Amendment(given, self.request.removed()), self.request.removed()
        lists = {name: changes.merged(name, self.terms) for name in LISTS if name in given or removed[name]}
        if self.other_plan_id and "baseCharge" not in by_name("priceOverrides", given.get("priceOverrides", ())):
            lists.get("priceOverrides", {}).pop("baseCharge", None)
        return {name: [*items.values()] for name, items in lists.items()}

    @cached_property
    def _different(self) -> list[str]:
        return sorted(name for name, value in self.wanted.items() if not self.terms.same(name, value))

    @property
    def _fixed(self) -> list[str]:
        """The terms that differ and cannot be changed in place."""
        return self._fixed_among(self.wanted)

    def _fixed_among(self, wanted: Mapping[str, Any]) -> list[str]:
        rich = [price for price in wanted.get("priceOverrides") or () if price.keys() - PATCHABLE_PRICE]
        fixed = {*FIXED, "priceOverrides"} if rich else FIXED.keys()
        return sorted(name for name in wanted.keys() & fixed if not self.terms.same(name, wanted[name]))

    def _refuse_what_cannot_be_amended(self) -> None:
        if self.request.strategy != "amend":
            return
        if self.terms.current.has_ended:
            raise RequestInvalid(
                [Problem("strategy", "amend is not possible, because the subscription has ended; use replace")]
            )
        problem = "cannot be changed in place; use strategy auto or replace"
        if self._fixed:
            raise RequestInvalid([Problem(name, problem) for name in self._fixed])

    def _reasons(self) -> Iterator[str]:
        current = self.terms.current
        if self.base is not None:
            yield f"The terms before the downgrade are restored: plan {self.base.get('planId')}."
            if "cancellationDate" not in self.wanted:
                yield "Its end date is not restored; give cancellationDate if it should end."
        if current.has_ended:
            yield f"Subscription {current.id} has ended ({current.status}), so a new one replaces it."
        elif self.request.strategy == "replace":
            yield "The request has strategy replace."
        for name in self._fixed:
            yield f"{name}: Stigg cannot change {FIXED.get(name, 'such a price')} of a subscription in place."
        if self.decision == "amend" and "trialEndDate" in self.wanted:
            yield trials.reason(self.asked, self.wanted["trialEndDate"])
        if self.decision == "amend":
            yield "Stigg can make all changes in place, which keeps the usage history."
        if self.decision == "none":
            yield "The subscription is already as requested."
        yield from self._left_behind() if self.decision == "replace" else self._followers()

    def _left_behind(self) -> Iterator[str]:
        if not self.terms.is_ours and self.base is None:
            yield (
                "The subscription was not provisioned by the actions: charges, prices and billing details that Stigg "
                "does not return are only kept if the request gives them."
            )
        if self._changes_plan and "priceOverrides" not in self.request.given() and self.base is None:
            prices = by_name("priceOverrides", self._known("priceOverrides") or ())
            if "baseCharge" in prices:
                yield "The price of the present plan is not kept for another plan; give planBaseChargeOverride."
        if self._amended_only:
            remedy = "set it with update-subscription afterwards"
            yield f"{', '.join(self._amended_only)}: not kept, because Stigg accepts it only in place; {remedy}."
        updates = self.terms.current.future_updates
        waiting = sorted({str(update.subscription_schedule_type) for update in updates if update.is_waiting})
        if waiting:
            remedy = "give them in the request if they are needed"
            yield f"Changes that still wait are not kept ({', '.join(waiting)}); {remedy}."

    @property
    def _amended_only(self) -> list[str]:
        """The terms that lose a part, because a new subscription cannot have it from the start."""
        known = {name: value for name in IN_PLACE_ALONE if (value := self._known(name))}
        asked = {**(known if self.base is None else {}), **self.wanted}
        return [name for name in IN_PLACE_ALONE if asked.get(name) and as_provisioned(name, asked[name]) != asked[name]]

    @property
    def other_plan_id(self) -> str | None:
        """The requested plan, if it is not the present one. The plan of restored terms does not count."""
        plan_id = self.request.plan_id
        return None if plan_id == self.terms.current.plan_id else plan_id

    @property
    def _changes_plan(self) -> bool:
        present = self.terms.current.plan_id
        return str(self.wanted.get("planId", present)) != present

    def _followers(self) -> Iterator[str]:
        """Yield which subscriptions wait to replace one that stays."""
        for update in self.terms.current.future_updates:
            if update.is_waiting and update.target_package is not None:
                plan_id = update.target_package.id
                yield f"A subscription to {plan_id} waits to replace it; cancel that one if it is not wanted."

    def _carried(self) -> Iterator[tuple[str, Any]]:
        """Yield the present terms that a replacement keeps."""
        for name in CARRIED:
            value = self._known(name)
            if value not in (None, [], {}):
                yield name, self._without_plan_price(value) if name == "priceOverrides" else value
        end = self.terms.current.cancellation_date
        if end is not None and not self.terms.current.has_ended and end > self._starts_at:
            yield "cancellationDate", end

    def _known(self, name: str) -> Any:  # noqa: ANN401 - any term
        value = self.terms.value(name)
        return None if value is UNKNOWN else value

    def _without_plan_price(self, prices: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        kept = by_name("priceOverrides", prices)
        return [price for name, price in kept.items() if name != "baseCharge" or not self._changes_plan]

    @property
    def _starts_at(self) -> datetime:
        start = self.wanted.get("startDate")
        return start if isinstance(start, datetime) else datetime.fromtimestamp(self.now, UTC)
