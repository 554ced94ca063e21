"""The crash matrix: every write, killed before and after each of its network calls, and recovered in three ways."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from local.stack.ministack import Ministack
from tests.resilience.picture import Picture, picture, steady
from tests.resilience.scenarios import Scenario
from tests.support.harness import Harness, Reply, SkippingClock
from tests.support.mortal import Cell, Mortal, watched_container
from tests.support.network import Network

RECOVERIES = ("repeat", "reconcile", "both")
A_REPEAT_CARRIES_ON = 11
RUN_IS_DEAD = 31
RECONCILE_IS_SURE = 100
"""Seconds after the kill: of a run that lives no more, and of an effect that comes no more."""
UNSTEADY = {"correlationId", "replayed", "changes", "reasons", "outcome", "checkoutUrl"}
"""What an answer may tell in another way when its effect was found, not made."""
IDS = {"subscriptionId", "replacedSubscriptionId", "grantId"}

type Verdict = tuple[str, str | None]
"""A word for the table, and what is wrong."""


class PassingClock(SkippingClock):
    """A clock on which a wait is over at once."""

    def wait(self, seconds: float) -> None:
        """Move forward."""
        self.skip(seconds)


@dataclass(frozen=True)
class Place:
    """Where a process is killed: before or after the network call of that number."""

    number: int
    call: str
    after: bool


@dataclass(frozen=True)
class Story:
    """A scenario as it goes when nothing happens: its calls, what was there before and is after, and the answer."""

    calls: tuple[str, ...]
    before: Picture
    after: Picture
    answer: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What came of one cell: the kill's place, the recovery, a word for the table, and what is wrong, if anything."""

    place: Place
    recovery: str
    word: str
    problem: str | None

    def __str__(self) -> str:
        """Return it as a line."""
        moment = "after" if self.place.after else "before"
        return f"{moment} call {self.place.number}, {self.place.call}, {self.recovery}: {self.word}: {self.problem}"


@dataclass
class Matrix:
    """All cells over one deployment."""

    actions: Harness
    ministack: Ministack
    mortal: Mortal

    def story(self, scenario: Scenario) -> Story:
        """Play a scenario undisturbed, in a container as cold as those that will be killed."""
        self._arrange(scenario)
        before, network = picture(self.actions), Network()
        with watched_container(self.actions.settings, self.ministack, network, self.actions.clock) as container:
            reply = self.actions.post(scenario.action, scenario.body, container)
        assert reply.status == 200, reply.body
        return Story(tuple(network.calls), before, picture(self.actions), _steady(reply))

    def outcomes(self, scenario: Scenario, recovery: str) -> Iterator[Outcome]:
        """Kill at every point of a scenario, and recover."""
        story = self.story(scenario)
        recover = {"repeat": self._repeat, "reconcile": self._reconcile, "both": self._both}[recovery]
        for place in places(story.calls):
            self._arrange(scenario)
            assert self.mortal.dies_in(Cell(scenario.action, scenario.body, place.number, place.after)), place
            yield Outcome(place, recovery, *recover(scenario, story))

    def _arrange(self, scenario: Scenario) -> None:
        self.actions.tables.clear()
        self.actions.emulator.reset()
        self.actions.clock.skipped = 0
        scenario.arrange(self.actions)

    def _repeat(self, scenario: Scenario, story: Story) -> Verdict:
        """The caller repeats its request."""
        self.actions.clock.skip(A_REPEAT_CARRIES_ON)
        reply = self.actions.post(scenario.action, scenario.body)
        return _word(reply), self._problem_after(reply, story)

    def _reconcile(self, scenario: Scenario, story: Story) -> Verdict:
        """Nobody repeats anything, and the reconciliation comes; only much later the caller does."""
        self.actions.clock.skip(RECONCILE_IS_SURE)
        self.actions.invoke("reconcile", {})
        found = picture(self.actions)
        word, problem = found.compared_with(story.before, story.after)
        return word, problem or self._repeat(scenario, story)[1]

    def _both(self, scenario: Scenario, story: Story) -> Verdict:
        """The caller repeats while the reconciliation runs, and once more should it be told to."""
        self.actions.clock.skip(RUN_IS_DEAD)
        containers = [self.actions.container(), self.actions.container()]
        with ThreadPoolExecutor(2) as pool:
            repeat = pool.submit(self.actions.post, scenario.action, scenario.body, containers[0])
            pool.submit(self.actions.invoke, "reconcile", {"minimumAgeSeconds": 0}, None, containers[1]).result()
        first = repeat.result()
        if first.status != 200 and first.body["retryable"]:
            return self._repeat(scenario, story)
        return _word(first), self._problem_after(first, story)

    def _problem_after(self, reply: Reply, story: Story) -> str | None:
        if reply.status != 200:
            return f"answered {reply.body}"
        if _steady(reply) != story.answer:
            return f"answered {_steady(reply)} instead of {story.answer}"
        return picture(self.actions).difference_from(story.after)


def places(calls: tuple[str, ...]) -> list[Place]:
    """Return before and after each call."""
    return [Place(number, call, after) for number, call in enumerate(calls) for after in (False, True)]


def _steady(reply: Reply) -> dict[str, Any]:
    """Return an answer without what differs from run to run, or between an effect that was made and one found."""
    told = {name: value for name, value in reply.body.items() if name not in UNSTEADY}
    return {name: "an id" if name in IDS else steady(value) for name, value in told.items()}


def _word(reply: Reply) -> str:
    return f"{reply.body.get('outcome', reply.body.get('errorCode'))}{', replayed' * bool(reply.body.get('replayed'))}"
