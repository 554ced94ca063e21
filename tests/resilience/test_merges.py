"""merge-customers, killed, reconciled, raced and with lost answers: each time, it ends as if nothing had happened."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple

import pytest

from stigg_actions.deps import Container
from stigg_actions.errors import ActionError
from tests.resilience.matrix import places
from tests.resilience.mishaps import LOST_ANSWERS, STIGG_IS_LOST
from tests.resilience.picture import Picture, picture
from tests.resilience.stage import A_REPEAT_CARRIES_ON, RECONCILE_IS_SURE, RUN_IS_DEAD, Stage
from tests.resilience.test_lost_answers import writes
from tests.support.harness import Harness
from tests.support.network import FOR_EVER, CrashError, Death, Network
from tests.support.requests import ACCOUNT, OTHER_ACCOUNT, sold, sold_in_the_app
from tests.support.some import some

ACTION = "merge-customers"
MERGE = {
    "fromCustomerId": "cust-globex",
    "intoCustomerId": "cust-acme",
    "salesforceAccountId": OTHER_ACCOUNT,
    "moveSubscriptions": True,
}
MOST_CALLS = 3


class Undisturbed(NamedTuple):
    """A merge that nothing disturbs: its calls, and what is there after."""

    calls: tuple[str, ...]
    after: Picture


def two_customers(actions: Harness) -> None:
    """Let the customer of each account have a subscription, and the one that goes another one of Stigg's own app."""
    for customer_id, account in (("cust-acme", ACCOUNT), ("cust-globex", OTHER_ACCOUNT)):
        actions.ok("create-customer", {"customerId": customer_id, "name": "N", "salesforceAccountId": account})
    sold(actions, customerId="cust-globex", resourceId="site-9")
    sold_in_the_app(actions, customerId="cust-globex", planId="plan-workspace", resourceId="desk")


def undisturbed(stage: Stage) -> Undisturbed:
    """Merge without any mishap."""
    stage.prepare(ACTION, two_customers)
    network = Network()
    assert stage.invoke(ACTION, MERGE, network)["outcome"] == "merged"
    return Undisturbed(tuple(network.calls), picture(stage.actions))


def merged_after_all(stage: Stage, seconds: int) -> str:
    """Let an operator call again, as often as an answer asks for that; return the last outcome."""
    stage.actions.clock.skip(seconds)
    outcome = ""
    for _ in range(MOST_CALLS):
        try:
            outcome = stage.actions.invoke(ACTION, MERGE)["outcome"]
        except ActionError as error:
            if not error.retryable:
                raise
            stage.actions.clock.skip(RUN_IS_DEAD)
        if outcome == "merged":
            break
    return outcome


def repeated(stage: Stage) -> str:
    """Let the operator call again soon."""
    return merged_after_all(stage, A_REPEAT_CARRIES_ON)


def reconciled(stage: Stage) -> str:
    """Let the reconciliation come first, which sends nothing."""
    stage.actions.clock.skip(RECONCILE_IS_SURE)
    stage.actions.invoke("reconcile", {})
    return merged_after_all(stage, 0)


def disturbed(stage: Stage, network: Network) -> None:
    """Merge over a network on which something happens."""
    stage.prepare(ACTION, two_customers)
    with suppress(CrashError, ActionError):
        stage.invoke(ACTION, MERGE, network)


RECOVERIES = pytest.mark.parametrize("recover", [repeated, reconciled])


@RECOVERIES
def test_killed_anywhere(stage: Stage, recover: Callable[[Stage], str]) -> None:
    """Killed before or after any of its network calls, a merge that is called again ends the same."""
    story, problems = undisturbed(stage), []
    for place in some(places(story.calls)):
        death = Death(after=place.after)
        disturbed(stage, Network(death, place.number, FOR_EVER))
        assert death.has_come, place
        problems.append((place, recover(stage), picture(stage.actions).difference_from(story.after)))

    assert [one for one in problems if one[1:] != ("merged", None)] == []


@RECOVERIES
def test_lost_answers(stage: Stage, recover: Callable[[Stage], str]) -> None:
    """However an answer of Stigg to one of its changes is lost, once or from then on, it ends the same."""
    story, problems = undisturbed(stage), []
    mishaps: dict[str, tuple[Any, int]] = {
        **{f"one: {name}": (mishap, 1) for name, mishap in LOST_ANSWERS.items()},
        **{f"all: {name}": (mishap, FOR_EVER) for name, mishap in STIGG_IS_LOST.items()},
    }
    for number in writes(story.calls):
        for name, (mishap, times) in mishaps.items():
            disturbed(stage, Network(mishap, number, times, "Stigg" if times > 1 else ""))
            outcome = recover(stage)
            if outcome != "merged":  # an effect that may still come is waited for
                outcome = merged_after_all(stage, RECONCILE_IS_SURE)
            problems.append((f"{name} at {number}", outcome, picture(stage.actions).difference_from(story.after)))

    assert [one for one in problems if one[1:] != ("merged", None)] == []


def test_two_at_once(racing: Stage) -> None:
    """Two merges at the same moment, and a third one after them, move each subscription once."""
    story = undisturbed(racing)
    racing.prepare(ACTION, two_customers)
    containers = [racing.actions.container() for _ in range(2)]

    def merge(container: Container) -> None:
        with suppress(ActionError):
            racing.actions.invoke(ACTION, MERGE, None, container)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(merge, containers))

    assert racing.actions.invoke(ACTION, MERGE)["outcome"] == "merged"
    assert picture(racing.actions).difference_from(story.after) is None
