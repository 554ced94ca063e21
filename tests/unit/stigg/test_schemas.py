"""What is read of Stigg's answers."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from stigg_actions.clock import date_text
from stigg_actions.stigg.customer_schemas import CreditGrant, Customer
from stigg_actions.stigg.preview_schemas import Preview
from stigg_actions.stigg.schemas import FutureUpdate, LatestInvoice, Provisioned, Subscription, SubscriptionAddon
from stigg_actions.subscriptions.terms import UNKNOWN, SubscriptionTerms

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


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31T00:00:00Z", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T00:00:00.123Z", datetime(2026, 1, 31, microsecond=123_000, tzinfo=UTC)),
        ("2026-01-31T02:00:00+02:00", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999Z", datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        ("9999-12-31T23:59:59-01:00", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 2, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", datetime(1, 1, 2, tzinfo=UTC)),
        (None, None),
        ("", None),
    ],
)
def test_dates(value: object, expected: datetime | None) -> None:
    """A date is read in UTC, to the millisecond, within what can be written again; null and blank are none."""
    read = Subscription.model_validate({**SUBSCRIPTION, "cancellationDate": value, "createdAt": value})

    assert (read.cancellation_date, read.created_at) == (expected, expected)
    assert (date_text(read.cancellation_date) is None) is (expected is None)


@pytest.mark.parametrize(
    "value", ["tomorrow", 5, {}, "+275760-09-13T00:00:00.000Z", "2026-02-30T00:00:00Z", "0000-00-00"]
)
def test_dates_that_are_none(value: object) -> None:
    """A date on which decisions rest makes its subscription unreadable if it is none; one that is shown is left."""
    with pytest.raises(ValidationError, match="cancellationDate"):
        Subscription.model_validate({**SUBSCRIPTION, "cancellationDate": value})

    assert Subscription.model_validate({**SUBSCRIPTION, "createdAt": value}).created_at is None


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (None, {}),
        ("text", {}),
        ([], {}),
        (
            {"n": 7, "f": Decimal("0.10"), "b": True, "z": None, "o": {"a": [1, None]}, "t": "x", "e": ""},
            {"n": "7", "f": "0.1", "b": "true", "o": '{"a":[1,null]}', "t": "x", "e": ""},
        ),
    ],
    ids=range(4),
)
def test_metadata(metadata: object, expected: dict[str, str]) -> None:
    """Metadata is text by name: other values are written as text, null is left out."""
    read = Subscription.model_validate({**SUBSCRIPTION, "metadata": metadata})

    assert (read.metadata, read.is_unread("metadata")) == (expected, False)


@pytest.mark.parametrize(
    ("field", "value", "term"),
    [
        ("addons", [{"id": "a", "quantity": 2.5}], "addons"),
        ("addons", [{"id": "a", "quantity": "many"}, {"id": "b"}], "addons"),
        ("addons", [None], "addons"),
        ("addons", "text", "addons"),
        ("coupons", [{"status": "ACTIVE"}], "appliedCoupon"),
        ("subscriptionEntitlements", [{"type": "FEATURE"}], "entitlements"),
        ("budget", {"limit": 5, "hasSoftLimit": "perhaps"}, "budget"),
        ("minimumSpend", {"amount": "much", "currency": "usd"}, "minimumSpend"),
        ("minimumSpend", 5, "minimumSpend"),
    ],
)
def test_parts_that_cannot_be_read(field: str, value: object, term: str) -> None:
    """A part that is shown, but cannot be read, is left out, and known to be unknown: nothing is built on it."""
    read = Subscription.model_validate({**SUBSCRIPTION, field: value})
    terms = SubscriptionTerms(read, {"planId": "plan-growth", "addons": [], "entitlements": []})

    assert read.is_unread(term)
    assert terms.value(term) is UNKNOWN
    assert not terms.same(term, value)


@pytest.mark.parametrize("value", [None, [], {}, "absent"], ids=str)
def test_parts_that_are_empty(value: object) -> None:
    """A part that is absent, null or empty is known to be nothing."""
    names = ("addons", "coupons", "subscriptionEntitlements", "budget", "minimumSpend")
    shown = {**SUBSCRIPTION, **({} if value == "absent" else dict.fromkeys(names, value))}
    read = Subscription.model_validate(shown)

    assert [read.is_unread(term) for term in ("addons", "appliedCoupon", "entitlements", "budget", "minimumSpend")] == [
        False
    ] * 5
    assert (read.addons, read.coupons, read.subscription_entitlements, read.budget, read.minimum_spend) == (
        [],
        [],
        [],
        None,
        None,
    )


def test_money_as_a_request_has_it() -> None:
    """Minimum spend and budget are read by the names of a request, without what is new or null in them."""
    read = Subscription.model_validate(
        {
            **SUBSCRIPTION,
            "minimumSpend": {"amount": 5, "currency": None, "period": "MONTH"},
            "budget": {"limit": Decimal("9.5"), "hasSoftLimit": False, "spent": 1},
        }
    )

    assert read.minimum_spend == {"amount": Decimal(5)}
    assert read.budget == {"limit": Decimal("9.5"), "hasSoftLimit": False}


@pytest.mark.parametrize("value", ["5", Decimal("1e300"), "1e999999", "much", True, None, {}, 10**41, "NaN"], ids=str)
def test_amounts_that_are_only_shown(value: object) -> None:
    """An amount that no answer could hold, or that is none, is as if it were absent."""
    read = LatestInvoice.model_validate({"amountDue": value, "status": "OPEN"})

    assert read.amount_due == (Decimal(5) if value == "5" else None)
    assert read.is_open


@pytest.mark.parametrize("value", [5, [], {"id": 5}, "text", {"status": 7, "billingId": " "}], ids=range(5))
def test_what_is_only_shown(value: object) -> None:
    """What is only passed on never fails the whole, whatever it is."""
    read = Subscription.model_validate(
        {
            **SUBSCRIPTION,
            "latestInvoice": value,
            "futureUpdates": [{"targetPackage": value, "scheduleStatus": value, "scheduledExecutionTime": value}],
            "pricingType": value,
            "cancelReason": value,
            "payingCustomerId": value,
        }
    )

    assert (read.owes, read.awaits_payment, len(read.future_updates)) == (False, False, 1)


@pytest.mark.parametrize("name", ["id", "customerId", "planId", "status"])
@pytest.mark.parametrize("value", [None, "", " ", 5, {}, "absent"], ids=str)
def test_identity(name: str, value: object) -> None:
    """Without id, customer, plan or status a subscription is none."""
    shown = {**SUBSCRIPTION, name: value}
    with pytest.raises(ValidationError, match=name):
        Subscription.model_validate({key: part for key, part in shown.items() if part != "absent"})


def test_ids_that_no_key_can_hold() -> None:
    """An id is as long as a key of the tables may be."""
    long = "x" * 1_000
    read = Subscription.model_validate({**SUBSCRIPTION, "id": long, "resourceId": long})
    with pytest.raises(ValidationError, match="too long"):
        Subscription.model_validate({**SUBSCRIPTION, "resourceId": long + "x"})

    assert (read.id, read.resource_id) == (long, long)
    assert Subscription.model_validate({**SUBSCRIPTION, "resourceId": ""}).resource_id is None


def test_links() -> None:
    """Links to other systems are read as PATCH takes them; one without an id is none."""
    links = [{"id": "i-1", "vendorIdentifier": "SALESFORCE", "new": 1}, {"vendorIdentifier": "STRIPE"}, 5]
    customer = Customer.model_validate({"id": "acme", "integrations": links})

    assert customer.links == [{"id": "i-1", "syncedEntityId": None, "vendorIdentifier": "SALESFORCE"}]


def test_an_accepted_subscription_that_cannot_be_read() -> None:
    """A subscription that cannot be read does not make the acceptance of its provisioning unreadable."""
    read = Provisioned.model_validate({"id": "sub-1", "status": "SUCCESS", "subscription": {"id": 5}})

    assert (read.status, read.subscription) == ("SUCCESS", None)


def test_a_grant_of_an_amount_that_no_answer_holds() -> None:
    """An amount beyond all measure is left out of a grant, which is there all the same."""
    grant = {"id": "g", "customerId": "acme", "currencyId": "c", "status": "ACTIVE", "amount": Decimal("1e300")}

    assert CreditGrant.model_validate(grant).amount is None


def test_preview_lines() -> None:
    """A line of a preview that cannot be read is left out; what the others lack is none."""
    shown = {"immediateInvoice": {"total": 5, "lines": [5, {"quantity": "x"}]}, "isPlanDowngrade": "perhaps"}
    read = Preview.model_validate(shown)

    assert read.immediate_invoice is not None
    assert [line.quantity for line in read.immediate_invoice.lines] == [None]
    assert read.is_plan_downgrade is None
