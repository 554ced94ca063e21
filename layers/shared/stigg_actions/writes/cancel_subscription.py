"""The write behind cancel-subscription."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import Problem, Refused, RequestInvalid
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.cancel_subscription import CancelSubscription
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.stigg.error_codes import ALREADY_ENDED, ONLY_AT_ONCE, normalise
from stigg_actions.subscriptions.diff import changed
from stigg_actions.writes import _repeat_policy
from stigg_actions.writes._mapping_changed import changed_mappings
from stigg_actions.writes._subscription_base import OfSubscription, subscription_id

if TYPE_CHECKING:
    from stigg_actions.exactly_once.write import NextStep
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes
    from stigg_actions.storage.snapshot import Run

_TIMES = {"now": "IMMEDIATE", "endOfBillingPeriod": "END_OF_BILLING_PERIOD", "onDate": "SPECIFIC_DATE"}


class CancelSubscriptionWrite(OfSubscription[CancelSubscription, ChangedSubscription]):
    """Cancel a subscription: now, at the end of its billing period, or on a date."""

    kind = "cancel"
    result = ChangedSubscription

    def send(self, run: Run) -> Effect[ChangedSubscription]:
        """Cancel the subscription, unless it has ended. If Stigg can only cancel now, do so with ``fallback``."""
        self.check_date()
        key = run.operation.effect_id
        try:
            after = self.deps.stigg.cancel_subscription(subscription_id(run), body=self._body(), idempotency_key=key)
        except Refused as refusal:
            return self._refused(run, refusal)
        return Effect(_answer(after))

    def find_effect(self, run: Run) -> Effect[ChangedSubscription] | None:
        """Return the effect if the subscription has ended or ends at the requested time."""
        subscription = self.deps.stigg.find_subscription(subscription_id(run))
        return Effect(_answer(subscription)) if subscription is not None and self._is_canceled(subscription) else None

    def on_repeat(self, run: Run) -> NextStep | ChangedSubscription:
        """Replay the result if the subscription has ended or still ends at the requested time."""
        before = self.replayed_answer(run.operation)
        return _repeat_policy.when_changed(run, before, self._is_canceled, self.deps)

    def mapping_changes(self, run: Run, effect: Effect[ChangedSubscription]) -> Changes | None:
        """Record the end or its date with the subscription and its record."""
        event = "canceled" if effect.answer.outcome == "canceled" else "cancellationScheduled"
        return changed_mappings(run, effect, event=event, now=self.deps.clock.now())

    def check_date(self) -> None:
        """Refuse an end in the past. Raises RequestInvalid."""
        end = self.request.end_date
        if end is not None and end <= datetime.fromtimestamp(self.deps.clock.now(), UTC):
            raise RequestInvalid([Problem("endDate", "is in the past; give a later date, or send cancelWhen now")])

    def ends_at(self, subscription: Subscription) -> datetime | None:
        """Return when the subscription is to end; None for now, or if it has no billing period."""
        moments = {
            "now": None,
            "endOfBillingPeriod": subscription.current_billing_period_end,
            "onDate": self.request.end_date,
        }
        return moments[self.request.cancel_when]

    def why_only_now(self, subscription: Subscription) -> str | None:
        """Return why Stigg refuses the time, for a trial or without a billing period; None if it does not."""
        if self.request.cancel_when == "now":
            return None
        if subscription.status == "IN_TRIAL":
            return f"Subscription {subscription.id} is a trial"
        return None if self.ends_at(subscription) else f"Subscription {subscription.id} has no billing period"

    def _refused(self, run: Run, refusal: Refused) -> Effect[ChangedSubscription]:
        code = normalise(refusal.stigg.code or "")
        if code in ALREADY_ENDED:
            subscription = self.deps.stigg.get_subscription(subscription_id(run))
            if subscription.has_ended:
                return Effect(changed(subscription, outcome="unchanged"))
        if code not in ONLY_AT_ONCE:
            raise refusal
        if not self.request.fallback:
            raise possible_instead(refusal) from None
        return self._at_once(run)

    def _at_once(self, run: Run) -> Effect[ChangedSubscription]:
        body = self._body() | {"cancellationTime": "IMMEDIATE"}
        body.pop("endDate", None)
        key = f"{run.operation.effect_id}-fallback"
        after = self.deps.stigg.cancel_subscription(subscription_id(run), body=body, idempotency_key=key)
        return Effect(_answer(after, fallback_used="now"))

    def _body(self) -> dict[str, Any]:
        request = self.request
        body = {
            "cancellationTime": _TIMES[request.cancel_when],
            "cancellationAction": "REVOKE_ENTITLEMENTS" if request.revoke_entitlements else "DEFAULT",
            "endDate": request.end_date,
            "prorate": request.prorate,
        }
        return {name: value for name, value in body.items() if value is not None}

    def _is_canceled(self, subscription: Subscription) -> bool:
        return subscription.has_ended or self._is_scheduled(subscription)

    def _is_scheduled(self, subscription: Subscription) -> bool:
        end = self.ends_at(subscription)
        return end is not None and subscription.cancellation_date == end


def _answer(after: Subscription, *, fallback_used: str | None = None) -> ChangedSubscription:
    outcome = "canceled" if after.has_ended else "scheduled"
    return changed(after, outcome=outcome, fallback_used=fallback_used)


def possible_instead(refusal: Refused) -> Refused:
    """Return the refusal of a time, with the possible one as the remedy."""
    return Refused(
        refusal.code,
        refusal.sentence,
        remedy="Stigg can cancel this subscription only at once: send cancelWhen now, or fallback true.",
        stigg=refusal.stigg,
    )
