"""Stigg acts and its answer is lost, or it cannot be reached: the outcome is looked up, and never guessed."""

import pytest

from tests.resilience.mishaps import LOST_ANSWERS, STIGG_IS_LOST
from tests.resilience.scenarios import SCENARIOS, Scenario
from tests.resilience.stage import Stage, is_honest
from tests.support.network import FOR_EVER, Network


def writes(calls: tuple[str, ...]) -> list[int]:
    """Return the numbers of the calls that change something in Stigg."""
    return [
        number for number, call in enumerate(calls) if call.startswith(("Stigg DELETE", "Stigg POST", "Stigg PATCH"))
    ]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_one_lost_answer(stage: Stage, scenario: Scenario) -> None:
    """However one answer to a write is lost, its caller is told the truth, and the repeat finds one effect."""
    story, problems = stage.story(scenario), []
    for number in writes(story.calls):
        for name, mishap in LOST_ANSWERS.items():
            stage.arrange(scenario)
            reply = stage.serve(scenario, Network(mishap, number))
            word, problem = stage.repeat(scenario, story)
            if problem or not is_honest(reply):
                problems.append(f"{name} at call {number}: {reply.body}, then {word}: {problem}")

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("name", STIGG_IS_LOST)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_stigg_is_lost_from_then_on(stage: Stage, scenario: Scenario, name: str) -> None:
    """When no answer comes any more, the caller is told; reconciled, there is at most one effect, and repeated, one."""
    story, problems = stage.story(scenario), []
    for number in writes(story.calls):
        stage.arrange(scenario)
        reply = stage.serve(scenario, Network(STIGG_IS_LOST[name], number, FOR_EVER, "Stigg"))
        word, problem = stage.reconcile(scenario, story)
        if problem or not is_honest(reply):
            problems.append(f"{name} from call {number}: {reply.body}, then {word}: {problem}")

    assert not problems, "\n".join(problems)
