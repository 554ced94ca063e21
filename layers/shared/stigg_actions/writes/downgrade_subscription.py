"""The write behind downgrade-subscription."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import NotFound, Problem, RequestInvalid
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.create_subscription import SubscriptionResult
from stigg_actions.models.downgrade_subscription import DowngradeSubscription
from stigg_actions.stigg import refusals
from stigg_actions.storage.mapping import LiveSubscription
from stigg_actions.subscriptions.renewal_plan import HOW_WHEN_NEW
from stigg_actions.subscriptions.replacement_rules import refuse_another_product, refuse_trial
from stigg_actions.subscriptions.terms import terms_in_force
from stigg_actions.writes import _repeat_policy
from stigg_actions.writes._mapping_changed import changed_mappings
from stigg_actions.writes._mapping_history import Occasion
from stigg_actions.writes._mapping_provisioned import ProvisionedMapping
from stigg_actions.writes._metadata import Owner
from stigg_actions.writes._provision_result import answer_for
from stigg_actions.writes._provisioning import Provisioning, Wanted
from stigg_actions.writes._scheduled_cancellation import call_off_displaced
from stigg_actions.writes._subscription_base import OfSubscription, state_of, subscription_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import NextStep
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes, SubscriptionState
    from stigg_actions.storage.snapshot import Run, Snapshot


class DowngradeSubscriptionWrite(OfSubscription[DowngradeSubscription, SubscriptionResult]):
    """Provision a grace or restricted plan in place of a subscription or after its end."""

    kind = "downgrade"
    result = SubscriptionResult

    def __init__(self, request: DowngradeSubscription, deps: Deps, *, wish: str | None = None) -> None:
        """Store the plan in the request, so that a retry uses it even if the deployment's grace plan changes.

        Raises:
            RequestInvalid: neither the request nor the deployment names a plan.
        """
        plan_id = request.plan_id or deps.settings.grace_plan_id
        if plan_id is None:
            raise RequestInvalid([Problem("planId", "is required, because this deployment has no GracePlanId")])
        super().__init__(request.model_copy(update={"plan_id": plan_id}), deps, wish=wish)
        self._plan_field = "planId" if request.plan_id else "the stack's parameter GracePlanId"

    def send(self, run: Run) -> Effect[SubscriptionResult]:
        """Provision the plan, unless the customer has it or is scheduled to get it."""
        current = self.deps.stigg.get_subscription(subscription_id(run))
        existing = next(self._there_already(run.snapshot, current), None)
        if existing is not None:
            return Effect(answer_for(existing, outcome="unchanged", customer_url=None))
        if not run.resumed:  # a resumed run may find the subscription replaced by itself
            self.refuse_followed(run.snapshot, current)
        effect = self._provision(run, self._checked_when(current))
        return replace(effect, subject=_with_its_end(state_of(run.snapshot, current), current))

    def when(self, snapshot: Snapshot, current: Subscription) -> dict[str, Any] | None:
        """Return when ``send`` would start the plan, in Stigg's terms; None if the customer has it already.

        Raises what ``send`` raises before it sends anything.
        """
        if any(True for _ in self._there_already(snapshot, current)):
            return None
        self.refuse_followed(snapshot, current)
        return self._checked_when(current)

    def _checked_when(self, current: Subscription) -> dict[str, Any]:
        refuse_another_product(self.deps.stigg, current, self._plan_id)
        refuse_trial(self.request.trial_override_configuration, current)
        return self._when(current)

    def _provision(self, run: Run, when: dict[str, Any]) -> Effect[SubscriptionResult]:
        try:
            return self._provisioning(run, when).send()
        except NotFound as error:
            raise refusals.renamed(error, self.field_names) from None

    def find_effect(self, run: Run) -> Effect[SubscriptionResult] | None:
        """Find the subscription by the id that this attempt gave it."""
        return self._provisioning(run, {}).find_effect()

    def on_repeat(self, run: Run) -> NextStep | SubscriptionResult:
        """Replay the result while it is true, resume after a payment, or start again after another change."""
        return _repeat_policy.when_provisioned(run, self.replayed_answer(run.operation), self.find_effect, self.deps)

    def finish_up(self, run: Run, effect: Effect[SubscriptionResult]) -> Effect[SubscriptionResult]:
        """Call off the record's scheduled subscriptions that the grace plan displaces."""
        return call_off_displaced(run, effect, self.deps.stigg, now=self.deps.clock.now())

    def mapping_changes(self, run: Run, effect: Effect[SubscriptionResult]) -> Changes | None:
        """Map the record to the new subscription, and keep the subscription that it had before its first downgrade."""
        if effect.answer.outcome == "unchanged":
            return changed_mappings(run, effect, event="", now=self.deps.clock.now())
        named, old = run.snapshot.subscription, subscription_id(run)
        first = named.before_downgrade if named else None
        occasion = Occasion("downgraded", "downgradeScheduled", old, before_downgrade=first or old)
        changes = ProvisionedMapping(run, effect, self._owner(run), occasion, self.deps).changes()
        return self.with_ramps(changes, run, effect.answer)

    @property
    def _plan_id(self) -> str:
        return str(self.request.plan_id)

    @property
    def field_names(self) -> dict[str, str]:
        """Where the plan's id comes from."""
        return {self._plan_id: self._plan_field}

    def _there_already(self, snapshot: Snapshot, current: Subscription) -> Iterator[Subscription]:
        """Yield the customer's live or scheduled subscriptions to the plan on the same resource."""
        if current.plan_id == self._plan_id and not current.has_ended and self._as_asked(current):
            yield current
        live = snapshot.resource.live.values() if snapshot.resource else ()
        for other in live:
            if other.plan_id == self._plan_id and other.subscription_id != current.id:
                subscription = self.deps.stigg.find_subscription(other.subscription_id)
                if subscription and self._takes_over_as_asked(subscription, current):
                    yield subscription

    def _takes_over_as_asked(self, subscription: Subscription, current: Subscription) -> bool:
        starts = not subscription.has_ended and self._starts_as_asked(subscription, current)
        return starts and self._as_asked(subscription)

    def _as_asked(self, subscription: Subscription) -> bool:
        """Whether a subscription has all the requested terms."""
        terms = terms_in_force(self.deps.ledger.subscription(subscription.id), subscription)
        return all(terms.same(name, value) for name, value in self._asked.items())

    @property
    def _asked(self) -> dict[str, Any]:
        """The requested terms, without the plan and the fields that say how to make the downgrade."""
        return {name: value for name, value in self.request.terms().items() if name not in {"planId", *HOW_WHEN_NEW}}

    def _starts_as_asked(self, subscription: Subscription, current: Subscription) -> bool:
        """Whether a subscription has started, or starts when this downgrade would."""
        return subscription.status != "NOT_STARTED" or subscription.start_date == self.starts_at(current)

    def starts_at(self, current: Subscription) -> datetime | None:
        """Return when the plan is to start; None for now."""
        moments = {
            "now": None,
            "endOfBillingPeriod": current.current_billing_period_end,
            "endOfContract": current.cancellation_date,
        }
        return moments[self.request.downgrade_when]

    def starts_later(self, current: Subscription) -> bool:
        """Whether the plan starts later: it starts now in any case if the subscription has ended."""
        return self.request.downgrade_when != "now" and not current.has_ended

    def _when(self, current: Subscription) -> dict[str, Any]:
        """Return when the new subscription starts, in Stigg's terms.

        Raises:
            RequestInvalid: the subscription has no billing period or no cancellation date.
        """
        moment = self.request.downgrade_when
        if not self.starts_later(current):
            return {"scheduleStrategy": "IMMEDIATE"}
        if moment == "endOfBillingPeriod":
            if current.current_billing_period_end is None:
                raise _no_such_moment("cannot be endOfBillingPeriod, because the subscription has no billing period")
            return {"scheduleStrategy": "END_OF_BILLING_PERIOD"}
        if current.cancellation_date is None:
            raise _no_such_moment("cannot be endOfContract, because the subscription has no cancellation date")
        return {"startDate": current.cancellation_date}

    def _provisioning(self, run: Run, when: dict[str, Any]) -> Provisioning:
        wanted = Wanted(self.terms(run.snapshot), self._owner(run), self.request.metadata or {}, when)
        return Provisioning(self.deps.stigg, run, wanted, takes_place_of=self._predecessor(run))

    def terms(self, snapshot: Snapshot) -> dict[str, Any]:
        """Return the terms of the new subscription, in the place of the present one."""
        resource_id = snapshot.target.resource_id
        place = {"planId": self._plan_id, **({"resourceId": resource_id} if resource_id else {})}
        return {**self.request.terms(), **place}

    @staticmethod
    def _predecessor(run: Run) -> LiveSubscription:
        target = run.snapshot.target
        org_id = target.org_id if target.record_id else None
        return LiveSubscription(subscription_id(run), "", target.resource_id, org_id, target.record_id)

    def _owner(self, run: Run) -> Owner:
        return Owner(run.snapshot.target.org_id, run.snapshot.target.record_id)


def _with_its_end(state: SubscriptionState, current: Subscription) -> SubscriptionState:
    """Add the contract's end date to the stored state: Stigg shows it only until the subscription ends."""
    end = None if current.has_ended else current.cancellation_date
    terms = {name: value for name, value in state.terms.items() if name != "cancellationDate"}
    return replace(state, terms={**terms, **({"cancellationDate": end} if end else {})})


def _no_such_moment(problem: str) -> RequestInvalid:
    return RequestInvalid([Problem("downgradeWhen", f"{problem}; choose another time, or now")])
