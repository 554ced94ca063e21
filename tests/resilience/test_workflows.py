"""Workflows are commands: nobody can look up whether one has run, so none is repeated that may have."""

import pytest

from tests.resilience.matrix import Matrix, places
from tests.resilience.mishaps import LOST_ANSWERS, no_connection
from tests.resilience.scenarios import Scenario
from tests.resilience.stage import A_REPEAT_CARRIES_ON, RECONCILE_IS_SURE, Stage
from tests.support.network import Network
from tests.support.some import some

WITHOUT_KEY = Scenario("trigger-workflow", "trigger-workflow", {"triggerId": "notify-customer"}, before=())
WITH_KEY = Scenario(
    "trigger-workflow, with a key", "trigger-workflow", {**WITHOUT_KEY.body, "idempotencyKey": "deal-1"}, before=()
)
TRIGGER = "Stigg POST /graphql"


def runs(stage: Stage) -> int:
    """How many workflows have run."""
    return len(stage.actions.emulator.state()["workflowRuns"])


@pytest.mark.parametrize("reconciled", [False, True], ids=["repeat", "reconcile"])
def test_killed_anywhere_with_a_key(matrix: Matrix, *, reconciled: bool) -> None:
    """Wherever the process dies, a workflow with a key runs at most once, and the repeat says what is known of it."""
    stage, story = matrix.stage, matrix.stage.story(WITH_KEY)
    start, trigger = story.calls.index("DynamoDB transact_write_items"), story.calls.index(TRIGGER)
    for place in some(places(story.calls)):
        stage.arrange(WITH_KEY)
        matrix.stage.kill(WITH_KEY, place.number, after=place.after)
        has_run, is_recorded = runs(stage), (place.number, place.after) >= (start, True)
        stage.actions.clock.skip(RECONCILE_IS_SURE if reconciled else A_REPEAT_CARRIES_ON)
        if reconciled:
            stage.actions.invoke("reconcile", {})

        reply = stage.actions.post(WITH_KEY.action, WITH_KEY.body)

        is_finished = (place.number, place.after) == (len(story.calls) - 1, True)
        assert has_run == ((place.number, place.after) >= (trigger, True)), place
        assert reply.status == (504 if is_recorded and not is_finished else 200), (place, reply.body)
        assert runs(stage) == (has_run if is_recorded else 1), place


@pytest.mark.parametrize("mishap", LOST_ANSWERS.values(), ids=LOST_ANSWERS)
@pytest.mark.parametrize(("scenario", "may_retry"), [(WITHOUT_KEY, False), (WITH_KEY, True)], ids=str)
def test_a_lost_answer_is_not_repeated(stage: Stage, scenario: Scenario, mishap: object, *, may_retry: bool) -> None:
    """An answer that is lost leaves the outcome unknown after one run; without a key, a repeat is not invited."""
    stage.arrange(scenario)
    number = stage.story(scenario).calls.index(TRIGGER)
    stage.arrange(scenario)

    reply = stage.serve(scenario, Network(mishap, number))  # type: ignore[arg-type]  # it is one

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (504, "OUTCOME_UNKNOWN", may_retry)
    assert runs(stage) == 1


def test_what_surely_did_not_run_is_repeated(stage: Stage) -> None:
    """A trigger that never left is sent again within the same call."""
    number = stage.story(WITHOUT_KEY).calls.index(TRIGGER)
    stage.arrange(WITHOUT_KEY)

    reply = stage.serve(WITHOUT_KEY, Network(no_connection, number))

    assert (reply.status, runs(stage)) == (200, 1)
