"""Build the requests of the actions that provision the parts of an opportunity."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.errors import RequestInvalid
from stigg_actions.models import parsing
from stigg_actions.models.create_credit_grant import CreateCreditGrant
from stigg_actions.models.create_customer import KEPT_FIELDS, CreateCustomer
from stigg_actions.models.create_subscription import CreateSubscription
from stigg_actions.models.provision_opportunity import ADDON
from stigg_actions.models.renew_subscription import RenewSubscription
from stigg_actions.opportunities import amounts, credit_grants
from stigg_actions.opportunities.field_names import Names
from stigg_actions.opportunities.line_terms import term_of
from stigg_actions.opportunities.lines import overrides_price
from stigg_actions.storage.operation import fingerprint
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from stigg_actions.models.base import KeyedRequest
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.lines import Line, PlanPart
    from stigg_actions.storage.opportunity_lines import NotedLine

_CADENCES = {"MONTHLY": "MONTH", "ANNUALLY": "YEAR"}
_FIXED = ("paymentCollectionMethod", "unitQuantity")
"""Fields that only a new subscription can be given. They are sent only if they differ from the last ones."""
_OF_THE_TERM = {"cancellationDate", "metadata"}
"""Terms that do not depend on the segment."""
_NO_TERMS = {"checkoutOptions", "customerId", "metadata", "salesforceAccountId", "salesforceRecordId"}
"""Fields of the request for a new subscription that are no terms of it."""


class Wanted(NamedTuple):
    """A plan's subscription as a deal requests it, with the unchanged add-ons of refused lines.

    ``record_id``: its record, if that is not the plan's line. ``only_its_end``: a renewal changes only its end.
    """

    request: ProvisionOpportunity
    part: PlanPart
    refused_addons: Sequence[NotedLine] = ()
    record_id: str | None = None
    only_its_end: bool = False

    @property
    def names(self) -> Names:
        """The caller's names for the fields of this part."""
        return Names(self.request, self.part.plan, addons=self.addon_lines, entitlements=self.entitlement_lines)

    @property
    def addon_lines(self) -> list[Line]:
        """The lines of the plan's add-ons."""
        return [line for line in self.part.attached if line.item.stigg_type == ADDON]

    @property
    def entitlement_lines(self) -> list[Line]:
        """The lines of the plan's entitlements."""
        return [line for line in self.part.attached if line.item.stigg_type != ADDON]

    def subscription(self) -> CreateSubscription:
        """Return the request for a new subscription. Raises RequestInvalid, as the other requests do."""
        terms = self._terms()
        body = {
            **_owner(self.request, self.record_id or self.part.plan.id),
            **terms,
            "unitQuantity": None if terms["unitQuantity"] == 1 else terms["unitQuantity"],
            "resourceId": self.part.plan.item.resource_id,
            "startDate": _start(self.request),
        }
        return _parsed(CreateSubscription, body, self.names)

    def wish(self) -> str:
        """Return the digest of the requested terms, which does not depend on the call."""
        canonical = self.subscription().canonical()
        return fingerprint({name: value for name, value in canonical.items() if name not in _NO_TERMS})

    def renewal(
        self, named: Mapping[str, str], last_given: Mapping[str, Any], former: Sequence[NotedLine] = ()
    ) -> RenewSubscription:
        """Return the request that renews a subscription to the requested terms and keeps terms that no line gives.

        ``named`` are the fields that name the subscription and its new record. The earlier content of changed lines
        is removed. The start is changed only if it was given before: a replacement has a start of its own.
        """
        body, start = self._terms(), _start(self.request)
        if self.only_its_end:
            body = {name: body[name] if name in _OF_THE_TERM else None for name in body}
        starts = "startDate" in last_given and not _same(last_given["startDate"], start)
        unit = {"unitQuantity": 1, **last_given}
        as_before = [name for name in _FIXED if _same(unit.get(name), body[name])]
        body |= {"startDate": start if starts else None, **dict.fromkeys(as_before)}
        body["removeAddons"] = _ids(line for line in former if line.stigg_type == ADDON)
        body["removeEntitlements"] = _ids(line for line in former if line.stigg_type != ADDON)
        return _parsed(RenewSubscription, {**_call(self.request), **named, "mode": "merge", **body}, self.names)

    def _terms(self) -> dict[str, Any]:
        """Return the terms of the subscription, new or not. None stands for a term that no line gives."""
        request, plan = self.request, self.part.plan.item
        price = {"amount": plan.unit_price, "currency": request.currency}
        addons = [{"id": line.item.stigg_id, "quantity": line.item.quantity} for line in self.addon_lines]
        addons += [{"id": line.stigg_id, "quantity": line.quantity} for line in self.refused_addons]
        return {
            "planId": plan.stigg_id,
            "billingPeriod": plan.billing_period or request.billing_period,
            "cancellationDate": request.ends_at,
            "paymentCollectionMethod": request.payment_collection_method,
            "checkoutOptions": request.checkout_options.to_json_fields() if request.checkout_options else None,
            "unitQuantity": plan.quantity,
            "planBaseChargeOverride": price if overrides_price(request, self.part.plan) else None,
            "addons": addons or None,
            "entitlements": [drop_none(self._entitlement(line)) for line in self.entitlement_lines] or None,
            "metadata": _mark(request),
        }

    def _entitlement(self, line: Line) -> dict[str, Any]:
        return self._credits(line) if line.item.credit_currency_id else _feature(line)

    def _credits(self, line: Line) -> dict[str, Any]:
        item = line.item
        period = item.billing_period or self.part.plan.item.billing_period or self.request.billing_period
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


def customer(request: ProvisionOpportunity) -> CreateCustomer:
    """Return the request for the account's customer, which keeps its fields unless ``updateCustomer`` is set."""
    body = {
        **_call(request),
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
    return parsing.parse(
        RenewSubscription, drop_none({"salesforceOrgId": request.salesforce_org_id, **named, "mode": "merge"})
    )


def grant(request: ProvisionOpportunity, line: Line, granted_as: str) -> CreateCreditGrant:
    """Return the request for a grant. Its key comes from the first line of the chain, so it is granted once."""
    item, term = line.item, term_of(request, line)
    body = {
        **_owner(request, granted_as),
        "idempotencyKey": credit_grants.key(granted_as),
        "currencyId": item.stigg_id,
        "amount": item.quantity,
        "displayName": item.name or item.stigg_id,
        "grantType": item.grant_type,
        "effectiveAt": term.start and term.start.astimezone(UTC),
        "expireAt": term.end,
        "priority": item.priority,
        "resourceId": item.resource_id,
        "metadata": _mark(request),
    }
    if item.grant_type == "PAID" and item.unit_price is not None and item.quantity is not None and request.currency:
        total = amounts.total(item.unit_price, item.quantity, request.currency)
        body["cost"] = {"amount": total, "currency": request.currency}
        body["paymentCollectionMethod"] = request.payment_collection_method
    return _parsed(CreateCreditGrant, body, Names(request, line))


def _call(request: ProvisionOpportunity) -> dict[str, Any]:
    """Return the fields of the call: the org, and ``asOf`` unless the deal is reapplied."""
    return {"salesforceOrgId": request.salesforce_org_id, "asOf": None if request.reapply else request.as_of}


def _start(request: ProvisionOpportunity) -> datetime | None:
    """Return the start of the term in UTC, in which it is sent and stored."""
    return None if request.start_date is None else request.start_date.astimezone(UTC)


def _owner(request: ProvisionOpportunity, record_id: str) -> dict[str, Any]:
    return {
        **_call(request),
        "salesforceRecordId": record_id,
        "salesforceAccountId": request.salesforce_account_id,
    }


def _mark(request: ProvisionOpportunity) -> dict[str, str]:
    return {"salesforceOpportunityId": request.salesforce_opportunity_id}


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


def _ids(former: Iterable[NotedLine]) -> list[str] | None:
    return sorted({line.stigg_id for line in former}) or None


def _same(before: object, after: object) -> bool:
    """Whether two terms are the same in JSON."""
    return decimal_json.dumps(before) == decimal_json.dumps(after)


def _parsed[Request: KeyedRequest](model: type[Request], body: Mapping[str, Any], names: Names) -> Request:
    """Parse a request, and report its problems under the caller's field names."""
    try:
        return parsing.parse(model, drop_none(body))
    except RequestInvalid as error:
        raise names.of_caller(error) from None
