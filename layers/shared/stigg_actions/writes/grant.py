"""The write behind create-credit-grant."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from stigg_actions.customers import OPERATION_METADATA_KEY
from stigg_actions.errors import NotFound
from stigg_actions.mappings import Changes
from stigg_actions.models.credits import CreateCreditGrant, CreditGrantResult
from stigg_actions.operations import Move
from stigg_actions.standing import Names
from stigg_actions.writes.base import Effect
from stigg_actions.writes.customer_writes import OfCustomer

if TYPE_CHECKING:
    from stigg_actions.mappings import LatestOperation
    from stigg_actions.standing import Standing, Ticket
    from stigg_actions.stigg.wire import CreditGrant

_OUTCOME_OF_STATUS = {"SCHEDULED": "scheduled", "PAYMENT_PENDING": "paymentRequired"}


class GrantWrite(OfCustomer[CreateCreditGrant, CreditGrantResult]):
    """Credits granted once. Stigg gives the grant its id, so it is found again by its metadata."""

    kind = "grant"
    result = CreditGrantResult
    stands_for_ever = True

    @property
    def names(self) -> Names:
        """The customer and the account."""
        return Names(self.org_id, self.request.customer_id, account_id=self.request.salesforce_account_id)

    def latest(self, standing: Standing) -> LatestOperation | None:  # noqa: ARG002 - nothing comes between
        """Return nothing: the same request is the same grant, whatever came after it."""
        return None

    def send(self, ticket: Ticket) -> Effect[CreditGrantResult]:
        """Grant the credits."""
        body = {
            "customerId": ticket.customer.customer_id,
            **self.request.terms(),
            "metadata": {**(self.request.metadata or {}), **self.marks(ticket)},
        }
        grant = self.deps.stigg.create_credit_grant(body=body, idempotency_key=ticket.operation.effect_id)
        return self._effect(grant)

    def look_up(self, ticket: Ticket) -> Effect[CreditGrantResult] | None:
        """Find the grant among the customer's, by the mark that this attempt left in its metadata."""
        grants = self.deps.stigg.credit_grants(
            ticket.customer.customer_id,
            currency_id=self.request.currency_id,
            resource_id=self.request.resource_id,
        )
        mark = (OPERATION_METADATA_KEY, ticket.operation.effect_id)
        with suppress(NotFound):  # a customer that Stigg does not know has no grants
            return next((self._effect(grant) for grant in grants if mark in grant.metadata.items()), None)
        return None

    def when_repeated(self, ticket: Ticket) -> Move | CreditGrantResult:
        """Look for a grant that awaited payment; one that is gone is not made again."""
        found = ticket.operation.awaits_payment and self.look_up(ticket)
        return Move.RESUME if found else self.stored_answer(ticket.operation)

    def changes(self, ticket: Ticket, effect: Effect[CreditGrantResult]) -> Changes | None:  # noqa: ARG002
        """Change nothing but the lease: a grant has no mapping."""
        return Changes(ticket.customer)

    @staticmethod
    def _effect(grant: CreditGrant) -> Effect[CreditGrantResult]:
        optional = {
            "effective_at": grant.effective_at,
            "expire_at": grant.expire_at,
            "payment_url": _payment_url(grant),
        }
        answer = {
            "outcome": _OUTCOME_OF_STATUS.get(grant.status, "created"),
            "grant_id": grant.id,
            "customer_id": grant.customer_id,
            "status": grant.status,
            "active": grant.status == "ACTIVE",
            "amount": grant.amount,
            "currency_id": grant.currency_id,
            **{name: value for name, value in optional.items() if value is not None},
        }
        return Effect(CreditGrantResult.model_validate(answer))


def _payment_url(grant: CreditGrant) -> str | None:
    """Return the page on which a grant can be paid, as long as it has to be."""
    if grant.status != "PAYMENT_PENDING" or grant.latest_invoice is None:
        return None
    return grant.latest_invoice.payment_url
