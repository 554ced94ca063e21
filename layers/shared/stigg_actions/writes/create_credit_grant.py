"""The write behind create-credit-grant."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import NotFound
from stigg_actions.exactly_once import freshness
from stigg_actions.exactly_once.write import Effect, NextStep
from stigg_actions.models.create_credit_grant import CreateCreditGrant, CreditGrantResult
from stigg_actions.storage.mapping import Changes
from stigg_actions.storage.operation import derived_key, fingerprint
from stigg_actions.storage.snapshot import Target
from stigg_actions.writes import _existing_grant
from stigg_actions.writes._customer_base import OfCustomer, without_names
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
    """Grant credits once: to a record, or under the caller's own key.

    Stigg chooses the grant's id, so the grant is found again by its metadata.
    """

    kind = _existing_grant.KIND
    result = CreditGrantResult
    never_expires = True

    @cached_property
    def key(self) -> str:
        """The operation key: from the caller's own key, or else from the record alone, which has one grant."""
        if self._has_key:
            return super().key
        return _existing_grant.key_of_record(self.scope, self.request.salesforce_record_id)

    @property
    def former_key(self) -> str | None:
        """The key that older versions derived from the whole request."""
        return None if self._has_key else derived_key(self.scope, self.request.canonical())

    @cached_property
    def canonical(self) -> dict[str, Any]:
        """The fields that make two requests the same. Requests for a record may name its customer in different ways."""
        fields = self.request.canonical()
        return fields if self._has_key else without_names(fields)

    def is_asked_by(self, operation: Operation, snapshot: Snapshot) -> bool:
        """Whether an operation grants the same credits to the same customer."""
        if self._has_key:
            return super().is_asked_by(operation, snapshot)
        fingerprints = {fingerprint(fields) for fields in (self.canonical, self.request.canonical())}
        return operation.fingerprint in fingerprints and self.is_for_customer_of(operation, snapshot)

    def conflict(self, operation: Operation, snapshot: Snapshot) -> Conflict:
        """Return the error for credits that were granted before, to another customer or on other terms."""
        if _existing_grant.is_of_record(operation, self.request.salesforce_record_id):
            customer_id = str(self.resolve_target(snapshot).customer_id)
            if operation.customer_id != customer_id:
                return _existing_grant.to_another_customer(operation, customer_id)
        return (
            _existing_grant.under_another_request(super().conflict(operation, snapshot))
            if self._has_key
            else _existing_grant.on_other_terms(operation, self.request)
        )

    @property
    def _has_key(self) -> bool:
        return self.request.idempotency_key is not None

    @property
    def target(self) -> Target:
        """The customer and the account that the request names."""
        return Target(self.org_id, self.request.customer_id, account_id=self.request.salesforce_account_id)

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:  # noqa: ARG002 - no operation supersedes a grant
        """Return None: the same request means the same grant, whichever operations followed."""
        return None

    def gives_way(self, operation: Operation) -> bool:
        """Whether the record's grant was voided, by a request that is not newer than this one."""
        if self._has_key or operation.voided_as_of is None:
            return False
        return freshness.as_of(self.request, now=self.deps.clock.now()) >= operation.voided_as_of

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
        """Find the customer's grant that has this attempt's mark in its metadata.

        Raises:
            StiggUnavailable: no grant that was read has the mark, but some could not be read.
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
        """Resume if the grant awaited payment and still exists; otherwise replay the result."""
        is_there = run.operation.awaits_payment and self.find_effect(run)
        return NextStep.RESUME if is_there else self.replayed_answer(run.operation)

    def mapping_changes(self, run: Run, effect: Effect[CreditGrantResult]) -> Changes | None:  # noqa: ARG002
        """Change only the lease: a grant has no mapping."""
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
    """Return the record and account of the stored request, so that a second try sends the same body."""
    request = operation.request
    return Owner(operation.org_id, request.get("salesforceRecordId"), request.get("salesforceAccountId"))


def _payment_url(grant: CreditGrant) -> str | None:
    """Return the payment page of a grant that awaits payment."""
    if grant.status != "PAYMENT_PENDING" or grant.latest_invoice is None:
        return None
    return grant.latest_invoice.payment_url
