"""Requests for contracts that the tests share."""

from typing import Any

from tests.support.requests import LINE, OTHER_LINE

CONTRACT = "800000000000001AAA"
CONTRACT_ID = f"contract-00D000000000001EAA-{CONTRACT}"
ENTERPRISE = {"salesforceRecordId": LINE, "planId": "plan-enterprise"}
WORKSPACE = {
    "salesforceRecordId": OTHER_LINE,
    "planId": "plan-workspace",
    "resourceId": "desk",
    "billingPeriod": "MONTHLY",
    "paymentCollectionMethod": "NONE",
}


def contract(*subscriptions: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a request
    """A contract of ``cust-acme`` with these subscriptions, if any; None drops a field."""
    request = {
        "customerId": "cust-acme",
        "salesforceRecordId": CONTRACT,
        "name": "Acme 2026",
        "setupBilling": True,
        "subscriptions": list(subscriptions) or None,
    }
    return {name: value for name, value in {**request, **changes}.items() if value is not None}
