"""The write behind renew-subscription."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import NotFound, Problem, RequestInvalid
from stigg_actions.mappings import LiveSubscription
from stigg_actions.models.renewals import RenewalResult, RenewSubscription
from stigg_actions.models.subscription_data import ProvisionedAnswer
from stigg_actions.shown import given
from stigg_actions.writes import repeats
from stigg_actions.writes.amending import Amending
from stigg_actions.writes.dates import check_end
from stigg_actions.writes.marks import Owner
from stigg_actions.writes.of_subscription import OfSubscription, state_of, subscription_id
from stigg_actions.writes.provision_history import Occasion
from stigg_actions.writes.provision_mapping import ProvisionedMapping
from stigg_actions.writes.provisioning import Provisioning, Wanted
from stigg_actions.writes.renewal_mapping import AmendedMapping
from stigg_actions.writes.renewal_plan import RenewalPlan, restorable
from stigg_actions.writes.standing_terms import standing_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.mappings import Changes, SubscriptionState
    from stigg_actions.operations import Move
    from stigg_actions.standing import Standing, Ticket
    from stigg_actions.stigg.wire import Subscription
    from stigg_actions.writes.base import Effect


_DONE_BEFORE = "An earlier run of this request did it; why is not known any more."


class RenewWrite(OfSubscription[RenewSubscription, RenewalResult]):
    """A subscription brought to a wanted state: amended in place where Stigg can, replaced otherwise."""

    kind = "renew"
    result = RenewalResult
    _sent: RenewalPlan | None = None
    """What this run has set out to do."""

    def send(self, ticket: Ticket) -> Effect[RenewalResult]:
        """Read the subscription, decide, and do it."""
        record = ticket.standing.record
        if self.request.salesforce_record_id and (record is None or record.current is None):
            raise self.not_mapped(record)  # it was moved to another record since
        current = self.deps.stigg.get_subscription(subscription_id(ticket))
        self.refuse_replaced(current)
        plan = self._sent = self.plan(ticket.standing, current)
        if plan.decision == "replace":
            return self._told(ticket, plan, self._provisioning(ticket, plan, plan.replacement).send())
        return self._told(ticket, plan, self._amending(ticket, plan).send(current))

    def look_up(self, ticket: Ticket) -> Effect[RenewalResult] | None:
        """Find the new subscription of this attempt, else find out whether the present one is as wanted.

        What cannot be asked for any more, such as a date that has passed, may have been done in its time.
        """
        try:
            current = self.deps.stigg.get_subscription(subscription_id(ticket))
            plan = self._sent or self._planned(ticket.standing, current)
            replaces = plan.decision == "replace"
            found: Effect[Any] | None = self._provisioning(ticket, plan, plan.outlook).look_up()
        except (NotFound, RequestInvalid):  # nothing was sent for a wish that cannot be carried out
            return None
        if found is None and not replaces:
            found = self._amending(ticket, plan).look_up()
        return None if found is None else self._told(ticket, plan, found)

    def when_repeated(self, ticket: Ticket) -> Move:
        """Look whether what awaited payment was paid, and whether what was made is as it was left."""
        return repeats.when_repeated(ticket, self.look_up, self.deps)

    def changes(self, ticket: Ticket, effect: Effect[RenewalResult]) -> Changes | None:
        """Map the record, or the new one, to the subscription, with the history of both."""
        owner = self.owner(ticket.standing)
        if effect.answer.decision != "replace":
            return AmendedMapping(ticket, effect, owner, self.deps).changes()
        occasion = Occasion("renewed", "renewalScheduled", predecessor_id=subscription_id(ticket))
        return ProvisionedMapping(ticket, effect, owner, occasion, self.deps).changes()

    def plan(self, standing: Standing, current: Subscription) -> RenewalPlan:
        """Return what the wish means for the subscription as it stands. Raises RequestInvalid if it cannot be done."""
        self._refuse_what_is_taken(current.id)
        plan = self._planned(standing, current)
        check_end(plan.wanted.get("cancellationDate"), current, now=self.deps.clock.now())
        return plan

    def _planned(self, standing: Standing, current: Subscription) -> RenewalPlan:
        terms = standing_terms(standing.subscription, current)
        base = self._before_downgrade(standing.subscription) if self.request.restore else None
        return RenewalPlan(self.request, terms, base, self.deps.clock.now())

    def owner(self, standing: Standing) -> Owner:
        """Return the record that the subscription belongs to from now on."""
        new = self.request.new_salesforce_record_id
        return Owner(self.org_id, new) if new else Owner(standing.names.org_id, standing.names.record_id)

    def _refuse_what_is_taken(self, subscription_id: str) -> None:
        new = self.request.new_salesforce_record_id
        taken = self.deps.ledger.record(self.org_id, new) if new else None
        if taken and taken.current and taken.current.subscription_id != subscription_id:
            told = f"has a subscription of its own, {taken.current.subscription_id}; renew that one, or cancel it first"
            raise RequestInvalid([Problem("newSalesforceRecordId", told)])

    def _before_downgrade(self, state: SubscriptionState | None) -> dict[str, Any]:
        """Return the terms that a downgrade took away."""
        if state is None or state.before_downgrade is None:
            raise RequestInvalid([Problem("restore", "there is nothing to restore: it was not downgraded")])
        before = self.deps.ledger.subscription(state.before_downgrade)
        return restorable(standing_terms(before, self.deps.stigg.get_subscription(state.before_downgrade)))

    def _provisioning(self, ticket: Ticket, plan: RenewalPlan, terms: Mapping[str, Any]) -> Provisioning:
        current = plan.standing.current
        metadata = {**current.metadata, **plan.wanted.get("metadata", {})}
        rest = {name: value for name, value in terms.items() if name != "metadata"}
        had_ended = self._sent is not None and current.has_ended
        return Provisioning(
            self.deps.stigg,
            ticket,
            Wanted(rest, self.owner(ticket.standing), metadata),
            takes_place_of=None if had_ended else LiveSubscription(current.id, current.plan_id, current.resource_id),
        )

    def _amending(self, ticket: Ticket, plan: RenewalPlan) -> Amending:
        record_id = self.owner(ticket.standing).record_id
        marks = {"salesforceOrgId": self.org_id, "salesforceRecordId": record_id} if record_id else {}
        moves = self.request.new_salesforce_record_id is not None
        return Amending(self.deps.stigg, ticket, plan.amendment, marks if moves else {})

    def _told(self, ticket: Ticket, plan: RenewalPlan, effect: Effect[Any]) -> Effect[RenewalResult]:
        """Return the effect with the answer of a renewal: what was decided, and why, beside what came of it."""
        answer = effect.answer
        provisioned = isinstance(answer, ProvisionedAnswer)
        unchanged = self._sent is not None and plan.decision == "none"
        told = {
            **answer.model_dump(exclude={"changes", "fallback_used"}, exclude_unset=True),
            "outcome": "unchanged" if unchanged else answer.outcome,
            "decision": "replace" if provisioned else "none" if unchanged else "amend",
            "reasons": plan.reasons if self._sent else [_DONE_BEFORE],
            "changes": plan.changes,
            "scheduled_changes": [] if provisioned else answer.scheduled_changes,
            "blockers": [],
            **given({"salesforce_record_id": self.owner(ticket.standing).record_id}),
        }
        subject = state_of(ticket.standing, plan.standing.current)
        return replace(effect, answer=RenewalResult.model_validate(told), subject=subject)
