"""Stigg's error codes by meaning. They are compared in a normalized form, because their spelling varies."""


def normalise(code: str) -> str:
    """Return a code for comparison: lower case, without underscores and a trailing ``Error``."""
    return code.replace("_", "").lower().removesuffix("error")


def _normalised(*lines: str) -> frozenset[str]:
    return frozenset(normalise(code) for line in lines for code in line.split())


NOT_FOUND = {
    normalise(code): ours
    for code, ours in {
        "CustomerNotFound": "CUSTOMER_NOT_FOUND",
        "SubscriptionNotFound": "SUBSCRIPTION_NOT_FOUND",
        "PlanNotFound": "PLAN_NOT_FOUND",
        "AddonNotFound": "ADDON_NOT_FOUND",
        "AddonsNotFound": "ADDON_NOT_FOUND",
        "ContractNotFound": "CONTRACT_NOT_FOUND",
        "FeatureNotFound": "FEATURE_NOT_FOUND",
        "PriceNotFound": "PRICE_NOT_FOUND",
        "CouponNotFound": "COUPON_NOT_FOUND",
        "PromotionCodeNotFound": "COUPON_NOT_FOUND",
        "CustomCurrencyNotFound": "CREDIT_CURRENCY_NOT_FOUND",
        "CreditGrantNotFound": "CREDIT_GRANT_NOT_FOUND",
        "IntegrationNotFound": "INTEGRATION_NOT_FOUND",
        "WorkflowTriggerNotFound": "WORKFLOW_NOT_FOUND",
    }.items()
}
"""Stigg's codes for things that do not exist in the environment, and our code for each."""

CATALOG_CODES = frozenset({"PLAN_NOT_FOUND", "ADDON_NOT_FOUND", "FEATURE_NOT_FOUND", "CREDIT_CURRENCY_NOT_FOUND"})
"""Our codes for ids that Stigg's catalog lists."""

ALREADY_ENDED = _normalised("SubscriptionAlreadyCanceledOrExpired")
"""The subscription has ended."""

NOTHING_WAITS = _normalised("FutureUpdateNotFound")
"""No change of the subscription waits."""

NEVER_PAID = NOTHING_WAITS | _normalised("SubscriptionNotFound")
"""Stigg knows no payment page of the subscription."""

NO_OPEN_INVOICE = _normalised("BillingInvoiceStatusError MissingBillingInvoiceError")
"""The latest invoice of the subscription is not open, or there is none."""

ALREADY_VOIDED = _normalised("CreditGrantAlreadyVoided")
"""The credit grant was voided before."""

AS_MIGRATED = _normalised("SubscriptionAlreadyOnLatestPlan ScheduledMigrationAlreadyExists")
"""The subscription has the newest version of its plan, or will get it."""

NOTHING_TO_REVOKE = _normalised("PromotionalEntitlementNotFound")
"""The customer has no promotional entitlement for the feature."""
ARCHIVED = _normalised("EntityIsArchivedError")
"""Something that the request names is archived."""

ONLY_AT_ONCE = _normalised("TrialMustBeCancelledImmediately SubscriptionDoesNotHaveBillingPeriod")
"""The subscription has no billing period, so it can only be canceled at once."""

DUPLICATE = _normalised("DuplicatedEntityNotAllowed")
"""An entity with that id exists already."""

TURNED_AWAY = _normalised("RateLimitExceeded ObjectAlreadyBeingUsedByAnotherRequestError")
"""Stigg refused before it did anything; the same request can succeed later."""

TRANSIENT = _normalised("OperationTimeout UnexpectedError INTERNAL_SERVER_ERROR")
"""An internal failure of Stigg; the request may have taken effect."""

KEY_REJECTED = _normalised("Unauthenticated ApiKeyExpired ApiKeyNotFound")
"""The API key is unknown, revoked or expired."""

KEY_LACKS_PERMISSION = _normalised(
    "AccessDeniedError IdentityForbidden Forbidden EnvironmentMissing NoFeatureEntitlementError",
)
"""The API key is valid but lacks the permission."""

INTEGRATION = _normalised(
    "IntegrationNotFound IntegrationValidationError UnsupportedVendorIdentifier VendorIsNotSupported",
    "DuplicateIntegrationNotAllowed",
)
"""Stigg refused a link to another system."""

INPUT = _normalised(
    "BadUserInput BadRequest InvalidArgumentError GRAPHQL_VALIDATION_FAILED GRAPHQL_PARSE_FAILED",
    "OPERATION_RESOLUTION_FAILURE GraphQLAliasesLimitExceeded GraphQLBatchedOperationsLimitExceeded",
    "GraphQLUnsupportedDirective",
)
"""Stigg refused the content of the request before it did anything; the message says why."""

_INPUT_IN_DETAIL = _normalised(
    "InvalidMetadataError InvalidQuantity InvalidAddressError InvalidTaxId AmountTooLarge UnsupportedParameter",
    "EntityIdDifferentFromRefIdError MissingEntityIdError",
)

_UNRELATED_TO_INVOICES = _INPUT_IN_DETAIL | _normalised(
    "EntityIsArchivedError CustomerHasNoEmailAddress CustomerNoBillingId",
    "CustomerResourceNotFound StripeCustomerIsDeleted ProductNotFoundError",
    "ProductNotPublishedError UnPublishedPackage PackagePricingTypeNotSet AddonDependencyMissingError",
    "AddonQuantityExceedsLimitError DuplicateAddonProvisionedError IncompatibleSubscriptionAddon",
    "InvalidEntitlementResetPeriod EntitlementLimitExceededError BillingPeriodMissingError BillingIntegrationMissing",
    "FailedToResolveBillingIntegration PricingModelNotSupportedByBillingIntegration CheckoutIsNotSupported",
    "FailedToCreateCheckoutSessionError PaymentMethodNotFoundError StripeError InitStripePaymentMethodError",
    "ArchivedCouponCantBeApplied CustomerAlreadyUsesCoupon CustomerAlreadyHaveCustomerCoupon PromotionCodeNotActive",
    "PromotionCodeNotForCustomer PromotionCodeCustomerNotFirstPurchase PromotionCodeMaxRedemptionsReached",
    "PromotionCodeMinimumAmountNotReached InvalidSubscriptionStatus InvalidCancellationDate",
    "SubscriptionMustHaveSinglePlanError TooManySubscriptionsPerCustomer ChangingPayingCustomerIsNotSupportedError",
    "SchedulingAtEndOfBillingPeriod UnsupportedSubscriptionScheduleType DowngradeBillingPeriodNotSupportedError",
)


def means_nothing_was_done(code: str) -> bool:
    """Whether an error with this code (normalized) is a definite refusal, under any status."""
    return any(code in group for group in (NOT_FOUND, KEY_REJECTED, KEY_LACKS_PERMISSION, INPUT, _INPUT_IN_DETAIL))


def may_mean_open_invoice(code: str | None) -> bool:
    """Whether a refusal with this code can come from an unpaid invoice, for which Stigg publishes no code."""
    if code is None:
        return True
    known = (
        NOT_FOUND,
        DUPLICATE,
        KEY_REJECTED,
        KEY_LACKS_PERMISSION,
        INTEGRATION,
        _UNRELATED_TO_INVOICES,
    )
    return not any(normalise(code) in group for group in known)
