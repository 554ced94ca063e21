"""The examples of other AWS services as callers: what they are made of is valid, and their names are ours."""

import json
import re
from typing import Any

import pytest
from cfnlint.api import lint_all
from samtranslator.yaml_helper import yaml_parse

from local.stack.template import ROOT, functions
from stigg_actions.errors import ActionError

FOLDER = ROOT / "examples"
MACHINE: dict[str, Any] = json.loads((FOLDER / "renewal.asl.json").read_text())
TASKS = {name: state for name, state in MACHINE["States"].items() if state["Type"] == "Task"}
CATEGORIES = {category.__name__: category for category in ActionError.__subclasses__()}


def _lint(definition: dict[str, Any]) -> list[str]:
    """Let cfn-lint check a state machine's definition against the States Language."""
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"RoleArn": "arn:aws:iam::123456789012:role/renewal", "Definition": definition},
    }
    found = lint_all(json.dumps({"Resources": {"Machine": machine}}))
    return [match.message for match in found if match.rule.id.startswith("E")]


def test_the_state_machine_is_valid() -> None:
    """The state machine keeps to the States Language; one with a wrong state does not."""
    wrong = {**MACHINE, "States": {**MACHINE["States"], "Renew": {"Type": "Task"}}}

    assert _lint(MACHINE) == []
    assert _lint(wrong) != []


def test_every_state_is_reached() -> None:
    """Each state is where another one goes on, and each of those exists."""
    named = set(re.findall(r'"(?:Next|Default|StartAt)": "(\w+)"', (FOLDER / "renewal.asl.json").read_text()))

    assert named == set(MACHINE["States"])


@pytest.mark.parametrize("task", TASKS)
def test_what_is_retried(task: str) -> None:
    """A task tries again after those categories of errors that are retryable, and after Lambda's own errors."""
    names = {name for rule in TASKS[task]["Retry"] for name in rule["ErrorEquals"] if not name.startswith("Lambda.")}
    retryable = {name for name, category in CATEGORIES.items() if category.retryable}
    never_run_twice = {"OutcomeUnknown"} if task == "TellCustomer" else set()

    assert names == retryable - never_run_twice


@pytest.mark.parametrize("task", TASKS)
def test_what_is_caught(task: str) -> None:
    """A task catches categories of errors that exist."""
    assert {name for rule in TASKS[task].get("Catch", ()) for name in rule["ErrorEquals"]} <= set(CATEGORIES)


def test_the_functions_exist() -> None:
    """The examples call functions of actions that there are."""
    text = (FOLDER / "template.yaml").read_text()
    called = set(re.findall(r"\$\{ActionsStack\}-([a-z-]+)", text))

    assert called
    assert called <= set(functions())


def test_the_relayed_event() -> None:
    """The rule's template makes a JSON request of text values."""
    rule = yaml_parse((FOLDER / "template.yaml").read_text())["Resources"]["ContractExpired"]["Properties"]
    transformer = rule["Targets"][0]["InputTransformer"]
    made = re.sub(r"<(\w+)>", r'"\1"', transformer["InputTemplate"])

    assert json.loads(made) == {"salesforceRecordId": "record", "downgradeWhen": "now", "correlationId": "event"}
    assert set(transformer["InputPathsMap"]) == {"record", "event"}
