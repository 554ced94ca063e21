"""What is read of Stigg's answers."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from stigg_actions.stigg.wire import FutureUpdate, LatestInvoice, Provisioned, Subscription, SubscriptionAddon
from stigg_actions.stigg.wire_customers import CreditGrant, Customer
from stigg_actions.stigg.wire_previews import Preview

SUBSCRIPTION = {"id": "sub-1", "customerId": "acme", "planId": "plan-growth", "status": "ACTIVE"}


def test_subscription() -> None:
    """A subscription is read with its add-ons, dates and invoice; what is not known is ignored."""
    expected = Subscription(
        id="sub-1",
        customerId="acme",
        planId="plan-growth",
        status="ACTIVE",
        addons=[SubscriptionAddon(id="addon-seats", quantity=Decimal(3)), SubscriptionAddon(id="addon-support")],
        startDate=datetime(2026, 1, 31, tzinfo=UTC),
        latestInvoice=LatestInvoice(status="OPEN", amountDue=Decimal("49.5")),
        metadata={"a": "b"},
    )

    assert expected == Subscription.model_validate(
        {
            **SUBSCRIPTION,
            "addons": [{"id": "addon-seats", "quantity": 3, "new": 1}, {"id": "addon-support"}],
            "startDate": "2026-01-31T00:00:00Z",
            "latestInvoice": {"status": "OPEN", "amountDue": Decimal("49.5")},
            "metadata": {"a": "b"},
            "somethingNew": {"x": 1},
        }
    )


def test_null() -> None:
    """Lists and metadata that come as null are empty."""
    read = Subscription.model_validate({**SUBSCRIPTION, "addons": None, "metadata": None})

    assert (read.addons, read.metadata) == ([], {})


@pytest.mark.parametrize(
    ("status", "active", "ended"),
    [
        ("ACTIVE", True, False),
        ("IN_TRIAL", True, False),
        ("NOT_STARTED", False, False),
        ("PAYMENT_PENDING", False, False),
        ("CANCELED", False, True),
        ("EXPIRED", False, True),
        ("SOMETHING_NEW", False, False),
    ],
)
def test_status(status: str, *, active: bool, ended: bool) -> None:
    """The status tells whether a subscription is in force, and whether it is over."""
    read = Subscription.model_validate({**SUBSCRIPTION, "status": status})

    assert (active, ended) == (read.is_active, read.has_ended)


@pytest.mark.parametrize(("status", "expected"), [("OPEN", True), ("PAID", False), ("CANCELED", False), (None, False)])
def test_open_invoice(status: str | None, *, expected: bool) -> None:
    """An invoice is open until it is paid or voided."""
    assert expected is LatestInvoice(status=status).is_open


def test_customer_fields() -> None:
    """A customer's fields are found by their names on the wire, modelled or not."""
    customer = Customer.model_validate(
        {"id": "acme", "metadata": {"a": "b"}, "integrations": None, "billingCurrency": "usd", "name": None}
    )
    names = ("metadata", "integrations", "billingCurrency", "name", "email")

    assert [customer.field(name) for name in names] == [{"a": "b"}, [], "usd", None, None]


def test_payment_required() -> None:
    """Provisioning that needs payment first has no subscription."""
    read = Provisioned.model_validate(
        {"id": "sub-1", "status": "PAYMENT_REQUIRED", "subscription": None, "checkoutUrl": "https://pay.example"}
    )

    assert (read.subscription, read.checkout_url) == (None, "https://pay.example")


@pytest.mark.parametrize(
    ("status", "expected"), [("SCHEDULED", (True, False)), ("PENDING_PAYMENT", (False, True)), ("DONE", (False, False))]
)
def test_future_update(status: str, expected: tuple[bool, bool]) -> None:
    """A change that is not in force waits for its time or for a payment."""
    update = FutureUpdate.model_validate({"scheduleStatus": status})

    assert (update.is_scheduled, update.awaits_payment) == expected
