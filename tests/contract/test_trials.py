"""Trials, by the SDK: they end by the clock, become paid in place, and are replaced by what is paid."""

from typing import Any

import pytest
import stigg as sdk
from stigg import Stigg

from local.stigg_emulator.hosting import Emulator

DAY = 86_400
TERMS: Any = {"plan_id": "plan-growth", "billing_period": "MONTHLY", "payment_collection_method": "INVOICE"}
CONVERT: Any = {"is_trial": True, "trial_end_date": "2040-01-15T00:00:00Z", "trial_end_behavior": "CONVERT_TO_PAID"}
CANCEL: Any = {**CONVERT, "trial_end_behavior": "CANCEL_SUBSCRIPTION"}


@pytest.fixture(autouse=True)
def customer(stigg: Stigg, emulator: Emulator) -> None:
    """Create the customer `acme` at the start of 2040."""
    emulator.set_clock("2040-01-01T00:00:00Z")
    stigg.v1.customers.provision(id="acme")


def provision(stigg: Stigg, trial: Any, subscription_id: str = "sub-1", **terms: Any) -> None:  # noqa: ANN401 - the SDK's
    """Provision a trial."""
    trial_terms = {"trial_override_configuration": trial, **TERMS, **terms}
    stigg.v1.subscriptions.provision(id=subscription_id, customer_id="acme", **trial_terms)


def state(stigg: Stigg, subscription_id: str = "sub-1") -> tuple[str, str | None]:
    """Return the status of a subscription and why it was canceled."""
    shown = stigg.v1.subscriptions.retrieve(subscription_id).data
    return shown.status, shown.cancel_reason


def test_a_trial_ends_by_the_clock(stigg: Stigg, emulator: Emulator) -> None:
    """A trial is in trial until its end, and is then paid or expired, as it was provisioned."""
    provision(stigg, CONVERT)
    provision(stigg, CANCEL, "sub-2", plan_id="plan-workspace", resource_id="site-1")
    emulator.advance(13 * DAY)
    assert [state(stigg, name) for name in ("sub-1", "sub-2")] == [("IN_TRIAL", None)] * 2

    emulator.advance(2 * DAY)

    paid = stigg.v1.subscriptions.retrieve("sub-1").data
    assert [state(stigg, name) for name in ("sub-1", "sub-2")] == [("ACTIVE", None), ("EXPIRED", "TRIAL_ENDED")]
    assert paid.trial is not None
    assert (paid.trial.trial_end_behavior, paid.latest_invoice is not None) == ("CONVERT_TO_PAID", True)


def test_the_end_of_a_trial_is_moved(stigg: Stigg, emulator: Emulator) -> None:
    """An earlier end makes a trial paid then; the end must lie ahead, and the subscription must be in trial."""
    provision(stigg, CONVERT)
    update = stigg.v1.subscriptions.update
    with pytest.raises(sdk.BadRequestError, match="in the future"):
        update("sub-1", trial_end_date="2039-12-31T00:00:00Z")

    moved = update("sub-1", trial_end_date="2040-01-01T00:01:00Z")
    emulator.advance(120)

    assert moved.data.status == "IN_TRIAL"
    assert state(stigg) == ("ACTIVE", None)
    with pytest.raises(sdk.BadRequestError, match="not in trial"):
        update("sub-1", trial_end_date="2040-02-01T00:00:00Z")


def test_an_earlier_end_cancels_a_trial_that_is_to_be_canceled(stigg: Stigg, emulator: Emulator) -> None:
    """What follows a trial cannot be updated, so that its end cancels it, however early."""
    provision(stigg, CANCEL)
    stigg.v1.subscriptions.update("sub-1", trial_end_date="2040-01-01T00:01:00Z")
    emulator.advance(120)

    assert state(stigg) == ("EXPIRED", "TRIAL_ENDED")


def test_a_paid_subscription_replaces_a_trial(stigg: Stigg) -> None:
    """A paid subscription that may not wait ends the trial at once; no second one stays beside it."""
    provision(stigg, CANCEL)
    stigg.v1.subscriptions.provision(
        id="sub-2",
        customer_id="acme",
        schedule_strategy="IMMEDIATE",
        trial_override_configuration={"is_trial": False},
        **TERMS,
    )

    assert (state(stigg), state(stigg, "sub-2")) == (("CANCELED", "TRIAL_CONVERTED"), ("ACTIVE", None))
