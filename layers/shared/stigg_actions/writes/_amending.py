"""Amend a subscription in place, and find out whether it was amended. Several writes share this effect."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from stigg_actions.errors import OutcomeUnknown, RequestInvalid
from stigg_actions.exactly_once.write import Effect, NextStep
from stigg_actions.models.subscription_data import Change, ChangedSubscription
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.schemas import Subscription
from stigg_actions.storage.snapshot import Run
from stigg_actions.subscriptions.amendment import Amendment
from stigg_actions.subscriptions.diff import changed, differences, picture
from stigg_actions.subscriptions.terms import DEFERRABLE, SubscriptionTerms, terms_in_force
from stigg_actions.writes._subscription_base import subscription_id
from stigg_actions.writes.customer_upsert import OPERATION_METADATA_KEY

_READ_BACK_AT_ONCE = {"budget", "cancellationDate", "metadata", "minimumSpend", "trialEndDate"}
"""Fields that Stigg shows and never defers. Any other change is recognized by its mark."""


class Amending(NamedTuple):
    """One amendment of a run's subscription.

    Stigg does not show every change, or not at once. The operation's mark, sent in the metadata with such a change,
    shows that it was made. ``marks`` is further metadata to set with it.
    """

    stigg: Stigg
    run: Run
    amendment: Amendment
    marks: Mapping[str, str] = MappingProxyType({})

    def send(self, current: Subscription) -> Effect[ChangedSubscription]:
        """Send the terms that differ from the subscription as read, and read it back. Raises what the client raises."""
        self.amendment.refuse_to_override(self._terms_of(current))
        body = self._body(current)
        if not body:
            return Effect(changed(current, outcome="unchanged"))
        self.stigg.update_subscription(current.id, body=body)
        after = self.stigg.read_back(current.id)
        if not self._shows(after, deferred_counts=True):
            raise OutcomeUnknown(
                "OUTCOME_UNKNOWN", f"Stigg accepted the change of subscription {current.id}, but does not show it yet."
            )
        return self._effect(self._terms_of(current), after, self._changes(current, after))

    def find_effect(self) -> Effect[ChangedSubscription] | None:
        """Return the effect if the subscription has the requested terms already."""
        subscription = self._read()
        if subscription is None or not self._shows(subscription):
            return None
        return self._effect(self._before(subscription), subscription, [])

    def still_holds(self, subscription: Subscription) -> bool:
        """Whether an amended subscription still has the requested terms, whatever its mark."""
        missing, terms = self._left(subscription), self._terms_of(subscription)
        return not subscription.has_ended and missing is not None and all(map(terms.deferred, missing))

    def when_unpaid(self) -> NextStep | None:
        """Return what to do about a repeated change that awaited payment and may be paid or lapsed by now."""
        subscription = self._read()
        if subscription is None or not self._shows(subscription) or self._outcome(subscription) != "updated":
            return None
        missing = self._left(subscription)
        return NextStep.START if missing and "addons" in missing else NextStep.RESUME  # Stigg shows no others

    def _read(self) -> Subscription | None:
        return self.stigg.find_subscription(subscription_id(self.run))

    def _before(self, subscription: Subscription) -> SubscriptionTerms:
        """Return the terms before a change that was made, without the scheduled ones that it withdrew."""
        terms = self._terms_of(subscription)
        overrode = self.amendment.touched & DEFERRABLE and self._mark in subscription.metadata.items()
        return terms.without_arrivals() if overrode else terms

    @property
    def _mark(self) -> tuple[str, str]:
        return OPERATION_METADATA_KEY, self.run.operation.effect_id

    def _terms_of(self, current: Subscription) -> SubscriptionTerms:
        return terms_in_force(self.run.snapshot.subscription, current)

    def _body(self, current: Subscription) -> dict[str, Any]:
        body = self.amendment.body(self._terms_of(current))
        marks = dict(self.marks.items() - current.metadata.items())
        if body.keys() - _READ_BACK_AT_ONCE:
            marks |= [self._mark]
        return {**body, "metadata": {**body.get("metadata", current.metadata), **marks}} if marks else body

    def _shows(self, subscription: Subscription, *, deferred_counts: bool = False) -> bool:
        """Whether a subscription shows the change: it has the mark, or no requested term is missing."""
        if self._mark in subscription.metadata.items():
            return True
        if self.amendment.starts_a_billing_cycle or self.marks.items() - subscription.metadata.items():
            return False
        missing, terms = self._left(subscription), self._terms_of(subscription)
        return missing is not None and all(deferred_counts and terms.deferred(name) for name in missing)

    def _left(self, subscription: Subscription) -> set[str] | None:
        """Return the requested terms that are missing, or None if they cannot be merged and so were never sent."""
        try:
            return self.amendment.body(self._terms_of(subscription)).keys() - self.amendment.modifiers.keys()
        except RequestInvalid:
            return None

    def _effect(
        self, before: SubscriptionTerms, after: Subscription, changes: list[Change]
    ) -> Effect[ChangedSubscription]:
        in_force, waiting = self._terms(before, after)
        answer = changed(after, outcome=self._outcome(after), changes=changes)
        return Effect(answer, terms=in_force, scheduled_terms=waiting)

    def _outcome(self, after: Subscription) -> str:
        terms = self._terms_of(after)
        if not any(terms.deferred(name) for name in self.amendment.touched):
            return "updated"
        unpaid = any(update.awaits_payment for update in after.future_updates)
        return "paymentRequired" if unpaid else "scheduled"

    def _terms(self, before: SubscriptionTerms, after: Subscription) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the terms in force, without those that were removed, and the scheduled ones."""
        try:
            requested = self.amendment.wanted(before)
        except RequestInvalid:  # the subscription was changed again in Stigg's app
            requested = {}
        deferred = SubscriptionTerms(after, {}).deferred
        in_force = {**before.remembered, **{name: value for name, value in requested.items() if not deferred(name)}}
        waiting = {name: value for name, value in {**before.scheduled, **requested}.items() if deferred(name)}
        return {name: value for name, value in in_force.items() if value is not None}, waiting

    def _changes(self, before: Subscription, after: Subscription) -> list[Change]:
        """Return the changes that are in force, without deferred ones."""
        terms = self._terms_of(before)
        in_force, _ = self._terms(terms, after)
        return differences(picture(terms), picture(SubscriptionTerms(after, in_force)))
