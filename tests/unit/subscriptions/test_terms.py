"""What is known of a subscription's terms, from what Stigg shows of it and what was last sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stigg_actions.stigg.schemas import Subscription
from stigg_actions.subscriptions.terms import DEFERRABLE, SubscriptionTerms

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def terms_of(remembered: dict[str, Any], **shown: object) -> SubscriptionTerms:
    """Return the terms of a subscription as Stigg shows it."""
    answer = {"id": "sub-1", "customerId": "acme", "planId": "plan-growth", "status": "ACTIVE", **shown}
    return SubscriptionTerms(Subscription.model_validate(answer), remembered)


def in_a_period_of(days: float, **shown: object) -> dict[str, object]:
    """Return what Stigg shows of a billing period of so many days."""
    end = MONDAY + timedelta(days=days)
    return {"currentBillingPeriodStart": MONDAY.isoformat(), "currentBillingPeriodEnd": end.isoformat(), **shown}


@pytest.mark.parametrize(
    ("days", "period"),
    [
        (27, None),
        (28, "MONTHLY"),
        (29, "MONTHLY"),
        (30, "MONTHLY"),
        (31, "MONTHLY"),
        (31.9, "MONTHLY"),
        (32, None),
        (90, None),
        (359, None),
        (360, "ANNUALLY"),
        (365, "ANNUALLY"),
        (366, "ANNUALLY"),
    ],
)
def test_the_billing_period_by_its_length(days: float, period: str | None) -> None:
    """A month has 28 to 31 days and a year 360 or more; a period of another length is a part of one, or neither."""
    other = "ANNUALLY" if period == "MONTHLY" else "MONTHLY"
    terms = terms_of({"planId": "plan-growth"}, **in_a_period_of(days))

    assert terms.value("billingPeriod") == period
    assert (terms.same("billingPeriod", period), terms.same("billingPeriod", other)) == (period is not None, False)


@pytest.mark.parametrize("shown", [{"status": "IN_TRIAL"}, {"currentBillingPeriodStart": None}])
def test_a_period_that_tells_nothing(shown: dict[str, object]) -> None:
    """The period of a trial is the trial's, and half a period has no length."""
    assert terms_of({"planId": "plan-growth"}, **in_a_period_of(30, **shown)).value("billingPeriod") is None


def test_a_period_that_contradicts_what_was_sent() -> None:
    """A billing period that was sent is as wanted only while Stigg shows no other one."""
    sent = {"planId": "plan-growth", "billingPeriod": "MONTHLY"}

    assert terms_of(sent, **in_a_period_of(30)).same("billingPeriod", "MONTHLY")
    assert terms_of(sent, **in_a_period_of(12)).same("billingPeriod", "MONTHLY")
    assert not terms_of(sent, **in_a_period_of(365)).same("billingPeriod", "MONTHLY")
    assert not terms_of(sent, **in_a_period_of(365)).same("billingPeriod", "ANNUALLY")


@pytest.mark.parametrize(
    ("coupons", "is_same"),
    [
        ([{"id": "ten", "status": "ACTIVE"}], True),
        ([{"id": "twenty", "status": "ACTIVE"}], False),
        ([{"id": "ten", "status": "EXPIRED"}, {"id": "twenty", "status": "ACTIVE"}], False),
        ([{"id": "ten", "status": "ACTIVE"}, {"id": "twenty", "status": "ACTIVE"}], True),
        ([], False),
    ],
)
def test_a_coupon_that_was_changed_in_the_app(coupons: list[dict[str, str]], *, is_same: bool) -> None:
    """A coupon that was sent is as wanted only while Stigg shows that it applies."""
    sent = {"planId": "plan-growth", "appliedCoupon": {"couponId": "ten"}}

    assert terms_of(sent, coupons=coupons).same("appliedCoupon", {"couponId": "ten"}) == is_same
    assert not terms_of(sent, coupons=coupons).same("appliedCoupon", {"couponId": "twenty"})


def test_a_discount_without_a_name() -> None:
    """A discount that is no coupon of Stigg's has no id to be looked for: what was sent counts while one applies."""
    discount = {"discount": {"percentOff": 10}}
    sent = {"planId": "plan-growth", "appliedCoupon": discount}

    assert terms_of(sent, coupons=[{"id": "made-up", "status": "ACTIVE"}]).same("appliedCoupon", discount)
    assert not terms_of(sent).same("appliedCoupon", discount)


@pytest.mark.parametrize("of_one_change", ["isBackdated", "isInvoicePaid", "prorationBehavior"])
def test_what_was_said_of_one_change(of_one_change: str) -> None:
    """Of billing information that was sent, what concerned that one change is no term of the subscription."""
    sent = {"planId": "plan-growth", "billingInformation": {"taxIds": ["t"], of_one_change: True}}

    assert terms_of(sent).value("billingInformation") == {"taxIds": ["t"]}
    assert terms_of(sent).known()["billingInformation"] == {"taxIds": ["t"]}


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("ADDON", "addons"),
        ("COUPON", "appliedCoupon"),
        ("BILLING_INFO_METADATA", "billingInformation"),
        ("BILLING_PERIOD", "billingPeriod"),
        ("UNIT_AMOUNT", "charges"),
        ("RECURRING_CREDITS", "charges"),
        ("ADDITIONAL_META_DATA", "metadata"),
        ("PRICE_OVERRIDE", "priceOverrides"),
    ],
)
@pytest.mark.parametrize(("status", "waits"), [("SCHEDULED", True), ("PENDING_PAYMENT", True), ("DONE", False)])
def test_what_waits(kind: str, field: str, status: str, *, waits: bool) -> None:
    """A term whose change waits for its time or a payment is not as wanted, whatever it is now; the others are."""
    update = {"subscriptionScheduleType": kind, "scheduleStatus": status}
    terms = terms_of({"planId": "plan-growth"}, futureUpdates=[update])
    others = {"addons", "appliedCoupon", "billingInformation", "billingPeriod", "charges", "priceOverrides"} - {field}

    assert terms.deferred(field) == waits
    assert [other for other in sorted(others) if terms.deferred(other)] == []
    assert {*others, field, "metadata"} == DEFERRABLE
