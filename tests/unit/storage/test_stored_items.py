"""Items as earlier versions wrote them: their attributes keep their names, and they are read as what they were.

A version may add attributes. It must write those that are here, and read an item that has no others.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from stigg_actions.storage import mapping_items as items
from stigg_actions.storage.mapping import (
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
from stigg_actions.storage.operation import (
    KeyScope,
    Operation,
    Status,
    derived_key,
    explicit_key,
    fingerprint,
    operation_item,
    read_operation,
)
from stigg_actions.storage.opportunity_lines import NotedLine, OpportunityState, opportunity_item, read_opportunity

type Item = dict[str, Any]

ORG, RECORD, ACCOUNT = "00D000000000001EAA", "a0D30000001n7PiEAI", "0019000000B98deAAB"
OPPORTUNITY, LINE, PLAN_LINE = "006000000000001AAA", "00k000000000001AAA", "00k000000000002AAA"
AT = "2026-01-31T00:00:00.000Z"
LATEST = LatestOperation("provision-1", 2, 1_800_000_000)
LATEST_ITEM = {"operation_key": "provision-1", "intent": 2, "finished_at": 1_800_000_000}

CUSTOMER = CustomerState("acme", 7, Lease("provision-1", 2, "token", running=True), LATEST, AT)
CUSTOMER_ITEM = {
    "pk": "customer#acme",
    "sk": "customer",
    "customer_id": "acme",
    "version": 7,
    "lease": {"operation_key": "provision-1", "intent": 2, "token": "token", "running": True},
    "latest": LATEST_ITEM,
    "archived_at": AT,
}

RESOURCE = ResourceState(
    "acme", "site-1", 4, {"sub-1": LiveSubscription("sub-1", "plan-growth", "site-1", ORG, RECORD)}, LATEST
)
RESOURCE_ITEM = {
    "pk": "customer#acme",
    "sk": "resource#site-1",
    "customer_id": "acme",
    "resource_id": "site-1",
    "version": 4,
    "live": {
        "sub-1": {
            "subscription_id": "sub-1",
            "plan_id": "plan-growth",
            "resource_id": "site-1",
            "org_id": ORG,
            "record_id": RECORD,
        }
    },
    "latest": LATEST_ITEM,
}

MAPPED_ITEM = {
    "subscription_id": "sub-1",
    "plan_id": "plan-growth",
    "status": "CANCELED",
    "operation_key": "provision-1",
    "resource_id": "site-1",
    "cancellation_date": AT,
    "trial_end_date": AT,
    "end_date": AT,
    "payment_failed_at": AT,
    "replaced_by": "sub-9",
}
UPCOMING_ITEM = {
    "subscription_id": "sub-2",
    "plan_id": "plan-starter",
    "status": "NOT_STARTED",
    "operation_key": "renew-2",
    "starts_at": 1_900_000_000,
}
PENDING_ITEM = {
    "subscription_id": "sub-3",
    "plan_id": "plan-starter",
    "status": "PAYMENT_REQUIRED",
    "operation_key": "provision-3",
    "checkout_url": "https://pay.example",
}
RECORD_STATE = RecordState(
    ORG,
    RECORD,
    "acme",
    3,
    MappedSubscription(
        "sub-1",
        "plan-growth",
        "CANCELED",
        "provision-1",
        "site-1",
        cancellation_date=AT,
        trial_end_date=AT,
        end_date=AT,
        payment_failed_at=AT,
        replaced_by="sub-9",
    ),
    MappedSubscription("sub-2", "plan-starter", "NOT_STARTED", "renew-2", starts_at=1_900_000_000),
    MappedSubscription("sub-3", "plan-starter", "PAYMENT_REQUIRED", "provision-3", checkout_url="https://pay.example"),
    LATEST,
)
RECORD_ITEM = {
    "pk": f"record#{ORG}#{RECORD}",
    "sk": "record",
    "org_id": ORG,
    "record_id": RECORD,
    "customer_id": "acme",
    "version": 3,
    "current": MAPPED_ITEM,
    "upcoming": UPCOMING_ITEM,
    "pending": PENDING_ITEM,
    "latest": LATEST_ITEM,
}

SUBSCRIPTION = SubscriptionState(
    "sub-1",
    "acme",
    "plan-growth",
    "site-1",
    ORG,
    RECORD,
    {"charges": [{"id": "f", "quantity": Decimal("1.5")}]},
    {"billingPeriod": "ANNUALLY"},
    "sub-0",
    "sub-2",
    LATEST,
)
SUBSCRIPTION_ITEM = {
    "pk": "subscription#sub-1",
    "sk": "subscription",
    "subscription_id": "sub-1",
    "customer_id": "acme",
    "plan_id": "plan-growth",
    "resource_id": "site-1",
    "org_id": ORG,
    "record_id": RECORD,
    "terms": '{"charges":[{"id":"f","quantity":1.5}]}',
    "scheduled_terms": '{"billingPeriod":"ANNUALLY"}',
    "before_downgrade": "sub-0",
    "followed_by": "sub-2",
    "latest": LATEST_ITEM,
}

OPPORTUNITY_STATE = OpportunityState(
    ORG,
    OPPORTUNITY,
    2,
    {LINE: NotedLine("Add-on", "addon-seats", PLAN_LINE)},
    {LINE: (NotedLine("Plan", "plan-growth"),)},
)
OPPORTUNITY_ITEM = {
    "pk": f"opportunity#{ORG}#{OPPORTUNITY}",
    "sk": "opportunity",
    "org_id": ORG,
    "opportunity_id": OPPORTUNITY,
    "version": 2,
    "lines": {LINE: {"stigg_type": "Add-on", "stigg_id": "addon-seats", "plan_line_id": PLAN_LINE}},
    "former": {LINE: [{"stigg_type": "Plan", "stigg_id": "plan-growth"}]},
}

HISTORY = HistoryEntry(ORG, RECORD, AT, "replaced", "sub-2", "provision-2", "sub-1", "sub-3", LINE)
HISTORY_ITEM = {
    "pk": f"record#{ORG}#{RECORD}",
    "sk": f"history#{AT}#provision-2#replaced",
    "org_id": ORG,
    "record_id": RECORD,
    "at": AT,
    "event": "replaced",
    "subscription_id": "sub-2",
    "operation_key": "provision-2",
    "replaced_subscription_id": "sub-1",
    "replaced_by_subscription_id": "sub-3",
    "other_record_id": LINE,
}

OPERATION = Operation(
    operation_key="provision-1",
    intent=1,
    attempt=2,
    kind="provision",
    status=Status.FAILED,
    token="t",
    fingerprint="f",
    explicit_key=True,
    org_id=ORG,
    request={"planId": "plan-growth", "salesforceRecordId": LINE},
    correlation_id="call-1",
    started_at=1_800_000_000,
    attempted_at=1_799_999_990,
    uncertain_since=1_799_999_991,
    customer_id="acme",
    record_id=RECORD,
    subscription_id="sub-1",
    resource_id="site-1",
    of_resource=True,
    answer={"outcome": "created"},
    error={"errorCode": "X"},
    finished_at=1_800_000_005,
)
OPERATION_ITEM = {
    "operation_key": "provision-1",
    "intent": 1,
    "attempt": 2,
    "kind": "provision",
    "status": "FAILED",
    "token": "t",
    "fingerprint": "f",
    "explicit_key": True,
    "org_id": ORG,
    "request": f'{{"planId":"plan-growth","salesforceRecordId":"{LINE}"}}',
    "correlation_id": "call-1",
    "started_at": 1_800_000_000,
    "started_at_iso": "2027-01-15T08:00:00.000Z",
    "attempted_at": 1_799_999_990,
    "uncertain_since": 1_799_999_991,
    "customer_id": "acme",
    "record_id": RECORD,
    "subscription_id": "sub-1",
    "resource_id": "site-1",
    "of_resource": True,
    "answer": '{"outcome":"created"}',
    "error": '{"errorCode":"X"}',
    "finished_at": 1_800_000_005,
    "stands_for_ever": False,
    "expires_at": 1_800_000_000 + 400 * 24 * 3600,
    "attention": "FAILED",
    "asked_for": LINE,
}

KINDS: dict[str, tuple[object, Item, Callable[[Any], Item], Callable[[Item], object]]] = {
    "customer": (
        CUSTOMER,
        CUSTOMER_ITEM,
        items.customer_item,
        lambda item: items.read_customer("acme", item),
    ),
    "resource": (
        RESOURCE,
        RESOURCE_ITEM,
        items.resource_item,
        lambda item: items.read_resource("acme", "site-1", item),
    ),
    "record": (RECORD_STATE, RECORD_ITEM, items.record_item, items.read_record),
    "subscription": (SUBSCRIPTION, SUBSCRIPTION_ITEM, items.subscription_item, items.read_subscription),
    "opportunity": (
        OPPORTUNITY_STATE,
        OPPORTUNITY_ITEM,
        opportunity_item,
        lambda item: read_opportunity(ORG, OPPORTUNITY, item),
    ),
    "history": (HISTORY, HISTORY_ITEM, items.history_item, items.read_history),
    "operation": (OPERATION, OPERATION_ITEM, operation_item, read_operation),
}


def of_dynamodb(value: object) -> Any:  # noqa: ANN401 - any part of an item
    """Return a value as DynamoDB gives it back: numbers are decimals."""
    if isinstance(value, Mapping):
        return {name: of_dynamodb(part) for name, part in value.items()}
    if isinstance(value, list):
        return [of_dynamodb(part) for part in value]
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


@pytest.mark.parametrize("kind", KINDS)
def test_is_written_as_ever(kind: str) -> None:
    """Every attribute that earlier versions read is written under its name; one that is absent they read as false."""
    state, item, write, _ = KINDS[kind]
    written = {name: value for name, value in write(state).items() if value is not None}

    assert {name: written.get(name, False) for name in item} == item


@pytest.mark.parametrize("kind", KINDS)
def test_is_read_as_ever(kind: str) -> None:
    """An item that an earlier version wrote is read as what it was."""
    state, item, _, read = KINDS[kind]

    assert read(of_dynamodb(item)) == state


def test_the_item_of_an_account() -> None:
    """An account leads to its customer."""
    assert items.account_item(ORG, ACCOUNT, "acme") == {
        "pk": f"account#{ORG}#{ACCOUNT}",
        "sk": "account",
        "org_id": ORG,
        "account_id": ACCOUNT,
        "customer_id": "acme",
    }


def test_the_item_of_no_resource() -> None:
    """Subscriptions on no resource have one item, too."""
    assert items.resource_key("acme", None) == {"pk": "customer#acme", "sk": "resource#"}
    assert items.CURSOR_KEY == {"pk": "reconcile", "sk": "cursor"}


def test_keys_and_ids_stay() -> None:
    """The same request has the same key in every version, and an attempt the same id in Stigg."""
    scope = KeyScope("development", ORG, "provision")

    assert explicit_key(scope, "order-1") == "provision-19de15e436adb72b705c2991a342ab7ff3f9ccff"
    assert derived_key(scope, {"planId": "plan-growth"}) == "provision-36d6f80d989394923d70d5ce0d9bb539a623812d"
    assert fingerprint({"planId": "plan-growth"}).startswith("14bc4e228142c00a0407a920d7114591")
    assert OPERATION.effect_id == "b1993cb6483bab732b1d7877d5dddf5c"
