"""The write behind both create-subscription actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.exactly_once.freshness import newer
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.create_subscription import CreateSubscription, SubscriptionResult
from stigg_actions.storage.snapshot import Target
from stigg_actions.writes import _repeat_policy, customer_upsert
from stigg_actions.writes._customer_base import OfCustomer
from stigg_actions.writes._mapping_history import Occasion
from stigg_actions.writes._mapping_provisioned import ProvisionedMapping
from stigg_actions.writes._provision_result import HIDDEN, answer_for, is_as_asked
from stigg_actions.writes._provisioning import Provisioning, Wanted
from stigg_actions.writes._scheduled_cancellation import call_off_displaced
from stigg_actions.writes._subscription_base import now_in_stigg
from stigg_actions.writes.ownership import refuse_second, refuse_trial_beside, to_claim

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from stigg_actions.exactly_once.write import NextStep
    from stigg_actions.storage.mapping import Changes, LatestOperation, RecordState
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run, Snapshot

_TAKEN_OVER = ("adopt-", "import-")
"""Beginnings of the keys of operations by which a record got a subscription that was not sold here."""


class CreateSubscriptionWrite(OfCustomer[CreateSubscription, SubscriptionResult]):
    """Provision a subscription in place of the one that the customer had before."""

    kind = "provision"
    result = SubscriptionResult

    @property
    def creates_customer(self) -> bool:
        """Whether the customer's name or e-mail is given, so that it is created or updated first."""
        return self.request.customer_name is not None or self.request.customer_email is not None

    @property
    def target(self) -> Target:
        """The customer, record, account and resource that the request names."""
        request = self.request
        return Target(
            self.org_id,
            request.customer_id,
            request.salesforce_record_id,
            request.salesforce_account_id,
            request.resource_id,
            of_resource=True,
        )

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last provisioned for this record, or else for this resource of the customer."""
        if self.request.salesforce_record_id:
            return snapshot.record.latest if snapshot.record else None
        return snapshot.resource.latest if snapshot.resource else None

    def check_owner(self, snapshot: Snapshot) -> None:
        """Refuse another customer's record or account, and a subscription that would run beside the record's own."""
        super().check_owner(snapshot)
        refuse_second(snapshot.record, self.request.plan_id, self.request.resource_id, self.deps)
        trial = self.request.trial_override_configuration
        if trial is not None and trial.is_trial:
            refuse_trial_beside(snapshot.record, self.deps)

    def claims(self, snapshot: Snapshot) -> tuple[RecordState, ...]:
        """Return the record that the request names, if it is free and must be claimed."""
        record_id = self.request.salesforce_record_id
        return () if record_id is None else to_claim(snapshot.target, record_id, snapshot.record)

    def present(self, snapshot: Snapshot, by: LatestOperation) -> Mapping[str, Any]:
        """Return the record's subscription as Stigg shows it now, or the newer operation's result if it has none."""
        answer, mapped = super().present(snapshot, by), snapshot.record.mapped if snapshot.record else ()
        present_id = mapped[0].subscription_id if mapped else str(answer.get("subscriptionId"))
        subscription = self.deps.stigg.find_subscription(present_id)
        if subscription is None:
            return answer
        return now_in_stigg(subscription) | {"customer_url": self.customer_url(subscription.customer_id)}

    def finish_up(self, run: Run, effect: Effect[SubscriptionResult]) -> Effect[SubscriptionResult]:
        """Call off the record's scheduled subscriptions that the new one displaces."""
        return call_off_displaced(run, effect, self.deps.stigg, now=self.deps.clock.now())

    def send(self, run: Run) -> Effect[SubscriptionResult]:
        """Create or update the customer if its name or e-mail is given, then provision the subscription.

        A subscription that the record has got without an operation here, and that is as requested, is not sold again.
        """
        present = self._present(run)
        if present is not None:
            return present
        if self.creates_customer:
            customer_upsert.upsert(self.deps.stigg, self._wanted_customer(run))
        return self._provisioning(run).send()

    def find_effect(self, run: Run) -> Effect[SubscriptionResult] | None:
        """Find the subscription by the id that this attempt gave it. Raises Refused if another one has that id."""
        return self._provisioning(run).find_effect()

    def find_existing_effect(self, run: Run, before: Operation) -> Effect[SubscriptionResult] | None:
        """Return the subscription that this request created before if it is live, as requested and unchanged since."""
        latest = self.latest(run.snapshot)
        if latest is None or latest.operation_key != self.key:
            return None
        subscription = self.deps.stigg.find_subscription((before.answer or {})["subscriptionId"])
        if subscription is None or subscription.has_ended or not is_as_asked(subscription, self.request):
            return None
        answer = answer_for(subscription, outcome="unchanged", customer_url=self._url(run))
        return Effect(answer, terms=self._provisioning(run).wanted.terms)

    def on_repeat(self, run: Run) -> NextStep | SubscriptionResult:
        """Replay the result while it is true, resume after a payment, or start again if the payment page is too old."""
        return _repeat_policy.when_provisioned(run, self.replayed_answer(run.operation), self.find_effect, self.deps)

    def mapping_changes(self, run: Run, effect: Effect[SubscriptionResult]) -> Changes | None:
        """Map the record to the subscription, and close the mapping of the one that it replaced."""
        occasion = Occasion(changes_customer=self.creates_customer)
        changes = ProvisionedMapping(run, effect, self.owner, occasion, self.deps).changes()
        existing = self.deps.ledger.subscription(effect.answer.subscription_id) if self._was_found(run) else None
        if self.ramp is None and (existing is None or existing.ramp is None):
            return changes
        from stigg_actions.writes import _mapping_ramp  # noqa: PLC0415 - few subscriptions have a ramp

        if existing is not None and effect.answer.outcome == "unchanged":
            changes = _mapping_ramp.with_ramp_of(existing, changes)
        return _mapping_ramp.with_ramps(changes, run, effect.answer, self.ramp)

    def _present(self, run: Run) -> Effect[SubscriptionResult] | None:
        """Return the subscription that the record got without an operation here, if it is as far as Stigg shows.

        It gets the metadata of the request, which are no terms.
        """
        record = run.snapshot.record
        if record is None or record.current is None or not self._was_found(run):
            return None
        subscription = self.deps.stigg.find_subscription(record.current.subscription_id)
        hidden = any(self.request.terms().get(name) for name in HIDDEN) and record.current.operation_key != self.key
        if hidden or subscription is None or subscription.has_ended or not is_as_asked(subscription, self.request):
            return None
        asked = self.request.metadata or {}
        if not asked.items() <= subscription.metadata.items():
            metadata = {**subscription.metadata, **asked}
            self.deps.stigg.update_subscription(subscription.id, body={"metadata": metadata})
        return Effect(answer_for(subscription, outcome="unchanged", customer_url=self._url(run)))

    def _was_found(self, run: Run) -> bool:
        """Whether the record got its subscription without an operation here, and none has settled it since.

        It was adopted or imported; or the tables were lost, and its marks in Stigg name this request.
        """
        latest = self.latest(run.snapshot)
        if latest is None:
            return False
        is_restored = latest.operation_key == self.key and latest.intent == 0
        return is_restored or latest.operation_key.startswith(_TAKEN_OVER)

    def _provisioning(self, run: Run) -> Provisioning:
        salesforce_id = self.request.salesforce_id or self.request.salesforce_account_id
        terms = {**self.request.terms(), **({"salesforceId": salesforce_id} if salesforce_id else {})}
        wanted = Wanted(terms, self.owner, self.request.metadata or {})
        return Provisioning(self.deps.stigg, run, wanted, self._url(run))

    def _wanted_customer(self, run: Run) -> customer_upsert.WantedCustomer:
        """Return the customer to send, without name and e-mail if a newer request has changed the customer."""
        is_outdated = newer(self.request, run.customer.latest) is not None
        given = {} if is_outdated else {"name": self.request.customer_name, "email": self.request.customer_email}
        return self.wanted_customer(run, {name: value for name, value in given.items() if value is not None})

    def _url(self, run: Run) -> str | None:
        return self.customer_url(run.customer.customer_id)
