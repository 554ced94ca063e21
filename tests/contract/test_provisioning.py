"""Provisioning: what is refused, what must be paid first, and when a subscription starts."""

import pytest

from local.stigg_emulator.hosting import AdminError, Emulator
from tests.contract.client import CARD, Api, Json, refusal


@pytest.fixture(autouse=True)
def customer(api: Api) -> None:
    """Create the customer `acme`."""
    api.customer()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"customerId": "nobody"}, "CustomerNotFound"),
        ({"planId": "plan-x"}, "PlanNotFound"),
        ({"planId": "plan-workspace"}, "CustomerResourceNotFound"),
        ({"addons": [{"id": "addon-x", "quantity": 1}]}, "AddonNotFound"),
        ({"addons": [{"id": "addon-support", "quantity": 2}]}, "AddonQuantityExceedsLimitError"),
        ({"addons": [{"id": "addon-seats", "quantity": 0}]}, "InvalidQuantity"),
        ({"addons": [{"id": "addon-seats", "quantity": 1}] * 2}, "DuplicateAddonProvisionedError"),
        ({"planId": "plan-free", "addons": [{"id": "addon-seats", "quantity": 1}]}, "IncompatibleSubscriptionAddon"),
        ({"entitlements": [{"type": "FEATURE", "id": "feature-x"}]}, "FeatureNotFound"),
        (
            {"entitlements": [{"type": "CREDIT", "id": "cred-x", "amount": 1, "cadence": "MONTH"}]},
            "CustomCurrencyNotFound",
        ),
        (
            {
                "entitlements": [
                    {
                        "type": "FEATURE",
                        "id": "feature-seats",
                        "resetPeriod": "YEAR",
                        "monthlyResetPeriodConfiguration": {"accordingTo": "StartOfTheMonth"},
                    },
                ],
            },
            "InvalidEntitlementResetPeriod",
        ),
        ({"charges": [{"id": "feature-x", "quantity": 1, "type": "FEATURE"}]}, "FeatureNotFound"),
        ({"priceOverrides": [{"amount": 1, "currency": "usd"}]}, "BadUserInput"),
        ({"priceOverrides": [{"baseCharge": True, "amount": 1}]}, "BadUserInput"),
        ({"priceOverrides": [{"baseCharge": True, "amount": 1, "currency": "USD"}]}, "BadUserInput"),
        ({"appliedCoupon": {"couponId": "coupon-x"}}, "CouponNotFound"),
        ({"appliedCoupon": {"promotionCode": "X"}}, "PromotionCodeNotFound"),
        ({"billingPeriod": "ANNUAL"}, "BadUserInput"),
        ({"cancellationDate": None}, "BadUserInput"),
        ({"cancellationDate": "2020-01-01T00:00:00Z"}, "InvalidCancellationDate"),
        ({"startDate": "2030-02-30T00:00:00Z"}, "BadUserInput"),
        ({"trialOverrideConfiguration": {"isTrial": True, "trialEndDate": "2020-01-01T00:00:00Z"}}, "BadUserInput"),
        ({"unknown": 1}, "BadUserInput"),
    ],
)
def test_refused(api: Api, fields: Json, code: str) -> None:
    """What does not exist, does not fit or is malformed is refused with Stigg's code, and nothing is created."""
    assert (400, code) == refusal(api.provision("sub-1", **fields))
    assert api.get("/subscriptions/sub-1").status_code == 404


def test_billing_period(api: Api) -> None:
    """A paid plan needs its billing period; a free and a custom one do not."""
    body = {"customerId": "acme", "paymentCollectionMethod": "NONE"}

    paid = api.post("/subscriptions", planId="plan-starter", **body)

    assert refusal(paid) == (400, "BillingPeriodMissingError")
    assert api.post("/subscriptions", planId="plan-free", **body).status_code == 201
    assert api.post("/subscriptions", planId="plan-enterprise", **body).status_code == 201


def test_chosen_id(api: Api) -> None:
    """A subscription id that is in use, even by a canceled subscription, is refused as a duplicate."""
    api.subscribe("sub-1")
    api.post("/subscriptions/sub-1/cancel", cancellationTime="IMMEDIATE")

    assert refusal(api.provision("sub-1")) == (409, "DuplicatedEntityNotAllowed")


def test_generated_id(api: Api) -> None:
    """Without a chosen id Stigg chooses one."""
    body = {"customerId": "acme", "planId": "plan-free"}

    first, second = (api.post("/subscriptions", **body).json()["data"]["id"] for _ in range(2))

    assert first != second


def test_charged_card(api: Api) -> None:
    """With a card on file the first invoice is paid at once."""
    api.customer("globex", defaultPaymentMethod=CARD)
    answer = api.subscribe("sub-1", customerId="globex", paymentCollectionMethod="CHARGE")

    assert (answer["status"], answer["subscription"]["latestInvoice"]["status"]) == ("SUCCESS", "PAID")


def test_checkout(api: Api, emulator: Emulator) -> None:
    """A subscription that must be paid first does not exist until the customer pays; the one before stays."""
    api.subscribe("sub-1", "plan-free")
    pages = {"successUrl": "https://acme.example/ok", "cancelUrl": "https://acme.example/no"}
    answer = api.subscribe("sub-2", paymentCollectionMethod="CHARGE", checkoutOptions=pages)

    assert (answer["status"], answer["subscription"]) == ("PAYMENT_REQUIRED", None)
    assert answer["checkoutUrl"].startswith("https://")
    assert api.get("/subscriptions/sub-2").status_code == 404
    assert api.status("sub-1") == ("ACTIVE", None)
    emulator.checkout("sub-2")
    assert api.status("sub-2") == ("ACTIVE", None)
    assert api.status("sub-1") == ("CANCELED", "UPGRADE_OR_DOWNGRADE")


def test_no_checkout(api: Api, emulator: Emulator) -> None:
    """Without checkoutOptions there is no payment page: the subscription does not exist, and nobody can pay for it."""
    answer = api.subscribe("sub-2", paymentCollectionMethod="CHARGE")

    assert (answer["status"], answer["checkoutUrl"], answer["checkoutBillingId"]) == ("PAYMENT_REQUIRED", None, None)
    assert emulator.state()["checkouts"] == []
    with pytest.raises(AdminError, match="not found"):
        emulator.checkout("sub-2")


@pytest.mark.parametrize(
    "fields",
    [
        {"paymentCollectionMethod": "INVOICE"},
        {"paymentCollectionMethod": "NONE"},
        {"planId": "plan-free", "paymentCollectionMethod": "CHARGE"},
        {"planId": "plan-enterprise", "paymentCollectionMethod": "CHARGE"},
        {"trialOverrideConfiguration": {"isTrial": True}, "paymentCollectionMethod": "CHARGE"},
    ],
)
def test_nothing_to_pay_first(api: Api, fields: Json) -> None:
    """Invoiced, uncollected, free, custom and trial subscriptions start without a payment method."""
    assert api.subscribe("sub-1", **fields)["status"] == "SUCCESS"


def test_invoiced(api: Api) -> None:
    """An invoiced subscription is active with an open invoice, which blocks nothing before it is overdue."""
    answer = api.subscribe("sub-1")

    assert answer["subscription"]["latestInvoice"]["status"] == "OPEN"
    assert api.provision("sub-2").status_code == 201


def test_unpaid_invoice(api: Api, emulator: Emulator) -> None:
    """An overdue invoice blocks the replacement of its own subscription until it is paid, and no other."""
    api.subscribe("sub-1")
    emulator.invoice("sub-1", "OPEN")
    refused = api.provision("sub-2")

    assert refusal(refused) == (400, "SubscriptionHasUnpaidInvoice")
    assert "unpaid invoice" in refused.json()["message"]
    assert api.provision("sub-3", "plan-workspace", resourceId="site-1").status_code == 201
    api.post("/subscriptions/sub-1/invoice/paid")
    assert api.provision("sub-2").status_code == 201


def test_invoice_paid_twice(api: Api) -> None:
    """Only an open invoice can be marked as paid, and there must be one."""
    api.subscribe("sub-1")
    api.post("/subscriptions/sub-1/invoice/paid")

    assert refusal(api.post("/subscriptions/sub-1/invoice/paid")) == (400, "BillingInvoiceStatusError")
    api.subscribe("sub-2", "plan-free")
    assert refusal(api.post("/subscriptions/sub-2/invoice/paid")) == (400, "MissingBillingInvoiceError")


def test_backdated(api: Api) -> None:
    """A start in the past is kept, and the first charge waits for the next period."""
    shown = api.subscribe("sub-1", startDate="2024-01-31T00:00:00Z")["subscription"]

    assert (shown["status"], shown["latestInvoice"]) == ("ACTIVE", None)
    assert shown["startDate"] == "2024-01-31T00:00:00.000Z"


def test_write_only_fields(api: Api, emulator: Emulator) -> None:
    """What REST never reads back is kept, and shown to tests only."""
    api.subscribe("sub-1", salesforceId="006000000000001")
    kept = emulator.state()["subscriptions"][0]

    assert kept["sent"]["salesforceId"] == "006000000000001"
    assert not {"salesforceId", "billingPeriod", "sent"} & api.subscription("sub-1").keys()


def test_list_leaves_out_entitlements(api: Api) -> None:
    """Lists leave out `subscriptionEntitlements`."""
    api.subscribe("sub-1")
    (listed,) = api.get("/subscriptions?customerId=acme").json()["data"]

    assert api.subscription("sub-1").keys() - listed.keys() == {"subscriptionEntitlements"}
