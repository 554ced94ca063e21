"""The write behind import-subscription."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stigg_actions.clock import Backoff
from stigg_actions.errors import ActionError, InProgress, OutcomeUnknown, Refused
from stigg_actions.exactly_once import freshness
from stigg_actions.exactly_once.start import current_snapshot
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.import_subscription import ImportedSubscription, ImportSubscription
from stigg_actions.models.subscription_data import ProvisionedAnswer
from stigg_actions.stigg import imports, refusals
from stigg_actions.storage.mapping import Changes
from stigg_actions.storage.operation import KeyScope, derived_key
from stigg_actions.storage.snapshot import Target
from stigg_actions.subscriptions.response_fields import drop_none, subscription_data
from stigg_actions.writes import _repeat_policy
from stigg_actions.writes._customer_base import OfCustomer
from stigg_actions.writes._import_checks import checked_plan, refuse_beside, refuse_different
from stigg_actions.writes._imported_customer import CustomerImport, refuse_archived
from stigg_actions.writes._mapping_history import Occasion
from stigg_actions.writes._mapping_provisioned import ProvisionedMapping
from stigg_actions.writes._metadata import OPERATION_KEY, marks
from stigg_actions.writes.ownership import refuse_occupied, to_claim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.exactly_once.write import NextStep
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import LatestOperation, RecordState
    from stigg_actions.storage.snapshot import Run, Snapshot

_LOOKS = 6
"""How often one call looks for the imported subscription, over about two seconds."""

_NOT_YET_SECONDS = 15


class ImportSubscriptionWrite(OfCustomer[ImportSubscription, ImportedSubscription]):
    """Import a subscription that exists in billing, under an id that derives from its record.

    The id is the same for every request and attempt, so that a record never gets two imported subscriptions, however
    late Stigg carries an import out. An import under the id of an existing subscription would change it: so Stigg is
    read first, and a subscription that is there is left as it is.
    """

    kind = "import"
    result = ImportedSubscription

    @cached_property
    def subscription_id(self) -> str:
        """The id of the record's imported subscription."""
        scope = KeyScope(self.deps.settings.environment, self.org_id, "imported")
        return derived_key(scope, {"salesforceRecordId": self.request.salesforce_record_id})

    def rehearsed(self) -> ImportedSubscription:
        """Return what the request would do. Raises what it would raise before it sends anything."""
        snapshot = current_snapshot(self)
        newer = freshness.newer(self.request, self.latest(snapshot))
        if newer is not None:
            return self.superseded(snapshot, newer)
        self.check_owner(snapshot)
        present = self.deps.stigg.find_subscription(self.subscription_id)
        if present is not None:
            return self._left_alone(present, self.key)
        customer_id = str(snapshot.target.customer_id)
        self._check(customer_id)
        return self._not_imported(customer_id)

    @property
    def creates_customer(self) -> bool:
        """Whether a field of the customer is given, so that it is imported if Stigg does not have it."""
        return bool(self.request.customer() or self.request.payment_method_id)

    @property
    def target(self) -> Target:
        """The customer, record, account and resource that the request names, and the subscription of the record."""
        request = self.request
        return Target(
            self.org_id,
            request.customer_id,
            request.salesforce_record_id,
            request.salesforce_account_id,
            request.resource_id,
            of_resource=True,
            subscription_id=self.subscription_id,
        )

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last changed the record."""
        return snapshot.record.latest if snapshot.record else None

    def check_owner(self, snapshot: Snapshot) -> None:
        """Refuse another customer's record or account, and a record with a subscription that was not imported."""
        super().check_owner(snapshot)
        if snapshot.subscription is None:  # else it was imported before: what the record has since is its successor
            refuse_occupied(snapshot.record, self.subscription_id, self.deps)

    def claims(self, snapshot: Snapshot) -> tuple[RecordState, ...]:
        """Return the record, if it is free and must be claimed."""
        return to_claim(snapshot.target, self.request.salesforce_record_id, snapshot.record)

    def present(self, snapshot: Snapshot, by: LatestOperation) -> Mapping[str, Any]:
        """Return the record's subscription as Stigg shows it now, or the newer operation's result if it has none."""
        mapped = snapshot.record.mapped if snapshot.record else ()
        subscription = self.deps.stigg.find_subscription(mapped[0].subscription_id) if mapped else None
        return super().present(snapshot, by) if subscription is None else subscription_data(subscription)

    def send(self, run: Run) -> Effect[ImportedSubscription]:
        """Import the subscription, after its customer if Stigg lacks that one, and look until Stigg shows it.

        Raises:
            OutcomeUnknown: Stigg accepted the import and has not carried it out yet.
        """
        present = self.deps.stigg.find_subscription(self.subscription_id)
        if present is not None:
            return self._effect(run, present)
        if self._check(run.customer.customer_id):
            self._import_customer(run)
        imports.import_subscription(
            self.deps.stigg,
            subscription=self._body(run),
            integration_id=self.request.integration_id,
            idempotency_key=run.operation.effect_id,
        )
        return self._shown(run)

    def find_effect(self, run: Run) -> Effect[ImportedSubscription] | None:
        """Return the effect if the record's imported subscription exists and an attempt of this operation made it."""
        present = self.deps.stigg.find_subscription(self.subscription_id)
        own = present is not None and present.metadata.get(OPERATION_KEY) == run.operation.operation_key
        return self._effect(run, present) if present is not None and own else None

    def on_absence(self) -> ActionError | None:
        """Return the error for an import that Stigg accepted and has not carried out."""
        return Refused(
            "REFUSED_BY_STIGG",
            "Stigg has not carried the import out, and does not say why. Check planId, billingPeriod, addons, charges "
            "and resourceId against the catalog, and send the request again.",
        )

    def on_repeat(self, run: Run) -> NextStep | ImportedSubscription:
        """Return the result with the subscription as it is now. It is not imported again while Stigg has it."""
        return _repeat_policy.when_changed(run, self.replayed_answer(run.operation), lambda _: True, self.deps)

    def mapping_changes(self, run: Run, effect: Effect[ImportedSubscription]) -> Changes | None:
        """Map the record to the subscription, unless another operation has changed that one since it was imported."""
        state = run.snapshot.subscription
        if state is not None and state.latest is not None:
            return Changes(run.customer)
        answer = ProvisionedAnswer.model_validate(effect.answer.model_dump())
        provisioned = Effect(answer, terms=self.request.terms())
        return ProvisionedMapping(run, provisioned, self.owner, Occasion(), self.deps).changes()

    def _check(self, customer_id: str) -> bool:
        """Check what Stigg would skip; return whether the customer has to be imported first."""
        stigg = self.deps.stigg
        plan = checked_plan(self.request, stigg, now=self.deps.clock.now())
        find = imports.find_customer if self.creates_customer else type(stigg).get_customer
        customer = find(stigg, customer_id)
        if customer is None:
            return True
        refuse_archived(customer, stigg)
        refuse_beside(self.request, plan, customer_id, stigg)
        return False

    def _import_customer(self, run: Run) -> None:
        wanted = self.wanted_customer(run, self.request.customer())
        account_id = self.request.salesforce_account_id
        CustomerImport(self.deps.stigg, wanted, self.request, account_id, run.operation).send()

    def _body(self, run: Run) -> dict[str, Any]:
        metadata = {**(self.request.metadata or {}), **marks(run.operation, self.owner)}
        named = {"id": self.subscription_id, "customerId": run.customer.customer_id}
        return {**named, **self.request.sent(), "metadata": metadata}

    def _shown(self, run: Run) -> Effect[ImportedSubscription]:
        """Look for the subscription until Stigg has carried the import out, for a short while."""
        waits = Backoff(self.deps.deadline)
        with suppress(InProgress):
            for _ in range(_LOOKS):
                present = self._looked_up()
                if present is not None:
                    return self._effect(run, present)
                waits.once()
        raise OutcomeUnknown(
            "OUTCOME_UNKNOWN",
            f"Stigg accepted the import of subscription {self.subscription_id} and carries it out in the background. "
            "It is not there yet. Send the same request again to complete it.",
            retry_after_seconds=_NOT_YET_SECONDS,
        )

    def _looked_up(self) -> Subscription | None:
        try:
            return self.deps.stigg.find_subscription(self.subscription_id)
        except ActionError as error:
            raise refusals.not_read_back(f"subscription {self.subscription_id}", error) from None

    def _effect(self, run: Run, present: Subscription) -> Effect[ImportedSubscription]:
        """Return the effect of the operation that imported a subscription, or of one that finds it there."""
        own = present.metadata.get(OPERATION_KEY) == run.operation.operation_key
        if own and run.operation.intent == 1:
            return Effect(self._answer(present, "imported"))
        return Effect(self._left_alone(present, run.operation.operation_key))

    def _left_alone(self, present: Subscription, operation_key: str) -> ImportedSubscription:
        if present.metadata.get(OPERATION_KEY) != operation_key:
            refuse_different(self.request, present)
        return self._answer(present, "unchanged")

    def _answer(self, present: Subscription, outcome: str) -> ImportedSubscription:
        url = drop_none({"customer_url": self.customer_url(present.customer_id)})
        return ImportedSubscription.model_validate({"outcome": outcome, **subscription_data(present), **url})

    def _not_imported(self, customer_id: str) -> ImportedSubscription:
        """Return the answer of a dry run."""
        terms = {"plan_id": self.request.plan_id, "resource_id": self.request.resource_id}
        named = {"customer_id": customer_id, "subscription_id": self.subscription_id, **terms}
        dates = {"start_date": self.request.start_date, "cancellation_date": self.request.end_date}
        state = {"outcome": "dryRun", "status": "NOT_IMPORTED", "active": False}
        addons = self.request.terms().get("addons", [])
        return ImportedSubscription.model_validate({**state, "addons": addons, **drop_none({**named, **dates})})
