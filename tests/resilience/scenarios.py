"""Every kind of write, each in the situations in which it makes different calls: what is there, and what is asked."""

import json
from dataclasses import dataclass
from typing import Any

from tests.support.contracts import CONTRACT, ENTERPRISE, WORKSPACE, contract
from tests.support.harness import Harness
from tests.support.promotions import promotion, revocation
from tests.support.requests import ACCOUNT, LINE, RENEWAL_LINE, TO_BE_PAID, grant, sold_in_the_app, subscription, usage

type Request = tuple[str, dict[str, Any]]

CUSTOMER: Request = ("create-customer", {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT})
GLOBEX: Request = ("create-customer", {"customerId": "cust-globex", "name": "Globex"})
SOLD: Request = ("create-subscription", subscription(addons=[{"id": "addon-seats", "quantity": 2}]))
CHARGED: Request = (
    "create-subscription",
    subscription(paymentCollectionMethod="CHARGE", billingInformation={"isInvoicePaid": True}),
)
"""A subscription whose changes await payment, because its customer has no card."""
INVOICED: Request = ("create-subscription", subscription(paymentCollectionMethod="INVOICE"))
CREDIT: Request = ("create-credit-grant", grant())
PROMOTION: Request = ("grant-promotional-entitlement", promotion())
ARCHIVE: Request = ("archive-customer", {"customerId": "cust-acme", "cancelSubscriptions": True})
RESTORE = {"customerId": "cust-acme", "restore": True}
AGREED: Request = ("provision-contract", contract(ENTERPRISE, WORKSPACE))
ENDED: Request = ("archive-contract", {"salesforceRecordId": CONTRACT, "cancelSubscriptions": True})
BY_RECORD = {"salesforceRecordId": LINE}
USED: Request = ("report-usage", usage())
IMPORTED = {"customerId": "cust-acme", "salesforceAccountId": ACCOUNT, "name": "Acme", "billingId": "cus_1"}
IMPORTED_SOLD = {
    "salesforceRecordId": LINE,
    "customerId": "cust-acme",
    "planId": "plan-growth",
    "billingPeriod": "MONTHLY",
    "startDate": "2020-01-01",
    "endDate": "2099-12-31",
    "addons": [{"id": "addon-seats", "quantity": 2}],
}
SEATS = [{"id": "addon-seats", "quantity": 5}]
SSO = [{"id": "feature-sso", "type": "FEATURE"}]


@dataclass(frozen=True)
class Scenario:
    """One request, and those that were served before it. ``name`` says what is special about it."""

    name: str
    action: str
    body: dict[str, Any]
    before: tuple[Request, ...] = (CUSTOMER, SOLD)
    outdated_plan: str | None = None
    """A plan that gets a newer version then."""
    sold_in_the_app: bool = False
    """Whether somebody sells a subscription on another resource in the Stigg app then."""

    def arrange(self, actions: Harness) -> None:
        """Serve the requests that come before."""
        for action, body in self.before:
            actions.ok(action, body)
        if self.outdated_plan:
            actions.emulator.publish_plan(self.outdated_plan)
        if self.sold_in_the_app:
            sold_in_the_app(actions, resourceId="desk", planId="plan-workspace")

    @property
    def text(self) -> str:
        """The body as API Gateway passes it on."""
        return json.dumps(self.body)

    def __str__(self) -> str:
        """Return how a test shows it."""
        return self.name


SCENARIOS = [
    Scenario("create-customer", *CUSTOMER, before=()),
    Scenario(
        "create-customer, which exists",
        "create-customer",
        {"customerId": "cust-acme", "name": "Acme Inc", "metadata": {"tier": "gold"}},
        before=(CUSTOMER,),
    ),
    Scenario("create-subscription", "create-subscription", subscription(), before=(CUSTOMER,)),
    Scenario(
        "create-subscription, with its customer",
        "create-subscription",
        subscription(customerName="Acme", salesforceAccountId=ACCOUNT),
        before=(),
    ),
    Scenario(
        "create-subscription-with-return-data, replacing",
        "create-subscription-with-return-data",
        subscription(planId="plan-starter"),
    ),
    Scenario(
        "create-subscription, to be paid first",
        "create-subscription",
        subscription(**TO_BE_PAID),
        before=(CUSTOMER,),
    ),
    Scenario("create-credit-grant", *CREDIT, before=(CUSTOMER,)),
    Scenario("void-credit-grant", "void-credit-grant", BY_RECORD, before=(CUSTOMER, CREDIT)),
    Scenario("grant-promotional-entitlement", *PROMOTION, before=(CUSTOMER,)),
    Scenario(
        "grant-promotional-entitlement, replacing",
        "grant-promotional-entitlement",
        promotion(period="1 year", usageLimit=5),
        before=(CUSTOMER, PROMOTION),
    ),
    Scenario(
        "revoke-promotional-entitlement",
        "revoke-promotional-entitlement",
        revocation(),
        before=(CUSTOMER, PROMOTION),
    ),
    Scenario("archive-customer", *ARCHIVE),
    Scenario("archive-customer, restored", "archive-customer", RESTORE, before=(CUSTOMER, ARCHIVE)),
    Scenario("provision-contract", "provision-contract", contract(ENTERPRISE, WORKSPACE), before=(CUSTOMER,)),
    Scenario(
        "provision-contract, with what is there",
        "provision-contract",
        contract(BY_RECORD, WORKSPACE | {"planId": "plan-workspace"}),
    ),
    Scenario(
        "provision-contract, changed",
        "provision-contract",
        contract(BY_RECORD, poNumber="PO-1"),
        before=(CUSTOMER, AGREED),
    ),
    Scenario("archive-contract", *ENDED, before=(CUSTOMER, AGREED)),
    Scenario("cancel-subscription", "cancel-subscription", BY_RECORD | {"cancelWhen": "now"}),
    Scenario(
        "cancel-subscription, later",
        "cancel-subscription",
        BY_RECORD | {"cancelWhen": "onDate", "endDate": "2099-12-31"},
    ),
    Scenario("update-subscription", "update-subscription", BY_RECORD | {"addons": SEATS}),
    Scenario(
        "update-subscription, of what Stigg does not show",
        "update-subscription",
        BY_RECORD | {"entitlements": SSO},
    ),
    Scenario("reschedule-cancellation", "reschedule-cancellation", BY_RECORD | {"cancellationDate": "2099-12-31"}),
    Scenario(
        "cancel-scheduled-update, a downgrade",
        "cancel-scheduled-update",
        BY_RECORD,
        before=(CUSTOMER, SOLD, ("downgrade-subscription", BY_RECORD | {"downgradeWhen": "endOfBillingPeriod"})),
    ),
    Scenario(
        "cancel-scheduled-update, unpaid",
        "cancel-scheduled-update",
        BY_RECORD,
        before=(CUSTOMER, CHARGED, ("update-subscription", BY_RECORD | {"addons": SEATS})),
    ),
    Scenario("mark-invoice-paid", "mark-invoice-paid", BY_RECORD, before=(CUSTOMER, INVOICED)),
    Scenario("set-subscription-metadata", "set-subscription-metadata", BY_RECORD | {"metadata": {"tier": "gold"}}),
    Scenario(
        "migrate-subscription, later",
        "migrate-subscription",
        BY_RECORD | {"migrateWhen": "endOfBillingPeriod"},
        outdated_plan="plan-growth",
    ),
    Scenario("transfer-subscription", "transfer-subscription", BY_RECORD | {"destinationResourceId": "site-2"}),
    Scenario(
        "delegate-subscription",
        "delegate-subscription",
        BY_RECORD | {"destinationCustomerId": "cust-globex"},
        before=(CUSTOMER, SOLD, GLOBEX),
    ),
    Scenario(
        "adopt-subscription, in place of another",
        "adopt-subscription",
        BY_RECORD | {"subscriptionId": "sub-of-the-app", "salesforceAccountId": ACCOUNT, "replaceMapping": True},
        sold_in_the_app=True,
    ),
    Scenario("import-customer", "import-customer", IMPORTED, before=()),
    Scenario("import-subscription", "import-subscription", IMPORTED_SOLD, before=(CUSTOMER,)),
    Scenario(
        "import-subscription, with its customer",
        "import-subscription",
        IMPORTED_SOLD | {"customerName": "Acme", "salesforceAccountId": ACCOUNT},
        before=(),
    ),
    Scenario("downgrade-subscription", "downgrade-subscription", BY_RECORD),
    Scenario("renew-subscription, in place", "renew-subscription", BY_RECORD | {"addons": SEATS}),
    Scenario(
        "renew-subscription, replacing, for a new line",
        "renew-subscription",
        BY_RECORD | {"planId": "plan-starter", "newSalesforceRecordId": RENEWAL_LINE},
    ),
]
"""Workflows and reports of usage are not shown by Stigg: they have rules and tests of their own."""
