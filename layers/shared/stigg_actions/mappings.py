"""Which Stigg subscription belongs to which Salesforce record (table ``SubscriptionMappings``).

Items, each found by its own key and read consistently, never through an index:

    record#<org>#<record>    record          current and pending subscription, what was last sent
    record#<org>#<record>    history#<time>  one line for each change
    subscription#<id>        subscription    the record and the customer of a subscription
    customer#<id>            customer        its live subscriptions, its latest operations, and the lease of its writes
    account#<org>#<account>  account         the customer that a Salesforce account is linked to
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.dynamodb import Item


@dataclass(frozen=True, slots=True)
class LatestOperation:
    """The operation that last settled a subject: its key and intent, and when (seconds since the epoch)."""

    operation_key: str
    intent: int
    finished_at: int


@dataclass(frozen=True, slots=True)
class Lease:
    """The one write of a customer that is running, or has ended without a known outcome."""

    operation_key: str
    intent: int
    token: str
    running: bool


@dataclass(frozen=True, slots=True)
class LiveSubscription:
    """A subscription of a customer that has not ended, and the record it belongs to, if any."""

    subscription_id: str
    plan_id: str
    resource_id: str | None = None
    org_id: str | None = None
    record_id: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerState:
    """What is known of a customer. ``version`` rises with every write, so that no write is built on a stale read."""

    customer_id: str
    version: int = 0
    lease: Lease | None = None
    live: Mapping[str, LiveSubscription] = field(default_factory=dict)
    latest: Mapping[str, LatestOperation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MappedSubscription:
    """The subscription of a record, as last answered by Stigg."""

    subscription_id: str
    plan_id: str
    status: str
    operation_key: str
    resource_id: str | None = None
    checkout_url: str | None = None


@dataclass(frozen=True, slots=True)
class RecordState:
    """What is known of a record: its current subscription, one that awaits payment, and the terms last sent.

    ``sent`` holds what Stigg does not read back: entitlements, charges and billing period. ``version`` rises with
    every write, as the customer's does: a record may pass from one customer to another.
    """

    org_id: str
    record_id: str
    customer_id: str
    version: int = 0
    current: MappedSubscription | None = None
    pending: MappedSubscription | None = None
    sent: Mapping[str, Any] = field(default_factory=dict)
    latest: LatestOperation | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of a record: what happened to which subscription, when (ISO), by which operation."""

    org_id: str
    record_id: str
    at: str
    event: str
    subscription_id: str
    operation_key: str
    replaced_subscription_id: str | None = None
    replaced_by_subscription_id: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a settled operation changes here, written in one transaction with its outcome."""

    customer: CustomerState
    records: tuple[RecordState, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    subscriptions: tuple[LiveSubscription, ...] = ()
    account: tuple[str, str] | None = None

    def items(self) -> list[Item]:
        """Return the items to put whatever stands; the customer's and the records' own are put on their versions."""
        linked = [account_item(*self.account, self.customer.customer_id)] if self.account else []
        return [
            *map(history_item, self.history),
            *(subscription_item(live, self.customer.customer_id) for live in self.subscriptions),
            *linked,
        ]


def customer_key(customer_id: str) -> Item:
    """Return the key of a customer's item."""
    return {"pk": f"customer#{customer_id}", "sk": "customer"}


def record_key(org_id: str, record_id: str) -> Item:
    """Return the key of a record's item."""
    return {"pk": f"record#{org_id}#{record_id}", "sk": "record"}


def account_key(org_id: str, account_id: str) -> Item:
    """Return the key of an account's item."""
    return {"pk": f"account#{org_id}#{account_id}", "sk": "account"}


def subscription_key(subscription_id: str) -> Item:
    """Return the key of a subscription's item."""
    return {"pk": f"subscription#{subscription_id}", "sk": "subscription"}


def read_customer(customer_id: str, item: Item | None) -> CustomerState:
    """Read a customer's item; one that does not exist yet has no live subscription and no lease."""
    if item is None:
        return CustomerState(customer_id)
    lease = item.get("lease")
    return CustomerState(
        customer_id=customer_id,
        version=int(item["version"]),
        lease=Lease(**{**lease, "intent": int(lease["intent"])}) if lease else None,
        live={name: LiveSubscription(**live) for name, live in item.get("live", {}).items()},
        latest={subject: _latest(latest) for subject, latest in item.get("latest", {}).items()},
    )


def read_record(item: Item | None) -> RecordState | None:
    """Read a record's item."""
    if item is None:
        return None
    return RecordState(
        org_id=item["org_id"],
        record_id=item["record_id"],
        customer_id=item["customer_id"],
        version=int(item["version"]),
        current=MappedSubscription(**item["current"]) if "current" in item else None,
        pending=MappedSubscription(**item["pending"]) if "pending" in item else None,
        sent=decimal_json.loads(item["sent"]),
        latest=_latest(item["latest"]) if "latest" in item else None,
    )


def customer_item(state: CustomerState) -> Item:
    """Return a customer's state as its item."""
    return {
        **customer_key(state.customer_id),
        "customer_id": state.customer_id,
        "version": state.version,
        "lease": _plain(state.lease) if state.lease else None,
        "live": {name: _plain(live) for name, live in state.live.items()},
        "latest": {subject: _plain(latest) for subject, latest in state.latest.items()},
    }


def record_item(state: RecordState) -> Item:
    """Return a record's state as its item."""
    return {
        **record_key(state.org_id, state.record_id),
        "org_id": state.org_id,
        "record_id": state.record_id,
        "customer_id": state.customer_id,
        "version": state.version,
        "current": _plain(state.current) if state.current else None,
        "pending": _plain(state.pending) if state.pending else None,
        "sent": decimal_json.dumps(state.sent),
        "latest": _plain(state.latest) if state.latest else None,
    }


def history_item(entry: HistoryEntry) -> Item:
    """Return a line of a record's history as its item; time and operation make its key unique."""
    key = {
        "pk": record_key(entry.org_id, entry.record_id)["pk"],
        "sk": f"history#{entry.at}#{entry.operation_key}#{entry.event}",
    }
    return {**key, **_plain(entry)}


def subscription_item(live: LiveSubscription, customer_id: str) -> Item:
    """Return the item that finds a subscription's record and customer."""
    return {**subscription_key(live.subscription_id), "customer_id": customer_id, **_plain(live)}


def account_item(org_id: str, account_id: str, customer_id: str) -> Item:
    """Return the item that finds the customer of a Salesforce account."""
    return {**account_key(org_id, account_id), "org_id": org_id, "account_id": account_id, "customer_id": customer_id}


def _plain(value: Lease | LiveSubscription | LatestOperation | MappedSubscription | HistoryEntry) -> Item:
    return {name: content for name, content in asdict(value).items() if content is not None}


def _latest(item: Item) -> LatestOperation:
    return LatestOperation(item["operation_key"], int(item["intent"]), int(item["finished_at"]))
