"""The crash matrix: every write, killed before and after each of its network calls, and recovered in three ways."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, override

from tests.resilience.keeping import Kept, keep
from tests.resilience.scenarios import Scenario
from tests.resilience.stage import RUN_IS_DEAD, Stage, Story, Verdict
from tests.support.harness import Harness
from tests.support.network import Network
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


@dataclass
class KeepingNetwork(Network):
    """Keeps what is held before and after each call: what a process leaves behind that is killed there."""

    actions: Harness = field(kw_only=True)
    left: dict[Place, Kept] = field(default_factory=dict)

    @override
    def make(self, name: str, call: Callable[[], Any]) -> Any:
        number = len(self.calls)
        self.left[Place(number, name, after=False)] = keep(self.actions)
        answer = super().make(name, call)
        self.left[Place(number, name, after=True)] = keep(self.actions)
        return answer


@dataclass(frozen=True)
class Matrix:
    """All cells over one deployment."""

    stage: Stage

    def outcomes(self, scenario: Scenario) -> Iterator[Outcome]:
        """Kill at every point of a scenario, and recover in each way.

        Kills that leave the same behind need one recovery, unless it is a race, of which no two are the same.
        """
        story = self.stage.story(scenario)
        kills = some(left_behind(self.stage, scenario, story.calls).items())
        recoveries = {"repeat": self.stage.repeat, "reconcile": self.stage.reconcile, "both": self._both}
        for recovery in RECOVERIES:
            verdicts: dict[str, Verdict] = {}
            for place, kept in kills:
                if kept.held not in verdicts or recovery == "both":
                    kept.put_back(self.stage.actions)
                    verdicts[kept.held] = recoveries[recovery](scenario, story)
                yield Outcome(place, recovery, *verdicts[kept.held])

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


def left_behind(stage: Stage, scenario: Scenario, calls: tuple[str, ...]) -> dict[Place, Kept]:
    """Return what is there after the death of the process at each place, in the order of the places."""
    stage.arrange(scenario)
    network = KeepingNetwork(actions=stage.actions)
    stage.serve(scenario, network)
    assert network.left.keys() == set(places(calls)), "the scenario made other calls than before"
    return {place: network.left[place] for place in places(calls)}


def places(calls: tuple[str, ...]) -> list[Place]:
    """Return before and after each call."""
    return [Place(number, call, after) for number, call in enumerate(calls) for after in (False, True)]
