"""The examples of docs/actions.md: their requests are event files, and their answers what the actions answer."""

import json
import re
from typing import Any, NamedTuple

import pytest

from local.events import Event, event
from local.stack.template import ROOT, functions, routed
from tests.support.harness import Harness

EXAMPLE = re.compile(
    r"<!-- events/(?P<file>[^ ]+)\.json -->\n```sh\n(?P<command>.+?)```\n\n```json\n(?P<answer>.+?)```", re.DOTALL
)
BODY = re.compile(r"--(?:data|payload) '(.+?)'", re.DOTALL)
IDS_AND_MOMENTS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}(#[0-9a-f]+)?|(sub-)?[0-9a-f]{32}|\d{4}-\d\d-\d\dT[0-9:.]+Z")


class Example(NamedTuple):
    """One example: the events file that it is, the command that sends it, the answer."""

    file: Event
    command: str
    answer: dict[str, Any]


def _examples() -> list[Example]:
    text = (ROOT / "docs" / "actions.md").read_text()
    return [Example(event(one["file"]), one["command"], json.loads(one["answer"])) for one in EXAMPLE.finditer(text)]


EXAMPLES = _examples()
IDS = [str(example.file) for example in EXAMPLES]


def test_both_callers() -> None:
    """Every action has an example of a successful request from each kind of caller that may call it."""
    message = {(one.file.action, one.file.caller) for one in EXAMPLES if one.answer["success"]}

    assert message == {(action, "direct") for action in functions()} | {(action, "api") for action in routed()}


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_request(example: Example) -> None:
    """The command sends the body of the events file to the file's action."""
    body = BODY.search(example.command)

    assert body
    assert json.loads(body[1]) == json.loads(example.file.body)
    assert re.search(rf"\$(API/|STACK-){example.file.action}\"", example.command)


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_answer(actions: Harness, example: Example) -> None:
    """The action answers as documented, but for ids and moments that differ each time."""
    for action, request in example.file.earlier():
        actions.ok(action, request)
    example.file.arrange(actions.emulator)
    answer = actions.invoke(example.file.action, example.file.content)
    body = json.loads(answer["body"]) if example.file.caller == "api" else answer

    assert _comparable(body) == _comparable(example.answer)


def _comparable(body: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(IDS_AND_MOMENTS.sub("...", json.dumps(body)))
