"""The write behind import-customer."""

from __future__ import annotations

from contextlib import suppress
from copy import replace
from typing import TYPE_CHECKING

from stigg_actions.errors import RateLimited, StiggUnavailable
from stigg_actions.exactly_once import freshness
from stigg_actions.exactly_once.start import current_snapshot
from stigg_actions.exactly_once.write import Effect, NextStep
from stigg_actions.models.import_customer import ImportCustomer, ImportedCustomer
from stigg_actions.stigg import imports
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.mapping import AccountLink, Changes
from stigg_actions.storage.snapshot import Target
from stigg_actions.writes._customer_base import OfCustomer
from stigg_actions.writes._imported_customer import CustomerImport, differing, refuse_archived

if TYPE_CHECKING:
    from stigg_actions.stigg.customer_schemas import Customer
    from stigg_actions.storage.mapping import LatestOperation
    from stigg_actions.storage.snapshot import Run, Snapshot


class ImportCustomerWrite(OfCustomer[ImportCustomer, ImportedCustomer]):
    """Import a customer that exists in billing, and link it to its Salesforce account. Never change an existing one."""

    kind = "enroll"
    result = ImportedCustomer
    creates_customer = True

    def rehearsed(self) -> ImportedCustomer:
        """Return what the request would do. Raises what it would raise before it sends anything."""
        snapshot = current_snapshot(self)
        newer = freshness.newer(self.request, self.latest(snapshot))
        if newer is not None:
            return self.superseded(snapshot, newer)
        self.check_owner(snapshot)
        customer_id = str(snapshot.target.customer_id)
        customer = imports.find_customer(self.deps.stigg, customer_id)
        if customer is None:
            return self._answer(customer_id, "dryRun")
        refuse_archived(customer, self.deps.stigg)
        return self._unchanged(customer)

    @property
    def target(self) -> Target:
        """The customer and the account that the request names."""
        return Target(self.org_id, self.request.customer_id, account_id=self.request.salesforce_account_id)

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last changed this customer."""
        return snapshot.customer.latest if snapshot.customer else None

    def send(self, run: Run) -> Effect[ImportedCustomer]:
        """Import the customer, unless Stigg has it."""
        work = self._import(run)
        return self._effect(work, work.carry_out())

    def find_effect(self, run: Run) -> Effect[ImportedCustomer] | None:
        """Return the effect if Stigg has the customer."""
        customer = imports.find_customer(self.deps.stigg, run.customer.customer_id)
        return None if customer is None else self._effect(self._import(run), customer)

    def on_repeat(self, run: Run) -> NextStep | ImportedCustomer:
        """Replay the result while Stigg has the customer, or if Stigg is unavailable."""
        before = self.replayed_answer(run.operation)
        with suppress(RateLimited, StiggUnavailable):
            found = imports.find_customer(self.deps.stigg, before.customer_id)
            return before if found or run.operation.explicit_key else NextStep.NEW_INTENT
        return before

    def mapping_changes(self, run: Run, effect: Effect[ImportedCustomer]) -> Changes | None:
        """Link the account, and record the operation with a customer that it imported."""
        done = latest(run.operation, self.deps.clock.now())
        imported = effect.answer.outcome == "imported"
        customer = replace(run.customer, latest=done) if imported else run.customer
        account_id = self.request.salesforce_account_id
        unlinked = account_id is not None and run.snapshot.linked_customer_id is None
        return Changes(customer, account=AccountLink(self.org_id, str(account_id)) if unlinked else None)

    def _import(self, run: Run) -> CustomerImport:
        wanted = self.wanted_customer(run, self.request.details())
        account_id = self.request.salesforce_account_id
        return CustomerImport(self.deps.stigg, wanted, self.request, account_id, run.operation)

    def _effect(self, work: CustomerImport, customer: Customer) -> Effect[ImportedCustomer]:
        own = work.is_own(customer)
        return Effect(self._answer(customer.id, "imported") if own else self._unchanged(customer))

    def _unchanged(self, customer: Customer) -> ImportedCustomer:
        answer = self._answer(customer.id, "unchanged")
        return answer.model_copy(update={"differing_fields": differing(customer, self.request.details()) or None})

    def _answer(self, customer_id: str, outcome: str) -> ImportedCustomer:
        url = self.customer_url(customer_id)
        return ImportedCustomer.model_validate({"outcome": outcome, "customer_id": customer_id, "customer_url": url})
