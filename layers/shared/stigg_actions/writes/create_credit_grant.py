"""The write behind create-credit-grant."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import NotFound
from stigg_actions.exactly_once.write import Effect, Move
from stigg_actions.models.create_credit_grant import CreateCreditGrant, CreditGrantResult
from stigg_actions.storage.mapping import Changes
from stigg_actions.storage.operation_keys import derived_key, fingerprint
from stigg_actions.storage.snapshot import Names
from stigg_actions.writes import _existing_grant
from stigg_actions.writes._customer_base import OfCustomer
from stigg_actions.writes._metadata import Owner, marks
from stigg_actions.writes.customer_upsert import OPERATION_METADATA_KEY

if TYPE_CHECKING:
    from stigg_actions.errors import Conflict
    from stigg_actions.stigg.customer_schemas import CreditGrant
    from stigg_actions.storage.mapping import LatestOperation
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Standing, Ticket

_OUTCOME_OF_STATUS = {"SCHEDULED": "scheduled", "PAYMENT_PENDING": "paymentRequired"}


class CreateCreditGrantWrite(OfCustomer[CreateCreditGrant, CreditGrantResult]):
    """Credits granted once: to a record, or under the caller's own key.

    Stigg gives the grant its id, so it is found again by its metadata.
    """

    kind = "grant"
    result = CreditGrantResult
    stands_for_ever = True

    @cached_property
    def key(self) -> str:
        """The operation key: of the caller's own key, else of the record alone, which has one grant."""
        if self._has_key:
            return super().key
        return derived_key(self.scope, {"salesforceRecordId": self.request.salesforce_record_id})

    @property
    def former_key(self) -> str | None:
        """The key that older versions derived from all that a request says."""
        return None if self._has_key else derived_key(self.scope, self.request.canonical())

    @cached_property
    def canonical(self) -> dict[str, Any]:
        """What makes two requests the same; those for a record may name its customer in different ways."""
        asked = self.request.canonical()
        return asked if self._has_key else _existing_grant.without_names(asked)

    def is_asked_by(self, operation: Operation, standing: Standing) -> bool:
        """Whether an operation grants the same credits to the same customer."""
        if self._has_key:
            return super().is_asked_by(operation, standing)
        fingerprints = {fingerprint(asked) for asked in (self.canonical, self.request.canonical())}
        return operation.fingerprint in fingerprints and self._leads_to_its_customer(operation, standing)

    def conflict(self, operation: Operation, standing: Standing) -> Conflict:
        """Return the error for credits that were granted before, to another customer or on other terms."""
        if _existing_grant.is_of_record(operation, self.request.salesforce_record_id):
            customer_id = str(self.found_out(standing).customer_id)
            if operation.customer_id != customer_id:
                return _existing_grant.to_another_customer(operation, customer_id)
        return (
            super().conflict(operation, standing)
            if self._has_key
            else _existing_grant.on_other_terms(operation, self.request)
        )

    @property
    def _has_key(self) -> bool:
        return self.request.idempotency_key is not None

    def _leads_to_its_customer(self, operation: Operation, standing: Standing) -> bool:
        """Whether the customer is that of an operation; what is not settled is carried on for its first customer."""
        names = _existing_grant.names_in(self.request.wire())
        carries_on = not operation.settled and names == _existing_grant.names_in(operation.request)
        return carries_on or operation.customer_id == self.found_out(standing).customer_id

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
            "metadata": {**(self.request.metadata or {}), **marks(ticket.operation, _owner(ticket.operation))},
        }
        grant = self.deps.stigg.create_credit_grant(body=body, idempotency_key=ticket.operation.effect_id)
        return self._effect(grant)

    def look_up(self, ticket: Ticket) -> Effect[CreditGrantResult] | None:
        """Find the grant among the customer's, by the mark that this attempt left in its metadata.

        Raises:
            StiggUnavailable: it is not among those that can be read, but others could not be.
        """
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

    def _effect(self, grant: CreditGrant) -> Effect[CreditGrantResult]:
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
            "amount": self.request.amount if grant.amount is None else grant.amount,
            "currency_id": grant.currency_id,
            **{name: value for name, value in optional.items() if value is not None},
        }
        return Effect(CreditGrantResult.model_validate(answer))


def _owner(operation: Operation) -> Owner:
    """Return record and account as the first run named them: what is sent again is the same to the letter."""
    asked = operation.request
    return Owner(operation.org_id, asked.get("salesforceRecordId"), asked.get("salesforceAccountId"))


def _payment_url(grant: CreditGrant) -> str | None:
    """Return the page on which a grant can be paid, as long as it has to be."""
    if grant.status != "PAYMENT_PENDING" or grant.latest_invoice is None:
        return None
    return grant.latest_invoice.payment_url
