"""The write behind renew-subscription."""

from __future__ import annotations

from contextlib import suppress
from copy import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import NotFound, Problem, RequestInvalid
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.renew_subscription import RenewalResult, RenewSubscription
from stigg_actions.models.subscription_data import ProvisionedAnswer
from stigg_actions.storage.mapping import LiveSubscription
from stigg_actions.subscriptions import trials
from stigg_actions.subscriptions.carry_over import refuse_unknown_entitlements, restorable
from stigg_actions.subscriptions.diff import changed
from stigg_actions.subscriptions.end_date import check_end
from stigg_actions.subscriptions.renewal_plan import RenewalPlan
from stigg_actions.subscriptions.replacement_rules import refuse_another_product, refuse_trial
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.subscriptions.terms import terms_in_force
from stigg_actions.writes import _repeat_policy
from stigg_actions.writes._amending import Amending
from stigg_actions.writes._mapped import mapped_end
from stigg_actions.writes._mapping_history import Occasion
from stigg_actions.writes._mapping_moved import AmendedMapping
from stigg_actions.writes._mapping_provisioned import ProvisionedMapping
from stigg_actions.writes._metadata import Owner
from stigg_actions.writes._pending_downgrade import waiting_downgrade
from stigg_actions.writes._provisioning import Provisioning, Wanted
from stigg_actions.writes._scheduled_cancellation import as_ended, call_off, call_off_displaced, is_called_off
from stigg_actions.writes._subscription_base import OfSubscription, state_of, subscription_id
from stigg_actions.writes.ownership import refuse_taken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.exactly_once.write import NextStep
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes, MappedSubscription
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run, Snapshot
    from stigg_actions.subscriptions.renewal_plan import Decision


class RenewSubscriptionWrite(OfSubscription[RenewSubscription, RenewalResult]):
    """Renew a subscription: amend it in place where Stigg can, and replace it otherwise."""

    kind = "renew"
    result = RenewalResult
    _sent: RenewalPlan | None = None
    """The plan that this run carries out, once it has decided."""

    def send(self, run: Run) -> Effect[RenewalResult]:
        """Read the subscription, decide whether to amend or replace it, and do so."""
        record = run.snapshot.record
        if self.request.salesforce_record_id and (record is None or record.current is None):
            raise self.not_mapped(record)  # the subscription was moved to another record since
        self._refuse_outdated_ramp(run)
        return self.renewed(run, self.deps.stigg.get_subscription(subscription_id(run)))

    def renewed(self, run: Run, current: Subscription) -> Effect[RenewalResult]:
        """Amend or replace a subscription that was just read."""
        plan = self._sent = self.plan(run.snapshot, current)
        if plan.decision == "replace":
            refuse_another_product(self.deps.stigg, current, plan.other_plan_id)
            was_made_paid = trials.was_made_paid(plan.terms)
            refuse_trial(self.request.trial_override_configuration, current, was_made_paid=was_made_paid)
            return self._renewal(run, plan, self._provisioning(run, plan, plan.replacement).send())
        waiting = self.waiting_downgrade(run.snapshot)
        if waiting is not None:
            call_off(waiting, run, self.deps.stigg)
            current = self.deps.stigg.get_subscription(current.id)
        return self._renewal(run, plan, self._amending(run, plan).send(current), called_off=waiting)

    def find_effect(self, run: Run) -> Effect[RenewalResult] | None:
        """Find the new subscription of this attempt, or return the effect if the present one is as requested."""
        with suppress(NotFound, RequestInvalid):  # a request that cannot be carried out was never sent
            current = self.deps.stigg.get_subscription(subscription_id(run))
            return self._replaced(run, current) or self._amended(run, current)
        return None

    def find_existing_effect(self, run: Run, before: Operation) -> Effect[RenewalResult] | None:
        """Return the subscription that this request led to, if it is as requested but no longer the named one."""
        done, record = str((before.answer or {})["subscriptionId"]), run.snapshot.record
        was_moved = record is not None and record.current is None
        if done == subscription_id(run) and not was_moved and not self.request.restore:
            return None
        subscription = self.deps.stigg.find_subscription(done)
        if subscription is None:
            return None
        terms = terms_in_force(self.deps.ledger.subscription(done), subscription)
        request = self.request.model_copy(update={"strategy": "auto"})
        plan = RenewalPlan(request, terms, None, self.deps.clock.now())
        is_so = plan.decision == "none"
        return self._renewal(run, plan, Effect(changed(subscription, outcome="unchanged"))) if is_so else None

    def on_repeat(self, run: Run) -> NextStep | RenewalResult:
        """Replay the result while it is true, resume after a payment, or start again after another change."""
        return _repeat_policy.when_provisioned(run, self.replayed_answer(run.operation), self.find_effect, self.deps)

    def finish_up(self, run: Run, effect: Effect[RenewalResult]) -> Effect[RenewalResult]:
        """Call off the record's scheduled subscriptions if a new one displaces them."""
        if effect.answer.decision != "replace" or self.request.new_salesforce_record_id:
            return effect
        return call_off_displaced(run, effect, self.deps.stigg, now=self.deps.clock.now())

    def mapping_changes(self, run: Run, effect: Effect[RenewalResult]) -> Changes | None:
        """Map the record, or the new one, to the subscription, with the history of both."""
        return self.with_ramps(self._mappings(run, effect), run, effect.answer)

    def waiting_downgrade(self, snapshot: Snapshot) -> MappedSubscription | None:
        """Return the scheduled downgrade that this write calls off, if there is one."""
        return waiting_downgrade(snapshot, self.deps)

    def _mappings(self, run: Run, effect: Effect[RenewalResult]) -> Changes:
        owner = self.owner(run.snapshot)
        if effect.answer.decision != "replace":
            return AmendedMapping(run, effect, owner, self.deps).changes()
        state = run.snapshot.subscription
        still_downgraded = state is not None and not self.request.restore and effect.answer.plan_id == state.plan_id
        occasion = Occasion(
            "renewed",
            "renewalScheduled",
            predecessor_id=subscription_id(run),
            before_downgrade=state.before_downgrade if state and still_downgraded else None,
        )
        return ProvisionedMapping(run, effect, owner, occasion, self.deps).changes()

    def plan(self, snapshot: Snapshot, current: Subscription) -> RenewalPlan:
        """Return the plan that renews the subscription as it is now. Raises RequestInvalid if there is none."""
        self.refuse_followed(snapshot, current)
        if self.request.new_salesforce_record_id is not None:
            new_record = self.deps.ledger.record(self.org_id, self.request.new_salesforce_record_id)
            refuse_taken(new_record, current, self.deps)
        plan = self._plan(snapshot, current)
        check_end(plan.wanted.get("cancellationDate"), current, now=self.deps.clock.now())
        return plan

    def owner(self, snapshot: Snapshot) -> Owner:
        """Return the record that the subscription belongs to from now on."""
        new = self.request.new_salesforce_record_id
        return Owner(self.org_id, new) if new else Owner(snapshot.target.org_id, snapshot.target.record_id)

    def _plan(self, snapshot: Snapshot, current: Subscription) -> RenewalPlan:
        base = self._before_downgrade(snapshot) if self.request.restore else None
        return RenewalPlan(self.request, terms_in_force(snapshot.subscription, current), base, self.deps.clock.now())

    def _replaced(self, run: Run, current: Subscription) -> Effect[RenewalResult] | None:
        """Find the new subscription of this attempt. Plan from the replaced one as it was before it ended."""
        status = "IN_TRIAL" if current.cancel_reason == "TRIAL_CONVERTED" else "ACTIVE"
        as_before = {"status": status, "cancellation_date": mapped_end(run, current)}
        before = current.model_copy(update=as_before) if current.was_replaced else current
        plan = self._sent or self._plan(run.snapshot, before)
        effect = self._provisioning(run, plan, plan.outlook).find_effect()
        return None if effect is None else self._renewal(run, plan, effect)

    def _amended(self, run: Run, current: Subscription) -> Effect[RenewalResult] | None:
        """Return the effect if the subscription is as requested, presumably by an earlier run."""
        waiting = self.waiting_downgrade(run.snapshot)
        plan = self._sent or self._plan(run.snapshot, current)
        if plan.decision == "replace" or (waiting and not is_called_off(waiting, self.deps.stigg)):
            return None
        effect = self._amending(run, plan).find_effect()
        return None if effect is None else self._renewal(run, plan, effect, decision="amend", called_off=waiting)

    def _before_downgrade(self, snapshot: Snapshot) -> dict[str, Any] | None:
        """Return the terms from before a downgrade; None if the downgrade is only scheduled."""
        old = snapshot.subscription.before_downgrade if snapshot.subscription else None
        if old is None and waiting_downgrade(snapshot, self.deps) is None:
            raise RequestInvalid([Problem("restore", "must be false, because the subscription was not downgraded")])
        if old is None:
            return None
        terms = terms_in_force(self.deps.ledger.subscription(old), self.deps.stigg.get_subscription(old))
        if "entitlements" not in self.request.given():
            refuse_unknown_entitlements(terms)
        return restorable(terms, now=self.deps.clock.now())

    def _provisioning(self, run: Run, plan: RenewalPlan, replacement: Mapping[str, Any]) -> Provisioning:
        current, owner = plan.terms.current, self.owner(run.snapshot)
        terms = {name: value for name, value in replacement.items() if name != "metadata"}
        metadata = {**current.metadata, **plan.wanted.get("metadata", {})}
        wanted, named = Wanted(terms, owner, metadata), run.snapshot.target
        org_id = named.org_id if named.record_id else None
        before = LiveSubscription(current.id, current.plan_id, current.resource_id, org_id, named.record_id)
        return Provisioning(self.deps.stigg, run, wanted, takes_place_of=before)

    def _amending(self, run: Run, plan: RenewalPlan) -> Amending:
        record_id = self.owner(run.snapshot).record_id
        marks = {"salesforceOrgId": self.org_id, "salesforceRecordId": record_id} if record_id else {}
        moves = self.request.new_salesforce_record_id is not None
        return Amending(self.deps.stigg, run, plan.amendment, marks if moves else {})

    def _refuse_outdated_ramp(self, run: Run) -> None:
        if self.ramp is not None:
            from stigg_actions.writes import _mapping_ramp  # noqa: PLC0415 - few subscriptions have a ramp

            _mapping_ramp.refuse_outdated(self.ramp, run.snapshot.subscription)

    def _ramp_reasons(self, run: Run, answer: Any, decision: Decision) -> list[str]:  # noqa: ANN401 - of an effect
        """Return a sentence if a replacement ends the ramp of the subscription."""
        before = run.snapshot.subscription
        if self.ramp is not None or before is None or before.step_waits is None or decision != "replace":
            return []
        from stigg_actions.writes import _mapping_ramp  # noqa: PLC0415 - few subscriptions have a ramp

        return [] if _mapping_ramp.is_taken_over(before, answer) else [_mapping_ramp.NO_MORE_SEGMENTS]

    def _renewal(
        self,
        run: Run,
        plan: RenewalPlan,
        effect: Effect[Any],
        *,
        decision: Decision | None = None,
        called_off: MappedSubscription | None = None,
    ) -> Effect[RenewalResult]:
        """Return the effect with the result of a renewal, which adds the decision and its reasons."""
        answer = effect.answer
        provisioned = isinstance(answer, ProvisionedAnswer)
        decision = "replace" if provisioned else "amend" if called_off else decision or plan.decision
        fields = {
            **answer.model_dump(exclude={"changes", "fallback_used"}, exclude_unset=True),
            "outcome": _outcome(answer.outcome, decision, called_off),
            "decision": decision,
            "reasons": [*plan.reasons, *_calling_off(called_off), *self._ramp_reasons(run, answer, decision)],
            "changes": plan.changes,
            "scheduled_changes": [] if provisioned else answer.scheduled_changes,
            "blockers": [],
            **drop_none({"salesforce_record_id": self.owner(run.snapshot).record_id}),
        }
        subject = state_of(run.snapshot, plan.terms.current)
        ended = (as_ended(called_off),) if called_off else effect.ended
        terms = effect.terms if provisioned or effect.terms is None else plan.to_remember(effect.terms)
        return replace(effect, answer=RenewalResult.model_validate(fields), subject=subject, ended=ended, terms=terms)


def _outcome(outcome: str, decision: Decision, called_off: MappedSubscription | None) -> str:
    if outcome == "unchanged" and called_off:
        return "updated"
    return "unchanged" if decision == "none" else outcome


def _calling_off(called_off: MappedSubscription | None) -> list[str]:
    return [f"The scheduled downgrade to {called_off.plan_id} is called off."] if called_off else []
