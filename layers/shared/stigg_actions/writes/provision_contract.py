"""The write behind provision-contract."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.clock import in_progress
from stigg_actions.errors import Conflict, Problem, RateLimited, RequestInvalid, StiggUnavailable
from stigg_actions.exactly_once.write import NextStep
from stigg_actions.models.provision_contract import ProvisionContract, ProvisionedContract
from stigg_actions.stigg import contracts
from stigg_actions.storage.contracts import ContractState
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.snapshot import Target
from stigg_actions.writes._contract import contract_id, refuse_other_owner, shown
from stigg_actions.writes._contract_members import Members, existing_id
from stigg_actions.writes._contract_result import Result
from stigg_actions.writes._contract_terms import WantedContract, name_digest
from stigg_actions.writes._customer_base import OfCustomer
from stigg_actions.writes._mapping_contract import New, created_mappings
from stigg_actions.writes.ownership import refuse_other_customer, refuse_scheduled, refuse_second, to_claim

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.models.provision_contract import ContractSubscription
    from stigg_actions.stigg.contracts import Contract
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes, LatestOperation, RecordState
    from stigg_actions.storage.snapshot import Run, Snapshot


class Found(NamedTuple):
    """The contract, if it exists, and the customer's subscriptions that have not ended, by id."""

    contract: Contract | None
    live: Mapping[str, Subscription]


class ProvisionContractWrite(OfCustomer[ProvisionContract, ProvisionedContract]):
    """Create a contract with its subscriptions, or change the one that exists."""

    kind = "contract"
    result = ProvisionedContract
    _found: Found | None = None
    """What was found just before the operation was started, and holds under its lease."""

    @property
    def target(self) -> Target:
        """The customer, the contract, and the records of its subscriptions."""
        request = self.request
        records = [entry.salesforce_record_id for entry in self._entries if entry.salesforce_record_id]
        return Target(
            self.org_id,
            request.customer_id,
            account_id=request.salesforce_account_id,
            contract_id=self._id,
            record_ids=tuple(records),
        )

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last changed the contract."""
        return snapshot.contract.latest if snapshot.contract else None

    def present(self, snapshot: Snapshot, by: LatestOperation) -> Mapping[str, Any]:  # noqa: ARG002 - Stigg shows it
        """Return the contract as Stigg shows it now. Raises what the client raises."""
        contract, customer_id = contracts.get_contract(self.deps.stigg, self._id), str(snapshot.target.customer_id)
        kept = [{"subscription_id": name, "change": "kept"} for name in contract.subscription_ids]
        url = self.customer_url(customer_id)
        return {**shown(contract, customer_id), "customer_url": url, "subscriptions": kept}

    def check_owner(self, snapshot: Snapshot) -> None:
        """Refuse an account, a contract or a record of another customer, and a record that has a subscription."""
        super().check_owner(snapshot)
        customer_id = str(snapshot.target.customer_id)
        refuse_other_owner(self._id, snapshot.contract.customer_id if snapshot.contract else None, customer_id)
        for entry in self._entries:
            record = snapshot.records.get(str(entry.salesforce_record_id))
            refuse_other_customer(record, customer_id, self.deps)
            if entry.plan_id is not None:
                refuse_second(record, entry.plan_id, entry.resource_id, self.deps)
                refuse_scheduled(record, entry.plan_id, self.deps)

    def claims(self, snapshot: Snapshot) -> tuple[RecordState, ...]:
        """Return the records of new subscriptions that are free and must be claimed."""
        records = [str(entry.salesforce_record_id) for entry in self._entries if entry.is_new]
        parts = (to_claim(snapshot.target, name, snapshot.records.get(name)) for name in records)
        return tuple(record for part in parts for record in part)

    def to_note(self, snapshot: Snapshot) -> Mapping[str, Any] | None:
        """Note what there was before: the contract with its subscriptions, and the live ones of the customer."""
        self._found = found = self._look_up(str(snapshot.target.customer_id))
        note: dict[str, Any] = {"live": list(found.live)}
        if found.contract is None:
            return note
        ids = self._ids(snapshot, None) if self.request.subscriptions is not None else None
        differs = bool(self._wanted(snapshot, ids).changes(found.contract))
        return note | {"before": found.contract.subscription_ids, "differs": differs}

    def send(self, run: Run) -> Effect[ProvisionedContract]:
        """Create the contract, or send what differs, unless Stigg would refuse it.

        Raises:
            Conflict: the contract was archived, or belongs to another customer.
            RequestInvalid: a subscription cannot be on the contract, or billing would have to be removed.
            InProgress: a contract with this id was created at the same time, in the Stigg app.
        """
        found = self._found if self._found and not run.resumed else self._look_up(run.customer.customer_id)
        wanted = self._wanted_in(run)
        if found.contract is not None:
            self._check(found.contract, run.customer.customer_id)
        Members(wanted, found.live, found.contract, run.snapshot, self.deps).check()
        contract = found.contract or self._created(run, wanted)
        changes = wanted.changes(contract, is_new=found.contract is None)
        if changes:
            contract = contracts.update_contract(self.deps.stigg, self._id, body=changes)
        return self._effect(run, contract)

    def find_effect(self, run: Run) -> Effect[ProvisionedContract] | None:
        """Return the effect if the contract has the new subscriptions, or is as requested if it existed before."""
        contract = contracts.find_contract(self.deps.stigg, self._id)
        if contract is None or contract.customer_external_id not in {None, run.customer.customer_id}:
            return None
        if self._creates(run):
            return self._effect(run, contract) if self._new(run).keys() <= set(contract.subscription_ids) else None
        return None if self._wanted_in(run).changes(contract) else self._effect(run, contract)

    def on_repeat(self, run: Run) -> NextStep | ProvisionedContract:
        """Replay the result if the contract is still as requested, or if Stigg is unavailable."""
        before = self.replayed_answer(run.operation)
        if run.operation.explicit_key:
            return before
        with suppress(RateLimited, StiggUnavailable):
            contract = contracts.find_contract(self.deps.stigg, self._id)
            holds = contract is not None and not contract.is_archived and not self._wanted_in(run).changes(contract)
            return before if holds else NextStep.NEW_INTENT
        return before

    def mapping_changes(self, run: Run, effect: Effect[ProvisionedContract]) -> Changes | None:
        """Map the records of new subscriptions, and record the operation as the latest one of the contract."""
        wanted, entries = self._wanted_in(run), dict(zip(self._ids_in(run), self._entries, strict=True))
        created = [
            New(subscription, wanted.owner(entries[subscription.id]), wanted.new_terms(entries[subscription.id]))
            for subscription in effect.created
        ]
        changes = created_mappings(run, created, effect.closed, self.deps)
        before, name = run.snapshot.contract, self.request.name
        named = name_digest(name) if name else before.name_digest if before else None
        done = latest(run.operation, self.deps.clock.now())
        return changes._replace(contract=ContractState(self._id, run.customer.customer_id, done, named))

    @property
    def _id(self) -> str:
        return contract_id(self.request, self.org_id)

    @property
    def _entries(self) -> Sequence[ContractSubscription]:
        return self.request.subscriptions or ()

    def _check(self, contract: Contract, customer_id: str) -> None:
        refuse_other_owner(self._id, contract.customer_external_id, customer_id)
        if contract.is_archived:
            raise Conflict(
                "CONTRACT_ARCHIVED",
                f"Contract {self._id} was archived, and Stigg restores no contract.",
                remedy="Send the request with another contractId instead of salesforceRecordId.",
            )
        if contract.is_billed and not self.request.setup_billing:
            problem = f"is false, but contract {self._id} is billed, and Stigg removes no billing; send true"
            raise RequestInvalid([Problem("setupBilling", problem)])

    def _look_up(self, customer_id: str) -> Found:
        """Read the contract, and the live subscriptions of the customer if the request names some."""
        stigg, named = self.deps.stigg, self._entries
        contract = contracts.find_contract(stigg, self._id)
        return Found(
            contract, {one.id: one for one in stigg.subscriptions_of(customer_id, ended=False)} if named else {}
        )

    def _created(self, run: Run, wanted: WantedContract) -> Contract:
        """Create the contract. If it exists since it was looked up, Stigg answers with that one."""
        body = wanted.body(self._id, run.customer.customer_id, run.operation)
        key = run.operation.effect_id
        contract = contracts.create_contract(self.deps.stigg, body=body, idempotency_key=key)
        self._check(contract, run.customer.customer_id)
        if not self._new(run).keys() <= set(contract.subscription_ids):
            problem = f"Contract {self._id} was created at the same time without the new subscriptions"
            raise in_progress(problem, retry_after=5)
        return contract

    def _creates(self, run: Run) -> bool:
        """Whether the contract did not exist before."""
        return "before" not in (run.operation.noted or {})

    def _ids(self, snapshot: Snapshot, new: str | None) -> list[str]:
        """Return the ids of the requested subscriptions; ``new``: how the ids of new ones begin, if there are some."""
        entries = enumerate(self._entries, start=1)
        return [
            f"{new}-{position}" if entry.is_new and new else existing_id(entry, snapshot) or ""
            for position, entry in entries
        ]

    def _ids_in(self, run: Run) -> list[str]:
        return self._ids(run.snapshot, f"sub-{run.operation.effect_id}" if self._creates(run) else None)

    def _new(self, run: Run) -> dict[str, str]:
        """Return the records of the subscriptions that this attempt creates, by the ids that it gives them."""
        parts = zip(self._ids_in(run), self._entries, strict=True) if self._creates(run) else ()
        return {name: str(entry.salesforce_record_id) for name, entry in parts if entry.is_new}

    def _wanted_in(self, run: Run) -> WantedContract:
        return self._wanted(run.snapshot, None if self.request.subscriptions is None else self._ids_in(run))

    def _wanted(self, snapshot: Snapshot, ids: Sequence[str] | None) -> WantedContract:
        named_before = snapshot.contract.name_digest if snapshot.contract else None
        return WantedContract(self.request, self.org_id, ids, named_before)

    def _effect(self, run: Run, contract: Contract) -> Effect[ProvisionedContract]:
        noted, customer_id = run.operation.noted or {}, run.customer.customer_id
        outcome = "created" if self._creates(run) else "updated" if noted["differs"] else "unchanged"
        before, live, new = noted.get("before"), noted.get("live", ()), self._new(run)
        url = self.customer_url(customer_id)
        return Result(contract, customer_id, url, before, live, new, self.deps).effect(outcome)
