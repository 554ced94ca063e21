"""The write behind create-credit-grant."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import NotFound
from stigg_actions.exactly_once.write import Effect, NextStep
from stigg_actions.models.create_credit_grant import CreateCreditGrant, CreditGrantResult
from stigg_actions.storage.mapping import Changes
from stigg_actions.storage.operation import derived_key, fingerprint
from stigg_actions.storage.snapshot import Target
from stigg_actions.writes import _existing_grant
from stigg_actions.writes._customer_base import OfCustomer
from stigg_actions.writes._metadata import Owner, marks
from stigg_actions.writes.customer_upsert import OPERATION_METADATA_KEY

if TYPE_CHECKING:
    from stigg_actions.errors import Conflict
    from stigg_actions.stigg.customer_schemas import CreditGrant
    from stigg_actions.storage.mapping import LatestOperation
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run, Snapshot

_OUTCOME_OF_STATUS = {"SCHEDULED": "scheduled", "PAYMENT_PENDING": "paymentRequired"}


class CreateCreditGrantWrite(OfCustomer[CreateCreditGrant, CreditGrantResult]):
    """Credits granted once: to a record, or under the caller's own key.

    Stigg gives the grant its id, so it is found again by its metadata.
    """

    kind = "grant"
    result = CreditGrantResult
    never_expires = True

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

    def is_asked_by(self, operation: Operation, snapshot: Snapshot) -> bool:
        """Whether an operation grants the same credits to the same customer."""
        if self._has_key:
            return super().is_asked_by(operation, snapshot)
        fingerprints = {fingerprint(asked) for asked in (self.canonical, self.request.canonical())}
        return operation.fingerprint in fingerprints and self._leads_to_its_customer(operation, snapshot)

    def conflict(self, operation: Operation, snapshot: Snapshot) -> Conflict:
        """Return the error for credits that were granted before, to another customer or on other terms."""
        if _existing_grant.is_of_record(operation, self.request.salesforce_record_id):
            customer_id = str(self.resolve_target(snapshot).customer_id)
            if operation.customer_id != customer_id:
                return _existing_grant.to_another_customer(operation, customer_id)
        return (
            super().conflict(operation, snapshot)
            if self._has_key
            else _existing_grant.on_other_terms(operation, self.request)
        )

    @property
    def _has_key(self) -> bool:
        return self.request.idempotency_key is not None

    def _leads_to_its_customer(self, operation: Operation, snapshot: Snapshot) -> bool:
        """Whether the customer is that of an operation; what is not settled is carried on for its first customer."""
        target = _existing_grant.names_in(self.request.to_json_fields())
        carries_on = not operation.settled and target == _existing_grant.names_in(operation.request)
        return carries_on or operation.customer_id == self.resolve_target(snapshot).customer_id

    @property
    def target(self) -> Target:
        """The customer and the account."""
        return Target(self.org_id, self.request.customer_id, account_id=self.request.salesforce_account_id)

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:  # noqa: ARG002 - nothing comes between
        """Return nothing: the same request is the same grant, whatever came after it."""
        return None

    def send(self, run: Run) -> Effect[CreditGrantResult]:
        """Grant the credits."""
        body = {
            "customerId": run.customer.customer_id,
            **self.request.terms(),
            "metadata": {**(self.request.metadata or {}), **marks(run.operation, _owner(run.operation))},
        }
        grant = self.deps.stigg.create_credit_grant(body=body, idempotency_key=run.operation.effect_id)
        return self._effect(grant)

    def find_effect(self, run: Run) -> Effect[CreditGrantResult] | None:
        """Find the grant among the customer's, by the mark that this attempt left in its metadata.

        Raises:
            StiggUnavailable: it is not among those that can be read, but others could not be.
        """
        grants = self.deps.stigg.credit_grants(
            run.customer.customer_id,
            currency_id=self.request.currency_id,
            resource_id=self.request.resource_id,
        )
        mark = (OPERATION_METADATA_KEY, run.operation.effect_id)
        with suppress(NotFound):  # a customer that Stigg does not know has no grants
            return next((self._effect(grant) for grant in grants if mark in grant.metadata.items()), None)
        return None

    def on_repeat(self, run: Run) -> NextStep | CreditGrantResult:
        """Look for a grant that awaited payment; one that is gone is not made again."""
        found = run.operation.awaits_payment and self.find_effect(run)
        return NextStep.RESUME if found else self.replayed_answer(run.operation)

    def mapping_changes(self, run: Run, effect: Effect[CreditGrantResult]) -> Changes | None:  # noqa: ARG002
        """Change nothing but the lease: a grant has no mapping."""
        return Changes(run.customer)

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
