"""The write behind downgrade-subscription."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import NotFound, Problem, RequestInvalid
from stigg_actions.models.downgrades import DowngradeSubscription
from stigg_actions.models.subscriptions import SubscriptionResult
from stigg_actions.writes import awaited_payment, of_subscription
from stigg_actions.writes.base import Effect
from stigg_actions.writes.marks import Owner
from stigg_actions.writes.of_subscription import OfSubscription, state_of, subscription_id
from stigg_actions.writes.provision_answer import answer_for
from stigg_actions.writes.provision_mapping import Occasion, ProvisionedMapping
from stigg_actions.writes.provisioning import Provisioning, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.mappings import Changes
    from stigg_actions.operations import Move
    from stigg_actions.standing import Ticket
    from stigg_actions.stigg.wire import Subscription


class DowngradeWrite(OfSubscription[DowngradeSubscription, SubscriptionResult]):
    """A grace or restricted plan provisioned in place of a subscription, or after its end."""

    kind = "downgrade"
    result = SubscriptionResult

    def send(self, ticket: Ticket) -> Effect[SubscriptionResult]:
        """Provision the plan, unless the customer has it already, or is about to have it."""
        current = self.deps.stigg.get_subscription(subscription_id(ticket))
        there = next(self._there_already(ticket, current), None)
        if there is not None:
            return Effect(answer_for(there, outcome="unchanged", customer_url=None))
        self.refuse_replaced(current)
        effect = self._provisioning(ticket, self._when(current)).send()
        return replace(effect, subject=state_of(ticket.standing, current))

    def look_up(self, ticket: Ticket) -> Effect[SubscriptionResult] | None:
        """Find the subscription by the id that this attempt gave it."""
        return self._provisioning(ticket, {}).look_up()

    def when_repeated(self, ticket: Ticket) -> Move:
        """Look whether a payment page was paid."""
        return awaited_payment.when_repeated(ticket, self.look_up, self.deps.clock.now())

    def changes(self, ticket: Ticket, effect: Effect[SubscriptionResult]) -> Changes | None:
        """Map the record to the new subscription, which keeps what was there before the first downgrade."""
        if effect.answer.outcome == "unchanged":
            return of_subscription.changes(ticket, effect, event="", now=self.deps.clock.now())
        named, old = ticket.standing.subscription, subscription_id(ticket)
        first = named.before_downgrade if named else None
        occasion = Occasion("downgraded", "downgradeScheduled", old, before_downgrade=first or old)
        return ProvisionedMapping(ticket, effect, self._owner(ticket), occasion, self.deps).changes()

    @property
    def _plan_id(self) -> str:
        plan_id = self.request.plan_id or self.deps.settings.grace_plan_id
        if plan_id is None:
            told = "is required: this deployment has no GracePlanId"
            raise RequestInvalid([Problem("planId", told)])
        return plan_id

    def prepare(self) -> None:
        """Refuse a downgrade to no plan before anything is recorded."""
        self._plan_id  # noqa: B018 - raises

    def _there_already(self, ticket: Ticket, current: Subscription) -> Iterator[Subscription]:
        """Yield the customer's subscriptions to the plan that run, or are about to, on the same resource."""
        if current.plan_id == self._plan_id and not current.has_ended:
            yield current
        live = ticket.standing.resource.live.values() if ticket.standing.resource else ()
        for one in live:
            if one.plan_id == self._plan_id and one.subscription_id != current.id:
                found = self._find(one.subscription_id)
                if found is not None and not found.has_ended and self._is_in_time(found):
                    yield found

    def _find(self, subscription_id: str) -> Subscription | None:
        try:
            return self.deps.stigg.get_subscription(subscription_id)
        except NotFound:
            return None

    def _is_in_time(self, found: Subscription) -> bool:
        """Whether a subscription that has yet to start is what is asked for, rather than one that starts at once."""
        return found.status != "NOT_STARTED" or self.request.downgrade_when != "now"

    def _when(self, current: Subscription) -> dict[str, Any]:
        """Return when the new subscription starts, in Stigg's terms.

        Raises:
            RequestInvalid: the subscription has no such moment.
        """
        wish = self.request.downgrade_when
        if current.has_ended or wish == "now":
            return {"scheduleStrategy": "IMMEDIATE"}
        if wish == "endOfBillingPeriod":
            if current.current_billing_period_end is None:
                raise _no_such_moment("endOfBillingPeriod: the subscription has no billing period")
            return {"scheduleStrategy": "END_OF_BILLING_PERIOD"}
        if current.cancellation_date is None:
            raise _no_such_moment("endOfContract: the subscription has no cancellation date")
        return {"startDate": current.cancellation_date}

    def _provisioning(self, ticket: Ticket, when: dict[str, Any]) -> Provisioning:
        resource_id = ticket.standing.names.resource_id
        place = {"planId": self._plan_id, **({"resourceId": resource_id} if resource_id else {})}
        wanted = Wanted({**self.request.terms(), **place, **when}, self._owner(ticket), self.request.metadata or {})
        return Provisioning(self.deps.stigg, ticket, wanted)

    def _owner(self, ticket: Ticket) -> Owner:
        return Owner(ticket.standing.names.org_id, ticket.standing.names.record_id)


def _no_such_moment(problem: str) -> RequestInvalid:
    return RequestInvalid([Problem("downgradeWhen", f"{problem}; say another moment, or now")])
