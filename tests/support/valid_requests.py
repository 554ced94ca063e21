"""Requests that use every field there is, and strategies that spoil them."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.support.fakes import CUSTOM_PLAN, HELD, HELD_CONTRACT, HELD_FEATURE, HELD_FOR, HELD_GRANT

type Body = dict[str, Any]

CALL = {
    "salesforceOrgId": "00D000000000001",
    "correlationId": "flow-17",
    "faultOnError": True,
    "idempotencyKey": "order 17",
    "salesforceRecordId": "a0D30000001n7Pi",
    "salesforceAccountId": "0019000000B98de",
}
MONEY = {"amount": 49.9, "currency": "USD"}
ADDRESS = {
    "line1": "1 Main Street",
    "line2": "2nd floor",
    "city": "Berlin",
    "state": "BE",
    "postalCode": "10115",
    "country": "DE",
}
TAX_IDS = [{"type": "eu_vat", "value": "DE123"}]
PAIRS = [{"key": "tier", "value": "gold"}]
DISCOUNT = {"name": "Launch", "description": "For early birds", "durationInMonths": 3}
FEATURE = {"type": "FEATURE", "hasSoftLimit": False, "usageLimit": 20}

SUBSCRIPTION: Body = {
    **CALL,
    "customerId": "acme",
    "customerName": "Acme",
    "customerEmail": "jane.doe@acme.example",
    "planId": "plan-growth",
    "planBaseChargeOverride": MONEY,
    "resourceId": "site-1",
    "billingPeriod": "Monthly",
    "startDate": "2026-01-31",
    "cancellationDate": "2027-01-31T09:30:00.000+0000",
    "addons": [{"id": "addon-seats", "quantity": 3.0}],
    "charges": [
        {"id": "feature-seats", "quantity": 2.5, "type": "FEATURE"},
        {"id": "cred-type-tokens", "quantity": 2, "type": "CREDIT"},
    ],
    "unitQuantity": 5,
    "entitlements": [
        {**FEATURE, "id": "f1", "resetPeriod": "MONTH",
         "monthlyResetPeriodConfiguration": {"accordingTo": "StartOfTheMonth"}},
        {**FEATURE, "id": "f2", "resetPeriod": "WEEK",
         "weeklyResetPeriodConfiguration": {"accordingTo": "EveryMonday"}},
        {**FEATURE, "id": "f3", "resetPeriod": "YEAR",
         "yearlyResetPeriodConfiguration": {"accordingTo": "SubscriptionStart"}},
        {"type": "FEATURE", "id": "f4", "hasUnlimitedUsage": True},
        {"type": "CREDIT", "id": "cred-type-tokens", "amount": 100.5, "cadence": "MONTH", "hasSoftLimit": True},
    ],
    "priceOverrides": [
        {
            "addonId": "addon-seats",
            "baseCharge": True,
            "amount": 5,
            "currency": "EUR",
            "billingCountryCode": "DE",
        },
        {
            "featureId": "feature-seats",
            "blockSize": 10,
            "tiers": [{"upTo": 10, "unitPrice": MONEY, "flatPrice": MONEY}, {"unitPrice": MONEY}],
            "creditRate": {"amount": 2, "currencyId": "cred-type-tokens", "costFormula": "a * b"},
            "creditGrantCadence": "Monthly",
        },
    ],
    "minimumSpend": MONEY,
    "budget": {"limit": 1000, "hasSoftLimit": True},
    "trialOverrideConfiguration": {
        "isTrial": True,
        "trialEndDate": "2026-02-14",
        "trialEndBehavior": "CONVERT_TO_PAID",
    },
    "paymentCollectionMethod": "INVOICE",
    "awaitPaymentConfirmation": False,
    "appliedCoupon": {
        "discount": {**DISCOUNT, "percentOff": 10},
        "configuration": {"startDate": "2026-01-31"},
    },
    "billingInformation": {
        "billingAddress": ADDRESS,
        "chargeOnBehalfOfAccount": "acct_1",
        "integrationId": "integration-1",
        "invoiceDaysUntilDue": 30,
        "isBackdated": False,
        "isInvoicePaid": False,
        "metadata": PAIRS,
        "prorationBehavior": "NONE",
        "taxIds": TAX_IDS,
        "taxPercentage": 19,
        "taxRateIds": ["txr_1"],
    },
    "billingCycleAnchor": "NOW",
    "billingCountryCode": "DE",
    "billingId": "sub_1",
    "payingCustomerId": "holding",
    "scheduleStrategy": "End of billing period",
    "checkoutOptions": {
        "successUrl": "https://acme.example/thanks",
        "cancelUrl": "https://acme.example/back",
        "allowPromoCodes": True,
        "allowTaxIdCollection": True,
        "collectBillingAddress": True,
        "collectPhoneNumber": False,
        "referenceId": "order-17",
    },
    "salesforceId": "a0D30000001n7Pi",
    "metadata": PAIRS,
}  # fmt: skip

OF_A_SALE = {*CALL, "customerId", "customerName", "customerEmail"}
"""What a sale names beside the terms of its subscription."""
CALL_FOR_A_RECORD = {name: value for name, value in CALL.items() if name != "salesforceAccountId"}
NOT_PREVIEWED = {"customerName", "customerEmail", "idempotencyKey"}
SUBSCRIPTIONS: Sequence[Body] = [
    SUBSCRIPTION,
    {**SUBSCRIPTION, "appliedCoupon": {"discount": {"amountsOff": [MONEY]}}},
    {**SUBSCRIPTION, "appliedCoupon": {"couponId": "coupon-1"}},
    {**SUBSCRIPTION, "appliedCoupon": {"billingCouponId": "co_1"}},
    {**SUBSCRIPTION, "appliedCoupon": {"promotionCode": "LAUNCH"}},
]

PREVIEWS: Sequence[Body] = [
    {
        **{name: value for name, value in body.items() if name not in NOT_PREVIEWED},
        "billableFeatures": [{"featureId": "feature-api-calls", "quantity": 2.5}],
    }
    for body in SUBSCRIPTIONS
]

CUSTOMER: Body = {
    **CALL,
    "customerId": "acme",
    "name": "Acme",
    "email": "jane.doe@acme.example",
    "billingCurrency": "USD",
    "keepFields": ["email"],
    "billingId": "cus_1",
    "couponId": "coupon-1",
    "defaultPaymentMethod": {
        "type": "Card",
        "billingId": "pm_1",
        "cardLast4Digits": "4242",
        "cardExpiryMonth": 12,
        "cardExpiryYear": 2030,
    },
    "integrations": [{"id": "integration-2", "vendorIdentifier": "STRIPE", "syncedEntityId": "cus_1"}],
    "language": "en",
    "timezone": "Europe/Berlin",
    "metadata": PAIRS,
    "passthrough": {
        "stripe": {
            "billingAddress": ADDRESS,
            "shippingAddress": ADDRESS,
            "customerName": "Acme Inc.",
            "invoiceCustomFields": PAIRS,
            "metadata": PAIRS,
            "paymentMethodId": "pm_1",
            "taxIds": TAX_IDS,
        },
        "zuora": {"billingAddress": ADDRESS, "currency": "USD", "metadata": PAIRS, "paymentMethodId": "pm_2"},
    },
}

GRANT: Body = {
    **CALL,
    "customerId": "acme",
    "currencyId": "cred-type-tokens",
    "amount": 100.5,
    "displayName": "Welcome",
    "grantType": "Paid",
    "cost": MONEY,
    "paymentCollectionMethod": "CHARGE",
    "awaitPaymentConfirmation": True,
    "billingInformation": {"billingAddress": ADDRESS, "invoiceDaysUntilDue": 14, "isInvoicePaid": False},
    "effectiveAt": "2026-01-31",
    "expireAt": "2026-12-31",
    "priority": 10,
    "resourceId": "site-1",
    "comment": "For the launch",
    "metadata": PAIRS,
}

VOIDING: Body = {
    **{name: value for name, value in CALL.items() if name != "salesforceRecordId"},
    "grantId": HELD_GRANT,
    "customerId": "acme",
    "resourceId": "site-1",
}

PROMOTION: Body = {
    **CALL,
    "customerId": "acme",
    "featureId": "feature-seats",
    "customEndDate": "2099-12-31",
    "usageLimit": 25.0,
    "hasSoftLimit": "true",
    "resetPeriod": "Week",
    "weeklyResetPeriodConfiguration": {"accordingTo": "EveryMonday"},
    "enumValues": ["gold"],
    "isVisible": False,
}
REVOCATION: Body = {**CALL, "customerId": "acme", "featureId": HELD_FEATURE}

WORKFLOW: Body = {
    **CALL,
    "triggerId": "notify-customer",
    "payload": '{"a": {"b": [1, 2.5, null]}}',
    "isTest": True,
}

SUBSCRIPTION_CALL: Body = {
    **{name: value for name, value in CALL.items() if name not in {"salesforceRecordId", "salesforceAccountId"}},
    "subscriptionId": HELD,
}
CANCELLATION: Body = {
    **SUBSCRIPTION_CALL,
    "cancelWhen": "On date",
    "endDate": "2099-01-31",
    "fallback": True,
    "revokeEntitlements": "true",
    "prorate": True,
    "dryRun": False,
}
LOOK: Body = {
    **{name: value for name, value in SUBSCRIPTION_CALL.items() if name != "idempotencyKey"},
    "customerId": "acme",
    "salesforceAccountId": "0019000000B98de",
}
RESCHEDULING: Body = {**SUBSCRIPTION_CALL, "cancellationDate": "2099-01-31T09:30:00.000+0000", "clear": False}
DROPPING: Body = {**SUBSCRIPTION_CALL, "waitsFor": "Date"}
MIGRATION: Body = {**SUBSCRIPTION_CALL, "migrateWhen": "End of billing period"}
MARKING: Body = {**SUBSCRIPTION_CALL, "invoiceId": "in-held", "dryRun": False}
TRANSFER: Body = {**SUBSCRIPTION_CALL, "destinationResourceId": "site-3"}
ACCOUNT_CALL: Body = {
    name: value for name, value in SUBSCRIPTION_CALL.items() if name not in {"idempotencyKey", "subscriptionId"}
}
METADATA: Body = {**SUBSCRIPTION_CALL, "metadata": PAIRS, "removeKeys": ["region"], "mode": "Replace"}
UPDATE: Body = {
    **SUBSCRIPTION_CALL,
    **{
        name: SUBSCRIPTION[name]
        for name in (
            "addons", "appliedCoupon", "awaitPaymentConfirmation", "billingCycleAnchor", "billingPeriod",
            "charges", "entitlements", "metadata", "minimumSpend", "planBaseChargeOverride", "salesforceId",
            "scheduleStrategy",
        )
    },
    "billingInformation": {**SUBSCRIPTION["billingInformation"], "couponId": "co_1"},
    "budget": {"limit": 1000, "hasSoftLimit": True},
    "cancellationDate": "2099-01-31T09:30:00.000+0000",
    "clearFields": [],
    "dryRun": "false",
    "mode": "Merge",
    "priceOverrides": [
        {"addonId": "addon-seats", "baseCharge": True, "amount": 5, "currency": "EUR"},
        {"featureId": "feature-seats", "amount": "2.5", "currency": "EUR"},
        {"currencyId": "cred-type-tokens", "amount": 0.1, "currency": "EUR"},
    ],
    "promotionCode": "LAUNCH",
    "removeAddons": ["addon-support"],
    "removeCharges": '["feature-api-calls"]',
    "removeEntitlements": ["feature-sso"],
    "removePriceOverrides": ["addon-support"],
    "trialEndDate": "2098-12-31",
}  # fmt: skip
CLEARING: Body = {
    **SUBSCRIPTION_CALL,
    "addons": [],
    "clearFields": ["budget", "cancellationDate", "minimumSpend", "salesforceId"],
    "mode": "Replace",
}
UPDATES: Sequence[Body] = [
    UPDATE,
    CLEARING,
    *({**UPDATE, "appliedCoupon": body["appliedCoupon"]} for body in SUBSCRIPTIONS[1:]),
    {"subscriptionId": HELD, "removeAddons": ["addon-support"]},
    {"subscriptionId": HELD, "removeAddons": ["addon-seats"], "dryRun": True},
]
REPLACING: Body = {
    **{name: value for name, value in UPDATE.items() if not name.startswith("remove")},
    "mode": "Replace",
}

_FULL_TERMS = {
    name: value
    for name, value in SUBSCRIPTIONS[0].items()
    if name not in {*CALL, "customerId", "customerName", "customerEmail", "resourceId"}
}
_NO_TRIAL = {"trialOverrideConfiguration": {"isTrial": False}}  # a trial takes the place of trials alone
DOWNGRADE: Body = {
    **SUBSCRIPTION_CALL,
    **{name: value for name, value in _FULL_TERMS.items() if name not in {"startDate", "scheduleStrategy"}},
    **_NO_TRIAL,
    "downgradeWhen": "now",
    "dryRun": False,
}
RENEWAL: Body = {
    **SUBSCRIPTION_CALL,
    **_FULL_TERMS,
    **_NO_TRIAL,
    "mode": "Replace",
    "strategy": "Auto",
    "restore": False,
    "newSalesforceRecordId": "a0D30000001n7Pi",
    "dryRun": "false",
}

OPPORTUNITY: Body = {
    "salesforceOrgId": CALL["salesforceOrgId"],
    "correlationId": "flow-17",
    "faultOnError": True,
    "salesforceOpportunityId": "0069000000B98de",
    "salesforceAccountId": CALL["salesforceAccountId"],
    "customerId": "acme",
    "customerName": "Acme",
    "customerEmail": "jane.doe@acme.example",
    "currency": "USD",
    "startDate": "2026-01-31",
    "endDate": "2100-01-31",
    "termMonths": 12,
    "billingPeriod": "Monthly",
    "paymentCollectionMethod": "INVOICE",
    "overrideBaseCharge": True,
    "creditsAs": "entitlement",
    "asOf": "2026-01-31T09:30:00Z",
    "reapply": False,
    "updateCustomer": True,
    "dryRun": False,
    "lineItems": [
        {
            "salesforceLineItemId": "00k9000000B98d1",
            "stiggType": "Plan",
            "stiggId": "plan-growth",
            "quantity": 3.0,
            "unitPrice": 49.9,
            "resourceId": "site-1",
            "billingPeriod": "ANNUALLY",
            "overrideBaseCharge": True,
        },
        {
            "salesforceLineItemId": "00k9000000B98d2",
            "stiggType": "add_on",
            "stiggId": "addon-seats",
            "quantity": 2,
            "planLineItemId": "00k9000000B98d1",
            "planId": "plan-growth",
        },
        {
            "salesforceLineItemId": "00k9000000B98d3",
            "stiggType": "Entitlement",
            "stiggId": "f1",
            "quantity": 20,
            "hasSoftLimit": False,
            "resetPeriod": "MONTH",
        },
        {"salesforceLineItemId": "00k9000000B98d4", "stiggType": "Entitlement", "stiggId": "f2", "onOffFeature": True},
        {
            "salesforceLineItemId": "00k9000000B98d5",
            "stiggType": "Entitlement",
            "stiggId": "f3",
            "hasUnlimitedUsage": True,
        },
        {
            "salesforceLineItemId": "00k9000000B98d6",
            "stiggType": "Credit entitlement",
            "stiggId": "cred-type-tokens",
            "quantity": 100.5,
            "cadence": "MONTH",
        },
        {
            "salesforceLineItemId": "00k9000000B98d7",
            "stiggType": "Credit entitlement",
            "stiggId": "cred-type-tokens",
            "quantity": 100.5,
            "creditsAs": "grant",
            "name": "Tokens",
            "grantType": "PAID",
            "unitPrice": 2,
            "priority": 10,
        },
        {"salesforceLineItemId": "00k9000000B98d8", "unitPrice": -5},
    ],
}

ADOPTING: Body = {
    "salesforceOpportunityId": "0069000000B98de",
    "salesforceAccountId": CALL["salesforceAccountId"],
    "customerId": "acme",
    "lineItems": [
        {"salesforceLineItemId": HELD_FOR, "stiggType": "Plan", "stiggId": "plan-growth", "subscriptionId": HELD}
    ],
}

USAGE: Body = {
    **CALL,
    "customerId": "acme",
    "featureId": "feature-api-calls",
    "value": 7.5,
    "updateBehavior": "DELTA",
    "resourceId": "site-1",
    "dimensions": {"region": "eu-west-1"},
    "createdAt": "2026-01-27",
}

BY_ACTION: dict[str, Sequence[Body]] = {
    "create_customer": [CUSTOMER, {"customerId": "acme"}],
    "create_subscription": [*SUBSCRIPTIONS, {"customerId": "acme", "planId": "plan-growth"}],
    "create_subscription_with_return_data": [*SUBSCRIPTIONS, {"customerId": "acme", "planId": "plan-growth"}],
    "get_subscription": [
        LOOK,
        {"subscriptionId": HELD},
        {"salesforceRecordId": HELD_FOR, "salesforceAccountId": "0019000000B98de"},
    ],
    "get_customer": [{**ACCOUNT_CALL, "customerId": "acme", "resourceId": "site-1"}, {"customerId": "acme"}],
    "preview_subscription": [*PREVIEWS, {"customerId": "acme", "planId": "plan-growth"}],
    "create_credit_grant": [GRANT],
    "report_usage": [USAGE, {"customerId": "acme", "featureId": "feature-seats", "value": 3, "idempotencyKey": "k"}],
    "grant_promotional_entitlement": [
        PROMOTION,
        {"customerId": "acme", "featureId": HELD_FEATURE, "period": "6 months", "hasUnlimitedUsage": True},
        {
            "customerId": "acme",
            "featureId": "feature-seats",
            "period": "lifetime",
            "resetPeriod": "MONTH",
            "monthlyResetPeriodConfiguration": {"accordingTo": "StartOfTheMonth"},
        },
        {
            "customerId": "acme",
            "featureId": "feature-seats",
            "period": "1 year",
            "resetPeriod": "YEAR",
            "yearlyResetPeriodConfiguration": {"accordingTo": "SubscriptionStart"},
        },
    ],
    "revoke_promotional_entitlement": [REVOCATION],
    "archive_customer": [
        {**CALL, "customerId": "acme", "salesforceAccountId": "001000000000001AAA", "cancelSubscriptions": True},
        {"customerId": "acme", "restore": True},
    ],
    "provision_contract": [
        {
            **CALL,
            "customerId": "acme",
            "name": "Acme 2026",
            "poNumber": "PO-1",
            "activationStartDate": "2026-01-31",
            "activationEndDate": "2027-01-30",
            "setupBilling": True,
            "subscriptions": [
                {
                    **{name: value for name, value in SUBSCRIPTION.items() if name not in OF_A_SALE},
                    "planId": CUSTOM_PLAN,
                    "salesforceRecordId": "a0D30000001n7PjEAI",
                }
            ],
        },
        {
            "customerId": "acme",
            "contractId": HELD_CONTRACT,
            "name": "Acme",
            "poNumber": "PO-2",
            "setupBilling": "true",
            "subscriptions": [{"subscriptionId": HELD}],
        },
    ],
    "archive_contract": [
        {**CALL_FOR_A_RECORD, "salesforceRecordId": None, "contractId": HELD_CONTRACT, "cancelSubscriptions": True},
        {"contractId": HELD_CONTRACT, "cancelSubscriptions": True},
    ],
    "void_credit_grant": [VOIDING, {"grantId": HELD_GRANT, "customerId": "acme"}],
    "cancel_subscription": [
        CANCELLATION,
        {"subscriptionId": HELD, "cancelWhen": "now"},
        {"subscriptionId": HELD, "cancelWhen": "endOfBillingPeriod", "dryRun": True},
    ],
    "downgrade_subscription": [
        DOWNGRADE,
        {"subscriptionId": HELD, "planId": "plan-grace"},
        {"subscriptionId": HELD, "planId": "plan-grace", "dryRun": True},
    ],
    "renew_subscription": [
        RENEWAL,
        {"subscriptionId": HELD, "clearFields": ["minimumSpend"], "dryRun": True},
    ],
    "migrate_subscription": [MIGRATION, {"subscriptionId": HELD, "migrateWhen": "now"}],
    "adopt_subscription": [
        {**CALL, "subscriptionId": HELD, "customerId": "acme", "replaceMapping": True, "dryRun": True},
        {"subscriptionId": HELD, "salesforceRecordId": "a0D30000001n7Pi", "replaceMapping": True},
    ],
    "import_customer": [
        {
            **CALL,
            "customerId": "initech",
            "name": "Initech",
            "email": "billing@initech.example",
            "billingId": "cus_1",
            "paymentMethodId": "pm_1",
            "integrationId": "integration-1",
            "metadata": {"tier": "gold"},
        },
        {"customerId": "acme"},
    ],
    "import_subscription": [
        {
            **CALL,
            "customerId": "initech",
            "customerName": "Initech",
            "customerEmail": "billing@initech.example",
            "customerBillingId": "cus_1",
            "paymentMethodId": "pm_1",
            "integrationId": "integration-1",
            "planId": CUSTOM_PLAN,
            "resourceId": "site-1",
            "billingId": "sub_1",
            "billingPeriod": "annually",
            "startDate": "2025-01-31",
            "endDate": "2099-01-30",
            "addons": [{"id": "addon-seats", "quantity": 3.0}],
            "charges": [{"id": "feature-seats", "quantity": 2.5, "type": "feature"}],
            "metadata": {"tier": "gold"},
        },
        {
            "customerId": "acme",
            "salesforceRecordId": "a0D30000001n7Pm",
            "planId": CUSTOM_PLAN,
            "resourceId": "site-9",
            "startDate": "2025-01-31",
            "dryRun": True,
        },
    ],
    "delegate_subscription": [
        {**SUBSCRIPTION_CALL, "destinationCustomerId": "globex", "destinationSalesforceAccountId": "0019000000B98de"},
        {"subscriptionId": HELD, "destinationCustomerId": "acme-holding"},
    ],
    "transfer_subscription": [TRANSFER, {"subscriptionId": HELD, "destinationResourceId": "site-2"}],
    "reschedule_cancellation": [RESCHEDULING, {"subscriptionId": HELD, "clear": True}],
    "cancel_scheduled_update": [DROPPING, {"subscriptionId": HELD}],
    "mark_invoice_paid": [MARKING, {"subscriptionId": HELD}, {"subscriptionId": HELD, "dryRun": True}],
    "set_subscription_metadata": [METADATA, {"subscriptionId": HELD, "removeKeys": ["tier"]}],
    "update_subscription": [REPLACING, CLEARING, {"subscriptionId": HELD, "removeAddons": ["addon-support"]}],
    "provision_opportunity": [
        OPPORTUNITY,
        ADOPTING,
        {
            **ADOPTING,
            "removed": "cancel",
            "removedCancelWhen": "end of billing period",
            "quantityMode": "delta",
            "coTerminate": True,
        },
    ],
    "trigger_workflow": [WORKFLOW, {"triggerId": "notify-customer"}],
}

PLAUSIBLE: st.SearchStrategy[Any] = st.sampled_from(
    [True, False, "true", 0, 1, 3, "3.0", 2.5, -1, 101, 10**15, "USD", "text", "", " ", None, "2026-01-31", "MONTH",
     "YEAR", "2030-01-01T00:00:00Z", "FEATURE", "CREDIT", "PAID", "PROMOTIONAL", "NONE", "a@b.example", "https://x.example"]
)  # fmt: skip
"""Values that fit many fields, and nearly fit the others."""

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["1e9999999999999999999", "\ud800", "a\x00b", "[", "{}", "\N{GRINNING FACE}", 10**50, 10**4000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
"""Whatever JSON can hold, and a little more."""


@st.composite
def spoiled(draw: st.DrawFn, seeds: Sequence[Body], values: st.SearchStrategy[Any]) -> Body:
    """Take a good request, then drop, replace or add up to five values anywhere in it."""
    body = copy.deepcopy(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 5))):
        container, name = draw(st.sampled_from(list(_places(body)) or [(body, "customerId")]))
        match draw(st.sampled_from(["drop", "replace", "add"])):
            case "drop":
                container.pop(name, None) if isinstance(container, dict) else container.pop(name)
            case "replace":
                container[name] = draw(values)
            case _ if isinstance(container, dict):
                container[draw(st.text(max_size=8))] = draw(values)
            case _:
                container.append(draw(values))
    return body


def _places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any JSON
    """Name every place in a value: a container, and a name or index in it."""
    names = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for name in names:
        yield value, name
        yield from _places(value[name])
