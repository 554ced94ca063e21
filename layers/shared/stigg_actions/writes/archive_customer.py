"""The write behind archive-customer."""

from __future__ import annotations

from contextlib import suppress
from copy import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.clock import date_text
from stigg_actions.errors import NotFound, RateLimited, Refused, StiggUnavailable
from stigg_actions.exactly_once.write import Effect, NextStep
from stigg_actions.models.archive_customer import ArchiveCustomer, ArchivedCustomer
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.snapshot import Target
from stigg_actions.writes._customer_base import OfCustomer
from stigg_actions.writes._live_subscriptions import closed_since, noted, refuse_live
from stigg_actions.writes._mapping_ended import ended_mappings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.stigg.customer_schemas import Customer
    from stigg_actions.storage.mapping import Changes, LatestOperation
    from stigg_actions.storage.snapshot import Run, Snapshot


class ArchiveCustomerWrite(OfCustomer[ArchiveCustomer, ArchivedCustomer]):
    """Archive a customer, or restore an archived one. Stigg cancels the subscriptions of an archived customer."""

    kind = "archive"
    result = ArchivedCustomer

    @property
    def target(self) -> Target:
        """The customer and the account that the request names."""
        return Target(self.org_id, self.request.customer_id, account_id=self.request.salesforce_account_id)

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last changed this customer."""
        return snapshot.customer.latest if snapshot.customer else None

    def present(self, snapshot: Snapshot, by: LatestOperation) -> Mapping[str, Any]:  # noqa: ARG002 - Stigg shows it
        """Return the customer as Stigg shows it now. Raises what the client raises."""
        customer_id = str(snapshot.target.customer_id)
        return self._shown(customer_id, self.deps.stigg.get_customer(customer_id))

    def to_note(self, snapshot: Snapshot) -> Mapping[str, Any] | None:
        """Read the subscriptions that archiving ends."""
        if self.request.restore:
            return None
        return noted(self.deps.stigg.subscriptions_of(str(snapshot.target.customer_id), ended=False), self.deps)

    def send(self, run: Run) -> Effect[ArchivedCustomer]:
        """Archive or restore the customer, unless it is so already.

        Raises:
            Conflict: SUBSCRIPTIONS_LIVE, if subscriptions would end and the request does not allow it.
        """
        customer = self._customer(run)
        if customer.is_archived == self._wanted:
            return self._effect(run, customer, "unchanged")
        if self._wanted:
            refuse_live(run, allowed=self.request.cancel_subscriptions, ends_when="its customer is archived")
        try:
            return self._effect(run, self._change(run), "archived" if self._wanted else "restored")
        except (NotFound, Refused):
            customer = self._customer(run)
            if customer.is_archived == self._wanted:  # somebody was faster in the Stigg app
                return self._effect(run, customer, "unchanged")
            raise

    def find_effect(self, run: Run) -> Effect[ArchivedCustomer] | None:
        """Return the effect if the customer is archived, or restored, as requested."""
        with suppress(NotFound):
            customer = self._customer(run)
            if customer.is_archived == self._wanted:
                return self._effect(run, customer, "archived" if self._wanted else "restored")
        return None

    def on_repeat(self, run: Run) -> NextStep | ArchivedCustomer:
        """Replay the result if the customer is still as requested, or if Stigg is unavailable."""
        before = self.replayed_answer(run.operation)
        if run.operation.explicit_key:
            return before
        with suppress(RateLimited, StiggUnavailable):
            return before if self._customer(run).is_archived == self._wanted else NextStep.NEW_INTENT
        return before

    def mapping_changes(self, run: Run, effect: Effect[ArchivedCustomer]) -> Changes | None:
        """Record the end of the subscriptions, and whether the customer is archived."""
        archived_at = date_text(effect.answer.archived_at)
        done = latest(run.operation, self.deps.clock.now())
        customer = replace(run.customer, latest=done, archived_at=archived_at)
        return ended_mappings(run, effect.closed, customer, self.deps)

    @property
    def _wanted(self) -> bool:
        """Whether the customer is to be archived."""
        return not self.request.restore

    def _customer(self, run: Run) -> Customer:
        return self.deps.stigg.get_customer(run.customer.customer_id)

    def _change(self, run: Run) -> Customer:
        stigg = self.deps.stigg
        change = stigg.archive_customer if self._wanted else stigg.unarchive_customer
        return change(run.customer.customer_id, idempotency_key=run.operation.effect_id)

    def _effect(self, run: Run, customer: Customer, outcome: str) -> Effect[ArchivedCustomer]:
        closed = closed_since(run, self.deps.stigg)
        shown = self._shown(run.customer.customer_id, customer)
        ids = [subscription.id for subscription in closed]
        answer = {**shown, "outcome": outcome, **({"canceled_subscription_ids": ids} if ids else {})}
        return Effect(ArchivedCustomer.model_validate(answer), closed=closed)

    def _shown(self, customer_id: str, customer: Customer) -> dict[str, Any]:
        moment = {"archived_at": customer.archived_at} if customer.is_archived else {}
        url = self.customer_url(customer_id)
        return {"customer_id": customer_id, "customer_url": url, "archived": customer.is_archived, **moment}
