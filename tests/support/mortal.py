"""A process that dies around one of its calls over the network, as a Lambda function that is killed there.

Run as a program it waits, with everything imported and its clients made, for cells on standard input: one line of JSON
each. For each it forks; the child serves the call and ends at the point that the cell names, by ``os._exit``.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from pydantic import BaseModel

from local.stack.ministack import Ministack
from local.stack.template import functions
from stigg_actions.deps import Container
from stigg_actions.entrypoints.action import Handler
from stigg_actions.settings import Settings
from stigg_actions.stigg.transport import Transport
from tests.support.clocks import SkippingClock
from tests.support.harness import handler_of
from tests.support.network import Mishap, Network
from tests.support.plain_aws import PlainAws

ROOT = Path(__file__).parents[2]
FIRST_CALL = {"httpMethod": "POST", "requestContext": {}, "body": '{"salesforceRecordId": "00k000000000000AAA"}'}
KILLED, LIVED = 9, 0
"""How a child ends: at its point, or after its answer because it never came there."""


@dataclass(frozen=True)
class Cell:
    """One call, and where its process dies: before or after its network call of that number."""

    action: str
    body: dict[str, Any]
    number: int
    after: bool


def dies(*, after: bool) -> Mishap:
    """End the process before or after a call."""

    def die(call: Callable[[], Any]) -> None:
        if after:
            call()
        os._exit(KILLED)

    return die


@contextmanager
def watched_container(
    settings: Settings, ministack: Ministack, network: Network, clock: SkippingClock
) -> Iterator[Container]:
    """Make a cold container whose every call goes over the network."""
    with ExitStack() as resources:
        secrets = resources.enter_context(closing(PlainAws(ministack.url, "secretsmanager")))
        yield Container(
            settings,
            dynamodb=network.client(PlainAws(ministack.url, "dynamodb"), "DynamoDB"),  # type: ignore[arg-type]  # stands in for it
            secrets_manager=network.client(secrets, "SecretsManager"),  # type: ignore[arg-type]
            wire=resources.enter_context(closing(Transport(settings.stigg_api_url, transport=network.transport()))),
            clock=clock,
        )


class Mortal:
    """The waiting process, as the tests talk to it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def dies_in(self, cell: Cell) -> bool:
        """Let a child serve a call; whether it came to the point at which it was to die."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(cell)) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())

        assert status in {KILLED, LIVED}, f"the child ended with {status}"
        return status == KILLED


@contextmanager
def waiting_mortal(settings: Settings, ministack: Ministack) -> Iterator[Mortal]:
    """Start the process for one deployment; it ends with the block."""
    told = json.dumps([{**settings._asdict(), "allowed_org_ids": sorted(settings.allowed_org_ids)}, ministack.url])
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'layers/shared'}"}
    command = [sys.executable, "-m", "tests.support.mortal", told]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment, cwd=ROOT) as process:  # noqa: S603 - it is this file
        yield Mortal(process)
        process.stdin.close()  # type: ignore[union-attr]  # it is a pipe


def _serve(handlers: Mapping[str, Handler], network: Network, answers: TextIO) -> None:
    """Fork for every cell, and tell how its child ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _live(Cell(**json.loads(line)), handlers, network)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def _live(cell: Cell, handlers: Mapping[str, Handler], network: Network) -> None:
    """Serve one call in the child."""
    network.mishap, network.first = dies(after=cell.after), cell.number
    handlers[cell.action](cell.body, None)
    os._exit(LIVED)


def _descendants(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in model.__subclasses__():
        yield one
        yield from _descendants(one)


def _load_what_a_first_call_loads(settings: Settings, ministack: Ministack) -> None:
    """Serve a call over connections that no child inherits, and build the models that wait for their first use."""
    for model in _descendants(BaseModel):
        model.model_rebuild()
    with watched_container(settings, ministack, Network(), SkippingClock()) as container:
        handler_of("get-subscription", lambda: container)(FIRST_CALL, None)


def _answers() -> TextIO:
    """Return what the tests read, and let the log of the calls go nowhere."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return answers


def _main() -> None:
    settings, url = json.loads(sys.argv[1])
    allowed = frozenset(settings["allowed_org_ids"])
    answers, network, restored = _answers(), Network(), Settings(**{**settings, "allowed_org_ids": allowed})
    with watched_container(restored, Ministack(url), network, SkippingClock()) as container:
        handlers = {action: handler_of(action, lambda: container) for action in functions()}
        _load_what_a_first_call_loads(restored, Ministack(url))
        gc.freeze()  # else the first collection in a child copies all pages
        _serve(handlers, network, answers)


if __name__ == "__main__":
    _main()
