"""Cancelling: now, at the end of the period, on a date; and what happens by itself when dates pass."""

import pytest

from local.stigg_emulator.hosting import Emulator
from tests.contract.client import Api, Json, refusal

CANCEL = "/subscriptions/sub-1/cancel"
TRIAL = {"isTrial": True, "trialEndDate": "2040-01-15T00:00:00Z"}


@pytest.fixture(autouse=True)
def customer(api: Api, emulator: Emulator) -> None:
    """Create the customer `acme` at the start of 2040."""
    emulator.set_clock("2040-01-01T00:00:00Z")
    api.customer()


def test_now(api: Api) -> None:
    """An immediate cancellation ends the subscription; a second one is refused."""
    api.subscribe("sub-1")
    api.post(CANCEL, cancellationTime="IMMEDIATE")

    assert api.status("sub-1") == ("CANCELED", "Immediate")
    assert refusal(api.post(CANCEL, cancellationTime="IMMEDIATE")) == (400, "SubscriptionAlreadyCanceledOrExpired")


@pytest.mark.parametrize(
    ("body", "date"),
    [
        ({"cancellationTime": "END_OF_BILLING_PERIOD"}, "2040-02-01"),
        ({}, "2040-02-01"),
        ({"cancellationTime": "SPECIFIC_DATE", "endDate": "2040-01-20T00:00:00Z"}, "2040-01-20"),
    ],
)
def test_later(api: Api, emulator: Emulator, body: Json, date: str) -> None:
    """A later cancellation keeps the subscription active until its date."""
    api.subscribe("sub-1")
    shown = api.post(CANCEL, **body).json()["data"]

    assert ("ACTIVE", date) == (shown["status"], shown["cancellationDate"][:10])
    emulator.set_clock("2040-02-01T00:00:01Z")
    assert api.status("sub-1") == ("CANCELED", "ScheduledCancellation")


def test_resumed(api: Api, emulator: Emulator) -> None:
    """A cancellation that is cleared in time does not happen."""
    api.subscribe("sub-1")
    api.post(CANCEL, cancellationTime="END_OF_BILLING_PERIOD")
    api.patch("/subscriptions/sub-1", cancellationDate=None)
    emulator.set_clock("2040-03-01T00:00:00Z")

    assert api.status("sub-1") == ("ACTIVE", None)


@pytest.mark.parametrize(
    ("fields", "body", "code"),
    [
        (
            {"planId": "plan-free"},
            {"cancellationTime": "END_OF_BILLING_PERIOD"},
            "SubscriptionDoesNotHaveBillingPeriod",
        ),
        (
            {"planId": "plan-enterprise"},
            {"cancellationTime": "END_OF_BILLING_PERIOD"},
            "SubscriptionDoesNotHaveBillingPeriod",
        ),
        (
            {"trialOverrideConfiguration": TRIAL},
            {"cancellationTime": "END_OF_BILLING_PERIOD"},
            "TrialMustBeCancelledImmediately",
        ),
        (
            {"trialOverrideConfiguration": TRIAL},
            {"cancellationTime": "SPECIFIC_DATE", "endDate": "2040-01-10T00:00:00Z"},
            "TrialMustBeCancelledImmediately",
        ),
        ({}, {"cancellationTime": "SPECIFIC_DATE"}, "InvalidCancellationDate"),
        ({}, {"cancellationTime": "SPECIFIC_DATE", "endDate": "2039-01-01T00:00:00Z"}, "InvalidCancellationDate"),
        ({}, {"cancellationTime": "TOMORROW"}, "BadUserInput"),
    ],
)
def test_refused(api: Api, fields: Json, body: Json, code: str) -> None:
    """A time that the subscription cannot end at is refused."""
    api.subscribe("sub-1", **fields)

    assert (400, code) == refusal(api.post(CANCEL, **body))


def test_unknown(api: Api) -> None:
    """A subscription that does not exist cannot be canceled."""
    assert refusal(api.post(CANCEL)) == (404, "SubscriptionNotFound")


@pytest.mark.parametrize(
    ("behavior", "status"),
    [("CONVERT_TO_PAID", ("ACTIVE", None)), ("CANCEL_SUBSCRIPTION", ("EXPIRED", "TRIAL_ENDED"))],
)
def test_trial_end(api: Api, emulator: Emulator, behavior: str, status: tuple[str, str | None]) -> None:
    """A trial converts to paid when it ends, or expires."""
    api.subscribe("sub-1", trialOverrideConfiguration={**TRIAL, "trialEndBehavior": behavior})
    assert api.status("sub-1") == ("IN_TRIAL", None)

    emulator.set_clock("2040-01-15T00:00:01Z")
    assert status == api.status("sub-1")


def test_provisioned_end(api: Api, emulator: Emulator) -> None:
    """A cancellation date that was provisioned ends the subscription; years pass in order."""
    api.subscribe("sub-1", cancellationDate="2041-01-01T00:00:00Z")
    api.subscribe("sub-2", startDate="2040-06-01T00:00:00Z", cancellationDate="2041-06-01T00:00:00Z")
    emulator.set_clock("2050-01-01T00:00:00Z")

    assert api.status("sub-1") == ("CANCELED", "UPGRADE_OR_DOWNGRADE")
    assert api.status("sub-2") == ("CANCELED", "ScheduledCancellation")
    assert api.subscription("sub-2")["endDate"] == "2041-06-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("start", "now", "period"),
    [
        ("2040-01-31T00:00:00Z", "2040-02-29T12:00:00Z", ("2040-02-29", "2040-03-31")),
        ("2040-01-31T00:00:00Z", "2040-03-30T12:00:00Z", ("2040-02-29", "2040-03-31")),
        ("2040-01-01T00:00:00Z", "2041-12-31T12:00:00Z", ("2041-12-01", "2042-01-01")),
    ],
)
def test_billing_period(api: Api, emulator: Emulator, start: str, now: str, period: tuple[str, str]) -> None:
    """Billing periods follow each other, on the day of the month that the subscription started on if there is one."""
    api.subscribe("sub-1", startDate=start)
    emulator.set_clock(now)
    shown = api.subscription("sub-1")

    assert period == (shown["currentBillingPeriodStart"][:10], shown["currentBillingPeriodEnd"][:10])
