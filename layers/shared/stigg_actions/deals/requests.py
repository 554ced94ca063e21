"""From a part of an opportunity to the request of the action that provisions it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json, parsing
from stigg_actions.deals.sorting import overrides_price
from stigg_actions.errors import RequestInvalid
from stigg_actions.models.credits import CreateCreditGrant
from stigg_actions.models.customers import CreateCustomer
from stigg_actions.models.opportunities import ADDON
from stigg_actions.models.renewals import RenewSubscription
from stigg_actions.models.subscriptions import CreateSubscription
from stigg_actions.shown import given

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stigg_actions.deals.sorting import Line, PlanPart
    from stigg_actions.mappings import NotedLine
    from stigg_actions.models.base import KeyedRequest
    from stigg_actions.models.opportunities import ProvisionOpportunity

_CADENCES = {"MONTHLY": "MONTH", "ANNUALLY": "YEAR"}
_FIXED = ("paymentCollectionMethod", "unitQuantity")
"""What only a new subscription can be given, so that it is asked for where it is not what was given last."""


def customer(request: ProvisionOpportunity) -> CreateCustomer:
    """Return the request for the customer of the account. Raises RequestInvalid, as all of these do."""
    body = {
        "customerId": request.customer_id,
        "salesforceAccountId": request.salesforce_account_id,
        "salesforceOrgId": request.salesforce_org_id,
        "name": request.customer_name,
        "email": request.customer_email,
        "billingCurrency": request.currency,
    }
    return parsing.parse(CreateCustomer, given(body))


def subscription(request: ProvisionOpportunity, part: PlanPart) -> CreateSubscription:
    """Return the request for a subscription of a line that has none yet."""
    body = {
        **_owner(request, part.plan),
        **_terms(request, part),
        "resourceId": part.plan.item.resource_id,
        "startDate": request.start_date,
    }
    body["unitQuantity"] = None if body["unitQuantity"] == 1 else body["unitQuantity"]
    return _parsed(CreateSubscription, body, part.plan)


def renewal(
    request: ProvisionOpportunity, part: PlanPart, last_given: Mapping[str, Any], former: Sequence[NotedLine]
) -> RenewSubscription:
    """Return the request that brings a line's subscription to what the line wants, and keeps what no line speaks of.

    What changed lines were before is removed.
    A start is moved only if it was given before: what took the place of another plan has its own.
    """
    body = _terms(request, part)
    starts = "startDate" in last_given and not _same(last_given["startDate"], request.start_date)
    unit = {"unitQuantity": 1, **last_given}
    as_before = [name for name in _FIXED if _same(unit.get(name), body[name])]
    body |= {"startDate": request.start_date if starts else None, **dict.fromkeys(as_before)}
    body["removeAddons"] = _ids(line for line in former if line.stigg_type == ADDON)
    body["removeEntitlements"] = _ids(line for line in former if line.stigg_type != ADDON)
    named = {"salesforceRecordId": part.plan.id, "salesforceOrgId": request.salesforce_org_id, "mode": "merge"}
    return _parsed(RenewSubscription, {**named, **body}, part.plan)


def grant(request: ProvisionOpportunity, line: Line) -> CreateCreditGrant:
    """Return the request for a grant. Its key is the line's: whatever is changed in the line, it is granted once."""
    item = line.item
    body = {
        **_owner(request, line),
        "idempotencyKey": f"provision-opportunity {line.id}",
        "currencyId": item.stigg_id,
        "amount": item.quantity,
        "displayName": item.name or item.stigg_id,
        "grantType": item.grant_type,
        "effectiveAt": request.start_date,
        "expireAt": request.ends_at,
        "priority": item.priority,
        "resourceId": item.resource_id,
        "metadata": _mark(request),
    }
    if item.grant_type == "PAID" and item.unit_price is not None and item.quantity is not None:
        body["cost"] = {"amount": item.unit_price * item.quantity, "currency": request.currency}
        body["paymentCollectionMethod"] = request.payment_collection_method
    return _parsed(CreateCreditGrant, body, line)


def _owner(request: ProvisionOpportunity, line: Line) -> dict[str, Any]:
    return {
        "salesforceRecordId": line.id,
        "salesforceAccountId": request.salesforce_account_id,
        "salesforceOrgId": request.salesforce_org_id,
    }


def _mark(request: ProvisionOpportunity) -> dict[str, str]:
    return {"salesforceOpportunityId": request.salesforce_opportunity_id}


def _terms(request: ProvisionOpportunity, part: PlanPart) -> dict[str, Any]:
    """Return the terms of a plan's subscription, whether it is new or not; None: the lines do not speak of it."""
    plan = part.plan.item
    price = {"amount": plan.unit_price, "currency": request.currency} if overrides_price(request, part.plan) else None
    return {
        "planId": plan.stigg_id,
        "billingPeriod": plan.billing_period or request.billing_period,
        "cancellationDate": request.ends_at,
        "paymentCollectionMethod": request.payment_collection_method,
        "checkoutOptions": request.checkout_options.wire() if request.checkout_options else None,
        "unitQuantity": plan.quantity,
        "planBaseChargeOverride": price,
        "addons": [_addon(line) for line in part.attached if line.item.stigg_type == ADDON] or None,
        "entitlements": _entitlements(request, part) or None,
        "metadata": _mark(request),
    }


def _addon(line: Line) -> dict[str, Any]:
    return {"id": line.item.stigg_id, "quantity": line.item.quantity or 1}


def _entitlements(request: ProvisionOpportunity, part: PlanPart) -> list[dict[str, Any]]:
    lines = [line for line in part.attached if line.item.stigg_type != ADDON]
    return [given(_credits(request, line, part) if line.item.credit_currency_id else _feature(line)) for line in lines]


def _feature(line: Line) -> dict[str, Any]:
    item = line.item
    unlimited = item.on_off_feature or item.has_unlimited_usage
    return {
        "type": "FEATURE",
        "id": item.stigg_id,
        "usageLimit": None if unlimited else item.quantity,
        "hasUnlimitedUsage": item.has_unlimited_usage,
        "hasSoftLimit": item.has_soft_limit,
        "resetPeriod": item.reset_period,
    }


def _credits(request: ProvisionOpportunity, line: Line, part: PlanPart) -> dict[str, Any]:
    item = line.item
    period = item.billing_period or part.plan.item.billing_period or request.billing_period
    cadence = item.cadence or _CADENCES.get(str(period))
    if cadence is None:
        raise RequestInvalid([line.problem("cadence", "is required for credits of a plan without a billingPeriod")])
    return {
        "type": "CREDIT",
        "id": item.stigg_id,
        "amount": item.quantity,
        "cadence": cadence,
        "hasSoftLimit": item.has_soft_limit,
    }


def _ids(former: Iterable[NotedLine]) -> list[str] | None:
    return sorted({line.stigg_id for line in former}) or None


def _same(one: object, other: object) -> bool:
    """Whether two terms are the same on the wire."""
    return decimal_json.dumps(one) == decimal_json.dumps(other)


def _parsed[Request: KeyedRequest](model: type[Request], body: Mapping[str, Any], line: Line) -> Request:
    """Make a request; what is wrong with it is wrong with the line."""
    try:
        return parsing.parse(model, given(body))
    except RequestInvalid as error:
        raise RequestInvalid([line.problem(found.field, found.problem) for found in error.details]) from None
