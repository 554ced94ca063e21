"""What a request names, how that stands in the tables, and the right to act on it."""

from copy import replace
from typing import NamedTuple, cast

from stigg_actions.storage.mapping import CustomerState, RecordState, ResourceState, SubscriptionState
from stigg_actions.storage.operation import Operation


class Target(NamedTuple):
    """What a request names in Salesforce and Stigg; what it leaves out is None.

    ``of_resource``: the customer's subscriptions on ``resource_id`` (or on none) matter to it.
    """

    org_id: str
    customer_id: str | None = None
    record_id: str | None = None
    account_id: str | None = None
    resource_id: str | None = None
    of_resource: bool = False
    subscription_id: str | None = None


class Snapshot(NamedTuple):
    """How things stand: the operation's newest intent, the account's customer, and what else the request names."""

    target: Target
    operation: Operation | None = None
    linked_customer_id: str | None = None
    customer: CustomerState | None = None
    resource: ResourceState | None = None
    record: RecordState | None = None
    subscription: SubscriptionState | None = None


class Run(NamedTuple):
    """The right to carry out one operation, and how things stood when it was given.

    ``resumed``: an earlier run of this attempt may have reached Stigg. ``done_before``: the same was wanted, and done,
    before, by that operation.
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
    """Return the names of a request with all that its operation found out when it was started."""
    return replace(
        target,
        customer_id=operation.customer_id,
        record_id=operation.record_id,
        subscription_id=operation.subscription_id,
        resource_id=operation.resource_id,
        of_resource=operation.of_resource,
    )
