"""On which dates a subscription can end."""

from datetime import UTC, datetime, timedelta

import pytest

from stigg_actions.errors import RequestInvalid
from stigg_actions.stigg.schemas import Subscription
from stigg_actions.subscriptions.end_date import check_end

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
START = NOW + timedelta(days=10)
A_MOMENT = timedelta(microseconds=1)


def subscription(**shown: datetime) -> Subscription:
    """Return a subscription that Stigg shows with these dates."""
    return Subscription.model_validate(
        {"id": "sub-1", "customerId": "acme", "planId": "plan-growth", "status": "NOT_STARTED", **shown}
    )


@pytest.mark.parametrize(
    ("end", "problem"),
    [
        (NOW - A_MOMENT, "lies in the past; to end it now, use cancel-subscription"),
        (NOW, "lies in the past; to end it now, use cancel-subscription"),
        (START - A_MOMENT, "lies before the start of the subscription; give a later date"),
        (START, "lies before the start of the subscription; give a later date"),
    ],
)
def test_an_end_that_is_none(end: datetime, problem: str) -> None:
    """An end that is not after now, or not after the start, is refused by the field that names it."""
    with pytest.raises(RequestInvalid) as refused:
        check_end(end, subscription(startDate=START), now=NOW.timestamp())

    assert [(detail.field, detail.problem) for detail in refused.value.details] == [("cancellationDate", problem)]


@pytest.mark.parametrize("end", [START + A_MOMENT, START + timedelta(days=365)])
def test_an_end_after_the_start(end: datetime) -> None:
    """An end after the start is one."""
    check_end(end, subscription(startDate=START), now=NOW.timestamp())


def test_the_end_that_it_has() -> None:
    """The end that a subscription has already is no news, wherever it lies."""
    past = NOW - timedelta(days=1)

    check_end(past, subscription(startDate=START, cancellationDate=past), now=NOW.timestamp())
    check_end(None, subscription(startDate=START), now=NOW.timestamp())
