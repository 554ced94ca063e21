"""What the operations of Stigg's REST API answer, by the SDK's types: what is optional may be null or absent."""

from local.stigg_emulator.shapes.answered_subscriptions import ENTITLEMENTS, LATEST_INVOICE
from local.stigg_emulator.shapes.answers_in_parts import (
    INVOICE_STATUS,
    PAYMENT_COLLECTION,
)
from local.stigg_emulator.shapes.common import (
    ADDRESS,
    CURRENCY,
    FLAG,
    METADATA,
    MOMENT,
    NUMBER,
    TAX_IDS,
    TEXT,
    VENDORS,
    record,
)
from local.stigg_emulator.shapes.fields import Choice, Field, ListOf, Record
from local.stigg_emulator.shapes.packages import COUNT

CUSTOMER = Record(
    {"id": TEXT, "createdAt": MOMENT, "updatedAt": MOMENT},
    {
        "archivedAt": MOMENT,
        "billingCurrency": CURRENCY,
        "billingId": TEXT,
        "couponId": TEXT,
        "defaultPaymentMethod": record(
            billingId=TEXT,
            cardBrand=TEXT,
            cardExpiryMonth=NUMBER,
            cardExpiryYear=NUMBER,
            cardLast4Digits=TEXT,
            type=Choice(("CARD", "BANK", "CASH_APP", "PAYPAL")),
            walletType=TEXT,
        ),
        "email": TEXT,
        "integrations": ListOf(Record({"id": TEXT, "vendorIdentifier": VENDORS}, {"syncedEntityId": TEXT})),
        "language": TEXT,
        "metadata": METADATA,
        "name": TEXT,
        "passthrough": record(
            stripe=record(
                billingAddress=ADDRESS,
                customerName=TEXT,
                invoiceCustomFields=METADATA,
                metadata=METADATA,
                paymentMethodId=TEXT,
                shippingAddress=ADDRESS,
                taxIds=TAX_IDS,
            ),
            zuora=record(billingAddress=ADDRESS, currency=CURRENCY, metadata=METADATA, paymentMethodId=TEXT),
        ),
        "timezone": TEXT,
    },
)

CUSTOMER_ENTITLEMENTS = Record(
    {"entitlements": ENTITLEMENTS},
    {"accessDeniedReason": Choice(("CustomerNotFound", "NoActiveSubscription", "CustomerIsArchived"))},
)

PREVIEWED_INVOICE = Record(
    {"subTotal": NUMBER, "total": NUMBER},
    {
        "billingPeriodRange": Record({"end": MOMENT, "start": MOMENT}),
        "currency": TEXT,
        "discount": NUMBER,
        "discountDetails": record(code=TEXT, fixedAmount=NUMBER, percentage=NUMBER),
        "discounts": ListOf(Record({"amount": NUMBER, "currency": TEXT, "description": TEXT})),
        "lines": ListOf(
            Record(
                {"currency": TEXT, "description": TEXT, "subTotal": NUMBER, "unitPrice": NUMBER}, {"quantity": NUMBER}
            ),
        ),
        "tax": NUMBER,
    },
)

PREVIEW = Record(
    {"immediateInvoice": PREVIEWED_INVOICE},
    {
        "billingPeriodRange": record(end=MOMENT, start=MOMENT),
        "freeItems": ListOf(Record({"id": TEXT, "quantity": COUNT})),
        "hasScheduledUpdates": FLAG,
        "isPlanDowngrade": FLAG,
        "recurringInvoice": PREVIEWED_INVOICE,
    },
)

GRANT = Record(
    {
        "id": TEXT,
        "amount": NUMBER,
        "consumedAmount": NUMBER,
        "cost": Record({"amount": NUMBER, "currency": TEXT}),
        "createdAt": MOMENT,
        "currencyId": TEXT,
        "customerId": TEXT,
        "displayName": TEXT,
        "effectiveAt": MOMENT,
        "grantType": Choice(("PAID", "PROMOTIONAL", "RECURRING", "OVERDRAFT")),
        "metadata": METADATA,
        "paymentCollection": PAYMENT_COLLECTION,
        "priority": NUMBER,
        "status": Choice(("PAYMENT_PENDING", "ACTIVE", "EXPIRED", "VOIDED", "SCHEDULED")),
        "updatedAt": MOMENT,
    },
    {
        "comment": TEXT,
        "expireAt": MOMENT,
        "invoiceId": TEXT,
        "latestInvoice": Record(
            {
                "billingId": TEXT,
                "createdAt": MOMENT,
                "requiresAction": FLAG,
                "status": INVOICE_STATUS,
                "updatedAt": MOMENT,
            },
            {
                "billingReason": Choice(("MANUAL", "OTHER")),
                "currency": TEXT,
                "dueDate": MOMENT,
                "errorMessage": TEXT,
                "paymentUrl": TEXT,
                "pdfUrl": TEXT,
                "subTotal": NUMBER,
                "tax": NUMBER,
                "total": NUMBER,
            },
        ),
        "resourceId": TEXT,
        "sourceType": Choice(("PRICE", "PLAN_ENTITLEMENT", "ADDON_ENTITLEMENT")),
        "syncStates": ListOf(
            Record(
                {"status": Choice(("PENDING", "ERROR", "SUCCESS", "NO_SYNC_REQUIRED")), "vendorIdentifier": VENDORS},
                {"syncedEntityId": TEXT},
            ),
        ),
        "voidedAt": MOMENT,
    },
)

INVOICE = Record(
    {
        "invoiceId": TEXT,
        "lineItems": ListOf(
            record(amount=NUMBER, description=TEXT, productExternalId=TEXT, quantity=NUMBER, unitPrice=NUMBER)
        ),
        "state": INVOICE_STATUS,
    },
    {
        "contractExternalId": TEXT,
        "currency": TEXT,
        "customerExternalId": TEXT,
        "discount": NUMBER,
        "dueDate": MOMENT,
        "invoiceExternalId": TEXT,
        "invoiceNumber": TEXT,
        "issueDate": MOMENT,
        "paidDate": MOMENT,
        "subtotal": NUMBER,
        "tax": NUMBER,
        "total": NUMBER,
    },
)

CONTRACT_STATE = Choice(("DRAFT", "ACTIVE", "CANCELED", "END_BILLING"))
CONTRACT = Record(
    {
        "contractId": TEXT,
        "externalId": TEXT,
        "state": CONTRACT_STATE,
        "subscriptions": ListOf(
            Record({"subscriptionId": TEXT}, {"planDisplayName": TEXT, "productDisplayName": TEXT}),
        ),
    },
    {
        "id": TEXT,
        "activationEndDate": MOMENT,
        "activationStartDate": MOMENT,
        "billingId": TEXT,
        "billingState": CONTRACT_STATE,
        "createdAt": MOMENT,
        "customerExternalId": TEXT,
        "latestInvoice": LATEST_INVOICE,
        "name": TEXT,
        "nextInvoice": Record(
            {"amount": Record({"amount": NUMBER, "currency": CURRENCY})},
            {"dueDate": MOMENT, "invoiceId": TEXT, "periodEnd": MOMENT, "periodStart": MOMENT},
        ),
        "poNumber": TEXT,
        "refId": TEXT,
    },
)
CONTRACTS = Record({"data": ListOf(CONTRACT)})

CHANGED = Record({"id": TEXT})


def one(shape: Field) -> Record:
    """Return the envelope of one thing."""
    return Record({"data": shape})


def each(shape: Record) -> Record:
    """Return the envelope of several things that are no page of a list."""
    return Record({"data": ListOf(shape)})


def page_of(shape: Record) -> Record:
    """Return a page of a list; its pagination may be null."""
    return Record({"data": ListOf(shape)}, {"pagination": record(next=TEXT, prev=TEXT)})
