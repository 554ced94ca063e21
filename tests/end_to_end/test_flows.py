"""Every call that the Salesforce Flows make, sent to the deployed stack as Salesforce sends it.

What a Flow puts into its requests is read from its file and filled from samples: `tests/support/flow_playing.py`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from local.stack import LocalStack
from local.stack.template import ROOT
from scripts.openapi.reading import Document
from scripts.salesforce_checks.flows import Flow
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.service import Service
from tests.support.calls import call_api, invoke
from tests.support.flow_playing import Playing, samples
from tests.support.some import some

SAMPLES = Path(__file__).parent / "flows"
PROJECT = Project(ROOT / "salesforce", Service(Document((ROOT / "docs" / "openapi.json").read_text())))
CALLING = [flow for flow in PROJECT.flows if flow.calls]


def _play(stack: LocalStack, playing: Playing) -> dict[str, dict[str, Any]]:
    """Make every call of a flow; return the answers by the name of the call."""
    for earlier in some(playing.sample.before):
        succeeded, answer = invoke(stack, earlier["action"], json.dumps(earlier["request"]))
        assert succeeded, answer
    answers = {}
    for name, action, body in some(playing.requests()):
        response = call_api(stack, action, json.dumps(body))
        assert response.status_code == 200, (action, body, response.text)
        answers[name] = response.json()
    return answers


@pytest.mark.parametrize("flow", CALLING, ids=lambda flow: flow.name)
def test_a_flow_is_understood(fresh_stack: LocalStack, flow: Flow) -> None:
    """Every call is accepted and ends as its sample says, and whatever the flow reads is in one of the answers."""
    unread: dict[str, set[str]] = {}
    for sample in some(samples(SAMPLES, flow.name)):
        playing = Playing(PROJECT, flow, sample)
        answers = _play(fresh_stack, playing)
        last = answers[list(answers)[-1]]
        assert {name: last.get(name) for name in sample.expected} == sample.expected, (sample.name, last)
        for call, answer in answers.items():
            unread[call] = unread.get(call, playing.reads(call)) - answer.keys()

    assert unread, "there is no sample"
    assert {call: names for call, names in unread.items() if names} == {}


def test_samples_are_of_flows() -> None:
    """Every sample belongs to a flow that makes calls."""
    names = {flow.name for flow in CALLING}

    assert {path.name.split(".")[0] for path in SAMPLES.glob("*.json")} == names
