"""What a request names, the items of that in the tables, and the right to carry out its operation."""

from collections.abc import Mapping, Sequence
from copy import replace
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, cast

from stigg_actions.storage.mapping import CustomerState, FeatureState, RecordState, ResourceState, SubscriptionState
from stigg_actions.storage.operation import Operation

if TYPE_CHECKING:
    from stigg_actions.storage.contracts import ContractState
    from stigg_actions.storage.dynamodb import Item


class Target(NamedTuple):
    """What a request names in Salesforce and Stigg; None for what it leaves out.

    ``of_resource``: whether it needs the customer's subscriptions on ``resource_id`` (or on no resource). ``leases``:
    whether the write takes its customer's lease, to be serialized with the other writes of that customer.
    ``to_customer_id``: another customer whose lease it takes too, because a subscription moves there.
    ``record_ids``: further records, for a request that names several.
    """

    org_id: str
    customer_id: str | None = None
    record_id: str | None = None
    account_id: str | None = None
    resource_id: str | None = None
    of_resource: bool = False
    subscription_id: str | None = None
    leases: bool = True
    feature_id: str | None = None
    to_customer_id: str | None = None
    contract_id: str | None = None
    record_ids: tuple[str, ...] = ()


class Snapshot(NamedTuple):
    """The items of a target at one moment: the operation's newest intent, the account's customer, and the others.

    ``records``: those of the further records that have an item, by record id.
    """

    target: Target
    operation: Operation | None = None
    linked_customer_id: str | None = None
    customer: CustomerState | None = None
    resource: ResourceState | None = None
    record: RecordState | None = None
    subscription: SubscriptionState | None = None
    feature: FeatureState | None = None
    to_customer: CustomerState | None = None
    contract: "ContractState | None" = None
    records: Mapping[str, RecordState] = MappingProxyType({})

    @property
    def leased(self) -> tuple[CustomerState, ...]:
        """The customers whose leases a run takes, always in the order of their ids."""
        return tuple(sorted(filter(None, (self.customer, self.to_customer)), key=attrgetter("customer_id")))


class Run(NamedTuple):
    """The right to carry out one operation once, with the snapshot that it was given on.

    ``resumed``: an earlier run of this attempt may have reached Stigg. ``done_before``: the operation that had the same
    effect before.
    """

    operation: Operation
    snapshot: Snapshot
    resumed: bool = False
    done_before: Operation | None = None

    @property
    def customer(self) -> CustomerState:
        """The customer whose lease is held, for a kind of write that takes one."""
        return cast("CustomerState", self.snapshot.customer)


def target_of(operation: Operation, target: Target) -> Target:
    """Return the target of a request, completed by what its operation stored when it was started."""
    return replace(
        target,
        customer_id=operation.customer_id,
        record_id=operation.record_id,
        subscription_id=operation.subscription_id,
        resource_id=operation.resource_id,
        of_resource=operation.of_resource,
        to_customer_id=operation.to_customer_id,
    )


def with_claims(snapshot: Snapshot, claimed: Sequence[RecordState]) -> Snapshot:
    """Return a snapshot with its records as they are after they were claimed."""
    now = {record.record_id: replace(record, version=record.version + 1) for record in claimed}
    record = now.get(str(snapshot.target.record_id), snapshot.record)
    further = {name: state for name, state in now.items() if name in snapshot.target.record_ids}
    return replace(snapshot, record=record, records={**snapshot.records, **further})


def contract_key(contract_id: str) -> "Item":
    """Return the key of a contract's item."""
    return {"pk": f"contract#{contract_id}", "sk": "contract"}


def read_contract(item: "Item | None") -> "ContractState | None":
    """Read a contract's item. Most writes have none, so the module of contracts is imported on demand."""
    if item is None:
        return None
    from stigg_actions.storage import contracts  # noqa: PLC0415 - only the actions on contracts need it

    return contracts.read_contract(item)
