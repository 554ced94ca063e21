"""The scenarios of provision-opportunity make a dry run before each call: both must say the same of every line."""

import pytest

from tests.support.harness import Harness
from tests.support.rehearsals import RehearsingHarness

SCENARIOS = {
    "test_amounts",
    "test_changes_in_the_app",
    "test_co_termination",
    "test_contracts",
    "test_deals",
    "test_deltas",
    "test_discounts",
    "test_ended_lines",
    "test_owners",
    "test_recreated_lines",
    "test_refusals",
    "test_removed_lines",
    "test_repeats",
    "test_trials",
}
ONLY_THE_REAL_CALL = {
    "meets a fault of a write": {
        "test_a_line_that_fails",
        "test_a_line_that_cannot_be_taken_over_now",
        "test_a_line_that_fails_after_it_took_over",
        "test_without_a_customer_nothing_is_done",
        "test_parts_of_a_plan_that_fails",
        "test_a_refused_end",
        "test_a_refused_change_is_tried_again",
        "test_a_difference_that_is_set_back_after_a_kill",
        "test_without_a_price",
    },
    "notices that a payment page was paid or has ended": {
        "test_a_page_that_was_paid_before_the_new_line_came",
        "test_a_payment_page_of_a_removed_line",
    },
    "is counted, or killed": {
        "test_the_calls_of_a_retry",
        "test_one_look_at_products",
        "test_many_plans",
        "test_every_check_of_a_plan_reads_it_once",
        "test_all_that_is_ended",
        "test_a_killed_end_is_carried_on",
        "test_a_killed_change_is_carried_on",
        "test_the_same_change_just_before",
        "test_a_record_without_what_it_had_sold",
        "test_a_term_that_starts_later",
        "test_a_corrected_discount_changes_it_once",
    },
}
"""Scenarios that say nothing about dry runs, by what only the real call does."""

_LEFT_OUT = set().union(*ONLY_THE_REAL_CALL.values())


@pytest.fixture
def actions(actions: Harness, request: pytest.FixtureRequest) -> Harness:
    """The deployment, which rehearses each opportunity first where a scenario says something about dry runs."""
    rehearses = request.path.stem in SCENARIOS and request.function.__name__ not in _LEFT_OUT
    return RehearsingHarness.of(actions) if rehearses else actions
