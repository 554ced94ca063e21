"""A deployment on which scenarios are played: undisturbed, as what is to come of them, and after a mishap once more."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from copy import replace
from dataclasses import dataclass, field
from typing import Any

from stigg_actions.deps import Container
from tests.resilience.keeping import Kept, keep
from tests.resilience.picture import Picture, picture, steady
from tests.resilience.scenarios import Scenario
from tests.support.clocks import SkippingClock
from tests.support.harness import Harness, Reply
from tests.support.network import FOR_EVER, CrashError, Death, Network

A_REPEAT_CARRIES_ON = 11
RUN_IS_DEAD = 31
RECONCILE_IS_SURE = 100
"""Seconds after a mishap: of a run that lives no more, and of an effect that comes no more."""
UNSTEADY = {"correlationId", "replayed", "changes", "reasons", "outcome", "checkoutUrl"}
"""What an answer may tell in another way when its effect was found, not made."""
IDS = {
    *("subscriptionId", "replacedSubscriptionId", "grantId", "invoiceId", "pdfUrl"),
    *(
        "canceledSubscriptionIds",
        "releasedSubscriptionId",
        "removedSubscriptionIds",
        "replacedSubscriptionIds",
        "subscriptions",
    ),
}

HONEST = {"OUTCOME_UNKNOWN", "STIGG_UNAVAILABLE", "STORAGE_UNAVAILABLE", "SECRETS_UNAVAILABLE"}
"""Codes by which a caller is told that nobody knows, or that nothing happened, and that a repeat is safe."""

type Verdict = tuple[str, str | None]
"""A word for what came of it, and what is wrong, if anything is."""


class PassingClock(SkippingClock):
    """A clock on which a wait is over at once."""

    def wait(self, seconds: float) -> None:
        """Move forward."""
        self.skip(seconds)


@dataclass(frozen=True)
class Story:
    """A scenario as it goes when nothing happens: its calls, what was there before and is after, and the answer."""

    calls: tuple[str, ...]
    before: Picture
    after: Picture
    answer: dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """One deployment, in this process."""

    actions: Harness
    stories: dict[str, Story] = field(default_factory=dict)
    arranged: dict[str, Kept] = field(default_factory=dict)

    def story(self, scenario: Scenario) -> Story:
        """Play a scenario undisturbed, once, in a container as cold as those that meet a mishap."""
        if repr(scenario) not in self.stories:
            self.stories[repr(scenario)] = self._played(scenario)
        return self.stories[repr(scenario)]

    def _played(self, scenario: Scenario) -> Story:
        self.arrange(scenario)
        before, network = picture(self.actions), Network()
        reply = self.serve(scenario, network)
        assert reply.status == 200, reply.body
        return Story(tuple(network.calls), before, picture(self.actions), _told(reply))

    def arrange(self, scenario: Scenario) -> None:
        """Forget everything, and serve what comes before."""
        self.prepare(repr(replace(scenario, name="", action="", body={})), scenario.arrange)

    def prepare(self, name: str, serve: Callable[[Harness], object]) -> None:
        """Forget everything, and serve what has that name; or put back what came of it the last time."""
        if name in self.arranged:
            self.arranged[name].put_back(self.actions)
            return
        self.actions.tables.clear()
        self.actions.emulator.reset()
        self.actions.clock.skipped = 0
        serve(self.actions)
        self.arranged[name] = keep(self.actions)

    def serve(self, scenario: Scenario, network: Network) -> Reply:
        """Serve the request of a scenario in a cold container, over a network of its own."""
        with self._over(network) as container:
            return self.actions.post(scenario.action, scenario.body, container)

    def kill(self, scenario: Scenario, number: int, *, after: bool) -> None:
        """Serve the request in a cold process that dies before or after its network call of that number."""
        death = Death(after=after)
        with suppress(CrashError):
            self.serve(scenario, Network(death, number, FOR_EVER))
        assert death.has_come, f"{scenario} made no call {number}"

    def invoke(self, action: str, body: dict[str, Any], network: Network) -> Any:  # noqa: ANN401 - any answer
        """Invoke an action directly in a cold container, over a network of its own."""
        with self._over(network) as container:
            return self.actions.invoke(action, body, None, container)

    @contextmanager
    def _over(self, network: Network) -> Iterator[Container]:
        actions = self.actions
        with closing(actions.wire(network.transport(actions.to_stigg))) as wire:
            dynamodb = network.client(actions.tables.plain, "DynamoDB")
            yield actions.container(wire, dynamodb, network.client(actions.secrets, "SecretsManager"))

    def repeat(self, scenario: Scenario, story: Story) -> Verdict:
        """Let the caller repeat its request: then all is as if nothing had happened."""
        self.actions.clock.skip(A_REPEAT_CARRIES_ON)
        return self.verdict(self.actions.post(scenario.action, scenario.body), story)

    def reconcile(self, scenario: Scenario, story: Story) -> Verdict:
        """Let the reconciliation come while nobody repeats anything, and only much later the caller."""
        self.actions.clock.skip(RECONCILE_IS_SURE)
        self.actions.invoke("reconcile", {})
        word, problem = picture(self.actions).compared_with(story.before, story.after)
        return word, problem or self.repeat(scenario, story)[1]

    def verdict(self, reply: Reply, story: Story) -> Verdict:
        """Compare an answer, and all that is held, with those of the undisturbed story."""
        word = str(reply.body.get("outcome", reply.body.get("errorCode")))
        word += ", replayed" * bool(reply.body.get("replayed"))
        if reply.status != 200:
            return word, f"answered {reply.body}"
        if _told(reply) != story.answer:
            return word, f"answered {_told(reply)} instead of {story.answer}"
        return word, picture(self.actions).difference_from(story.after)


def is_honest(reply: Reply) -> bool:
    """Whether an answer is success, or tells that a repeat is safe."""
    return reply.status == 200 or (reply.body["errorCode"] in HONEST and reply.body["retryable"] is True)


def _told(reply: Reply) -> dict[str, Any]:
    """Return an answer without what differs from run to run, or between an effect that was made and one found."""
    fields = {name: value for name, value in reply.body.items() if name not in UNSTEADY}
    return {name: "an id" if name in IDS else steady(value) for name, value in fields.items()}
