"""The workflows do what docs/deploy.md says of them, with the commands and names that the project has."""

import json
import re
from typing import Any

import pytest
import yaml

from local.stack.template import ROOT
from scripts import samconfig
from tests.support.some import some

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(path.name for path in FOLDER.glob("*"))
TEXT = (ROOT / "docs" / "deploy.md").read_text().split("\n## Deploy from a pipeline\n")[1].split("\n## ")[0]
SIGNS_IN = {"contents": "read", "id-token": "write"}
DEPLOY = FOLDER / "deploy.yml"


def jobs(workflow: str) -> dict[str, Any]:
    """Return the jobs of a workflow."""
    made: dict[str, Any] = yaml.safe_load((FOLDER / workflow).read_text())["jobs"]
    return made


def test_every_workflow_is_documented() -> None:
    """The guide has a row for each workflow."""
    assert sorted(re.findall(r"^\| `([\w.-]+\.yml)` \|", TEXT, re.MULTILINE)) == some(WORKFLOWS)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_actions_are_pinned(workflow: str) -> None:
    """An action of others is pinned by its commit, with its version beside it; no job has rights by default."""
    used = some(re.findall(r"uses: (.+)", (FOLDER / workflow).read_text()))

    assert [one for one in used if not re.fullmatch(r"(\./\S+|[\w./-]+@[0-9a-f]{40} # v[\d.]+)", one)] == []
    assert yaml.safe_load((FOLDER / workflow).read_text())["permissions"] == {}


def test_a_push_is_checked() -> None:
    """Every push runs what CI runs; a push to main does so before anything is deployed."""
    triggers = yaml.safe_load((FOLDER / "check.yml").read_text())[True]  # YAML reads `on` as a Boolean

    assert jobs("check.yml")["check"]["steps"][-1] == {"run": ".ci/run"}
    assert triggers == {"push": {"branches-ignore": ["main"]}, "workflow_call": None}
    assert yaml.safe_load(DEPLOY.read_text())[True] == {"push": {"branches": ["main"]}}
    assert jobs("deploy.yml")["check"]["uses"] == "./.github/workflows/check.yml"


def test_production_comes_last() -> None:
    """Environments that samconfig.toml has are deployed one after another, each under the gate of its own name."""
    deployments = {name: job for name, job in jobs("deploy.yml").items() if name != "check"}
    (deploy,) = jobs("deploy-environment.yml").values()

    assert {name: (job["needs"], job["with"]["environment"]) for name, job in deployments.items()} == {
        "staging": ("check", "staging"),
        "production": ("staging", "production"),
    }
    assert deployments.keys() <= samconfig.read().keys()
    assert [job["permissions"] for job in (*deployments.values(), deploy)] == [SIGNS_IN] * 3
    assert deploy["environment"] == "${{ inputs.environment }}"


def test_a_deployment_asks_no_one() -> None:
    """A job deploys without a question, and checks the connection last, so that a failed check stops production."""
    (deploy,) = jobs("deploy-environment.yml").values()
    commands = [step["run"] for step in deploy["steps"] if "run" in step]

    assert commands == [
        'make deploy ENV="$ENVIRONMENT" OPTIONS=--no-confirm-changeset',
        'scripts/stigg-actions check --env "$ENVIRONMENT"',
    ]
    assert "OPTIONS=--no-confirm-changeset" in TEXT
    assert all("continue-on-error" not in step for step in some(deploy["steps"]))


def test_names_in_the_guide() -> None:
    """The guide has every variable that the workflows read, and trusts one environment of one repository."""
    variables = set(re.findall(r"vars\.(\w+)", (FOLDER / "deploy-environment.yml").read_text()))
    policy = json.loads(re.findall(r"```json\n(.+?)```", TEXT, re.DOTALL)[0])
    (condition,) = (statement["Condition"] for statement in policy["Statement"])

    assert set(re.findall(r"`(AWS_\w+)`", TEXT)) == variables
    assert list(condition) == ["StringEquals"]
    assert condition["StringEquals"]["token.actions.githubusercontent.com:sub"].endswith(":environment:production")
