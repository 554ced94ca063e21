"""Translate field names: the caller sent an opportunity, but a part fails with the names of another action's request.

Every problem of a part is reported under the field that the caller sent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stigg_actions.errors import Problem, RequestInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.lines import Line

OF_THE_LINE = {
    "amount": "quantity",
    "billingPeriod": "billingPeriod",
    "cost": "unitPrice",
    "currencyId": "stiggId",
    "displayName": "name",
    "grantType": "grantType",
    "planBaseChargeOverride": "unitPrice",
    "planId": "stiggId",
    "priceOverrides": "unitPrice",
    "priority": "priority",
    "resourceId": "resourceId",
    "newSalesforceRecordId": "salesforceLineItemId",
    "salesforceRecordId": "salesforceLineItemId",
    "subscriptionId": "subscriptionId",
    "unitQuantity": "quantity",
}
"""Fields of a plan or grant, with the line field that each comes from."""

OF_THE_REQUEST = {
    "asOf": "asOf",
    "billingCurrency": "currency",
    "cancellationDate": "endDate",
    "checkoutOptions": "checkoutOptions",
    "cost.currency": "currency",
    "customerId": "customerId",
    "effectiveAt": "startDate",
    "email": "customerEmail",
    "expireAt": "endDate",
    "metadata": "salesforceOpportunityId",
    "name": "customerName",
    "paymentCollectionMethod": "paymentCollectionMethod",
    "planBaseChargeOverride.currency": "currency",
    "salesforceAccountId": "salesforceAccountId",
    "salesforceOrgId": "salesforceOrgId",
    "startDate": "startDate",
}
"""Fields that come from the opportunity, with its field names."""

OF_A_TERM = {
    "cancellationDate": "endDate",
    "effectiveAt": "startDate",
    "expireAt": "endDate",
    "startDate": "startDate",
}
"""Fields that come from the line if it has dates of its own, with the line field that each comes from."""

OF_AN_ITEM = {
    "amount": "quantity",
    "cadence": "cadence",
    "hasSoftLimit": "hasSoftLimit",
    "hasUnlimitedUsage": "hasUnlimitedUsage",
    "id": "stiggId",
    "quantity": "quantity",
    "resetPeriod": "resetPeriod",
    "type": "stiggType",
    "usageLimit": "quantity",
}
"""Fields of an add-on or entitlement, with the line field that each comes from."""

_LISTS = {"addons", "entitlements", "removeAddons", "removeEntitlements"}
_GIVE_ALL = "Give each of them a line of its own"
_ITEM = re.compile(r"(addons|entitlements)\[(\d+)\](?:\.(\w+))?.*")


class Names:
    """The names for one part: its line, and the lines behind each of its lists."""

    def __init__(self, request: ProvisionOpportunity, line: Line, **lists: Sequence[Line]) -> None:
        self._request = request
        self._line = line
        self._lists = lists

    def of_caller(self, error: RequestInvalid) -> RequestInvalid:
        """Return an error of a part under the caller's field names."""
        return RequestInvalid([self._of_caller(problem) for problem in error.details])

    def _of_caller(self, problem: Problem) -> Problem:
        field, (head, _, _) = problem.field, problem.field.partition(".")
        item = _ITEM.fullmatch(field)
        if item is not None:
            return self._of_item(item[1], int(item[2]), item[3], problem)
        if head in OF_A_TERM and self._line.item.has_dates:
            return self._line.problem(OF_A_TERM[head], problem.problem)
        if (known := field if field in OF_THE_REQUEST else head) in OF_THE_REQUEST:
            return Problem(of_request(self._request, known), problem.problem)
        if head in OF_THE_LINE:
            return self._line.problem(OF_THE_LINE[head], problem.problem)
        if head in _LISTS:
            return Problem("lineItems", f"{problem.problem.partition('. ')[0]}. {_GIVE_ALL}")
        return Problem(f"lineItems[{self._line.position}]", problem.problem)

    def _of_item(self, name: str, index: int, own: str | None, problem: Problem) -> Problem:
        line = self._lists[name][index]
        return line.problem(OF_AN_ITEM.get(own or "id", "stiggId"), problem.problem)


def of_request(request: ProvisionOpportunity, field: str) -> str:
    """Return the opportunity field that a part's field comes from."""
    name = OF_THE_REQUEST[field]
    return "termMonths" if name == "endDate" and request.end_date is None else name


def of_customer(request: ProvisionOpportunity, error: RequestInvalid) -> RequestInvalid:
    """Return an error of the customer under the caller's field names."""
    heads = [re.split(r"[.\[]", problem.field)[0] for problem in error.details]
    names = [of_request(request, head) if head in OF_THE_REQUEST else head for head in heads]
    return RequestInvalid([Problem(name, problem.problem) for name, problem in zip(names, error.details, strict=True)])
