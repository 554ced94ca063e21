"""The answer of preview-subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.models.preview_subscription import PreviewedSubscription, PreviewSubscription, Replaced
from stigg_actions.models.price import Price
from stigg_actions.storage.snapshot import Target
from stigg_actions.subscriptions import pricing
from stigg_actions.writes import customer_upsert

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.models.price import Blocker
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.subscriptions.pricing import Priced

_NOT_TERMS = {
    "correlationId",
    "faultOnError",
    "salesforceAccountId",
    "salesforceOrgId",
    "salesforceRecordId",
}
_NOTHING_TO_REPLACE = {"CUSTOMER_NOT_FOUND", "PLAN_NOT_FOUND", "NOT_FOUND_IN_STIGG"}


def preview(request: PreviewSubscription, deps: Deps) -> PreviewedSubscription:
    """Ask Stigg for the price, and read what would be replaced. A refusal is a blocker; other errors are raised."""
    org_id = request.salesforce_org_id or deps.settings.default_org_id
    customer_id = request.customer_id or _linked(request, org_id, deps)
    if customer_id is None:
        unlinked = customer_upsert.unlinked(
            request.salesforce_account_id, org_id=org_id, environment=deps.settings.environment
        )
        return _answer(request, Price(), [pricing.blocker(unlinked)], [])
    priced = pricing.price(deps.stigg, {"customerId": customer_id, **request.asked()})
    replaced = _replaced(request, priced, customer_id, deps)
    return _answer(request, priced.price, pricing.blockers(priced.blocker, replaced), replaced)


def _linked(request: PreviewSubscription, org_id: str, deps: Deps) -> str | None:
    return deps.ledger.snapshot(Target(org_id, account_id=request.salesforce_account_id), None).linked_customer_id


def _replaced(request: PreviewSubscription, priced: Priced, customer_id: str, deps: Deps) -> list[Subscription]:
    if priced.blocker and priced.blocker.code in _NOTHING_TO_REPLACE:
        return []
    trial = request.trial_override_configuration
    return pricing.replaced(
        deps.stigg,
        customer_id=customer_id,
        plan_id=request.plan_id,
        resource_id=request.resource_id,
        is_trial=trial is not None and trial.is_trial,
    )


def _answer(
    request: PreviewSubscription, price: Price, blockers: list[Blocker], replaced: list[Subscription]
) -> PreviewedSubscription:
    return PreviewedSubscription.model_validate(
        {
            **price.model_dump(exclude_none=True),
            "outcome": "previewed",
            "possible": not blockers,
            "blockers": blockers,
            "replaces": [_replaced_view(subscription) for subscription in replaced],
            "not_priced": pricing.not_priced(request.to_json_fields().keys() - _NOT_TERMS),
        }
    )


def _replaced_view(subscription: Subscription) -> Replaced:
    return Replaced.model_validate(
        {
            "subscription_id": subscription.id,
            "plan_id": subscription.plan_id,
            "salesforce_record_id": subscription.metadata.get("salesforceRecordId"),
            "status": subscription.status,
            "ends_at": subscription.cancellation_date,
        }
    )
