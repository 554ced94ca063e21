"""docs/local.md: what the actions make of a Stigg that fails as it is asked to."""

import subprocess

import pytest

from local.stack.template import ROOT
from tests.support.documented import table
from tests.support.harness import Harness

RECIPES = table((ROOT / "docs" / "local.md").read_text(), "recipes")
REQUESTS = {
    "create-customer": {"customerId": "cust-acme", "name": "Acme"},
    "get-subscription": {"subscriptionId": "sub-1"},
}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: str(recipe[0]))
def test_recipes(actions: Harness, recipe: list[str]) -> None:
    """After the command, pasted as it is, the action answers as the table says."""
    _, command, action, answer = recipe
    subprocess.run(  # noqa: S603 - what the document says
        ["/bin/bash", "-euc", command],
        env={"STIGG": actions.emulator.url, "PATH": "/usr/bin:/bin", "NO_PROXY": "127.0.0.1"},
        check=True,
        capture_output=True,
    )
    reply = actions.post(action, REQUESTS[action])

    assert (reply.body.get("errorCode") or reply.body["outcome"]) == answer
