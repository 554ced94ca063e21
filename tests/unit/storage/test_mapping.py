"""Mappings as the table holds them."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from stigg_actions.storage.mapping import (
    AccountLink,
    Changes,
    CustomerState,
    HistoryEntry,
    LatestOperation,
    Lease,
    LiveSubscription,
    MappedSubscription,
    RecordState,
    ResourceState,
    SubscriptionState,
)
from stigg_actions.storage.mapping_items import (
    account_key,
    customer_item,
    customer_key,
    plain_items,
    read_customer,
    read_record,
    read_resource,
    read_subscription,
    record_item,
    record_key,
    resource_item,
    resource_key,
    subscription_item,
    subscription_key,
)
from stigg_actions.storage.mapping_store import Round

ORG, RECORD, ACCOUNT = "00D000000000001EAA", "a0D30000001n7PiEAI", "0019000000B98deAAB"
LATEST = LatestOperation("provision-1", 2, 1_800_000_000)
LIVE = LiveSubscription("sub-1", "plan-growth", "site-1", ORG, RECORD)
CUSTOMER = CustomerState("acme", 7, Lease("provision-1", 2, "token", running=True), LATEST)
RESOURCE = ResourceState("acme", "site-1", 4, {"sub-1": LIVE}, LATEST)
SUBSCRIPTION = SubscriptionState(
    "sub-1",
    "acme",
    "plan-growth",
    "site-1",
    ORG,
    RECORD,
    terms={"charges": [{"id": "f", "quantity": Decimal("1.5")}], "billingPeriod": "MONTHLY"},
    before_downgrade="sub-0",
    latest=LATEST,
)
MAPPED = MappedSubscription("sub-1", "plan-growth", "ACTIVE", "provision-1", "site-1")
RECORD_STATE = RecordState(
    ORG,
    RECORD,
    "acme",
    version=3,
    current=MAPPED,
    pending=MappedSubscription("sub-2", "plan-growth", "PAYMENT_REQUIRED", "provision-2", None, "https://pay.example"),
    latest=LATEST,
)


def as_stored(item: Mapping[str, object]) -> dict[str, object]:
    """Return an item as DynamoDB gives it back: without absent values, and with all numbers as decimals."""

    def plain(value: object) -> object:
        if isinstance(value, Mapping):
            return as_stored(value)
        return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value

    return {name: plain(value) for name, value in item.items() if value is not None}


@pytest.mark.parametrize("state", [CUSTOMER, CustomerState("acme", 1)])
def test_customer(state: CustomerState) -> None:
    """A customer's state is read as it was written."""
    assert state == read_customer("acme", as_stored(customer_item(state)))


def test_new_customer() -> None:
    """A customer without an item has no version, no lease and no subscription."""
    assert CustomerState("acme") == read_customer("acme", None)


@pytest.mark.parametrize("state", [RECORD_STATE, RecordState(ORG, RECORD, "acme")])
def test_record(state: RecordState) -> None:
    """A record's state is read as it was written."""
    assert state == read_record(as_stored(record_item(state)))


def test_no_record() -> None:
    """No item is no record."""
    assert read_record(None) is None


@pytest.mark.parametrize("state", [RESOURCE, ResourceState("acme", None, 1)])
def test_resource(state: ResourceState) -> None:
    """A customer's subscriptions on a resource are read as they were written; without an item there are none."""
    assert state == read_resource("acme", state.resource_id, as_stored(resource_item(state)))
    assert ResourceState("acme", "other") == read_resource("acme", "other", None)


@pytest.mark.parametrize("state", [SUBSCRIPTION, SubscriptionState("sub-1", "acme", "plan-free")])
def test_subscription(state: SubscriptionState) -> None:
    """A subscription's state is read as it was written, its terms to the last digit."""
    assert state == read_subscription(as_stored(subscription_item(state)))


def test_keys() -> None:
    """Items of all kinds have different keys; records and accounts are kept apart by org."""
    keys = [
        customer_key("x"),
        record_key("o", "x"),
        record_key("p", "x"),
        account_key("o", "x"),
        account_key("p", "x"),
        subscription_key("x"),
        resource_key("x", None),
        resource_key("x", "r"),
    ]

    assert len({(key["pk"], key["sk"]) for key in keys}) == len(keys)


def test_changes() -> None:
    """Put whatever stands: history and subscriptions."""
    entry = HistoryEntry(ORG, RECORD, "2026-01-31T00:00:00.000Z", "replaced", "sub-2", "provision-2", "sub-1")
    changes = Changes(CUSTOMER, RESOURCE, (RECORD_STATE,), (entry,), (SUBSCRIPTION,), AccountLink(ORG, ACCOUNT))
    items = plain_items(changes)
    expected = [
        (f"record#{ORG}#{RECORD}", "history#2026-01-31T00:00:00.000Z#provision-2#replaced"),
        ("subscription#sub-1", "subscription"),
    ]

    assert expected == [(item["pk"], item["sk"]) for item in items]
    assert (items[0]["replaced_subscription_id"], "replaced_by_subscription_id" in items[0]) == ("sub-1", False)
    assert (items[1]["customer_id"], items[1]["record_id"]) == ("acme", RECORD)


def test_few_changes() -> None:
    """A customer's change alone writes nothing beside the customer's own item."""
    assert plain_items(Changes(CUSTOMER)) == []


def test_a_round_of_pages() -> None:
    """A round counts its pages until the last one; then a new one begins, from the start and at that moment."""
    begun = Round().begun(1_000.5)
    half = begun.after_page("a").after_page("b")
    done = half.after_page(None)

    assert (begun, half.begun(2_000), done) == (Round(None, 1_000), Round("b", 1_000, 2), Round(None, 1_000, 3))
    assert done.begun(3_000) == Round(None, 3_000)


@pytest.mark.parametrize(
    ("after", "pages", "now", "rests"),
    [
        (None, 0, 1_000, False),
        (None, 10, 1_000, False),
        (None, 20, 1_299, True),
        (None, 20, 1_300, False),
        (None, 1_000, 3_999, True),
        (None, 1_000, 4_000, False),
        ("a", 1_000, 1_000, False),
    ],
)
def test_rest(after: str | None, pages: int, now: int, *, rests: bool) -> None:
    """Of a round of 20 pages it is 5 minutes from its beginning to the next one's, of 1,000 pages 50 minutes."""
    assert Round(after, 1_000, pages).rests(now) is rests
