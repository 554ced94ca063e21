"""What docs/deploy.md computes with, which may fall but never rise: request units of DynamoDB, and metrics."""

from copy import replace
from typing import Any

import pytest

from scripts.costs import UNITS, Units
from scripts.monthly_costs import METRICS_OF_A_FAILURE, METRICS_OF_AN_ACTION, METRICS_OF_SCHEDULES
from tests.support.capacity import billed
from tests.support.contracts import CONTRACT, ENTERPRISE, contract
from tests.support.deals import deal, plan
from tests.support.fixtures import Console
from tests.support.harness import Harness
from tests.support.promotions import promotion, revocation
from tests.support.requests import ACCOUNT, LINE, grant, sold_in_the_app, subscription, usage

CUSTOMER = {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT}
BY_RECORD = {"salesforceRecordId": LINE}
BY_CONTRACT = {"salesforceRecordId": CONTRACT, "cancelSubscriptions": True}
SOLD = ["create-customer", "create-subscription"]
BEFORE: dict[str, dict[str, Any]] = {
    "create-customer": CUSTOMER,
    "create-customer, another": {"customerId": "cust-globex", "name": "Globex"},
    "create-subscription": subscription(),
    "create-subscription-with-return-data": subscription(paymentCollectionMethod="INVOICE"),
    "create-credit-grant": grant(),
    "downgrade-subscription": BY_RECORD | {"downgradeWhen": "endOfBillingPeriod"},
    "grant-promotional-entitlement": promotion(),
    "provision-contract": contract(ENTERPRISE),
}

CALLS: list[tuple[str, list[str], dict[str, Any]]] = [
    ("create-customer", [], CUSTOMER),
    ("create-subscription", ["create-customer"], subscription()),
    ("update-subscription", SOLD, BY_RECORD | {"addons": [{"id": "addon-seats", "quantity": 3}]}),
    ("cancel-subscription", SOLD, BY_RECORD | {"cancelWhen": "now"}),
    ("cancel-scheduled-update", [*SOLD, "downgrade-subscription"], BY_RECORD),
    ("migrate-subscription", SOLD, BY_RECORD | {"migrateWhen": "now"}),
    ("mark-invoice-paid", ["create-customer", "create-subscription-with-return-data"], BY_RECORD),
    ("transfer-subscription", SOLD, BY_RECORD | {"destinationResourceId": "site-2"}),
    ("adopt-subscription", ["create-customer"], BY_RECORD | {"subscriptionId": "sub-of-the-app"}),
    ("import-customer", [], CUSTOMER),
    (
        "import-subscription",
        ["create-customer"],
        BY_RECORD
        | {"customerId": "cust-acme", "planId": "plan-enterprise", "startDate": "2020-01-01", "endDate": "2099-12-31"},
    ),
    (
        "delegate-subscription",
        [*SOLD, "create-customer, another"],
        BY_RECORD | {"destinationCustomerId": "cust-globex"},
    ),
    ("create-credit-grant", ["create-customer"], grant()),
    ("void-credit-grant", ["create-customer", "create-credit-grant"], BY_RECORD),
    ("report-usage", ["create-customer"], usage()),
    ("grant-promotional-entitlement", ["create-customer"], promotion()),
    ("revoke-promotional-entitlement", ["create-customer", "grant-promotional-entitlement"], revocation()),
    ("archive-customer", SOLD, {"customerId": "cust-acme", "cancelSubscriptions": True}),
    ("provision-contract", ["create-customer"], contract(ENTERPRISE)),
    ("archive-contract", ["create-customer", "provision-contract"], BY_CONTRACT),
    ("provision-opportunity", [], deal(plan())),
    ("trigger-workflow", [], {"triggerId": "notify-customer"}),
    ("get-subscription", SOLD, BY_RECORD),
]


@pytest.fixture
def actions(actions: Harness) -> Harness:
    """The actions on boto3's client, which tells of its calls."""
    return replace(actions, dynamodb=actions.tables.client)


@pytest.mark.parametrize(("action", "before", "request_body"), CALLS)
def test_units_of_a_call(actions: Harness, action: str, before: list[str], request_body: dict[str, Any]) -> None:
    """A call takes exactly the committed request units."""
    for earlier in before:
        actions.ok(earlier.split(",")[0], BEFORE[earlier])
    actions.emulator.publish_plan("plan-growth")
    if action == "adopt-subscription":
        sold_in_the_app(actions)
    with billed(actions.tables.client) as units:
        actions.ok(action, request_body)

    assert Units(units.reads, units.writes) == UNITS[action]


def test_all_are_measured() -> None:
    """No committed number is without its test."""
    assert {action for action, _, _ in CALLS} == set(UNITS)


def metrics(console: Console) -> set[tuple[str, str]]:
    """Return action and name of each metric that was written since the last time."""
    return {
        (line["action"], metric["Name"])
        for line in console.lines()
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", [])
        for metric in directive["Metrics"]
    }


def test_metrics_of_schedules(actions: Harness, console: Console) -> None:
    """The scheduled functions write exactly the committed number of metrics when there is nothing to do."""
    for scheduled in ("reconcile", "apply-ramp-steps"):
        actions.invoke(scheduled, {})

    assert len(metrics(console)) == METRICS_OF_SCHEDULES


def test_metrics_of_an_action(actions: Harness, console: Console) -> None:
    """An action writes exactly the committed number of metrics, and so many more once a call has failed."""
    actions.ok("create-customer", CUSTOMER)
    succeeded = metrics(console)
    actions.post("create-customer", CUSTOMER | {"email": "nobody"})

    assert len(succeeded) == METRICS_OF_AN_ACTION
    assert len(metrics(console) - succeeded) == METRICS_OF_A_FAILURE
