"""How the operations of Stigg's REST API show a subscription and what it entitles to, by the SDK's types."""

from local.stigg_emulator.shapes.answers_in_parts import (
    BUDGET,
    FULL_PRICE,
    INVOICE_STATUS,
    PAYMENT_COLLECTION,
    PRICE,
    PRICING_TYPE,
    REFERENCE,
    TRIAL_END,
)
from local.stigg_emulator.shapes.common import (
    CURRENCY,
    FLAG,
    METADATA,
    MOMENT,
    NUMBER,
    PAYMENT_COLLECTION_METHOD,
    TEXT,
    record,
)
from local.stigg_emulator.shapes.fields import Choice, ListOf, Record, Tagged
from local.stigg_emulator.shapes.packages import COUNT

FUTURE_UPDATE = Record(
    {
        "scheduledExecutionTime": MOMENT,
        "scheduleStatus": Choice(("PENDING_PAYMENT", "SCHEDULED", "CANCELED", "DONE", "FAILED")),
        "subscriptionScheduleType": Choice(
            (
                "DOWNGRADE",
                "PLAN",
                "BILLING_PERIOD",
                "UNIT_AMOUNT",
                "RECURRING_CREDITS",
                "PRICE_OVERRIDE",
                "ADDON",
                "COUPON",
                "MIGRATE_TO_LATEST",
                "ADDITIONAL_META_DATA",
                "BILLING_INFO_METADATA",
            ),
        ),
    },
    {"targetPackage": Record({"id": TEXT})},
)

LATEST_INVOICE = Record(
    {"billingId": TEXT, "createdAt": MOMENT, "requiresAction": FLAG, "status": INVOICE_STATUS},
    {
        "amountDue": NUMBER,
        "billingReason": Choice(
            (
                "BILLING_CYCLE",
                "SUBSCRIPTION_CREATION",
                "SUBSCRIPTION_UPDATE",
                "MANUAL",
                "MINIMUM_INVOICE_AMOUNT_EXCEEDED",
                "OTHER",
            ),
        ),
        "currency": TEXT,
        "pdfUrl": TEXT,
        "total": NUMBER,
    },
)

SUBSCRIPTION = Record(
    {
        "id": TEXT,
        "createdAt": MOMENT,
        "customerId": TEXT,
        "paymentCollection": PAYMENT_COLLECTION,
        "planId": TEXT,
        "pricingType": PRICING_TYPE,
        "startDate": MOMENT,
        "status": Choice(("PAYMENT_PENDING", "ACTIVE", "EXPIRED", "IN_TRIAL", "CANCELED", "NOT_STARTED")),
    },
    {
        "addons": ListOf(Record({"id": TEXT, "quantity": COUNT})),
        "billingCycleAnchor": MOMENT,
        "billingId": TEXT,
        "budget": BUDGET,
        "cancellationDate": MOMENT,
        "cancelReason": Choice(
            (
                "UPGRADE_OR_DOWNGRADE",
                "CANCELLED_BY_BILLING",
                "EXPIRED",
                "DETACH_BILLING",
                "TRIAL_ENDED",
                "Immediate",
                "TRIAL_CONVERTED",
                "PENDING_PAYMENT_EXPIRED",
                "ScheduledCancellation",
                "CustomerArchived",
                "AutoCancellationRule",
            ),
        ),
        "contractId": TEXT,
        "coupons": ListOf(
            Record(
                {"id": TEXT, "name": TEXT, "status": Choice(("ACTIVE", "EXPIRED", "REMOVED"))},
                {"amountsOff": ListOf(PRICE), "percentOff": NUMBER},
            ),
        ),
        "currentBillingPeriodEnd": MOMENT,
        "currentBillingPeriodStart": MOMENT,
        "effectiveEndDate": MOMENT,
        "endDate": MOMENT,
        "futureUpdates": ListOf(FUTURE_UPDATE),
        "latestInvoice": LATEST_INVOICE,
        "metadata": METADATA,
        "minimumSpend": PRICE,
        "payingCustomerId": TEXT,
        "paymentCollectionMethod": PAYMENT_COLLECTION_METHOD,
        "prices": ListOf(
            record(
                addonId=TEXT,
                amount=NUMBER,
                baseCharge=FLAG,
                billingCountryCode=TEXT,
                blockSize=NUMBER,
                currency=CURRENCY,
                featureId=TEXT,
                tiers=ListOf(record(flatPrice=FULL_PRICE, unitPrice=FULL_PRICE, upTo=NUMBER)),
            ),
        ),
        "resourceId": TEXT,
        "subscriptionEntitlements": ListOf(REFERENCE),
        "trial": Record({"trialEndBehavior": TRIAL_END}),
        "trialEndDate": MOMENT,
    },
)

ACCESS_DENIED = Choice(
    (
        "FeatureNotFound",
        "CustomerNotFound",
        "CustomerIsArchived",
        "CustomerResourceNotFound",
        "NoActiveSubscription",
        "NoFeatureEntitlementInSubscription",
        "RequestedUsageExceedingLimit",
        "RequestedValuesMismatch",
        "BudgetExceeded",
        "Unknown",
        "FeatureTypeMismatch",
        "Revoked",
        "InsufficientCredits",
        "EntitlementNotFound",
    ),
)

GRANTED_FEATURE = Record(
    {"isGranted": FLAG, "type": Choice(("FEATURE",))},
    {
        "accessDeniedReason": ACCESS_DENIED,
        "currentUsage": NUMBER,
        "entitlementUpdatedAt": MOMENT,
        "feature": Record(
            {
                "id": TEXT,
                "displayName": TEXT,
                "featureStatus": Choice(("NEW", "SUSPENDED", "ACTIVE")),
                "featureType": Choice(("BOOLEAN", "NUMBER", "ENUM")),
            },
        ),
        "hasUnlimitedUsage": FLAG,
        "resetPeriod": Choice(("YEAR", "MONTH", "WEEK", "DAY", "HOUR")),
        "usageLimit": NUMBER,
        "usagePeriodAnchor": MOMENT,
        "usagePeriodEnd": MOMENT,
        "usagePeriodStart": MOMENT,
        "validUntil": MOMENT,
    },
)

GRANTED_CREDIT = Record(
    {
        "currency": Record(
            {"currencyId": TEXT, "displayName": TEXT},
            {"description": TEXT, "metadata": METADATA, "unitPlural": TEXT, "unitSingular": TEXT},
        ),
        "currentUsage": NUMBER,
        "isGranted": FLAG,
        "type": Choice(("CREDIT",)),
        "usageLimit": NUMBER,
        "usageUpdatedAt": MOMENT,
    },
    {
        "accessDeniedReason": ACCESS_DENIED,
        "entitlementUpdatedAt": MOMENT,
        "reservation": Record(
            {"id": TEXT, "amount": NUMBER, "expiresAt": MOMENT, "status": Choice(("ACTIVE", "RELEASED"))},
        ),
        "reserved": NUMBER,
        "reservedOnExpiredGrants": NUMBER,
        "usagePeriodEnd": MOMENT,
        "validUntil": MOMENT,
    },
)

ENTITLEMENTS = ListOf(Tagged("type", {"FEATURE": GRANTED_FEATURE, "CREDIT": GRANTED_CREDIT}))

PROVISIONED = Record(
    {"id": TEXT, "status": Choice(("SUCCESS", "PAYMENT_REQUIRED"))},
    {
        "checkoutBillingId": TEXT,
        "checkoutUrl": TEXT,
        "entitlements": ENTITLEMENTS,
        "isScheduled": FLAG,
        "subscription": SUBSCRIPTION,
    },
)
