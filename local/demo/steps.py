"""What a story is made of. A step says what is done, and everything that must come of it."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.demo.callers import Answer
from local.demo.holdings import Holdings, changes
from local.demo.stage import Stage
from local.events import event

LOOK_EVERY_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Step:
    """One event of the story, and how it must change what Stigg and DynamoDB hold (`+ ...`, `- ...`)."""

    told: str
    stigg: tuple[str, ...] = ()
    dynamodb: tuple[str, ...] = ()

    def play(self, stage: Stage) -> Answer | None:
        """Do it; the answer if it is a call."""
        raise NotImplementedError

    def problems(self, answer: Answer | None, before: Holdings, after: Holdings) -> Iterator[str]:  # noqa: ARG002
        """Say what is not as it must be."""
        yield from _difference("Stigg", self.stigg, changes(before.stigg, after.stigg))
        yield from _difference("DynamoDB", self.dynamodb, changes(before.dynamodb, after.dynamodb))


@dataclass(frozen=True, kw_only=True)
class Call(Step):
    """A file of events/ is sent; the status and the fields of the answer that matter, and how often Stigg was called.

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
        """Say what is not as it must be."""
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
    """A batch is submitted, and asked for until it is completed; the fields of the last answer that matter."""

    requests: Callable[[], list[dict[str, Any]]]
    answer: Mapping[str, Any]

    def play(self, stage: Stage) -> Answer | None:
        """Submit it, and watch it."""
        answer = stage.call("submit-batch", {"requests": self.requests()})
        while answer.body.get("outcome") == "running":
            stage.watch(answer.body)
            time.sleep(LOOK_EVERY_SECONDS)
            answer = stage.call("get-batch", {"batchId": answer.body["batchId"]})
        stage.watch(answer.body)
        return answer

    def problems(self, answer: Answer | None, before: Holdings, after: Holdings) -> Iterator[str]:
        """Say what is not as it must be."""
        if answer is None:
            raise ValueError("a submission has an answer")
        yield from _difference("the answer", dict(self.answer), {name: answer.body.get(name) for name in self.answer})
        yield from super().problems(answer, before, after)


@dataclass(frozen=True, kw_only=True)
class Happening(Step):
    """Something happens in Stigg that nobody called for."""

    happens: Callable[[Stage], object]

    def play(self, stage: Stage) -> Answer | None:
        """Let it happen."""
        self.happens(stage)
        return None


@dataclass(frozen=True, kw_only=True)
class ToldByWebhook(Happening):
    """Something happens in Stigg, and its webhooks tell of it."""

    def play(self, stage: Stage) -> Answer | None:
        """Let it happen, and wait until the webhooks were followed."""
        stage.followed(self.happens)
        return None


@dataclass(frozen=True)
class Chapter:
    """A part of the story."""

    title: str
    steps: tuple[Step, ...] = field(default=())


def _difference(what: str, wanted: object, found: object) -> Iterator[str]:
    if wanted != found:
        yield f"{what}:\n  expected {wanted}\n  found    {found}"
