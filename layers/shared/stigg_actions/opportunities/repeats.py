"""Recognize a part of a deal that is requested exactly as it was sold. It is a retry and must not undo later changes.

Without ``asOf`` a deal is as old as its first call. Later changes by other requests or in the Stigg app are left alone,
unless the request has ``reapply`` or its ``asOf`` is newer than they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.errors import RequestInvalid
from stigg_actions.exactly_once import freshness
from stigg_actions.opportunities.left_alone import (
    LeftAlone,
    Since,
    by_history,
    by_operation,
    is_of_another,
    milliseconds,
    superseded,
)
from stigg_actions.storage.mapping import CHANGED_OUTSIDE
from stigg_actions.subscriptions.renewal_plan import RenewalPlan
from stigg_actions.subscriptions.terms import terms_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.models.renew_subscription import RenewSubscription
    from stigg_actions.opportunities.line_history import Known
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import MappedSubscription, RecordState

_MOST_CHANGES = 5


class Repeat(NamedTuple):
    """A part of a deal and its record. ``renewal`` builds its request from the terms that were last given."""

    request: ProvisionOpportunity
    wish: str
    record: RecordState
    known: Known
    renewal: Callable[[Mapping[str, Any]], RenewSubscription]

    @property
    def is_repeated(self) -> bool:
        """Whether the last deal with this record requested the same, and this one does not have ``reapply``."""
        return not self.request.reapply and self.record.sold == self.wish

    def left_alone(self, deps: Deps) -> LeftAlone | None:
        """Return the result of a line that is to be left alone, or None if the line is to be applied.

        Raises what Stigg's client raises.
        """
        if not self.is_repeated:
            return None
        since = self._operation_since(deps)
        if since is None:
            return self._beside_stigg(deps)
        mapped = self.record.mapped
        subscription = deps.stigg.find_subscription(mapped[0].subscription_id) if mapped else None
        return superseded(since, subscription) if since.is_newer_than(self.request.as_of) else None

    def _operation_since(self, deps: Deps) -> Since | None:
        """Return the later operation. None for a change in the app or a repair, which are compared with Stigg."""
        latest = self.record.latest
        if latest is None:
            return by_history(self.record, deps)
        made_at = freshness.made_at(latest)
        return by_operation(latest.operation_key, made_at) if is_of_another(latest, self.wish) else None

    def _beside_stigg(self, deps: Deps) -> LeftAlone | None:
        """Compare the subscription with Stigg. A line that awaits payment is applied, which checks the payment."""
        given = self._given()
        subscription = deps.stigg.find_subscription(given.subscription_id) if given else None
        if given is None or subscription is None:
            return None
        plan, is_newer = self._plan(given, subscription, deps), self._is_of_a_newer_state
        if plan is not None and plan.decision == "none":
            return None if is_newer else LeftAlone(found=subscription)
        if plan is not None and _only_waits(plan):
            return None
        since = self._changed_in_stigg(subscription, plan)
        is_over = is_newer and (since.at is None or not since.is_newer_than(self.request.as_of))
        return None if is_over else superseded(since, subscription)

    @property
    def _is_of_a_newer_state(self) -> bool:
        return freshness.is_newer(self.request.as_of, self.record.latest)

    def _given(self) -> MappedSubscription | None:
        """Return the record's subscription of its last operation, or any if it was changed in the app since."""
        latest, mapped = self.record.latest, self.record.mapped
        was_outside = latest is None or latest.intent == 0
        given = [entry for entry in mapped if was_outside or (latest and entry.operation_key == latest.operation_key)]
        return given[-1] if given else None

    def _plan(self, given: MappedSubscription, subscription: Subscription, deps: Deps) -> RenewalPlan | None:
        """Return the plan that would apply the request to the subscription; None if the terms cannot be merged."""
        terms = terms_in_force(self.known.states.get(given.subscription_id), subscription)
        plan = RenewalPlan(self.renewal(self.known.terms(given)), terms, None, deps.clock.now())
        try:
            plan.decision  # noqa: B018 - the property computes it once and keeps it
        except RequestInvalid:
            return None
        return plan

    def _changed_in_stigg(self, subscription: Subscription, plan: RenewalPlan | None) -> Since:
        """Return the change that was made to a subscription in Stigg, with its time if known."""
        latest = self.record.latest
        noticed_at = freshness.made_at(latest) if latest and latest.intent == 0 else None
        ended_at = milliseconds(subscription.end_date) if subscription.has_ended and subscription.end_date else None
        return Since(_what_changed(subscription, plan), ended_at or noticed_at or None, CHANGED_OUTSIDE)


def _only_waits(plan: RenewalPlan) -> bool:
    """Whether every difference is a change that is scheduled or awaits payment."""
    differ = [name for name, value in plan.wanted.items() if not plan.terms.same(name, value)]
    return not plan.terms.current.has_ended and all(map(plan.terms.deferred, differ))


def _what_changed(subscription: Subscription, plan: RenewalPlan | None) -> str:
    if subscription.was_replaced:
        return f"another subscription replaced {subscription.id} in Stigg"
    if subscription.has_ended:
        return f"subscription {subscription.id} ended in Stigg"
    if plan is None:
        return "its entitlements were changed in Stigg"
    changes = [
        f"{change.field} is {change.before or 'not set'}, not {change.after}" for change in plan.changes[:_MOST_CHANGES]
    ]
    return f"it was changed in Stigg: {', '.join(changes)}"
