"""Stigg acts and answers, and what is read of it afterwards is lost: what was done stays done, and is known as such."""

import httpx
import pytest

from tests.resilience.mishaps import STIGG_IS_LOST
from tests.resilience.scenarios import SCENARIOS, Scenario
from tests.resilience.stage import Stage, is_honest
from tests.support.network import FOR_EVER, Mishap, Network

LIMITED: Mishap = lambda _: httpx.Response(429, json={"message": "No.", "code": "RateLimitExceeded"})  # noqa: E731
KEY_GONE: Mishap = lambda _: httpx.Response(401, json={"message": "No.", "code": "Unauthenticated"})  # noqa: E731
READS_FAIL = {"no connection": STIGG_IS_LOST["no connection"], "limited": LIMITED, "key gone": KEY_GONE}


def reads_after_a_write(calls: tuple[str, ...]) -> list[int]:
    """Return the numbers of the reads that come after something was changed in Stigg."""
    first = next(
        number for number, call in enumerate(calls) if call.startswith(("Stigg POST", "Stigg PATCH", "Stigg DELETE"))
    )
    return [number for number, call in enumerate(calls) if number > first and call.startswith("Stigg GET")]


@pytest.mark.parametrize("name", READS_FAIL)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_reads_fail_after_the_write(stage: Stage, scenario: Scenario, name: str) -> None:
    """When nothing can be read after a write, only what was not done is told as a failure; reconciled, it is known."""
    story, problems = stage.story(scenario), []
    for number in reads_after_a_write(story.calls):
        stage.arrange(scenario)
        reply = stage.serve(scenario, Network(READS_FAIL[name], number, FOR_EVER, "Stigg"))
        word, problem = stage.reconcile(scenario, story)
        if problem or not (is_honest(reply) or word == "nothing"):
            problems.append(f"{name} from call {number}: {reply.body}, then {word}: {problem}")

    assert not problems, "\n".join(problems)
