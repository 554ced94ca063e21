"""The crash matrix: every write, killed before and after each of its network calls, and recovered in three ways."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.resilience.scenarios import Scenario
from tests.resilience.stage import RUN_IS_DEAD, Stage, Story, Verdict
from tests.support.some import some

RECOVERIES = ("repeat", "reconcile", "both")


@dataclass(frozen=True)
class Place:
    """Where a process is killed: before or after the network call of that number."""

    number: int
    call: str
    after: bool


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


@dataclass(frozen=True)
class Matrix:
    """All cells over one deployment."""

    stage: Stage

    def outcomes(self, scenario: Scenario, recovery: str) -> Iterator[Outcome]:
        """Kill at every point of a scenario, and recover."""
        story = self.stage.story(scenario)
        recover = {"repeat": self.stage.repeat, "reconcile": self.stage.reconcile, "both": self._both}[recovery]
        for place in some(places(story.calls)):
            self.stage.arrange(scenario)
            self.stage.kill(scenario, place.number, after=place.after)
            yield Outcome(place, recovery, *recover(scenario, story))

    def _both(self, scenario: Scenario, story: Story) -> Verdict:
        """The caller repeats while the reconciliation runs, and once more should it be told to."""
        actions = self.stage.actions
        actions.clock.skip(RUN_IS_DEAD)
        containers = [actions.container(), actions.container()]
        with ThreadPoolExecutor(2) as pool:
            repeat = pool.submit(actions.post, scenario.action, scenario.body, containers[0])
            pool.submit(actions.invoke, "reconcile", {"minimumAgeSeconds": 0}, None, containers[1]).result()
        first = repeat.result()
        if first.status != 200 and first.body["retryable"]:
            return self.stage.repeat(scenario, story)
        return self.stage.verdict(first, story)


def places(calls: tuple[str, ...]) -> list[Place]:
    """Return before and after each call."""
    return [Place(number, call, after) for number, call in enumerate(calls) for after in (False, True)]
