"""docs/aws.md and docs/events.md show what is there."""

import json
import re

from local.stack.template import ROOT
from tests.unit.events.test_event import event

AWS, EVENTS = ((ROOT / "docs" / name).read_text() for name in ("aws.md", "events.md"))
EXAMPLES = ROOT / "examples"


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.+?)```", text, re.DOTALL)


def test_the_input_transformer() -> None:
    """The rule's input transformer is that of the example."""
    (shown,) = _blocks(AWS, "yaml")
    example = [line.strip() for line in (EXAMPLES / "template.yaml").read_text().splitlines()]
    lines = [line.strip() for line in shown.splitlines()]

    assert example[example.index(lines[0]) :][: len(lines)] == lines


def test_the_categories_to_retry() -> None:
    """The categories named for Retry are those of the example."""
    (shown,) = re.findall(r'"ErrorEquals": \[.+?\]', AWS)

    assert shown in (EXAMPLES / "renewal.asl.json").read_text()


def test_the_inputs() -> None:
    """The input of the state machine has the fields that it reads, the message of the queue those of its function."""
    started, sent = re.findall(r"--(?:input|message-body) '(.+?)'", AWS)
    read = set(re.findall(r'"\$\.(contractId|endDate)"', (EXAMPLES / "renewal.asl.json").read_text()))

    assert set(json.loads(started)) == read
    assert set(json.loads(sent)) == set(
        re.findall(r'message\["(\w+)"\]', (EXAMPLES / "sqs_to_actions" / "app.py").read_text())
    )


def test_the_example_of_an_event() -> None:
    """The event that is shown has the fields of one that is made, and nothing else."""
    shown = json.loads(_blocks(EVENTS, "json")[0])
    detail_type, detail = event(
        kind="customer", record_id=None, subscription_id=None, request={}, answer={"outcome": "created"}
    )

    assert shown["detail-type"] == detail_type
    assert set(shown["detail"]) == set(detail)
