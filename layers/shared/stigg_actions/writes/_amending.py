"""Amending a subscription in place, and finding out whether it was done: the effect of several kinds of writes."""

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
"""What Stigg shows, and never defers: any other change is told by its mark."""


class Amending(NamedTuple):
    """One amendment of the subscription of a ticket.

    What Stigg does not show, or not yet, cannot be read back; then the operation's mark, sent in the metadata, tells
    that it was done. ``marks`` are further metadata of ours to set with it.
    """

    stigg: Stigg
    run: Run
    amendment: Amendment
    marks: Mapping[str, str] = MappingProxyType({})

    def send(self, current: Subscription) -> Effect[ChangedSubscription]:
        """Change what differs from what was just read, and read it back. Raises as the client does."""
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
        """Find out whether the subscription is as wanted."""
        found = self._read()
        return self._effect(self._before(found), found, []) if found and self._shows(found) else None

    def still_holds(self, found: Subscription) -> bool:
        """Whether a subscription that was amended before is still as wanted, whatever mark it bears."""
        left, terms = self._left(found), self._terms_of(found)
        return not found.has_ended and left is not None and all(map(terms.deferred, left))

    def when_unpaid(self) -> NextStep | None:
        """Return what to do when a change is asked for again that awaited payment: it may be paid, or have lapsed."""
        found = self._read()
        if found is None or not self._shows(found) or self._outcome(found) != "updated":
            return None
        left = self._left(found)
        return NextStep.START if left and "addons" in left else NextStep.RESUME  # the others cannot be read

    def _read(self) -> Subscription | None:
        return self.stigg.find_subscription(subscription_id(self.run))

    def _before(self, found: Subscription) -> SubscriptionTerms:
        """Return the terms before a change that is found done: what no longer waits was withdrawn by it."""
        terms = self._terms_of(found)
        overrode = self.amendment.touched & DEFERRABLE and self._mark in found.metadata.items()
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

    def _shows(self, found: Subscription, *, deferred_counts: bool = False) -> bool:
        """Whether a subscription shows the change: by the mark, or because nothing is left to be changed."""
        if self._mark in found.metadata.items():
            return True
        if self.amendment.starts_a_billing_cycle or self.marks.items() - found.metadata.items():
            return False
        left, terms = self._left(found), self._terms_of(found)
        return left is not None and all(deferred_counts and terms.deferred(name) for name in left)

    def _left(self, found: Subscription) -> set[str] | None:
        """Return the terms that are not as wanted; None if they cannot be merged, so that nothing was sent."""
        try:
            return self.amendment.body(self._terms_of(found)).keys() - self.amendment.modifiers.keys()
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
        """Return the terms in force by now, without what was emptied, and those that wait."""
        try:
            wanted = self.amendment.wanted(before)
        except RequestInvalid:  # done, and changed again since in Stigg's app
            wanted = {}
        deferred = SubscriptionTerms(after, {}).deferred
        in_force = {**before.remembered, **{name: value for name, value in wanted.items() if not deferred(name)}}
        waiting = {name: value for name, value in {**before.scheduled, **wanted}.items() if deferred(name)}
        return {name: value for name, value in in_force.items() if value is not None}, waiting

    def _changes(self, before: Subscription, after: Subscription) -> list[Change]:
        """Return what is different by now; what was deferred is not."""
        terms = self._terms_of(before)
        in_force, _ = self._terms(terms, after)
        return differences(picture(terms), picture(SubscriptionTerms(after, in_force)))
