"""A plan's subscription as a deal requests it, and the requests that sell or renew it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.errors import RequestInvalid
from stigg_actions.models.create_subscription import CreateSubscription
from stigg_actions.models.provision_opportunity import ADDON
from stigg_actions.models.renew_subscription import RenewSubscription
from stigg_actions.opportunities import discounts, requests, trials
from stigg_actions.opportunities.field_names import Names
from stigg_actions.opportunities.lines import overrides_price
from stigg_actions.storage.operation import fingerprint
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    """A plan's subscription as a deal requests it ``now``, with the unchanged add-ons of refused lines.

    ``running`` are the entitlements, by id, of which a line changes only what it gives. ``record_id``: its record, if
    that is not the plan's line. ``only_its_end``: a renewal changes only its end.
    """

    request: ProvisionOpportunity
    part: PlanPart
    refused_addons: Sequence[NotedLine] = ()
    now: float = 0
    running: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
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

    @property
    def coupon(self) -> dict[str, Any] | None:
        """The coupon of the subscription, if the deal has a discount."""
        return discounts.coupon(self.request, self.part.plan)

    def subscription(self) -> CreateSubscription:
        """Return the request for a new subscription. Raises RequestInvalid, as the other requests do."""
        terms = self._terms()
        body = {
            **requests.owner(self.request, self.record_id or self.part.plan.id),
            **terms,
            "unitQuantity": None if terms["unitQuantity"] == 1 else terms["unitQuantity"],
            "resourceId": self.part.plan.item.resource_id,
            "startDate": requests.start_of(self.request),
        }
        return requests.parsed(CreateSubscription, body, self.names)

    def wish(self, ended: Iterable[NotedLine] = ()) -> str:
        """Return the digest of the requested terms and of the removed lines to end. It does not depend on the call."""
        canonical = self.subscription().canonical()
        removed = sorted({(line.stigg_type, line.stigg_id) for line in ended})
        left_out = {*_NO_TERMS, *(("cancellationDate",) if self.part.co_terminates else ())}
        terms = {name: value for name, value in canonical.items() if name not in left_out}
        ends = {"coTerminate": True} if self.part.co_terminates else {}
        return fingerprint({**terms, **ends, **({"removed": removed} if removed else {})})

    def renewal(
        self, named: Mapping[str, str], last_given: Mapping[str, Any], former: Sequence[NotedLine] = ()
    ) -> RenewSubscription:
        """Return the request that renews a subscription to the requested terms and keeps terms that no line gives.

        ``named`` are the fields that name the subscription and its new record. The earlier content of changed lines
        is removed. The start is changed only if it was given before: a replacement has a start of its own.
        """
        body, start = self._terms(), requests.start_of(self.request)
        if self.only_its_end:
            body = {name: body[name] if name in _OF_THE_TERM else None for name in body}
        becomes_paid = trials.becomes_paid(last_given, body["trialOverrideConfiguration"])
        starts = becomes_paid or ("startDate" in last_given and not _same(last_given["startDate"], start))
        unit = {"unitQuantity": 1, **last_given}
        as_before = [name for name in _FIXED if _same(unit.get(name), body[name])]
        body |= {"startDate": start if starts else None, **dict.fromkeys(as_before)}
        body |= {"trialOverrideConfiguration": {"isTrial": False}} if becomes_paid else {}
        body |= {"appliedCoupon": None} if discounts.is_over(self.request, self.part.plan, self.now) else {}
        body["removeAddons"] = _ids(line for line in former if line.stigg_type == ADDON)
        body["removeEntitlements"] = _ids(line for line in former if line.stigg_type != ADDON)
        body |= {**requests.call(self.request), **named, "mode": "merge"}
        return requests.parsed(RenewSubscription, body, self.names)

    def _terms(self) -> dict[str, Any]:
        """Return the terms of the subscription, new or not. None stands for a term that no line gives."""
        request, plan, trial = self.request, self.part.plan.item, trials.configuration(self.request, self.part.plan)
        price = {"amount": plan.unit_price, "currency": request.currency}
        addons = [{"id": line.item.stigg_id, "quantity": line.item.quantity} for line in self.addon_lines]
        addons += [{"id": line.stigg_id, "quantity": line.quantity} for line in self.refused_addons]
        return {
            "planId": plan.stigg_id,
            "billingPeriod": plan.billing_period or request.billing_period,
            "cancellationDate": None if _is_canceled(trial) else request.ends_at,
            "paymentCollectionMethod": request.payment_collection_method,
            "checkoutOptions": request.checkout_options.to_json_fields() if request.checkout_options else None,
            "unitQuantity": plan.quantity,
            "planBaseChargeOverride": price if overrides_price(request, self.part.plan) else None,
            "appliedCoupon": self.coupon,
            "trialOverrideConfiguration": trial,
            "addons": addons or None,
            "entitlements": [self._entitlement(line) for line in self.entitlement_lines] or None,
            "metadata": requests.mark(request),
        }

    def _entitlement(self, line: Line) -> dict[str, Any]:
        given = self._credits(line) if line.item.credit_currency_id else _feature(line)
        return {**self.running.get(str(line.item.stigg_id), {}), **drop_none(given)}

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


def _is_canceled(trial: Mapping[str, Any] | None) -> bool:
    """Whether a subscription ends with its trial, so that no other end is sent."""
    return trial is not None and trial["trialEndBehavior"] == "CANCEL_SUBSCRIPTION"


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
