"""How many calls an action makes, cold and warm: committed numbers that may fall, but never rise."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import replace
from typing import Any

import pytest

from tests.support.aws import AwsInProcess
from tests.support.contracts import CONTRACT, ENTERPRISE, WORKSPACE, contract
from tests.support.deals import NEW_APP, addon, bonus, deal, of_app, plan, space
from tests.support.harness import Harness
from tests.support.promotions import promotion, revocation
from tests.support.ramps import DAYS, pass_days
from tests.support.ramps import sold as sell_ramp
from tests.support.requests import ACCOUNT, LINE, RENEWAL_LINE, grant, sold, sold_in_the_app, subscription, usage

CUSTOMER = {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT}
BY_ACCOUNT = {"customerId": None, "salesforceAccountId": ACCOUNT}
GRANTED = ["create-customer", "create-credit-grant"]
SOLD = ["create-customer", "create-subscription"]
LESS_LATER = [*SOLD, "downgrade-subscription"]
BILLED = ["create-customer", "create-subscription-with-return-data"]
PROMOTED = ["create-customer", "grant-promotional-entitlement"]
BY_RECORD = {"salesforceRecordId": LINE}
ARCHIVE = {"customerId": "cust-acme", "cancelSubscriptions": True}
CONTRACTED = ["create-customer", "provision-contract"]
BY_CONTRACT = {"salesforceRecordId": CONTRACT, "cancelSubscriptions": True}
CANCEL = BY_RECORD | {"cancelWhen": "now"}
SEATS = [{"id": "addon-seats", "quantity": 3}]
PREVIEW = {"customerId": "cust-acme", "planId": "plan-growth", "billingPeriod": "MONTHLY"}
AMENDED = BY_RECORD | {"addons": SEATS}
REPLACED = BY_RECORD | {"planId": "plan-starter"}
TO_THE_NEW_LINE = {"newSalesforceRecordId": RENEWAL_LINE}
WORKFLOW = {"triggerId": "notify-customer"}
OPPORTUNITY = deal(plan())
MADE_AGAIN = deal(plan(NEW_APP))
MORE_LINES = deal(plan(), of_app(addon()), space(), bonus())

IMPORTED = CUSTOMER | {"billingId": "cus_1"}
BROUGHT = {
    "salesforceRecordId": LINE,
    "customerId": "cust-acme",
    "planId": "plan-growth",
    "billingPeriod": "MONTHLY",
    "startDate": "2020-01-01",
}

# action, requests before it, the request, and what it costs: calls to DynamoDB, to Stigg
COSTS = [
    ("create-customer", [], CUSTOMER, (3, 1)),
    ("create-customer", ["create-customer"], CUSTOMER | {"name": "Acme Inc"}, (3, 3)),  # POST, GET, PATCH
    ("create-subscription", ["create-customer"], subscription(), (3, 1)),
    ("create-subscription-with-return-data", ["create-customer"], subscription(), (3, 1)),
    ("create-subscription", ["create-customer"], subscription(**BY_ACCOUNT), (4, 1)),  # the account's customer
    ("create-subscription", SOLD, subscription(), (2, 1)),  # a repeat
    ("create-subscription", SOLD, subscription(addons=SEATS), (3, 2)),
    ("create-subscription", SOLD, subscription(planId="plan-starter"), (3, 4)),  # and both plans: of one product?
    ("import-customer", [], IMPORTED, (3, 3)),  # GET, POST, GET
    ("import-customer", ["create-customer"], IMPORTED, (3, 1)),
    ("import-subscription", ["create-customer"], BROUGHT, (3, 6)),  # GET it, plan, customer, others; POST, GET
    ("import-subscription", [], BROUGHT | {"customerName": "Acme"}, (3, 7)),  # and POST, GET the customer
    ("create-credit-grant", ["create-customer"], grant(), (3, 1)),
    ("void-credit-grant", GRANTED, BY_RECORD, (7, 2)),  # the grant's operation, three times; GET grants, POST void
    ("report-usage", ["create-customer"], usage(), (3, 1)),
    ("report-usage", ["create-customer"], usage(**BY_ACCOUNT), (4, 1)),  # the account's customer
    ("grant-promotional-entitlement", ["create-customer"], promotion(), (3, 2)),  # GET what stands, POST
    ("revoke-promotional-entitlement", PROMOTED, revocation(), (3, 2)),  # GET what stands, DELETE
    ("archive-customer", ["create-customer"], ARCHIVE, (3, 3)),  # GET subscriptions; GET, POST the customer
    ("archive-customer", SOLD, ARCHIVE, (7, 4)),  # and what ends with it, in the tables and in Stigg
    ("archive-customer", ["create-customer"], {"customerId": "cust-acme", "restore": True}, (3, 1)),
    ("provision-contract", ["create-customer"], contract(), (3, 2)),  # GET, POST
    (
        "provision-contract",
        ["create-customer"],
        contract(ENTERPRISE, WORKSPACE),
        (4, 6),
    ),  # GET contract, subscriptions, plans; POST
    ("provision-contract", CONTRACTED, contract(poNumber="PO-1"), (4, 3)),  # GET, PATCH, GET subscriptions
    ("archive-contract", CONTRACTED, BY_CONTRACT, (8, 5)),  # and what ends with it, in the tables
    ("cancel-subscription", SOLD, CANCEL, (4, 1)),
    ("cancel-subscription", SOLD, CANCEL | {"cancelWhen": "endOfBillingPeriod"}, (4, 1)),
    ("cancel-subscription", SOLD, CANCEL | {"dryRun": True}, (2, 1)),
    ("reschedule-cancellation", SOLD, BY_RECORD | {"cancellationDate": "2099-12-31"}, (4, 3)),  # GET, PATCH, GET
    ("reschedule-cancellation", SOLD, BY_RECORD | {"clear": True}, (4, 1)),
    ("cancel-scheduled-update", SOLD, BY_RECORD, (4, 1)),  # GET: nothing waits
    ("cancel-scheduled-update", LESS_LATER, BY_RECORD, (4, 4)),  # GET, DELETE, GET; GET of what was to start
    ("mark-invoice-paid", SOLD, BY_RECORD, (4, 1)),  # GET: no invoice is open
    ("mark-invoice-paid", BILLED, BY_RECORD, (4, 3)),  # GET, POST, GET
    ("mark-invoice-paid", BILLED, BY_RECORD | {"dryRun": True}, (2, 1)),
    ("set-subscription-metadata", SOLD, BY_RECORD | {"metadata": {"tier": "gold"}}, (4, 3)),
    ("update-subscription", SOLD, BY_RECORD | {"addons": SEATS}, (4, 3)),  # GET, PATCH, GET
    ("update-subscription", SOLD, BY_RECORD | {"billingPeriod": "MONTHLY"}, (4, 1)),
    ("update-subscription", SOLD, BY_RECORD | {"addons": SEATS, "dryRun": True}, (2, 2)),  # GET, POST preview
    ("migrate-subscription", SOLD, BY_RECORD | {"migrateWhen": "now"}, (4, 2)),  # GET, POST
    (
        "transfer-subscription",
        SOLD,
        BY_RECORD | {"destinationResourceId": "site-2"},
        (5, 2),
    ),  # the other list; GET, POST
    (
        "delegate-subscription",
        [*SOLD, "create-customer, another"],
        BY_RECORD | {"destinationCustomerId": "cust-globex"},
        (5, 3),
    ),  # the other list; GET, POST; GET of its metadata
    ("downgrade-subscription", SOLD, BY_RECORD, (4, 5)),  # GET, GET both plans, POST, GET of what was replaced
    (
        "downgrade-subscription",
        SOLD,
        BY_RECORD | {"dryRun": True},
        (2, 5),
    ),  # POST preview; what it replaces, with plans
    ("renew-subscription", SOLD, AMENDED, (4, 3)),  # GET, PATCH, GET
    ("renew-subscription", SOLD, AMENDED | TO_THE_NEW_LINE, (6, 3)),  # the new record, before and after
    ("renew-subscription", SOLD, BY_RECORD | {"billingPeriod": "MONTHLY"}, (4, 1)),  # nothing to do
    ("renew-subscription", SOLD, BY_RECORD | {"strategy": "replace"}, (4, 3)),  # GET, POST, GET of what was replaced
    ("renew-subscription", SOLD, REPLACED, (4, 5)),  # and both plans: they must be of one product
    ("renew-subscription", SOLD, REPLACED | TO_THE_NEW_LINE, (7, 5)),  # and both records
    ("renew-subscription", SOLD, AMENDED | {"dryRun": True}, (2, 2)),  # GET, POST preview
    ("renew-subscription", SOLD, REPLACED | {"dryRun": True}, (2, 5)),  # and what it replaces, with both plans
    ("provision-opportunity", [], OPPORTUNITY, (10, 2)),  # its lines and records, a note; customer; plan
    ("provision-opportunity", ["provision-opportunity"], OPPORTUNITY, (6, 2)),  # customer and subscription are read
    ("provision-opportunity", ["provision-opportunity"], MADE_AGAIN, (13, 5)),  # and a note, GET, PATCH, GET
    ("provision-opportunity", ["provision-opportunity"], MORE_LINES, (17, 6)),  # and PATCH, GET; POST plan, POST grant
    (
        "provision-opportunity",
        ["create-customer"],
        OPPORTUNITY | {"dryRun": True},
        (5, 3),
    ),  # customer, POST preview, live subscriptions
    (
        "provision-opportunity",
        ["provision-opportunity"],
        OPPORTUNITY | {"dryRun": True},
        (6, 2),
    ),  # customer and subscription
    ("get-subscription", SOLD, BY_RECORD, (2, 1)),  # record and history in one, then its subscription with the ramp
    ("get-customer", SOLD, {"customerId": "cust-acme"}, (1, 6)),  # six reads, side by side; the records
    ("get-customer", SOLD, {"salesforceAccountId": ACCOUNT}, (2, 6)),
    ("preview-subscription", ["create-customer"], PREVIEW, (0, 2)),  # POST preview, GET subscriptions
    ("preview-subscription", ["create-customer"], PREVIEW | BY_ACCOUNT, (1, 2)),
    ("preview-subscription", SOLD, PREVIEW, (0, 2)),  # the same plan
    ("preview-subscription", SOLD, PREVIEW | {"planId": "plan-starter"}, (0, 4)),  # GET both plans
    ("trigger-workflow", [], WORKFLOW, (2, 1)),
    ("trigger-workflow", [], WORKFLOW | {"salesforceRecordId": LINE}, (3, 1)),
    ("trigger-workflow", [], WORKFLOW | {"idempotencyKey": "deal-1"}, (3, 1)),
]
REQUESTS = {
    "create-customer": CUSTOMER,
    "create-customer, another": {"customerId": "cust-globex", "name": "Globex"},
    "create-subscription": subscription(),
    "create-subscription-with-return-data": subscription(paymentCollectionMethod="INVOICE"),
    "create-credit-grant": grant(),
    "grant-promotional-entitlement": promotion(),
    "provision-opportunity": OPPORTUNITY,
    "provision-contract": contract(ENTERPRISE),
    "downgrade-subscription": BY_RECORD | {"downgradeWhen": "endOfBillingPeriod"},
}


@pytest.fixture
def actions(actions: Harness, aws: AwsInProcess) -> Harness:
    """The actions on boto3's clients, which tell of their calls."""
    secrets = aws.client("secretsmanager")
    return replace(actions, dynamodb=actions.tables.client, secrets=secrets)


@contextmanager
def counted(client: Any, service: str) -> Iterator[list[str]]:  # noqa: ANN401 - any client
    """Count the calls that a client makes."""
    calls: list[str] = []

    def count(model: Any, **_: Any) -> None:  # noqa: ANN401 - botocore's event arguments
        calls.append(model.name)

    client.meta.events.register(f"before-call.{service}.*", count)
    yield calls
    client.meta.events.unregister(f"before-call.{service}.*", count)


def cost(actions: Harness, action: str, request: dict[str, Any]) -> tuple[int, int, int]:
    """Return the calls to DynamoDB, to Stigg and to Secrets Manager that one request makes."""
    before = len(actions.emulator.state()["calls"])
    with (
        counted(actions.tables.client, "dynamodb") as database,
        counted(actions.secrets, "secrets-manager") as secrets,
    ):
        actions.ok(action, request)
    return len(database), len(actions.emulator.state()["calls"]) - before, len(secrets)


@pytest.mark.parametrize(("action", "before", "request_body", "expected"), COSTS)
def test_calls_of_a_warm_container(
    actions: Harness, action: str, before: list[str], request_body: dict[str, Any], expected: tuple[int, int]
) -> None:
    """A warm container makes exactly the committed number of calls, and none to Secrets Manager."""
    actions.ok("trigger-workflow", WORKFLOW)
    for earlier in before:
        actions.ok(earlier.split(",")[0], REQUESTS[earlier])

    assert cost(actions, action, request_body) == (*expected, 0)


# action, what it does to the subscription, and what it costs by its id: sold by us, and sold in Stigg's app
COSTS_BY_ID = [
    ("cancel-subscription", {"cancelWhen": "now"}, (4, 1), (4, 2)),
    ("reschedule-cancellation", {"cancellationDate": "2099-12-31"}, (4, 3), (4, 4)),
    ("set-subscription-metadata", {"metadata": {"tier": "gold"}}, (4, 3), (4, 4)),
    ("update-subscription", {"addons": SEATS}, (4, 3), (4, 4)),
    ("migrate-subscription", {"migrateWhen": "now"}, (4, 2), (4, 3)),
    ("transfer-subscription", {"destinationResourceId": "site-2"}, (5, 2), (5, 3)),
    ("adopt-subscription", {"salesforceRecordId": RENEWAL_LINE, "replaceMapping": True}, (5, 4), (6, 5)),
    ("renew-subscription", {"addons": SEATS}, (4, 3), (4, 4)),
    ("get-subscription", {}, (2, 1), (1, 1)),
]


@pytest.mark.parametrize(("action", "change", "ours", "of_the_app"), COSTS_BY_ID)
def test_calls_by_subscription_id(
    actions: Harness, action: str, change: dict[str, Any], ours: tuple[int, int], of_the_app: tuple[int, int]
) -> None:
    """A subscription of ours is found in the tables; one that was sold in Stigg's app is read from Stigg first."""
    unknown = sold_in_the_app(actions, resourceId="app", planId="plan-workspace")
    known = sold(actions)

    assert cost(actions, action, change | {"subscriptionId": known}) == (*ours, 0)
    assert cost(actions, action, change | {"subscriptionId": unknown}) == (*of_the_app, 0)


def test_calls_of_a_repair(actions: Harness) -> None:
    """Mapping a record again costs two calls to DynamoDB and a search in Stigg, and both readings."""
    sold(actions)
    actions.tables.lose_mappings()

    assert cost(actions, "get-subscription", BY_RECORD) == (5, 2, 0)
    assert cost(actions, "get-subscription", BY_RECORD) == (2, 1, 0)


def test_calls_of_steps(actions: Harness) -> None:
    """A run without a step reads the index once; a step costs a renewal, its state before and after, and its key."""
    sell_ramp(actions)
    for wanted in ((1, 0, 0), (8, 3, 0)):
        before = len(actions.emulator.state()["calls"])
        with counted(actions.tables.client, "dynamodb") as database:
            actions.invoke("apply-ramp-steps", {})
        assert (len(database), len(actions.emulator.state()["calls"]) - before, 0) == wanted
        pass_days(actions, DAYS)


def test_calls_of_a_cold_container(actions: Harness) -> None:
    """The first request of a container reads the secret once, and costs the same otherwise."""
    assert cost(actions, "create-customer", CUSTOMER) == (3, 1, 1)


def test_calls_of_a_check(actions: Harness) -> None:
    """A check looks into each table, asks Stigg five questions (one for each plan), and reads the secret anew."""
    actions.ok("trigger-workflow", WORKFLOW)

    assert cost(actions, "check-connection", {}) == (3, 5, 1)
    assert cost(actions, "check-connection", {"planIds": ["plan-growth"]}) == (3, 6, 1)


def test_calls_of_a_replay(actions: Harness) -> None:
    """A repeat costs two reads and one look into Stigg: what is answered is true now."""
    actions.ok("create-customer", CUSTOMER)

    assert cost(actions, "create-customer", CUSTOMER) == (2, 1, 0)
