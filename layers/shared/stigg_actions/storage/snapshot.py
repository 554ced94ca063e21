"""What a request names, the items of that in the tables, and the right to carry out its operation."""

from copy import replace
from operator import attrgetter
from typing import NamedTuple, cast

from stigg_actions.storage.mapping import CustomerState, FeatureState, RecordState, ResourceState, SubscriptionState
from stigg_actions.storage.operation import Operation


class Target(NamedTuple):
    """What a request names in Salesforce and Stigg; None for what it leaves out.

    ``of_resource``: whether it needs the customer's subscriptions on ``resource_id`` (or on no resource). ``leases``:
    whether the write takes its customer's lease, to be serialized with the other writes of that customer.
    ``to_customer_id``: another customer whose lease it takes too, because a subscription moves there.
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


class Snapshot(NamedTuple):
    """The items of a target at one moment: the operation's newest intent, the account's customer, and the others."""

    target: Target
    operation: Operation | None = None
    linked_customer_id: str | None = None
    customer: CustomerState | None = None
    resource: ResourceState | None = None
    record: RecordState | None = None
    subscription: SubscriptionState | None = None
    feature: FeatureState | None = None
    to_customer: CustomerState | None = None

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
