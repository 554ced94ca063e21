"""The emulator accepts exactly the request fields that the official SDK's parameter types have."""

import pytest
from stigg.types import v1
from stigg.types.v1.credits import CustomCurrencyListParams, GrantCreateParams, GrantListParams
from stigg.types.v1.customers import (
    PaymentMethodAttachParams,
    PromotionalEntitlementCreateParams,
    PromotionalEntitlementListParams,
)

from local.stigg_emulator.shapes import contracts, customers, imports, promotions, queries, subscriptions, usage
from local.stigg_emulator.shapes import credits as grants
from local.stigg_emulator.shapes.fields import Record
from tests.contract.sdk_shapes import body_problems, plain_record, sdk_record

BODIES = {
    "customer provision": (customers.PROVISION, v1.CustomerProvisionParams),
    "customer update": (customers.UPDATE, v1.CustomerUpdateParams),
    "payment method": (customers.ATTACH_PAYMENT_METHOD, PaymentMethodAttachParams),
    "subscription provision": (subscriptions.PROVISION, v1.SubscriptionProvisionParams),
    "subscription preview": (subscriptions.PREVIEW, v1.SubscriptionPreviewParams),
    "subscription update": (subscriptions.UPDATE, v1.SubscriptionUpdateParams),
    "subscription cancel": (subscriptions.CANCEL, v1.SubscriptionCancelParams),
    "subscription transfer": (subscriptions.TRANSFER, v1.SubscriptionTransferParams),
    "subscription delegate": (subscriptions.DELEGATE, v1.SubscriptionDelegateParams),
    "credit grant": (grants.GRANT, GrantCreateParams),
    "contract create": (contracts.CREATE, v1.ContractCreateParams),
    "contract update": (contracts.UPDATE, v1.ContractUpdateParams),
    "customer import": (imports.CUSTOMERS, v1.CustomerImportParams),
    "subscription import": (imports.SUBSCRIPTIONS, v1.SubscriptionImportParams),
    "usage": (usage.REPORTS, v1.UsageReportParams),
    "promotional entitlement": (promotions.GRANT, PromotionalEntitlementCreateParams),
}
QUERIES = {
    "customers": (queries.CUSTOMERS, v1.CustomerListParams),
    "subscriptions": (queries.SUBSCRIPTIONS, v1.SubscriptionListParams),
    "invoices": (queries.INVOICES, v1.CustomerListInvoicesParams),
    "entitlements": (queries.ENTITLEMENTS, v1.CustomerRetrieveEntitlementsParams),
    "grants": (queries.GRANTS, GrantListParams),
    "promotional entitlements": (queries.PROMOTIONS, PromotionalEntitlementListParams),
    "plans": (queries.PACKAGES, v1.PlanListParams),
    "addons": (queries.PACKAGES, v1.AddonListParams),
    "features": (queries.FEATURES, v1.FeatureListFeaturesParams),
    "currencies": (queries.CURRENCIES, CustomCurrencyListParams),
}


@pytest.mark.parametrize(("shape", "params"), BODIES.values(), ids=BODIES)
def test_bodies(shape: Record, params: type) -> None:
    """Names, types, enums, what is required and what is nullable are the SDK's, at every depth."""
    expected = plain_record(sdk_record(params))

    assert expected == plain_record(shape)


@pytest.mark.parametrize(("names", "params"), QUERIES.values(), ids=QUERIES)
def test_query_strings(names: frozenset[str], params: type) -> None:
    """Lists take the filters that the SDK has, ranges in brackets."""
    expected = set()
    for name, field in sdk_record(params).fields.items():
        expected |= {f"{name}[{operator}]" for operator in field.fields} if isinstance(field, Record) else {name}

    assert expected == names


def test_fitting_body() -> None:
    """A body that the SDK could send has no problems."""
    body = {
        "customerId": "acme",
        "planId": "plan-growth",
        "addons": [{"id": "addon-seats", "quantity": 2}],
        "entitlements": [
            {"type": "FEATURE", "id": "feature-seats", "usageLimit": 20},
            {"type": "CREDIT", "id": "cred-type-tokens", "amount": 1.5, "cadence": "MONTH"},
        ],
        "minimumSpend": None,
        "startDate": "2030-01-01T00:00:00Z",
    }

    assert body_problems(v1.SubscriptionProvisionParams, body) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"planID": "x"}, "property planID should not exist"),
        ({"addons": [{"id": "addon-seats"}]}, "addons[0].quantity is required"),
        ({"addons": [{"id": "addon-seats", "quantity": 1.5}]}, "addons[0].quantity must be an integer"),
        ({"billingPeriod": None}, "billingPeriod must be one of the following values: MONTHLY, ANNUALLY"),
        ({"startDate": "2030-01-01"}, "startDate must be an ISO 8601 date-time"),
        ({"metadata": {"seats": 3}}, "metadata.seats must be a string"),
        (
            {"entitlements": [{"type": "SEAT"}]},
            "entitlements[0].type must be one of the following values: FEATURE, CREDIT",
        ),
    ],
)
def test_misfitting_body(change: dict[str, object], problem: str) -> None:
    """Each thing that the SDK's types do not allow is named with its path."""
    body = {"customerId": "acme", "planId": "plan-growth", **change}

    assert [problem] == body_problems(v1.SubscriptionProvisionParams, body)


def test_missing_field() -> None:
    """A required field that is absent is named."""
    assert body_problems(v1.SubscriptionProvisionParams, {"customerId": "acme"}) == ["planId is required"]
