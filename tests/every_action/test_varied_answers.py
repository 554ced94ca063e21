"""The actions with a Stigg that writes its answers in every way that its types allow."""

from typing import Any

import pytest

from tests.support.contracts import CONTRACT, ENTERPRISE, contract
from tests.support.harness import Harness
from tests.support.promotions import promotion, revocation
from tests.support.requests import ACCOUNT, LINE, OTHER_LINE, RENEWAL_LINE, current, grant, subscription, usage

LOSSLESS = ("null", "absent", "extra", "noPagination")
IMPORT = {
    "salesforceRecordId": OTHER_LINE,
    "customerId": "cust-initech",
    "planId": "plan-growth",
    "billingPeriod": "MONTHLY",
    "startDate": "2020-01-01",
}
SEATS = [{"id": "addon-seats", "quantity": 3}]
MONTHS = 40 * 24 * 3600
type Json = dict[str, Any]


def a_life(actions: Harness) -> list[Json]:
    """Take a customer's subscription through every action that reads it; return the answers."""
    record = {"salesforceRecordId": LINE}
    made = subscription(customerName="Acme", salesforceAccountId=ACCOUNT)
    return [
        actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "metadata": {"tier": "gold"}}),
        actions.ok("create-subscription-with-return-data", made),
        actions.ok("create-subscription-with-return-data", made),
        actions.ok("preview-subscription", {"customerId": "cust-acme", "planId": "plan-starter"}),
        actions.ok("update-subscription", {**record, "addons": SEATS, "entitlements": seats(20)}),
        actions.ok("update-subscription", {**record, "entitlements": seats(30)}),
        actions.ok("set-subscription-metadata", {**record, "metadata": {"tier": "silver"}}),
        actions.ok("get-subscription", record),
        actions.ok("get-customer", {"customerId": "cust-acme"}),
        actions.ok("reschedule-cancellation", {**record, "cancellationDate": "2099-12-31"}),
        actions.ok("reschedule-cancellation", {**record, "clear": True}),
        actions.ok("downgrade-subscription", {**record, "downgradeWhen": "endOfBillingPeriod"}),
        actions.ok("cancel-scheduled-update", record),
        actions.ok("mark-invoice-paid", record),
        actions.ok("create-credit-grant", grant()),
        actions.ok("void-credit-grant", record),
        actions.ok("report-usage", {**record, **usage()}),
        actions.ok("migrate-subscription", {**record, "migrateWhen": "now"}),
        actions.ok("grant-promotional-entitlement", promotion(featureId="feature-seats", usageLimit=2)),
        actions.ok("grant-promotional-entitlement", promotion(featureId="feature-seats", period="1 year")),
        actions.ok("revoke-promotional-entitlement", revocation(featureId="feature-seats")),
        actions.ok("transfer-subscription", {**record, "destinationResourceId": "site-2"}),
        actions.ok("adopt-subscription", {**record, "subscriptionId": current(actions, LINE)}),
        actions.ok("create-customer", {"customerId": "cust-globex", "name": "Globex"}),
        actions.invoke("import-customer", {"customerId": "cust-initech", "name": "Initech", "billingId": "cus_1"}),
        actions.invoke("import-customer", {"customerId": "cust-initech", "name": "Initrode"}),
        actions.invoke("import-subscription", IMPORT),
        actions.ok("delegate-subscription", {**record, "destinationCustomerId": "cust-globex"}),
        actions.ok("delegate-subscription", {**record, "destinationCustomerId": "cust-acme"}),
        actions.ok("renew-subscription", {**record, "planId": "plan-starter", "newSalesforceRecordId": RENEWAL_LINE}),
        actions.ok("downgrade-subscription", {"salesforceRecordId": RENEWAL_LINE}),
        actions.ok("cancel-subscription", {"salesforceRecordId": RENEWAL_LINE, "cancelWhen": "now"}),
        actions.ok("provision-contract", contract(ENTERPRISE)),
        actions.ok("provision-contract", contract(poNumber="PO-1")),
        actions.ok("archive-contract", {"salesforceRecordId": CONTRACT, "cancelSubscriptions": True}),
        actions.ok("archive-customer", {"customerId": "cust-acme"}),
        actions.ok("archive-customer", {"customerId": "cust-acme", "restore": True}),
        actions.invoke("reconcile", {}),
    ]


def seats(limit: int) -> list[Json]:
    """Return an entitlement to so many seats."""
    return [{"type": "FEATURE", "id": "feature-seats", "usageLimit": limit}]


def message(bodies: list[Json]) -> list[tuple[Any, ...]]:
    """Return of answers what does not change from run to run."""
    names = ("outcome", "status", "active", "planId", "addons", "decision", "changes", "archived", "mended", "complete")
    return [tuple(body.get(name) for name in names) for body in bodies]


@pytest.mark.parametrize("kinds", [*((kind,) for kind in LOSSLESS), LOSSLESS], ids=str)
def test_any_way_of_writing_the_same(actions: Harness, kinds: tuple[str, ...]) -> None:
    """Null, absent, empty or with fields that are new: the same answers of Stigg lead to the same answers here."""
    expected = message(a_life(actions))
    actions.tables.clear()
    actions.emulator.reset()
    actions.emulator.vary(*kinds, share=0.7, seed=5)
    bodies = a_life(actions)

    assert message(bodies) == expected
    statuses = sorted(one["status"] for one in actions.emulator.state()["subscriptions"])
    assert statuses == ["ACTIVE", *["CANCELED"] * 5]


@pytest.mark.parametrize("kinds", [("words",), ("requiredOnly",), ("words", "requiredOnly", "extra")], ids=str)
def test_answers_that_say_less(actions: Harness, kinds: tuple[str, ...]) -> None:
    """With words that are new, or required fields alone, whatever only reads still answers."""
    made = actions.ok("create-subscription-with-return-data", subscription(customerName="Acme"))
    actions.ok("update-subscription", {"salesforceRecordId": LINE, "addons": SEATS})
    actions.emulator.vary(*kinds, share=0.8, seed=2)

    shown = actions.ok("get-subscription", {"salesforceRecordId": LINE})
    priced = actions.ok("preview-subscription", {"customerId": "cust-acme", "planId": "plan-starter"})
    rehearsed = actions.ok("renew-subscription", {"salesforceRecordId": LINE, "addons": SEATS, "dryRun": True})
    reconciled = actions.invoke("reconcile", {})

    assert (shown["subscriptionId"], shown["active"]) == (made["subscriptionId"], True)
    assert priced["outcome"] == "previewed"
    assert rehearsed["decision"] in {"amend", "none"}
    assert (reconciled["subscriptionsUnreadable"], reconciled["complete"]) == (0, True)
