"""Build the requests of the actions that provision the parts of an opportunity."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import RequestInvalid
from stigg_actions.models import parsing
from stigg_actions.models.create_credit_grant import CreateCreditGrant
from stigg_actions.models.create_customer import KEPT_FIELDS, CreateCustomer
from stigg_actions.models.renew_subscription import RenewSubscription
from stigg_actions.opportunities import amounts, credit_grants
from stigg_actions.opportunities.field_names import Names
from stigg_actions.opportunities.line_terms import term_of
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from stigg_actions.models.base import KeyedRequest
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.lines import Line


def with_end(request: ProvisionOpportunity, end: datetime | None) -> ProvisionOpportunity:
    """Return a deal with another end of its term; None leaves the end of a subscription as it is."""
    return request.model_copy(update={"end_date": end, "term_months": None})


def customer(request: ProvisionOpportunity) -> CreateCustomer:
    """Return the request for the account's customer, which keeps its fields unless ``updateCustomer`` is set."""
    body = {
        **call(request),
        "customerId": request.customer_id,
        "salesforceAccountId": request.salesforce_account_id,
        "name": request.customer_name,
        "email": request.customer_email,
        "billingCurrency": request.currency,
        "keepFields": ["billingCurrency"] if request.update_customer else list(KEPT_FIELDS),
    }
    return parsing.parse(CreateCustomer, drop_none(body))


def moved(request: ProvisionOpportunity, named: Mapping[str, str]) -> RenewSubscription:
    """Return the request that moves a subscription to another record with unchanged terms."""
    return parsing.parse(RenewSubscription, drop_none({**call(request), **named, "mode": "merge"}))


def grant(request: ProvisionOpportunity, line: Line, granted_as: str) -> CreateCreditGrant:
    """Return the request for a grant. Its key comes from the first line of the chain, so it is granted once."""
    item, term = line.item, term_of(request, line)
    body = {
        **owner(request, granted_as),
        "idempotencyKey": credit_grants.key(granted_as),
        "currencyId": item.stigg_id,
        "amount": item.quantity,
        "displayName": item.name or item.stigg_id,
        "grantType": item.grant_type,
        "effectiveAt": term.start and term.start.astimezone(UTC),
        "expireAt": term.end,
        "priority": item.priority,
        "resourceId": item.resource_id,
        "metadata": mark(request),
    }
    if item.grant_type == "PAID" and item.unit_price is not None and item.quantity is not None and request.currency:
        total = amounts.total(item.unit_price, item.quantity, request.currency)
        body["cost"] = {"amount": total, "currency": request.currency}
        body["paymentCollectionMethod"] = request.payment_collection_method
    return parsed(CreateCreditGrant, body, Names(request, line))


def call(request: ProvisionOpportunity) -> dict[str, Any]:
    """Return the fields of the call: the org, and ``asOf`` unless the deal is reapplied."""
    return {"salesforceOrgId": request.salesforce_org_id, "asOf": None if request.reapply else request.as_of}


def start_of(request: ProvisionOpportunity) -> datetime | None:
    """Return the start of the term in UTC, in which it is sent and stored."""
    return None if request.start_date is None else request.start_date.astimezone(UTC)


def owner(request: ProvisionOpportunity, record_id: str) -> dict[str, Any]:
    """Return the fields of the call, with the record and the account that a subscription or grant is for."""
    return {
        **call(request),
        "salesforceRecordId": record_id,
        "salesforceAccountId": request.salesforce_account_id,
    }


def mark(request: ProvisionOpportunity) -> dict[str, str]:
    """Return the metadata that name the opportunity."""
    return {"salesforceOpportunityId": request.salesforce_opportunity_id}


def parsed[Request: KeyedRequest](model: type[Request], body: Mapping[str, Any], names: Names) -> Request:
    """Parse a request, and report its problems under the caller's field names."""
    try:
        return parsing.parse(model, drop_none(body))
    except RequestInvalid as error:
        raise names.of_caller(error) from None
