"""The write behind void-credit-grant."""

from __future__ import annotations

from contextlib import suppress
from copy import replace
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.errors import NotFound, Problem, Refused
from stigg_actions.exactly_once.write import Effect, NextStep, Write
from stigg_actions.models.void_credit_grant import VoidCreditGrant, VoidedGrant
from stigg_actions.stigg.error_codes import ALREADY_VOIDED, normalise
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.mapping import Changes, LatestOperation
from stigg_actions.storage.snapshot import Target
from stigg_actions.writes import _existing_grant
from stigg_actions.writes._metadata import OPERATION_KEY
from stigg_actions.writes.customer_upsert import unlinked
from stigg_actions.writes.ownership import refuse_other_link

if TYPE_CHECKING:
    from stigg_actions.stigg.customer_schemas import CreditGrant
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run, Snapshot


class _Named(NamedTuple):
    """The id of a grant, and the currency and resource under which Stigg lists it, as far as they are known."""

    grant_id: str | None
    currency_id: str | None
    resource_id: str | None


class VoidCreditGrantWrite(Write[VoidCreditGrant, VoidedGrant]):
    """Void a credit grant, named by its id or by its record, and note that with the operation that granted it.

    Stigg shows a grant only in the list of its customer, so a grant is named by its customer too.
    """

    kind = "void"
    result = VoidedGrant
    never_expires = True

    @property
    def target(self) -> Target:
        """The customer and the account that the request names."""
        return Target(self.org_id, self.request.customer_id, account_id=self.request.salesforce_account_id)

    def resolve_target(self, snapshot: Snapshot) -> Target:
        """Add the customer: the given one, the one linked to the account, or that of the record's grant."""
        if self.request.salesforce_record_id is not None:
            return replace(self.target, customer_id=self._of_record().customer_id)
        customer_id = self.request.customer_id or snapshot.linked_customer_id
        if customer_id is None:
            account_id = self.request.salesforce_account_id
            raise unlinked(account_id, org_id=self.org_id, environment=self.deps.settings.environment)
        return replace(self.target, customer_id=customer_id)

    def check_owner(self, snapshot: Snapshot) -> None:
        """Refuse an account that is linked to another customer."""
        refuse_other_link(snapshot, self.request.salesforce_account_id, snapshot.target.customer_id)

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:  # noqa: ARG002 - a grant has no mapping
        """Return the operation that granted the record's credits, if the request says how new it is.

        A grant id always means the same grant, so no operation supersedes a request with one.
        """
        if self.request.salesforce_record_id is None or self.request.as_of is None:
            return None
        granted = self._of_record()
        return latest(granted, granted.finished_at or granted.started_at) if granted.answer else None

    def send(self, run: Run) -> Effect[VoidedGrant]:
        """Void the grant, unless it was voided already."""
        grant = self._grant(run)
        if grant.is_voided:
            return _effect(grant, "unchanged")
        try:
            after = self.deps.stigg.void_credit_grant(grant.id, idempotency_key=run.operation.effect_id)
        except Refused as refusal:
            if normalise(refusal.stigg.code or "") not in ALREADY_VOIDED:
                raise
            return _effect(self._grant(run), "unchanged")
        return _effect(after, "voided")

    def find_effect(self, run: Run) -> Effect[VoidedGrant] | None:
        """Return the effect if the grant is voided."""
        with suppress(NotFound):
            grant = self._grant(run)
            return _effect(grant, "voided") if grant.is_voided else None
        return None

    def on_repeat(self, run: Run) -> NextStep | VoidedGrant:
        """Replay the result, because a voided grant stays voided. A later grant of the record is a new intent."""
        before = self.replayed_answer(run.operation)
        if run.operation.explicit_key or self.request.salesforce_record_id is None:
            return before
        return before if _existing_grant.id_of(self._of_record()) == before.grant_id else NextStep.NEW_INTENT

    def mapping_changes(self, run: Run, effect: Effect[VoidedGrant]) -> Changes | None:
        """Mark the operation that granted the credits, so that its record can have another grant."""
        granted = _existing_grant.made_under(effect.granted_by, effect.answer.grant_id, self.deps)
        if granted is None or granted.is_voided:
            return Changes(run.customer)
        return Changes(run.customer, voided=((granted, _existing_grant.voided(granted, as_of=run.operation.made_at)),))

    def _of_record(self) -> Operation:
        """Read the operation that granted the record's credits.

        Raises:
            NotFound: MAPPING_NOT_FOUND, if there is none.
        """
        record_id = str(self.request.salesforce_record_id)
        granted = _existing_grant.of_record(record_id, self.org_id, self.deps)
        if granted is None:
            raise NotFound(
                "MAPPING_NOT_FOUND",
                f"In the {self.deps.settings.environment} environment the Salesforce record {record_id} of org "
                f"{self.org_id} has no credit grant. To void a grant that was made under an idempotencyKey, name "
                "grantId and customerId.",
            )
        return granted

    def _grant(self, run: Run) -> CreditGrant:
        """Read the grant from Stigg's list of its customer's grants.

        Raises:
            NotFound: the customer has no such grant.
            StiggUnavailable: the grant is not among those that were read, but some could not be read.
        """
        named = self._named()
        grants = self.deps.stigg.credit_grants(
            run.customer.customer_id, currency_id=named.currency_id, resource_id=named.resource_id
        )
        grant = next((grant for grant in grants if grant.id == named.grant_id), None)
        if grant is None:
            details = [] if self.request.grant_id is None else [Problem("grantId", "is not the id of such a grant")]
            raise _unknown(named, str(run.customer.customer_id), self.deps.settings.environment, details)
        return grant

    def _named(self) -> _Named:
        if self.request.salesforce_record_id is None:
            return _Named(self.request.grant_id, None, self.request.resource_id)
        granted = self._of_record()
        answer = granted.answer or {}
        return _Named(answer.get("grantId"), answer.get("currencyId"), granted.request.get("resourceId"))


def _effect(grant: CreditGrant, outcome: str) -> Effect[VoidedGrant]:
    optional = {"amount": grant.amount, "consumed_amount": grant.consumed_amount, "voided_at": grant.voided_at}
    answer = {
        "outcome": outcome,
        "grant_id": grant.id,
        "customer_id": grant.customer_id,
        "status": grant.status,
        "currency_id": grant.currency_id,
        **{name: value for name, value in optional.items() if value is not None},
    }
    return Effect(VoidedGrant.model_validate(answer), granted_by=grant.metadata.get(OPERATION_KEY))


def _unknown(named: _Named, customer_id: str, environment: str, details: list[Problem]) -> NotFound:
    """Return the error for a grant that is not among its customer's grants."""
    resource = f"for resource {named.resource_id}" if named.resource_id else "without a resource"
    return NotFound(
        "CREDIT_GRANT_NOT_FOUND",
        f"In the {environment} environment customer {customer_id} has no grant {named.grant_id} {resource}. "
        "Correct grantId and customerId, and give resourceId if the grant is for a resource.",
        details=details,
    )
