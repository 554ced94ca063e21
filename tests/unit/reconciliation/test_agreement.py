"""Whether a mapping agrees with Stigg, and if not, whether somebody changed that by hand."""

from typing import Any

import pytest

from stigg_actions.reconciliation.agreement import agrees, changed_outside
from stigg_actions.stigg.schemas import Subscription
from stigg_actions.storage.mapping import MappedSubscription, RecordState

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z
BEFORE, LATER = "2027-01-10T00:00:00.000Z", "2027-02-01T00:00:00.000Z"


def mapped(**fields: Any) -> MappedSubscription:  # noqa: ANN401 - any field
    """A subscription as it is mapped."""
    return MappedSubscription("sub-1", "plan-growth", **{"status": "ACTIVE", "operation_key": "provision-1", **fields})


def in_stigg(**fields: Any) -> Subscription:  # noqa: ANN401 - any field
    """The same as Stigg shows it."""
    shown = {"id": "sub-1", "customerId": "cust-acme", "planId": "plan-growth", "status": "ACTIVE", **fields}
    return Subscription.model_validate(shown)


def by_hand(before: MappedSubscription, after: Subscription, upcoming: MappedSubscription | None = None) -> bool:
    """Whether a change is one by hand."""
    record = RecordState("00D000000000001EAA", "00k000000000001AAA", "cust-acme", current=before, upcoming=upcoming)
    return changed_outside(record, before, after, now=NOW)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ({}, {}, True),
        ({"end_date": BEFORE}, {}, True),
        ({"cancellation_date": LATER}, {"cancellationDate": "2027-02-01T01:00:00+01:00"}, True),
        ({"cancellation_date": LATER}, {}, False),
        ({}, {"trialEndDate": LATER}, False),
        ({}, {"status": "CANCELED"}, False),
        ({}, {"planId": "plan-starter"}, False),
        ({"payment_failed_at": BEFORE}, {"latestInvoice": {"status": "OPEN"}}, True),
        ({"payment_failed_at": BEFORE}, {"latestInvoice": {"status": "PAID"}}, False),
    ],
)
def test_agrees(before: dict[str, Any], after: dict[str, Any], *, same: bool) -> None:
    """Plan, status and the dates that are set must be the same moment; when it ended is no matter."""
    assert agrees(mapped(**before), in_stigg(**after)) is same


@pytest.mark.parametrize(
    ("before", "after", "outside"),
    [
        ({}, {"status": "CANCELED", "endDate": BEFORE}, True),
        ({"cancellation_date": LATER}, {"status": "CANCELED", "endDate": BEFORE}, True),
        ({"cancellation_date": BEFORE}, {"status": "CANCELED", "endDate": BEFORE}, False),
        ({"cancellation_date": BEFORE}, {"status": "CANCELED"}, False),
        ({"cancellation_date": LATER}, {"status": "CANCELED", "endDate": LATER}, False),
        ({"status": "IN_TRIAL", "trial_end_date": BEFORE}, {"trialEndDate": BEFORE}, False),
        ({"status": "IN_TRIAL", "trial_end_date": LATER}, {}, True),
        ({"status": "IN_TRIAL", "trial_end_date": LATER}, {"currentBillingPeriodStart": LATER}, False),
        ({"status": "IN_TRIAL", "trial_end_date": LATER}, {"status": "IN_TRIAL", "trialEndDate": BEFORE}, True),
        ({"status": "NOT_STARTED", "starts_at": 1_799_999_999}, {}, False),
        ({"status": "NOT_STARTED", "starts_at": 1_900_000_000}, {"startDate": BEFORE}, True),
        ({"status": "PAYMENT_PENDING"}, {}, False),
        ({"status": "PAYMENT_PENDING"}, {"status": "EXPIRED"}, True),
        ({}, {"cancellationDate": LATER}, True),
        ({}, {"trialEndDate": LATER}, False),
        ({}, {"planId": "plan-starter"}, True),
        ({"payment_failed_at": BEFORE}, {}, False),
    ],
)
def test_changed_outside(before: dict[str, Any], after: dict[str, Any], *, outside: bool) -> None:
    """What was set for its time and has come about is no change by hand; what came earlier, or was not set, is."""
    assert by_hand(mapped(**before), in_stigg(**after)) is outside


def test_its_follower_has_started() -> None:
    """A subscription that ends because the one that was to follow it starts was not ended by hand."""
    follower = MappedSubscription("sub-2", "plan-starter", "NOT_STARTED", "provision-2", starts_at=1_799_999_999)
    ended = in_stigg(status="CANCELED", endDate="2027-01-15T07:59:59.000Z")

    assert not by_hand(mapped(), ended, upcoming=follower)
    assert by_hand(mapped(), ended)
