"""Salesforce ids and requests that the function tests share."""

from typing import Any

ACCOUNT = "001000000000001AAA"
OTHER_ACCOUNT = "001000000000002AAA"
LINE = "00k000000000001AAA"
OTHER_LINE = "00k000000000002AAA"
RENEWAL_LINE = "00k000000000003AAA"


def subscription(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a request
    """A subscription to the growth plan for a line of ``cust-acme``; None drops a field."""
    request = {
        "customerId": "cust-acme",
        "salesforceRecordId": LINE,
        "planId": "plan-growth",
        "billingPeriod": "MONTHLY",
        "paymentCollectionMethod": "NONE",
    }
    return {name: value for name, value in {**request, **changes}.items() if value is not None}


def grant(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of a request
    """A promotional grant of 100 tokens for a line of ``cust-acme``; None drops a field."""
    request = {
        "customerId": "cust-acme",
        "salesforceRecordId": LINE,
        "currencyId": "cred-type-tokens",
        "amount": 100,
        "displayName": "Welcome credits",
        "grantType": "PROMOTIONAL",
    }
    return {name: value for name, value in {**request, **changes}.items() if value is not None}
