"""Salesforce ids and requests that the function tests share."""

from typing import Any

from tests.support.harness import Harness

ACCOUNT = "001000000000001AAA"
OTHER_ACCOUNT = "001000000000002AAA"
LINE = "00k000000000001AAA"
OTHER_LINE = "00k000000000002AAA"
RENEWAL_LINE = "00k000000000003AAA"


PAGE = {"successUrl": "https://acme.example/thanks", "cancelUrl": "https://acme.example/back"}
TO_BE_PAID = {"paymentCollectionMethod": "CHARGE", "checkoutOptions": PAGE}
"""What a payment page needs, and what makes one for a customer without a payment method."""


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


def usage(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Return a report of usage of a record."""
    named = {"customerId": "cust-acme", "salesforceRecordId": LINE, "featureId": "feature-api-calls", "value": 7.5}
    return {name: value for name, value in {**named, **fields}.items() if value is not None}


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


def sold(actions: Harness, **changes: Any) -> str:  # noqa: ANN401 - any field of a request
    """Provision the subscription of ``subscription()``, for a customer made on the way; return its id."""
    request = subscription(customerName="Acme", **changes)
    body = actions.ok("create-subscription-with-return-data", request)
    return str(body["subscriptionId"])


def sold_in_the_app(actions: Harness, subscription_id: str = "sub-of-the-app", **changes: Any) -> str:  # noqa: ANN401
    """Let somebody provision in Stigg's own app; return the id, of which the tables know nothing."""
    terms = {"customerId": "cust-acme", "planId": "plan-growth", "billingPeriod": "MONTHLY"}
    body = {"id": subscription_id, **terms, "paymentCollectionMethod": "NONE", **changes}
    if not actions.emulator.state()["customers"]:
        actions.stigg_app("POST", "/api/v1/customers", {"id": "cust-acme", "name": "Acme"})
    actions.stigg_app("POST", "/api/v1/subscriptions", body)
    return subscription_id


def in_stigg(actions: Harness, subscription_id: str) -> dict[str, Any]:
    """Return a subscription as Stigg has it."""
    (found,) = [one for one in actions.emulator.state()["subscriptions"] if one["id"] == subscription_id]
    return dict(found)


def current(actions: Harness, record_id: str = LINE) -> str | None:
    """Return the subscription that a record is mapped to now."""
    record = actions.mapping(record_id)
    return record.current.subscription_id if record and record.current else None


def upcoming(actions: Harness, record_id: str = LINE) -> str | None:
    """Return the subscription that follows a record's current one."""
    record = actions.mapping(record_id)
    return record.upcoming.subscription_id if record and record.upcoming else None


def mapped_status(actions: Harness, record_id: str = LINE) -> str | None:
    """Return the status of a record's subscription as the tables have it."""
    mapped = actions.mapping(record_id)
    return mapped.current.status if mapped and mapped.current else None
