"""Imports: customers at once, subscriptions by a task that runs later and says nothing of what it skipped."""

from datetime import UTC, datetime
from typing import Any

import pytest
from stigg import Stigg

from local.stigg_emulator.hosting import Emulator
from tests.contract.client import Api, Json, refusal

PAST = "2020-01-01T00:00:00Z"
CUSTOMER: Json = {"id": "acme", "name": "Acme", "email": None}
GROWTH: Json = {
    "id": "sub-1",
    "customerId": "acme",
    "planId": "plan-growth",
    "billingPeriod": "MONTHLY",
    "startDate": PAST,
}


def imported(api: Api, *customers: Json) -> list[str]:
    """Import customers; return the ids of the new ones."""
    new: list[str] = api.post("/customers/import", customers=list(customers)).json()["data"]["newCustomers"]
    return new


def import_subscriptions(api: Api, *subscriptions: Json) -> str:
    """Import subscriptions; return the id of the task."""
    return str(api.post("/subscriptions/import", subscriptions=list(subscriptions)).json()["data"]["taskId"])


def shown(api: Api, path: str) -> Json:
    """Return what the emulator shows at a path."""
    found: Json = api.get(path).json()["data"]
    return found


def test_with_the_sdk(stigg: Stigg) -> None:
    """The official SDK imports a customer and a subscription with everything that they may have."""
    new = stigg.v1.customers.import_(
        customers=[
            {
                "id": "acme",
                "email": "billing@acme.example",
                "name": "Acme",
                "billing_id": "cus_1",
                "metadata": {"tier": "gold"},
                "payment_method_id": "pm_1",
                "salesforce_id": "001000000000001AAA",
                "updated_at": datetime(2020, 1, 1, tzinfo=UTC),
            }
        ],
        integration_id="int-1",
    )
    task = stigg.v1.subscriptions.import_(
        subscriptions=[
            {
                "id": "sub-1",
                "customer_id": "acme",
                "plan_id": "plan-growth",
                "addons": [{"id": "addon-seats", "quantity": 3}],
                "billing_id": "sub_1",
                "billing_period": "ANNUALLY",
                "charges": [{"id": "feature-api-calls", "quantity": 10, "type": "FEATURE"}],
                "end_date": datetime(2090, 1, 1, tzinfo=UTC),
                "metadata": {"origin": "billing"},
                "start_date": datetime(2020, 1, 1, tzinfo=UTC),
            }
        ],
        integration_id="int-1",
    )
    subscription = stigg.v1.subscriptions.retrieve("sub-1").data

    assert (new.data.new_customers, bool(task.data.task_id)) == (["acme"], True)
    assert (subscription.status, subscription.billing_id) == ("ACTIVE", "sub_1")
    assert subscription.cancellation_date == datetime(2090, 1, 1, tzinfo=UTC)
    assert stigg.v1.customers.retrieve("acme").data.default_payment_method is not None


def test_known_customers(api: Api) -> None:
    """A known customer is updated, unless it was changed after the moment that the import names, or is archived."""
    first = imported(api, CUSTOMER)
    skipped = imported(api, CUSTOMER | {"name": "Old", "updatedAt": PAST})
    kept = shown(api, "/customers/acme")["name"]
    imported(api, CUSTOMER | {"name": "Newer", "updatedAt": "2090-01-01T00:00:00Z", "metadata": {"a": "b"}})
    changed = shown(api, "/customers/acme")
    api.post("/customers/acme/archive")
    imported(api, CUSTOMER)

    assert (first, skipped, kept) == (["acme"], [], "Acme")
    assert (changed["name"], changed["metadata"]) == ("Newer", {"a": "b"})
    assert shown(api, "/customers/acme")["name"] == "Newer"


def test_a_task_runs_later(api: Api, emulator: Emulator) -> None:
    """A task shows nothing until it has run; a repeat under its key is the same task."""
    imported(api, CUSTOMER)
    emulator.delay_imports(60)
    body = {"subscriptions": [GROWTH]}
    tasks = {api.call("POST", "/subscriptions/import", body, Idempotency_Key="k").text for _ in range(2)}
    before = refusal(api.get("/subscriptions/sub-1"))
    emulator.advance(60)

    assert (len(tasks), before) == (1, (404, "SubscriptionNotFound"))
    assert shown(api, "/subscriptions/sub-1")["startDate"] == "2020-01-01T00:00:00.000Z"
    assert emulator.state()["invoices"] == []


def test_known_subscriptions(api: Api) -> None:
    """A task updates the subscription that has the id; not that of another customer, nor one that has ended."""
    imported(api, CUSTOMER, CUSTOMER | {"id": "globex"})
    import_subscriptions(api, GROWTH)
    import_subscriptions(api, GROWTH | {"metadata": {"a": "b"}, "endDate": "2090-01-01T00:00:00Z"})
    updated = shown(api, "/subscriptions/sub-1")
    import_subscriptions(api, GROWTH | {"customerId": "globex", "metadata": {}})
    api.post("/subscriptions/sub-1/cancel", cancellationTime="IMMEDIATE")
    import_subscriptions(api, GROWTH | {"metadata": {}})
    after = shown(api, "/subscriptions/sub-1")

    assert (updated["metadata"], updated["cancellationDate"]) == ({"a": "b"}, "2090-01-01T00:00:00.000Z")
    assert (after["customerId"], after["status"], after["metadata"]) == ("acme", "CANCELED", {"a": "b"})


@pytest.mark.parametrize(
    "misfit",
    [
        {"customerId": "none"},
        {"planId": "plan-none"},
        {"planId": "plan-workspace"},
        {"addons": [{"id": "addon-none", "quantity": 1}]},
        {"charges": [{"id": "none", "quantity": 1, "type": "FEATURE"}]},
        {"endDate": "2021-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_misfits_are_skipped(api: Api, misfit: Json) -> None:
    """What does not fit is accepted and never appears; the others of its task do."""
    imported(api, CUSTOMER, CUSTOMER | {"id": "globex"})

    assert import_subscriptions(api, GROWTH | misfit, GROWTH | {"id": "sub-2", "customerId": "globex"})
    assert refusal(api.get("/subscriptions/sub-1")) == (404, "SubscriptionNotFound")
    assert shown(api, "/subscriptions/sub-2")["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/customers/import", {"customers": []}),
        ("/customers/import", {"customers": [CUSTOMER] * 1001}),
        ("/customers/import", {"customers": [{"id": "acme"}]}),
        ("/customers/import", {"customers": [CUSTOMER | {"couponId": "c"}]}),
        ("/subscriptions/import", {"subscriptions": []}),
        ("/subscriptions/import", {"subscriptions": [{"id": "sub-1"}]}),
        ("/subscriptions/import", {"subscriptions": [GROWTH | {"salesforceId": "006"}]}),
    ],
)
def test_refused(api: Api, path: str, body: dict[str, Any]) -> None:
    """A list that is empty, too long or malformed is refused as a whole."""
    assert refusal(api.post(path, **body)) == (400, "BadUserInput")


def test_a_billing_id_in_use(api: Api) -> None:
    """A billing id that another customer has is refused, and no customer of the list is imported."""
    imported(api, CUSTOMER | {"billingId": "cus_1"})
    answer = api.post("/customers/import", customers=[{**CUSTOMER, "id": "globex", "billingId": "cus_1"}])

    assert refusal(answer) == (409, "DuplicatedEntityNotAllowed")
    assert refusal(api.get("/customers/globex"))[0] == 404
