"""The elements of a story. A step states what happens and every expected result."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from local.demo.callers import Answer
from local.demo.holdings import Holdings, changes
from local.demo.stage import Stage
from local.events import event

LOOK_EVERY_SECONDS = 0.5
LONGEST_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the story, with the expected changes in Stigg, DynamoDB and Salesforce (`+ ...`, `- ...`)."""

    text: str
    stigg: tuple[str, ...] = ()
    dynamodb: tuple[str, ...] = ()
    salesforce: tuple[str, ...] = ()

    def play(self, stage: Stage) -> Answer | None:
        """Perform the step; return the answer if it is a call."""
        raise NotImplementedError

    def problems(self, answer: Answer | None, before: Holdings, after: Holdings) -> Iterator[str]:  # noqa: ARG002
        """Yield each difference from the expected result."""
        yield from _difference("Stigg", self.stigg, changes(before.stigg, after.stigg))
        yield from _difference("DynamoDB", self.dynamodb, changes(before.dynamodb, after.dynamodb))
        yield from _difference("Salesforce", self.salesforce, changes(before.salesforce, after.salesforce))


@dataclass(frozen=True, kw_only=True)
class Call(Step):
    """Send a file of events/. It expects a status, fields of the answer and a number of calls to Stigg.

    A direct invocation has no status.
    """

    file: str
    status: int | None = 200
    answer: Mapping[str, Any]
    stigg_calls: int | None = None

    def play(self, stage: Stage) -> Answer | None:
        """Send the file."""
        return stage.send(event(self.file))

    def problems(self, answer: Answer | None, before: Holdings, after: Holdings) -> Iterator[str]:
        """Yield each difference from the expected result."""
        if answer is None:
            raise ValueError("a call has an answer")
        body = {name: answer.body.get(name) for name in self.answer}
        yield from _difference("the HTTP status", self.status, answer.status)
        yield from _difference("the answer", dict(self.answer), body)
        if self.stigg_calls is not None:
            yield from _difference("the number of calls to Stigg", self.stigg_calls, after.calls - before.calls)
        yield from super().problems(answer, before, after)


@dataclass(frozen=True, kw_only=True)
class Submission(Step):
    """Submit a batch, and read it until it is completed. It expects fields of the last answer."""

    requests: Callable[[], list[dict[str, Any]]]
    answer: Mapping[str, Any]

    def play(self, stage: Stage) -> Answer | None:
        """Submit the batch, and show its progress."""
        answer = stage.call("submit-batch", {"requests": self.requests()})
        while answer.body.get("outcome") == "running":
            stage.watch(answer.body)
            time.sleep(LOOK_EVERY_SECONDS)
            answer = stage.call("get-batch", {"batchId": answer.body["batchId"]})
        stage.watch(answer.body)
        return answer

    def problems(self, answer: Answer | None, before: Holdings, after: Holdings) -> Iterator[str]:
        """Yield each difference from the expected result."""
        if answer is None:
            raise ValueError("a submission has an answer")
        yield from _difference("the answer", dict(self.answer), {name: answer.body.get(name) for name in self.answer})
        yield from super().problems(answer, before, after)


@dataclass(frozen=True, kw_only=True)
class Happening(Step):
    """An event in Stigg without a call of an action."""

    place: ClassVar[str] = "in Stigg, without a request"
    happens: Callable[[Stage], object]

    def play(self, stage: Stage) -> Answer | None:
        """Cause the event."""
        self.happens(stage)
        return None


@dataclass(frozen=True, kw_only=True)
class ReportedByWebhook(Happening):
    """An event in Stigg that its webhooks report."""

    def play(self, stage: Stage) -> Answer | None:
        """Cause the event, and wait until its webhooks are handled."""
        stage.followed(self.happens)
        return None


@dataclass(frozen=True, kw_only=True)
class ReportedToSalesforce(ReportedByWebhook):
    """An event in Stigg that reaches the Salesforce org."""

    place: ClassVar[str] = "in Stigg, without a request: webhook, event bus, platform event, Flow"

    def play(self, stage: Stage) -> Answer | None:
        """Cause the event, and wait until the org has received what it must."""
        before = stage.salesforce.holdings()
        answer = super().play(stage)
        _receive(stage, before, self.salesforce)
        return answer


@dataclass(frozen=True, kw_only=True)
class InSalesforce(Happening):
    """What a seller does in the Salesforce org, whose Flows call the actions."""

    place: ClassVar[str] = "in Salesforce, whose Flows call the actions"

    def play(self, stage: Stage) -> Answer | None:
        """Let the seller act and the Flows run, and wait until the events of their calls have come back."""
        before = stage.salesforce.holdings()
        super().play(stage)
        _receive(stage, before, self.salesforce)
        return None


@dataclass(frozen=True)
class Chapter:
    """A part of the story."""

    title: str
    steps: tuple[Step, ...] = field(default=())


def _receive(stage: Stage, before: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """Let events come in until the org shows what is expected, or half a minute has passed."""
    until = time.monotonic() + LONGEST_SECONDS
    while changes(before, stage.salesforce.holdings()) != expected and time.monotonic() < until:
        stage.salesforce.receive()


def _difference(subject: str, expected: object, actual: object) -> Iterator[str]:
    if expected != actual:
        yield f"{subject}:\n  expected {expected}\n  found    {actual}"
