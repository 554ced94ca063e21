"""A part of a deal that is asked for just as it was sold: a retry, which must not undo what came since.

Without ``asOf`` a deal is as old as its first call. What another request has changed since, or somebody in the Stigg
app, is left alone; ``reapply``, or a state in Salesforce that is newer than that, makes it a new wish.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.errors import RequestInvalid
from stigg_actions.exactly_once import freshness
from stigg_actions.opportunities.left_alone import LeftAlone, Since, by_history, by_operation, milliseconds, superseded
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
    """A part of a deal beside its record; ``renewal`` makes it a request, from the terms that were last given."""

    request: ProvisionOpportunity
    wish: str
    record: RecordState
    known: Known
    renewal: Callable[[Mapping[str, Any]], RenewSubscription]

    @property
    def is_one(self) -> bool:
        """Whether the same was asked for the record before, and nothing else by a deal since."""
        return not self.request.reapply and self.record.sold == self.wish

    def left_alone(self, deps: Deps) -> LeftAlone | None:
        """Return what there is to say of a line that is to be left alone; None: it is to be done.

        Raises as Stigg's client does.
        """
        if not self.is_one:
            return None
        since = self._operation_since(deps)
        if since is None:
            return self._beside_stigg(deps)
        mapped = self.record.mapped
        found = deps.stigg.find_subscription(mapped[0].subscription_id) if mapped else None
        return superseded(since, found) if since.is_newer_than(self.request.as_of) else None

    def _operation_since(self, deps: Deps) -> Since | None:
        """Return the operation that came since. A change in the app, or a repair, is compared with Stigg."""
        latest = self.record.latest
        if latest is None:
            return by_history(self.record, deps)
        is_another = latest.wish != self.wish and latest.intent > 0
        return by_operation(latest.operation_key, freshness.made_at(latest)) if is_another else None

    def _beside_stigg(self, deps: Deps) -> LeftAlone | None:
        """Compare what was given with what Stigg shows; what waits for a payment finds out for itself."""
        given = self._given()
        found = deps.stigg.find_subscription(given.subscription_id) if given else None
        if given is None or found is None:
            return None
        plan, is_newer = self._plan(given, found, deps), self._is_of_a_newer_state
        if plan is not None and plan.decision == "none":
            return None if is_newer else LeftAlone(found=found)
        if plan is not None and _only_waits(plan):
            return None
        since = self._changed_in_stigg(found, plan)
        is_over = is_newer and (since.at is None or not since.is_newer_than(self.request.as_of))
        return None if is_over else superseded(since, found)

    @property
    def _is_of_a_newer_state(self) -> bool:
        return freshness.is_newer(self.request.as_of, self.record.latest)

    def _given(self) -> MappedSubscription | None:
        """Return the subscription that the last operation gave the record, which may have been changed in the app."""
        latest, mapped = self.record.latest, self.record.mapped
        was_outside = latest is None or latest.intent == 0
        given = [one for one in mapped if was_outside or (latest and one.operation_key == latest.operation_key)]
        return given[-1] if given else None

    def _plan(self, given: MappedSubscription, found: Subscription, deps: Deps) -> RenewalPlan | None:
        """Return what the wish would change of what Stigg shows; None if that cannot be said."""
        terms = terms_in_force(self.known.states.get(given.subscription_id), found)
        plan = RenewalPlan(self.renewal(self.known.terms(given)), terms, None, deps.clock.now())
        try:
            plan.decision  # noqa: B018 - computed once, and kept
        except RequestInvalid:
            return None
        return plan

    def _changed_in_stigg(self, found: Subscription, plan: RenewalPlan | None) -> Since:
        """Return what somebody has done to a subscription in Stigg, and when, as far as that is known."""
        latest = self.record.latest
        heard_at = freshness.made_at(latest) if latest and latest.intent == 0 else None
        ended_at = milliseconds(found.end_date) if found.has_ended and found.end_date else None
        return Since(_what_changed(found, plan), ended_at or heard_at or None, CHANGED_OUTSIDE)


def _only_waits(plan: RenewalPlan) -> bool:
    """Whether all that differs is a change that waits for its time or for a payment."""
    differ = [name for name, value in plan.wanted.items() if not plan.terms.same(name, value)]
    return not plan.terms.current.has_ended and all(map(plan.terms.deferred, differ))


def _what_changed(found: Subscription, plan: RenewalPlan | None) -> str:
    if found.was_replaced:
        return f"another subscription took the place of {found.id} in Stigg"
    if found.has_ended:
        return f"subscription {found.id} ended in Stigg"
    if plan is None:
        return "its entitlements were changed in Stigg"
    changes = [f"{one.field} is {one.before or 'not there'}, not {one.after}" for one in plan.changes[:_MOST_CHANGES]]
    return f"it was changed in Stigg: {', '.join(changes)}"
