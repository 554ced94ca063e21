"""The contents of the table ``SubscriptionMappings``: which Stigg subscription belongs to which Salesforce record."""

from collections.abc import Mapping
from copy import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from stigg_actions.storage.contracts import ContractState
    from stigg_actions.storage.operation import Operation


class LatestOperation(NamedTuple):
    """The operation that last settled a subject: its key and intent, and when (seconds since the epoch).

    ``as_of`` (milliseconds): when the Salesforce data of its request was last modified. ``wish``: the digest of what an
    opportunity requested.
    """

    operation_key: str
    intent: int
    finished_at: int
    as_of: int | None = None
    wish: str | None = None


class Lease(NamedTuple):
    """The write of a customer that runs now, or that ended with an unknown outcome."""

    operation_key: str
    intent: int
    token: str
    running: bool


class LiveSubscription(NamedTuple):
    """A subscription of a customer that has not ended, and the record it belongs to, if any."""

    subscription_id: str
    plan_id: str
    resource_id: str | None = None
    org_id: str | None = None
    record_id: str | None = None


class CustomerState(NamedTuple):
    """The state of a customer. ``version`` rises with every write, so that a write after a stale read is refused.

    ``archived_at`` (ISO): when it was archived in Stigg, if it is.
    """

    customer_id: str
    version: int = 0
    lease: Lease | None = None
    latest: LatestOperation | None = None
    archived_at: str | None = None


class ResourceState(NamedTuple):
    """A customer's subscriptions on one resource, or on none, that have not ended."""

    customer_id: str
    resource_id: str | None = None
    version: int = 0
    live: Mapping[str, LiveSubscription] = MappingProxyType({})
    latest: LatestOperation | None = None

    def without(self, subscription_id: str) -> "ResourceState":
        """Return the resource without a subscription that has ended."""
        return replace(self, live={name: live for name, live in self.live.items() if name != subscription_id})


class FeatureState(NamedTuple):
    """A feature of a customer: the operation that last granted its promotional entitlement, or revoked it.

    Writes hold the lease of the customer.
    """

    customer_id: str
    feature_id: str
    latest: LatestOperation | None = None


class MappedSubscription(NamedTuple):
    """The subscription of a record, as last answered by Stigg; ``starts_at`` (seconds) if it had yet to start.

    The dates (ISO) are Stigg's: when it is to end, when its trial ends, when it has ended. ``payment_failed_at``: when
    a payment failed that is still due. ``replaced_by``: the subscription that took its place in the Stigg app.
    ``asked_at`` (seconds): when a payment page was made for it.
    """

    subscription_id: str
    plan_id: str
    status: str
    operation_key: str
    resource_id: str | None = None
    checkout_url: str | None = None
    starts_at: int | None = None
    cancellation_date: str | None = None
    trial_end_date: str | None = None
    end_date: str | None = None
    payment_failed_at: str | None = None
    replaced_by: str | None = None
    asked_at: int | None = None


class SubscriptionState(NamedTuple):
    """The state of a subscription: its customer and record, its predecessor, and the terms that were last sent.

    ``terms`` are stored because Stigg does not return entitlements, charges and billing period. ``scheduled_terms``
    replace them once Stigg no longer shows them as waiting; ``scheduled_by`` is the operation that last sent some.
    ``followed_by`` is the subscription that was provisioned to replace this one. ``released_from``: the record that
    gave it up for another one; its metadata still name that record, and no mapping is restored from them. ``ramp``,
    ``step_waits`` and ``step_at`` are its ramp (``storage.ramps``). Writes hold the lease of the customer.
    """

    subscription_id: str
    customer_id: str
    plan_id: str
    resource_id: str | None = None
    org_id: str | None = None
    record_id: str | None = None
    terms: Mapping[str, Any] = MappingProxyType({})
    scheduled_terms: Mapping[str, Any] = MappingProxyType({})
    before_downgrade: str | None = None
    followed_by: str | None = None
    latest: LatestOperation | None = None
    scheduled_by: str | None = None
    released_from: str | None = None
    ramp: str | None = None
    step_waits: str | None = None
    step_at: int | None = None


class RecordState(NamedTuple):
    """The state of a record: its current subscription, the next one, and those that await payment.

    ``version`` rises with every write, as the customer's does: a record may pass from one customer to another.
    ``pages``: older payment pages, which can still be paid. ``sold``: the digest of what an opportunity last requested
    for the record, and the differences that it contains. ``moved_to``: the record that its subscription moved to.
    ``claim``: the provisioning of a customer that the record did not belong to before, so that two customers never
    provision for one record at once.
    """

    org_id: str
    record_id: str
    customer_id: str
    version: int = 0
    current: MappedSubscription | None = None
    upcoming: MappedSubscription | None = None
    pending: MappedSubscription | None = None
    latest: LatestOperation | None = None
    pages: tuple[MappedSubscription, ...] = ()
    sold: str | None = None
    moved_to: str | None = None
    claim: Lease | None = None

    @property
    def is_blank(self) -> bool:
        """Whether no subscription was ever mapped to it: it has only been claimed."""
        return self.claim is not None and not (self.mapped or self.awaited or self.latest)

    @property
    def awaited(self) -> tuple[MappedSubscription, ...]:
        """The subscriptions that await payment, the newest first."""
        return (*((self.pending,) if self.pending else ()), *self.pages)

    @property
    def mapped(self) -> tuple[MappedSubscription, ...]:
        """The current subscription and the next one."""
        return tuple(mapped for mapped in (self.current, self.upcoming) if mapped is not None)

    def settled_by(self, done: LatestOperation) -> "RecordState":
        """Return the record with the operation that settled it, and with what an opportunity requested by it."""
        return replace(self, latest=done, sold=done.wish or self.sold)

    def awaiting(self, page: MappedSubscription) -> "RecordState":
        """Return the record with a new payment page; the older ones can still be paid."""
        older = self.without_page(page.subscription_id).awaited
        return replace(self, pending=page, pages=older[: MOST_PAGES - 1])

    def without_page(self, subscription_id: str) -> "RecordState":
        """Return the record without a payment page that was paid or has expired."""
        left = tuple(page for page in self.awaited if page.subscription_id != subscription_id)
        return replace(self, pending=left[0] if left else None, pages=left[1:])

    def at(self, now: float) -> "RecordState":
        """Return the record as of a moment: the next subscription becomes the current one once it has started."""
        starts_at = self.upcoming.starts_at if self.upcoming else None
        if starts_at is None or starts_at > now:
            return self
        return replace(self, current=self.upcoming, upcoming=None)


MOST_PAGES = 5
"""Maximum payment pages of a record. The subscription of an older page is found by its metadata once it is paid."""


def is_unmapped(record: RecordState | None) -> bool:
    """Whether no subscription was ever mapped to a record."""
    return record is None or record.is_blank


CHANGED_OUTSIDE = "changedOutside"
"""The event of the history for a change that was not made through the actions."""


class HistoryEntry(NamedTuple):
    """One change of a record: what happened to which subscription, when (ISO), by which operation.

    ``other_record_id`` is the record that the subscription, or the one before it, belonged to or belongs to now.
    """

    org_id: str
    record_id: str
    at: str
    event: str
    subscription_id: str
    operation_key: str
    replaced_subscription_id: str | None = None
    replaced_by_subscription_id: str | None = None
    other_record_id: str | None = None


class AccountLink(NamedTuple):
    """A Salesforce account to be linked to the customer; ``before`` is the customer that it leaves, if it may move."""

    org_id: str
    account_id: str
    before: str | None = None


class Changes(NamedTuple):
    """The mapping changes of a settled operation, written in one transaction with its outcome.

    ``voided``: the operations whose grant was voided or whose payment page was dropped, each before and after.
    ``other_resources``: further resources whose subscriptions changed.
    """

    customer: CustomerState
    resource: ResourceState | None = None
    records: tuple[RecordState, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    subscriptions: tuple[SubscriptionState, ...] = ()
    account: AccountLink | None = None
    feature: FeatureState | None = None
    voided: "tuple[tuple[Operation, Operation], ...]" = ()
    other_resources: tuple[ResourceState, ...] = ()
    contract: "ContractState | None" = None
