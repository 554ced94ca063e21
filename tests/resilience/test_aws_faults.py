"""DynamoDB and Secrets Manager in trouble: nothing is sent that could not be recorded, and nothing done is lost."""

import os
from itertools import cycle, islice

import pytest

from tests.resilience.mishaps import BRIEF_AWS_FAULTS, LASTING_AWS_FAULTS
from tests.resilience.picture import picture
from tests.resilience.scenarios import SCENARIOS, Scenario
from tests.resilience.stage import Stage, Story, is_honest
from tests.support.network import FOR_EVER, Network

START = "DynamoDB transact_write_items"


def calls_to(service: str, story: Story) -> list[int]:
    """Return the numbers of the calls to an AWS service."""
    return [number for number, call in enumerate(story.calls) if call.startswith(service)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_brief_fault_goes_unnoticed(stage: Stage, scenario: Scenario) -> None:
    """A transaction that meets a conflict, is throttled, or whose answer is lost, is made all the same, and once."""
    story, problems = stage.story(scenario), []
    for number in calls_to(START, story):
        for name, mishap in BRIEF_AWS_FAULTS.items():
            stage.arrange(scenario)
            word, problem = stage.verdict(stage.serve(scenario, Network(mishap, number)), story)
            if problem:
                problems.append(f"{name} at call {number}: {word}: {problem}")

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("turn", range(len(LASTING_AWS_FAULTS)) if "SOAK_RUNS" in os.environ else [0])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_dynamodb_is_gone_from_then_on(stage: Stage, scenario: Scenario, turn: int) -> None:
    """Before the start is recorded nothing is sent to Stigg; after it the outcome is unknown, and found later.

    The faults take turns from call to call; `make soak` lets every call meet each.
    """
    story, problems = stage.story(scenario), []
    start = story.calls.index(START)
    names = islice(cycle(LASTING_AWS_FAULTS), turn, None)
    for number, name in zip(calls_to("DynamoDB", story), names, strict=False):
        stage.arrange(scenario)
        reply = stage.serve(scenario, Network(LASTING_AWS_FAULTS[name], number, FOR_EVER, "DynamoDB"))
        sent = number <= start and picture(stage.actions).effects != story.before.effects
        word, problem = stage.reconcile(scenario, story)
        if problem or sent or not is_honest(reply):
            problems.append(f"{name} from call {number}: {reply.body}, sent: {sent}, then {word}: {problem}")

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_no_secret_can_be_read(stage: Stage, scenario: Scenario) -> None:
    """Without Secrets Manager a cold container sends nothing to Stigg; the repeat does what was asked."""
    story = stage.story(scenario)
    stage.arrange(scenario)

    reply = stage.serve(scenario, Network(LASTING_AWS_FAULTS["requests lost"], 0, FOR_EVER, "SecretsManager"))
    sent = picture(stage.actions).effects != story.before.effects

    assert (reply.body["errorCode"], reply.body["retryable"], sent) == ("SECRETS_UNAVAILABLE", True, False)
    assert stage.repeat(scenario, story)[1] is None
