"""The write behind create-credit-grant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.customers import OPERATION_METADATA_KEY
from stigg_actions.ledger import Names
from stigg_actions.mappings import Changes
from stigg_actions.models.credits import CreateCreditGrant, CreditGrantResult
from stigg_actions.writes.base import Effect
from stigg_actions.writes.customer_writes import OfCustomer

if TYPE_CHECKING:
    from stigg_actions.ledger import Ticket
    from stigg_actions.mappings import CustomerState, LatestOperation, RecordState
    from stigg_actions.stigg.wire import CreditGrant

_OUTCOME_OF_STATUS = {"SCHEDULED": "scheduled", "PAYMENT_PENDING": "paymentRequired"}


class GrantWrite(OfCustomer[CreateCreditGrant, CreditGrantResult]):
    """Credits granted once. Stigg gives the grant its id, so it is found again by its metadata."""

    kind = "grant"
    result = CreditGrantResult
    stands_for_ever = True
    follows_payment = True

    @property
    def names(self) -> Names:
        """The customer and the account."""
        return Names(self.org_id, self.request.customer_id, account_id=self.request.salesforce_account_id)

    def latest(self, customer: CustomerState | None, record: RecordState | None) -> LatestOperation | None:  # noqa: ARG002
        """Return nothing: the same request is the same grant, whatever came after it."""
        return None

    def send(self, ticket: Ticket) -> Effect[CreditGrantResult]:
        """Grant the credits, but not a second time if the first grant awaited payment and is gone since."""
        if ticket.operation.awaits_payment:
            return Effect(CreditGrantResult.model_validate(ticket.operation.answer))
        body = {
            "customerId": ticket.operation.customer_id,
            **self.request.terms(),
            "metadata": {**(self.request.metadata or {}), **self.marks(ticket)},
        }
        grant = self.deps.stigg.create_credit_grant(body=body, idempotency_key=ticket.operation.effect_id)
        return self._effect(grant)

    def look_up(self, ticket: Ticket) -> Effect[CreditGrantResult] | None:
        """Find the grant among the customer's, by the mark that this attempt left in its metadata."""
        grants = self.deps.stigg.credit_grants(
            self.customer_id(ticket.operation.customer_id),
            currency_id=self.request.currency_id,
            resource_id=self.request.resource_id,
        )
        mark = ticket.operation.effect_id
        return next(
            (self._effect(grant) for grant in grants if grant.metadata.get(OPERATION_METADATA_KEY) == mark), None
        )

    def changes(self, ticket: Ticket, effect: Effect[CreditGrantResult]) -> Changes | None:  # noqa: ARG002
        """Change nothing but the lease: a grant has no mapping."""
        return Changes(ticket.customer) if ticket.customer else None

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
