"""The write behind create-customer."""

from __future__ import annotations

from contextlib import suppress
from copy import replace
from typing import TYPE_CHECKING

from stigg_actions.errors import RateLimited, StiggUnavailable
from stigg_actions.exactly_once.write import Effect, NextStep
from stigg_actions.models.create_customer import CreateCustomer, CustomerResult
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.mapping import AccountLink, Changes
from stigg_actions.storage.snapshot import Target
from stigg_actions.writes import customer_upsert
from stigg_actions.writes._customer_base import OfCustomer

if TYPE_CHECKING:
    from stigg_actions.storage.mapping import LatestOperation
    from stigg_actions.storage.snapshot import Run, Snapshot
    from stigg_actions.writes.customer_upsert import Upserted, WantedCustomer


class CreateCustomerWrite(OfCustomer[CreateCustomer, CustomerResult]):
    """A customer made to be as asked, linked to its Salesforce account."""

    kind = "customer"
    result = CustomerResult

    @property
    def creates_customer(self) -> bool:
        """Whether it may: not where the customer must exist."""
        return not self.request.must_exist

    @property
    def target(self) -> Target:
        """The customer and the account."""
        return Target(self.org_id, self.request.customer_id, account_id=self.request.salesforce_account_id)

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last changed this customer, unless the account was linked elsewhere since."""
        moved = snapshot.linked_customer_id not in {None, snapshot.target.customer_id}
        latest = snapshot.customer.latest if snapshot.customer else None
        return None if moved and self.request.salesforce_account_id else latest

    def send(self, run: Run) -> Effect[CustomerResult]:
        """Create the customer, or update it if it exists; only update it where it must exist."""
        bring_about = customer_upsert.update if self.request.must_exist else customer_upsert.upsert
        return self._effect(run, bring_about(self.deps.stigg, self._wanted(run)))

    def find_effect(self, run: Run) -> Effect[CustomerResult] | None:
        """Find out whether the customer is as asked."""
        found = customer_upsert.find_effect(self.deps.stigg, self._wanted(run))
        return None if found is None else self._effect(run, found)

    def check_owner(self, snapshot: Snapshot) -> None:
        """Refuse to move the account from its customer, unless the request says so."""
        if not self.request.relink_account:
            super().check_owner(snapshot)

    def on_repeat(self, run: Run) -> NextStep | CustomerResult:
        """Look whether the customer is still as asked; where Stigg cannot be asked, it is taken to be."""
        before = self.replayed_answer(run.operation)
        if run.operation.explicit_key:
            return before
        self.prepare()
        with suppress(RateLimited, StiggUnavailable):
            return before if self.find_effect(run) else NextStep.NEW_INTENT
        return before

    def mapping_changes(self, run: Run, effect: Effect[CustomerResult]) -> Changes | None:  # noqa: ARG002
        """Remember the customer of the account."""
        return Changes(
            customer=replace(run.customer, latest=latest(run.operation, self.deps.clock.now())),
            account=self._link(run),
        )

    def _link(self, run: Run) -> AccountLink | None:
        """Return the link of the account; one that another customer got meanwhile stays, unless it is to be moved."""
        account_id, linked = self.request.salesforce_account_id, run.snapshot.linked_customer_id
        stays = linked not in {None, run.customer.customer_id} and not self.request.relink_account
        return None if account_id is None or stays else AccountLink(self.org_id, account_id, before=linked)

    def _wanted(self, run: Run) -> WantedCustomer:
        wanted = self.wanted_customer(run, self.request.details())
        return replace(wanted, keeps=frozenset(self.request.keep_fields or ()))

    def _effect(self, run: Run, upserted: Upserted) -> Effect[CustomerResult]:
        customer_id = run.customer.customer_id
        return Effect(
            CustomerResult(
                outcome=upserted.outcome,
                customer_id=customer_id,
                customer_url=self.customer_url(customer_id),
                salesforce_linked=upserted.linked,
            )
        )
