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
    """Create or update a customer, and link it to its Salesforce account."""

    kind = "customer"
    result = CustomerResult

    @property
    def creates_customer(self) -> bool:
        """Whether this write may create the customer: not with ``mustExist``."""
        return not self.request.must_exist

    @property
    def target(self) -> Target:
        """The customer and the account that the request names."""
        return Target(self.org_id, self.request.customer_id, account_id=self.request.salesforce_account_id)

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last changed this customer, or None if the account has another one by now."""
        moved = snapshot.linked_customer_id not in {None, snapshot.target.customer_id}
        latest = snapshot.customer.latest if snapshot.customer else None
        return None if moved and self.request.salesforce_account_id else latest

    def send(self, run: Run) -> Effect[CustomerResult]:
        """Create the customer, or update it if it exists; with ``mustExist``, only update it."""
        save = customer_upsert.update if self.request.must_exist else customer_upsert.upsert
        return self._effect(run, save(self.deps.stigg, self._wanted(run)))

    def foresee(self, run: Run) -> CustomerResult:
        """Return the result that ``send`` would have, without sending anything. Raises what it raises before."""
        return self._effect(run, customer_upsert.foresee(self.deps.stigg, self._wanted(run))).answer

    def find_effect(self, run: Run) -> Effect[CustomerResult] | None:
        """Return the effect if the customer is as requested already."""
        upserted = customer_upsert.find_effect(self.deps.stigg, self._wanted(run))
        return None if upserted is None else self._effect(run, upserted)

    def check_owner(self, snapshot: Snapshot) -> None:
        """Refuse to move the account from its customer, unless the request has ``relinkAccount``."""
        if not self.request.relink_account:
            super().check_owner(snapshot)

    def on_repeat(self, run: Run) -> NextStep | CustomerResult:
        """Replay the result if the customer is still as requested, or if Stigg is unavailable."""
        before = self.replayed_answer(run.operation)
        if run.operation.explicit_key:
            return before
        self.prepare()
        with suppress(RateLimited, StiggUnavailable):
            return before if self.find_effect(run) else NextStep.NEW_INTENT
        return before

    def mapping_changes(self, run: Run, effect: Effect[CustomerResult]) -> Changes | None:  # noqa: ARG002
        """Record the operation with the customer, and link the account."""
        return Changes(
            customer=replace(run.customer, latest=latest(run.operation, self.deps.clock.now())),
            account=self._link(run),
        )

    def _link(self, run: Run) -> AccountLink | None:
        """Return the account's new link, or None if another customer keeps the account."""
        account_id, linked = self.request.salesforce_account_id, run.snapshot.linked_customer_id
        keeps_link = linked not in {None, run.customer.customer_id} and not self.request.relink_account
        return None if account_id is None or keeps_link else AccountLink(self.org_id, account_id, before=linked)

    def _wanted(self, run: Run) -> WantedCustomer:
        customer = self.wanted_customer(run, self.request.details())
        return replace(customer, keeps=frozenset(self.request.keep_fields or ()))

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
