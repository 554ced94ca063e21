"""Replacement: of one customer, resource and product, one subscription and one trial are live."""

import pytest

from local.stigg_emulator.hosting import Emulator
from tests.contract.client import Api

TRIAL = {"isTrial": True, "trialEndDate": "2040-01-15T00:00:00Z"}
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def customer(api: Api, emulator: Emulator) -> None:
    """Create the customer `acme` at the start of 2040."""
    emulator.set_clock("2040-01-01T00:00:00Z")
    api.customer()


def test_replaced(api: Api) -> None:
    """A new subscription ends the one before."""
    api.subscribe("sub-1")
    api.subscribe("sub-2", "plan-growth")

    assert api.status("sub-1") == ("CANCELED", "UPGRADE_OR_DOWNGRADE")
    assert api.status("sub-2") == ("ACTIVE", None)


def test_other_product_and_resource(api: Api) -> None:
    """Subscriptions of other products and resources live side by side."""
    api.subscribe("sub-1")
    api.subscribe("sub-2", "plan-workspace", resourceId="site-1")
    api.subscribe("sub-3", "plan-workspace", resourceId="site-2")
    api.subscribe("sub-4", "plan-workspace", resourceId="site-2")

    assert [api.status(f"sub-{n}")[0] for n in range(1, 5)] == ["ACTIVE", "ACTIVE", "CANCELED", "ACTIVE"]


def test_future_start(api: Api, emulator: Emulator) -> None:
    """A subscription that starts later is announced on the one it will end, and ends it when it starts."""
    api.subscribe("sub-1", "plan-growth")
    answer = api.subscribe("sub-2", startDate="2040-01-11T00:00:00Z")

    assert (answer["isScheduled"], answer["subscription"]["status"]) == (True, "NOT_STARTED")
    assert api.status("sub-1") == ("ACTIVE", None)
    (announced,) = api.subscription("sub-1")["futureUpdates"]
    assert (announced["subscriptionScheduleType"], announced["targetPackage"]) == ("DOWNGRADE", {"id": "plan-starter"})
    emulator.advance(10 * DAY)
    assert api.status("sub-1") == ("CANCELED", "UPGRADE_OR_DOWNGRADE")
    assert api.subscription("sub-1")["endDate"] == "2040-01-11T00:00:00.000Z"
    assert api.status("sub-2") == ("ACTIVE", None)


def test_strategy(api: Api) -> None:
    """A downgrade applies at once, unless its strategy waits for the end of the billing period."""
    api.subscribe("sub-1", "plan-growth")
    answer = api.subscribe("sub-2", "plan-grace", scheduleStrategy="END_OF_BILLING_PERIOD")

    assert answer["subscription"]["startDate"][:10] == "2040-02-01"
    api.subscribe("sub-3", "plan-grace")
    assert api.status("sub-1") == ("CANCELED", "UPGRADE_OR_DOWNGRADE")
    assert api.status("sub-2") == ("CANCELED", "UPGRADE_OR_DOWNGRADE")


def test_unscheduled_successor(api: Api, emulator: Emulator) -> None:
    """Dropping the schedule withdraws the successor."""
    api.subscribe("sub-1")
    api.subscribe("sub-2", "plan-grace", scheduleStrategy="END_OF_BILLING_PERIOD")
    api.call("DELETE", "/subscriptions/sub-1/future-update/schedule")
    emulator.advance(40 * DAY)

    assert api.status("sub-1") == ("ACTIVE", None)
    assert api.status("sub-2")[0] == "CANCELED"


def test_canceled_successor(api: Api, emulator: Emulator) -> None:
    """A successor that is canceled before its start replaces nothing, and is announced no more."""
    api.subscribe("sub-1")
    api.subscribe("sub-2", startDate="2040-01-11T00:00:00Z")
    api.post("/subscriptions/sub-2/cancel", cancellationTime="IMMEDIATE")
    emulator.advance(20 * DAY)

    assert api.status("sub-1") == ("ACTIVE", None)
    assert api.subscription("sub-1")["futureUpdates"] == []


def test_trial_beside_paid(api: Api) -> None:
    """A trial replaces a trial, not what is paid."""
    api.subscribe("sub-1")
    api.subscribe("sub-2", "plan-growth", trialOverrideConfiguration=TRIAL)
    api.subscribe("sub-3", "plan-growth", trialOverrideConfiguration=TRIAL)

    assert [api.status(f"sub-{n}")[0] for n in range(1, 4)] == ["ACTIVE", "CANCELED", "IN_TRIAL"]


def test_paid_after_trial(api: Api, emulator: Emulator) -> None:
    """A paid subscription lets the running trial end first."""
    api.subscribe("sub-1", "plan-growth", trialOverrideConfiguration=TRIAL)
    answer = api.subscribe("sub-2", "plan-growth")

    assert (
        answer["subscription"]["status"],
        answer["subscription"]["startDate"][:10],
    ) == ("NOT_STARTED", "2040-01-15")
    emulator.advance(15 * DAY)
    assert api.status("sub-1") == ("CANCELED", "TRIAL_CONVERTED")
    assert api.status("sub-2") == ("ACTIVE", None)


def test_paid_instead_of_trial(api: Api) -> None:
    """A paid subscription that may not wait ends the trial at once."""
    api.subscribe("sub-1", "plan-growth", trialOverrideConfiguration=TRIAL)
    api.subscribe("sub-2", "plan-growth", scheduleStrategy="IMMEDIATE")

    assert api.status("sub-1") == ("CANCELED", "TRIAL_CONVERTED")
    assert api.status("sub-2") == ("ACTIVE", None)


def test_transfer(api: Api) -> None:
    """A subscription moves to a free resource only."""
    api.subscribe("sub-1", "plan-workspace", resourceId="site-1")
    api.subscribe("sub-2", "plan-workspace", resourceId="site-2")
    taken = api.post("/subscriptions/sub-1/transfer", destinationResourceId="site-2")
    moved = api.post("/subscriptions/sub-1/transfer", destinationResourceId="site-3")

    assert taken.json()["code"] == "TooManySubscriptionsPerCustomer"
    assert moved.json()["data"]["resourceId"] == "site-3"
