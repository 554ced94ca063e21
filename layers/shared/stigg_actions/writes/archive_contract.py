"""The write behind archive-contract."""

from __future__ import annotations

from contextlib import suppress
from copy import replace
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import NotFound, RateLimited, Refused, StiggUnavailable
from stigg_actions.exactly_once.write import Effect, NextStep, Write
from stigg_actions.models.archive_contract import ArchiveContract, ArchivedContract
from stigg_actions.stigg import contracts
from stigg_actions.storage.contracts import ContractState
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.snapshot import Target
from stigg_actions.writes._contract import contract_id, shown
from stigg_actions.writes._live_subscriptions import closed_since, noted, refuse_live
from stigg_actions.writes._mapping_ended import ended_mappings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.stigg.contracts import Contract
    from stigg_actions.storage.mapping import Changes, LatestOperation
    from stigg_actions.storage.snapshot import Run, Snapshot


class ArchiveContractWrite(Write[ArchiveContract, ArchivedContract]):
    """Archive a contract. Stigg cancels its subscriptions."""

    kind = "close"
    result = ArchivedContract

    @property
    def target(self) -> Target:
        """The contract that the request names."""
        return Target(self.org_id, contract_id=self._id)

    def resolve_target(self, snapshot: Snapshot) -> Target:
        """Add the customer of the contract, from the tables or from Stigg.

        Raises:
            NotFound: Stigg does not know the contract.
            Refused: Stigg does not show whose contract it is.
        """
        if snapshot.contract is not None:
            return replace(self.target, customer_id=snapshot.contract.customer_id)
        customer_id = self._contract().customer_external_id
        if customer_id is None:
            problem = f"Stigg does not show which customer contract {self._id} belongs to. Archive it in the Stigg app."
            raise Refused("REFUSED_BY_STIGG", problem)
        return replace(self.target, customer_id=customer_id)

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last changed the contract."""
        return snapshot.contract.latest if snapshot.contract else None

    def present(self, snapshot: Snapshot, by: LatestOperation) -> Mapping[str, Any]:  # noqa: ARG002 - Stigg shows it
        """Return the contract as Stigg shows it now. Raises what the client raises."""
        return shown(self._contract(), str(snapshot.target.customer_id))

    def to_note(self, snapshot: Snapshot) -> Mapping[str, Any] | None:
        """Read the live subscriptions of the contract, which archiving ends."""
        ids = set(self._contract().subscription_ids)
        live = self.deps.stigg.subscriptions_of(str(snapshot.target.customer_id), ended=False) if ids else ()
        return noted((subscription for subscription in live if subscription.id in ids), self.deps)

    def send(self, run: Run) -> Effect[ArchivedContract]:
        """Archive the contract, unless it is archived already.

        Raises:
            Conflict: SUBSCRIPTIONS_LIVE, if subscriptions would end and the request does not allow it.
        """
        contract = self._contract()
        if contract.is_archived:
            return self._effect(run, contract, "unchanged")
        refuse_live(run, allowed=self.request.cancel_subscriptions, ends_when="its contract is archived")
        try:
            key = run.operation.effect_id
            return self._effect(
                run, contracts.archive_contract(self.deps.stigg, self._id, idempotency_key=key), "archived"
            )
        except (NotFound, Refused):
            contract = self._contract()
            if contract.is_archived:  # somebody was faster in the Stigg app
                return self._effect(run, contract, "unchanged")
            raise

    def find_effect(self, run: Run) -> Effect[ArchivedContract] | None:
        """Return the effect if the contract is archived."""
        contract = contracts.find_contract(self.deps.stigg, self._id)
        return self._effect(run, contract, "archived") if contract is not None and contract.is_archived else None

    def on_repeat(self, run: Run) -> NextStep | ArchivedContract:
        """Replay the result if the contract is still archived, or if Stigg is unavailable."""
        before = self.replayed_answer(run.operation)
        if run.operation.explicit_key:
            return before
        with suppress(RateLimited, StiggUnavailable):
            return before if self._contract().is_archived else NextStep.NEW_INTENT
        return before

    def mapping_changes(self, run: Run, effect: Effect[ArchivedContract]) -> Changes | None:
        """Record the end of the subscriptions, and the operation as the latest one of the contract."""
        done, before = latest(run.operation, self.deps.clock.now()), run.snapshot.contract
        name = before.name_digest if before else None
        changes = ended_mappings(run, effect.closed, run.customer, self.deps)
        return changes._replace(contract=ContractState(self._id, run.customer.customer_id, done, name))

    @property
    def _id(self) -> str:
        return contract_id(self.request, self.org_id)

    def _contract(self) -> Contract:
        return contracts.get_contract(self.deps.stigg, self._id)

    def _effect(self, run: Run, contract: Contract, outcome: str) -> Effect[ArchivedContract]:
        closed = closed_since(run, self.deps.stigg)
        ids = [subscription.id for subscription in closed]
        answer = {**shown(contract, run.customer.customer_id), "outcome": outcome}
        more = {"canceled_subscription_ids": ids} if ids else {}
        return Effect(ArchivedContract.model_validate(answer | more), closed=closed)
