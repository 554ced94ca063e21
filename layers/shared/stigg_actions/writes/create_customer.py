"""The write behind create-customer."""

from __future__ import annotations

from contextlib import suppress
from copy import replace
from typing import TYPE_CHECKING

from stigg_actions.errors import RateLimited, StiggUnavailable
from stigg_actions.exactly_once.write import Effect, Move
from stigg_actions.models.create_customer import CreateCustomer, CustomerResult
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.mapping import AccountLink, Changes
from stigg_actions.storage.snapshot import Names
from stigg_actions.writes import customer_upsert
from stigg_actions.writes._customer_base import OfCustomer

if TYPE_CHECKING:
    from stigg_actions.storage.mapping import LatestOperation
    from stigg_actions.storage.snapshot import Standing, Ticket
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
    def names(self) -> Names:
        """The customer and the account."""
        return Names(self.org_id, self.request.customer_id, account_id=self.request.salesforce_account_id)

    def latest(self, standing: Standing) -> LatestOperation | None:
        """Return the operation that last changed this customer, unless the account was linked elsewhere since."""
        moved = standing.linked_customer_id not in {None, standing.names.customer_id}
        latest = standing.customer.latest if standing.customer else None
        return None if moved and self.request.salesforce_account_id else latest

    def send(self, ticket: Ticket) -> Effect[CustomerResult]:
        """Create the customer, or update it if it exists; only update it where it must exist."""
        bring_about = customer_upsert.update if self.request.must_exist else customer_upsert.upsert
        return self._effect(ticket, bring_about(self.deps.stigg, self._wanted(ticket)))

    def look_up(self, ticket: Ticket) -> Effect[CustomerResult] | None:
        """Find out whether the customer is as asked."""
        found = customer_upsert.look_up(self.deps.stigg, self._wanted(ticket))
        return None if found is None else self._effect(ticket, found)

    def check_owner(self, standing: Standing) -> None:
        """Refuse to move the account from its customer, unless the request says so."""
        if not self.request.relink_account:
            super().check_owner(standing)

    def when_repeated(self, ticket: Ticket) -> Move | CustomerResult:
        """Look whether the customer is still as asked; where Stigg cannot be asked, it is taken to be."""
        before = self.stored_answer(ticket.operation)
        if ticket.operation.explicit_key:
            return before
        self.prepare()
        with suppress(RateLimited, StiggUnavailable):
            return before if self.look_up(ticket) else Move.ANEW
        return before

    def changes(self, ticket: Ticket, effect: Effect[CustomerResult]) -> Changes | None:  # noqa: ARG002
        """Remember the customer of the account."""
        return Changes(
            customer=replace(ticket.customer, latest=latest(ticket.operation, self.deps.clock.now())),
            account=self._link(ticket),
        )

    def _link(self, ticket: Ticket) -> AccountLink | None:
        """Return the link of the account; one that another customer got meanwhile stays, unless it is to be moved."""
        account_id, linked = self.request.salesforce_account_id, ticket.standing.linked_customer_id
        stays = linked not in {None, ticket.customer.customer_id} and not self.request.relink_account
        return None if account_id is None or stays else AccountLink(self.org_id, account_id, before=linked)

    def _wanted(self, ticket: Ticket) -> WantedCustomer:
        wanted = self.wanted_customer(ticket, self.request.details())
        return replace(wanted, keeps=frozenset(self.request.keep_fields or ()))

    def _effect(self, ticket: Ticket, upserted: Upserted) -> Effect[CustomerResult]:
        customer_id = ticket.customer.customer_id
        return Effect(
            CustomerResult(
                outcome=upserted.outcome,
                customer_id=customer_id,
                customer_url=self.customer_url(customer_id),
                salesforce_linked=upserted.linked,
            )
        )
