"""Stigg's error codes by meaning."""

import pytest

from stigg_actions.stigg import error_codes


@pytest.mark.parametrize(
    "spelling", ["CustomerNotFound", "CUSTOMER_NOT_FOUND", "customer_not_found", "CustomerNotFoundError"]
)
def test_spellings(spelling: str) -> None:
    """All spellings of a code are the same code."""
    assert error_codes.normalise(spelling) == "customernotfound"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (None, True),
        ("BadUserInput", True),
        ("IntegrityViolation", True),
        ("SomethingQuiteNew", True),
        ("BillingInvoiceStatusError", True),
        ("PlanNotFound", False),
        ("DuplicatedEntityNotAllowed", False),
        ("Unauthenticated", False),
        ("AccessDeniedError", False),
        ("IntegrationNotFound", False),
        ("BILLING_PERIOD_MISSING", False),
        ("ProductNotFoundError", False),
    ],
)
def test_open_invoice(code: str | None, expected: object) -> None:
    """An unpaid invoice may hide behind every code but those that have another meaning."""
    assert expected is error_codes.may_mean_open_invoice(code)


def test_groups() -> None:
    """Codes that ask for different treatment are in different groups."""
    groups = [
        error_codes.NOT_FOUND.keys() - error_codes.INTEGRATION,
        error_codes.DUPLICATE,
        error_codes.TURNED_AWAY,
        error_codes.TRANSIENT,
        error_codes.KEY_REJECTED,
        error_codes.KEY_LACKS_PERMISSION,
        error_codes.INTEGRATION,
        error_codes.INPUT,
    ]

    assert sum(map(len, groups)) == len(frozenset().union(*groups))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("workflowtriggernotfound", True),
        ("unauthenticated", True),
        ("identityforbidden", True),
        ("baduserinput", True),
        ("graphqlvalidationfailed", True),
        ("invalidmetadata", True),
        ("stripe", False),
        ("internalserver", False),
        ("", False),
    ],
)
def test_nothing_was_done(code: str, *, expected: bool) -> None:
    """Only codes of what is looked at first prove that nothing was done."""
    assert expected is error_codes.means_nothing_was_done(code)


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("CustomerNotFound", "CUSTOMER_NOT_FOUND"),
        ("SubscriptionNotFound", "SUBSCRIPTION_NOT_FOUND"),
        ("PlanNotFound", "PLAN_NOT_FOUND"),
        ("AddonNotFound", "ADDON_NOT_FOUND"),
        ("AddonsNotFound", "ADDON_NOT_FOUND"),
        ("FeatureNotFound", "FEATURE_NOT_FOUND"),
        ("PriceNotFound", "PRICE_NOT_FOUND"),
        ("CouponNotFound", "COUPON_NOT_FOUND"),
        ("PromotionCodeNotFound", "COUPON_NOT_FOUND"),
        ("CustomCurrencyNotFound", "CREDIT_CURRENCY_NOT_FOUND"),
        ("CreditGrantNotFound", "CREDIT_GRANT_NOT_FOUND"),
        ("IntegrationNotFound", "INTEGRATION_NOT_FOUND"),
        ("WorkflowTriggerNotFound", "WORKFLOW_NOT_FOUND"),
    ],
)
def test_what_does_not_exist(code: str, ours: str) -> None:
    """What Stigg does not find has a code of its own here."""
    assert error_codes.NOT_FOUND[error_codes.normalise(code)] == ours


OF_GROUPS = {
    "ALREADY_ENDED": "SubscriptionAlreadyCanceledOrExpired",
    "ONLY_AT_ONCE": "TrialMustBeCancelledImmediately SubscriptionDoesNotHaveBillingPeriod",
    "DUPLICATE": "DuplicatedEntityNotAllowed",
    "TURNED_AWAY": "RateLimitExceeded ObjectAlreadyBeingUsedByAnotherRequestError",
    "TRANSIENT": "OperationTimeout UnexpectedError INTERNAL_SERVER_ERROR",
    "KEY_REJECTED": "Unauthenticated ApiKeyExpired ApiKeyNotFound",
    "KEY_LACKS_PERMISSION": "AccessDeniedError IdentityForbidden Forbidden EnvironmentMissing "
    "NoFeatureEntitlementError",
    "INTEGRATION": "IntegrationNotFound IntegrationValidationError UnsupportedVendorIdentifier VendorIsNotSupported "
    "DuplicateIntegrationNotAllowed",
    "INPUT": "BadUserInput BadRequest InvalidArgumentError GRAPHQL_VALIDATION_FAILED GRAPHQL_PARSE_FAILED "
    "OPERATION_RESOLUTION_FAILURE GraphQLAliasesLimitExceeded GraphQLBatchedOperationsLimitExceeded "
    "GraphQLUnsupportedDirective",
}


@pytest.mark.parametrize("name", OF_GROUPS)
def test_what_a_code_means(name: str) -> None:
    """Each code that Stigg publishes means what the contract says."""
    assert getattr(error_codes, name) >= {error_codes.normalise(code) for code in OF_GROUPS[name].split()}


OF_THE_REQUEST = """
    InvalidMetadataError InvalidQuantity InvalidAddressError InvalidTaxId AmountTooLarge
    UnsupportedParameter EntityIdDifferentFromRefIdError MissingEntityIdError
"""
OF_OTHER_THINGS = """
    EntityIsArchivedError CustomerHasNoEmailAddress CustomerNoBillingId CustomerResourceNotFound
    StripeCustomerIsDeleted ProductNotFoundError ProductNotPublishedError UnPublishedPackage
    PackagePricingTypeNotSet AddonDependencyMissingError AddonQuantityExceedsLimitError
    DuplicateAddonProvisionedError IncompatibleSubscriptionAddon InvalidEntitlementResetPeriod
    EntitlementLimitExceededError BillingPeriodMissingError BillingIntegrationMissing
    FailedToResolveBillingIntegration PricingModelNotSupportedByBillingIntegration
    CheckoutIsNotSupported FailedToCreateCheckoutSessionError PaymentMethodNotFoundError StripeError
    InitStripePaymentMethodError ArchivedCouponCantBeApplied CustomerAlreadyUsesCoupon
    CustomerAlreadyHaveCustomerCoupon PromotionCodeNotActive PromotionCodeNotForCustomer
    PromotionCodeCustomerNotFirstPurchase PromotionCodeMaxRedemptionsReached
    PromotionCodeMinimumAmountNotReached InvalidSubscriptionStatus InvalidCancellationDate
    SubscriptionMustHaveSinglePlanError TooManySubscriptionsPerCustomer
    ChangingPayingCustomerIsNotSupportedError SchedulingAtEndOfBillingPeriod
    UnsupportedSubscriptionScheduleType DowngradeBillingPeriodNotSupportedError
"""


def test_what_has_nothing_to_do_with_invoices() -> None:
    """A code that says what was wrong is no unpaid invoice; one about the request proves that nothing was done."""
    of_the_request, others = OF_THE_REQUEST.split(), OF_OTHER_THINGS.split()

    assert [code for code in of_the_request + others if error_codes.may_mean_open_invoice(code)] == []
    assert [
        code for code in of_the_request if not error_codes.means_nothing_was_done(error_codes.normalise(code))
    ] == []
    assert [code for code in others if error_codes.means_nothing_was_done(error_codes.normalise(code))] == []
