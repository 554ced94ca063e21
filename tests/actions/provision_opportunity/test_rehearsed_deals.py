"""Every other scenario of provision-opportunity, with a dry run before each call: both say the same of every line."""

import pytest

from tests.actions.provision_opportunity import (
    test_amounts,
    test_changes_in_the_app,
    test_contracts,
    test_deals,
    test_owners,
    test_recreated_lines,
    test_refusals,
    test_removed_lines,
    test_repeats,
)
from tests.support.harness import Harness
from tests.support.rehearsals import RehearsingHarness

SCENARIOS = (
    test_amounts,
    test_changes_in_the_app,
    test_contracts,
    test_deals,
    test_owners,
    test_recreated_lines,
    test_refusals,
    test_removed_lines,
    test_repeats,
)
ONLY_THE_REAL_CALL = {
    "meets a fault of a write": {
        "test_a_line_that_fails",
        "test_a_line_that_cannot_be_taken_over_now",
        "test_a_line_that_fails_after_it_took_over",
        "test_without_a_customer_nothing_is_done",
    },
    "notices that a payment page was paid or has ended": {
        "test_a_page_that_was_paid_before_the_new_line_came",
        "test_a_payment_page_of_a_removed_line",
    },
    "is counted": {"test_the_calls_of_a_retry", "test_one_look_at_products", "test_many_plans"},
}
"""Scenarios that say nothing about dry runs, by what only the real call does."""

_LEFT_OUT = set().union(*ONLY_THE_REAL_CALL.values())
globals().update(
    {
        f"{name}_of_{module.__name__.rpartition('.')[2]}": scenario
        for module in SCENARIOS
        for name, scenario in vars(module).items()
        if name.startswith("test_") and name not in _LEFT_OUT
    }
)


@pytest.fixture
def actions(actions: Harness) -> Harness:
    """The deployment, which rehearses each opportunity first."""
    return RehearsingHarness.of(actions)
