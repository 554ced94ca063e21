"""What the query strings of Stigg's REST API accept: names, and the words a listed value may have."""

PAGING = frozenset({"after", "before", "limit"})
CREATED = frozenset(f"createdAt[{operator}]" for operator in ("gt", "gte", "lt", "lte"))

CUSTOMERS = PAGING | CREATED | {"email", "name"}
SUBSCRIPTIONS = PAGING | CREATED | {"customerId", "planId", "pricingType", "resourceId", "status"}
GRANTS = PAGING | CREATED | {"customerId", "currencyId", "resourceId"}
INVOICES = PAGING | {"contractExternalId", "issuedAfter", "issuedBefore", "orderBy", "orderDir", "stateIn"}
PROMOTIONS = PAGING | CREATED | {"status"}
ENTITLEMENTS = frozenset({"resourceId"})
CURRENCIES = PAGING | {"status"}
PACKAGES = PAGING | CREATED | {"productId", "status"}
FEATURES = PAGING | CREATED | {"id", "featureType", "meterType", "status"}

STATUSES = frozenset({"PAYMENT_PENDING", "ACTIVE", "EXPIRED", "IN_TRIAL", "CANCELED", "NOT_STARTED"})
PRICING_TYPES = frozenset({"FREE", "PAID", "CUSTOM"})
PROMOTION_STATUSES = frozenset({"Active", "Expired", "Paused"})
PACKAGE_STATUSES = frozenset({"DRAFT", "PUBLISHED", "ARCHIVED"})
FEATURE_STATUSES = frozenset({"NEW", "SUSPENDED", "ACTIVE"})
CURRENCY_STATUSES = frozenset({"ACTIVE", "ARCHIVED"})
FEATURE_TYPES = frozenset({"BOOLEAN", "NUMBER", "ENUM"})
METER_TYPES = frozenset({"None", "FLUCTUATING", "INCREMENTAL"})
INVOICE_STATES = frozenset({"OPEN", "CANCELED", "PAID"})
