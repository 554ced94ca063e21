"""The items of the table ``SubscriptionMappings``: each is found by its own key, never by an index.

record#<org>#<record>    record          current, upcoming and pending subscription
record#<org>#<record>    history#<time>  one line for each change
subscription#<id>        subscription    the record and the customer of a subscription
customer#<id>            customer        the lease of its writes, and the operation that last changed it
customer#<id>            resource#<id>   its live subscriptions on one resource (or on none), and their latest operation
customer#<id>            feature#<id>    the operation that last changed its promotional entitlement to a feature
contract#<id>            contract        the customer of a contract, and the operation that last changed it
account#<org>#<account>  account         the customer that a Salesforce account is linked to
opportunity#<org>#<id>   opportunity     the lines that a Salesforce opportunity ever had
reconcile                cursor          where the comparison with Stigg continues
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions import decimal_json
from stigg_actions.storage.mapping import (
    Changes,
    CustomerState,
    FeatureState,
    HistoryEntry,
    LatestOperation,
    Lease,
    LiveSubscription,
    MappedSubscription,
    RecordState,
    ResourceState,
    SubscriptionState,
)

if TYPE_CHECKING:
    from stigg_actions.storage.dynamodb import Item


_TERMS = ("terms", "scheduled_terms")


def plain_items(changes: Changes) -> list[Item]:
    """Return the items to put unconditionally; customer, resource, records and account have conditions."""
    features = [feature_item(changes.feature)] if changes.feature else []
    return [*map(history_item, changes.history), *map(subscription_item, changes.subscriptions), *features]


CURSOR_KEY = {"pk": "reconcile", "sk": "cursor"}
"""The key of the item that stores where the comparison with Stigg continues."""


def customer_key(customer_id: str) -> Item:
    """Return the key of a customer's item."""
    return {"pk": f"customer#{customer_id}", "sk": "customer"}


def resource_key(customer_id: str, resource_id: str | None) -> Item:
    """Return the key of a customer's item for one resource, or for subscriptions on none."""
    return {"pk": customer_key(customer_id)["pk"], "sk": f"resource#{resource_id or ''}"}


def feature_key(customer_id: str, feature_id: str) -> Item:
    """Return the key of a customer's item for one feature."""
    return {"pk": customer_key(customer_id)["pk"], "sk": f"feature#{feature_id}"}


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
    """Read a customer's item; without an item, the customer has no lease."""
    if item is None:
        return CustomerState(customer_id)
    return CustomerState(
        customer_id=customer_id,
        version=int(item["version"]),
        lease=_lease(item.get("lease")),
        latest=read_latest(item["latest"]) if "latest" in item else None,
        archived_at=item.get("archived_at"),
    )


def read_resource(customer_id: str, resource_id: str | None, item: Item | None) -> ResourceState:
    """Read a customer's item for one resource; without an item, it has no live subscriptions."""
    if item is None:
        return ResourceState(customer_id, resource_id)
    return ResourceState(
        customer_id,
        resource_id,
        version=int(item["version"]),
        live={name: LiveSubscription(**live) for name, live in item["live"].items()},
        latest=read_latest(item["latest"]) if "latest" in item else None,
    )


def read_feature(customer_id: str, feature_id: str, item: Item | None) -> FeatureState:
    """Read a customer's item for one feature; without an item, no operation has changed its entitlement."""
    return FeatureState(customer_id, feature_id, latest=read_latest(item["latest"]) if item else None)


def read_record(item: Item | None) -> RecordState | None:
    """Read a record's item."""
    if item is None:
        return None
    return RecordState(
        org_id=item["org_id"],
        record_id=item["record_id"],
        customer_id=item["customer_id"],
        version=int(item["version"]),
        current=_mapped(item.get("current")),
        upcoming=_mapped(item.get("upcoming")),
        pending=_mapped(item.get("pending")),
        latest=read_latest(item["latest"]) if "latest" in item else None,
        pages=tuple(page for stored in item.get("pages", ()) if (page := _mapped(stored)) is not None),
        sold=item.get("sold"),
        moved_to=item.get("moved_to"),
        claim=_lease(item.get("claim")),
    )


def read_history(item: Item) -> HistoryEntry:
    """Read a line of a record's history."""
    return HistoryEntry(**{name: item[name] for name in HistoryEntry._fields if name in item})


def read_subscription(item: Item | None) -> SubscriptionState | None:
    """Read a subscription's item."""
    if item is None:
        return None
    fields = {name: item[name] for name in SubscriptionState._fields if name in item}
    latest = read_latest(item["latest"]) if "latest" in item else None
    terms = {name: decimal_json.loads(item[name]) for name in _TERMS if name in item}
    return SubscriptionState(**{**fields, **terms, "latest": latest})


def customer_item(state: CustomerState) -> Item:
    """Return a customer's state as its item."""
    return {
        **customer_key(state.customer_id),
        "customer_id": state.customer_id,
        "version": state.version,
        "lease": plain(state.lease) if state.lease else None,
        "latest": plain(state.latest) if state.latest else None,
        "archived_at": state.archived_at,
    }


def resource_item(state: ResourceState) -> Item:
    """Return a customer's subscriptions on one resource as their item."""
    return {
        **resource_key(state.customer_id, state.resource_id),
        "customer_id": state.customer_id,
        "resource_id": state.resource_id,
        "version": state.version,
        "live": {name: plain(live) for name, live in state.live.items()},
        "latest": plain(state.latest) if state.latest else None,
    }


def feature_item(state: FeatureState) -> Item:
    """Return a customer's feature as its item."""
    return {
        **feature_key(state.customer_id, state.feature_id),
        "customer_id": state.customer_id,
        "feature_id": state.feature_id,
        "latest": plain(state.latest) if state.latest else None,
    }


def record_item(state: RecordState) -> Item:
    """Return a record's state as its item."""
    return {
        **record_key(state.org_id, state.record_id),
        "org_id": state.org_id,
        "record_id": state.record_id,
        "customer_id": state.customer_id,
        "version": state.version,
        "current": plain(state.current) if state.current else None,
        "upcoming": plain(state.upcoming) if state.upcoming else None,
        "pending": plain(state.pending) if state.pending else None,
        "latest": plain(state.latest) if state.latest else None,
        "pages": [plain(page) for page in state.pages] or None,
        "sold": state.sold,
        "moved_to": state.moved_to,
        "claim": plain(state.claim) if state.claim else None,
    }


def history_item(entry: HistoryEntry) -> Item:
    """Return a line of a record's history as its item; time and operation make its key unique."""
    key = {
        "pk": record_key(entry.org_id, entry.record_id)["pk"],
        "sk": f"history#{entry.at}#{entry.operation_key}#{entry.event}",
    }
    return {**key, **plain(entry)}


def subscription_item(state: SubscriptionState) -> Item:
    """Return a subscription's state as its item."""
    terms = {name: decimal_json.dumps(getattr(state, name)) for name in _TERMS}
    latest = {"latest": plain(state.latest)} if state.latest else {}
    return {**subscription_key(state.subscription_id), **plain(state), **terms, **latest}


def account_item(org_id: str, account_id: str, customer_id: str) -> Item:
    """Return the item that finds the customer of a Salesforce account."""
    return {**account_key(org_id, account_id), "org_id": org_id, "account_id": account_id, "customer_id": customer_id}


type _Part = HistoryEntry | LatestOperation | Lease | LiveSubscription | MappedSubscription | SubscriptionState


def plain(value: _Part) -> Item:
    """Return a part of an item without what is absent."""
    return {name: content for name, content in value._asdict().items() if content is not None}


def _mapped(item: Item | None) -> MappedSubscription | None:
    if item is None:
        return None
    moments = {name: int(item[name]) for name in ("starts_at", "asked_at") if item.get(name) is not None}
    return MappedSubscription(**{**item, **moments})


def _lease(item: Item | None) -> Lease | None:
    return Lease(item["operation_key"], int(item["intent"]), item["token"], item["running"]) if item else None


def read_latest(item: Item) -> LatestOperation:
    """Read the operation that last settled a subject."""
    as_of = int(item["as_of"]) if "as_of" in item else None
    return LatestOperation(
        item["operation_key"], int(item["intent"]), int(item["finished_at"]), as_of, item.get("wish")
    )
