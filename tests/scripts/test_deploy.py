"""make deploy: what it runs for each environment, and when it does not."""

import copy
import tomllib
from typing import Any

import pytest

from local.stack.template import ROOT, template
from scripts.aws_target import Target
from scripts.deploy import EXAMPLE_ORG_ID, NotConfiguredError, commands, in_target

ENVIRONMENTS = template()["Parameters"]["Environment"]["AllowedValues"]


def configured(environment: str, *more: str) -> dict[str, Any]:
    """Return samconfig.toml once somebody has entered an org, and other parameters."""
    config = copy.deepcopy(tomllib.loads((ROOT / "samconfig.toml").read_text()))
    overrides = config[environment]["deploy"]["parameters"]["parameter_overrides"]
    overrides[:] = [one.replace(EXAMPLE_ORG_ID, "00D5g000004HvZlEAK") for one in overrides] + list(more)
    return config


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_commands(environment: str) -> None:
    """The layers are built, and then deployed as the environment's section says."""
    build, deploy = commands(configured(environment), environment)

    assert build[0].endswith("/scripts/build")
    assert deploy[1:] == ["deploy", "--config-env", environment]


def test_where_it_deploys() -> None:
    """The deployment goes to the region that was printed, whatever else the SAM CLI would have taken."""
    steps = in_target([["build"], ["sam", "deploy"]], Target("1", "eu-west-1", "tokyo"), ["--no-confirm-changeset"])

    assert steps == [
        ["build"],
        ["sam", "deploy", "--region", "eu-west-1", "--profile", "tokyo", "--no-confirm-changeset"],
    ]


@pytest.mark.parametrize(("more", "processor"), [((), "arm64"), (("Architecture=x86_64",), "x86_64")])
def test_processor(more: tuple[str, ...], processor: str) -> None:
    """The layers are built for the processor that the environment's functions run on."""
    assert commands(configured("staging", *more), "staging")[0][1] == processor


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_example_org(environment: str) -> None:
    """An environment that still has the example of an org is not deployed: no record of a real org would be its own."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())

    with pytest.raises(NotConfiguredError, match=f"SalesforceOrgId of {environment}"):
        commands(config, environment)


def test_unknown_environment() -> None:
    """An environment without a section is refused by name."""
    with pytest.raises(NotConfiguredError, match=r"no section \[sandbox.deploy.parameters\]"):
        commands(configured("staging"), "sandbox")
