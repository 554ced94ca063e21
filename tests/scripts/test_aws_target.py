"""Which account and region the programs for AWS work in, and that they say so before they send anything."""

import argparse
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import boto3
import pytest

from local.stack.ministack import Ministack
from local.stack.template import ROOT
from scripts import aws_target
from scripts.aws_target import Target, configured

CONFIG = "[default]\nregion = eu-west-1\n[profile tokyo]\nregion = ap-northeast-1\n[profile nowhere]\noutput = json\n"
CHOSEN = (
    "import argparse, json, sys\n"
    "from scripts import aws_target\n"
    "parser = argparse.ArgumentParser()\n"
    "aws_target.add_options(parser)\n"
    "options, (given,) = parser.parse_known_args()\n"
    "try:\n"
    "    print(aws_target.chosen(options, json.loads(given)))\n"
    "except aws_target.NoTargetError as error:\n"
    "    sys.exit(str(error))\n"
)


@pytest.fixture
def profiles(ministack: Ministack, tmp_path: Path) -> dict[str, str]:
    """The environment of a person with a default profile in one region, and one in another."""
    (tmp_path / "config").write_text(CONFIG)
    keys = "aws_access_key_id = test\naws_secret_access_key = test\n"
    (tmp_path / "credentials").write_text("".join(f"[{name}]\n{keys}" for name in ("default", "tokyo", "nowhere")))
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **mine,
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_ENDPOINT_URL": ministack.url,
        "NO_PROXY": "127.0.0.1",
    }


def run(variables: Mapping[str, str], *command: str, value: str = "") -> subprocess.CompletedProcess[str]:
    """Run Python in the folder of the project."""
    return subprocess.run(  # noqa: S603 - our own programs
        [ROOT / ".venv" / "bin" / "python", *command],
        input=value,
        env=dict(variables),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("options", "configuration", "variables", "region"),
    [
        ([], {}, {}, "eu-west-1"),
        ([], {}, {"AWS_PROFILE": "tokyo"}, "ap-northeast-1"),
        ([], {}, {"AWS_DEFAULT_REGION": "eu-north-1"}, "eu-north-1"),
        ([], {}, {"AWS_DEFAULT_REGION": "eu-north-1", "AWS_REGION": "eu-south-1"}, "eu-south-1"),
        ([], {"region": "sa-east-1"}, {"AWS_REGION": "eu-south-1"}, "sa-east-1"),
        ([], {"profile": "tokyo"}, {}, "ap-northeast-1"),
        (["--profile", "tokyo"], {"profile": "default"}, {}, "ap-northeast-1"),
        (["--region", "us-west-2"], {"region": "sa-east-1"}, {"AWS_REGION": "eu-south-1"}, "us-west-2"),
    ],
)
def test_region(
    profiles: dict[str, str],
    options: list[str],
    configuration: dict[str, str],
    variables: dict[str, str],
    region: str,
) -> None:
    """The region is that of the option, else of samconfig.toml, else of the environment, else of the profile."""
    chosen = run(profiles | variables, "-c", CHOSEN, json.dumps(configuration), *options)

    assert chosen.stdout == f"AWS account 000000000000, region {region}\n", chosen.stderr


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"AWS_PROFILE": "nowhere"}, "No AWS region"),
        ({"AWS_PROFILE": "unknown"}, "unknown"),
        ({"AWS_SHARED_CREDENTIALS_FILE": "/none", "AWS_EC2_METADATA_DISABLED": "true"}, "credentials"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "account cannot be determined"),
    ],
)
def test_no_target(profiles: dict[str, str], variables: dict[str, str], problem: str) -> None:
    """Without a region, a profile of that name, credentials or an answer there is none, and the message says why."""
    chosen = run(profiles | variables, "-c", CHOSEN, "{}")

    assert (chosen.returncode, chosen.stdout) == (1, "")
    assert problem in chosen.stderr


@pytest.fixture
def secret(ministack: Ministack) -> Iterator[str]:
    """The secret of an environment, in the region of the default profile alone."""
    client = boto3.client("secretsmanager", **ministack.client_settings() | {"region_name": "eu-west-1"})
    client.create_secret(Name="stigg/production", SecretString='{"environment": "production"}')
    yield "stigg/production"
    client.delete_secret(SecretId="stigg/production", ForceDeleteWithoutRecovery=True)
    client.close()


def test_a_command_says_where(profiles: dict[str, str], secret: str) -> None:
    """The program for the secret names account and region first, and looks nowhere else."""
    arguments = ["-m", "console", "secret", "set", "api-key", "--env", "production"]
    profiles["PYTHONPATH"] = f"{ROOT}:{ROOT / 'layers' / 'shared'}"
    stored = run(profiles, *arguments, value="server-1")
    elsewhere = run(profiles, *arguments, "--region", "us-east-1", value="server-1")

    assert stored.stderr.splitlines()[0] == f"{secret} in AWS account 000000000000, region eu-west-1."
    assert (stored.returncode, elsewhere.returncode) == (0, 1)
    assert "region us-east-1" in elsewhere.stderr
    assert "does not exist in this account and region" in elsewhere.stderr


@pytest.mark.parametrize(
    ("program", "code"),
    [
        (["console", "secret", "set", "api-key", "--env", "production"], 3),
        (["console", "salesforce", "access", "--stack", "s"], 3),
        (["console", "check", "--stack", "s"], 3),
        (["scripts.logs", "id", "--stack", "s"], 1),
    ],
)
def test_no_program_goes_on_without_a_target(profiles: dict[str, str], program: list[str], code: int) -> None:
    """Every program for AWS ends with one sentence where there is no region."""
    variables = profiles | {"AWS_PROFILE": "nowhere", "PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'shared'}"}
    ended = run(variables, "-m", *program, value="server-1")

    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr.startswith("No AWS region is configured. ")


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({}, {}),
        ({"deploy": {"parameters": {"region": "eu-west-1", "stack_name": "s"}}}, {"region": "eu-west-1"}),
        ({"global": {"parameters": {"region": "a", "profile": "p"}}}, {"region": "a", "profile": "p"}),
        (
            {"global": {"parameters": {"region": "a"}}, "deploy": {"parameters": {"region": "b"}}},
            {"region": "b"},
        ),
    ],
)
def test_samconfig(section: dict[str, object], expected: dict[str, str]) -> None:
    """samconfig.toml may give an environment its region and profile, for all commands or for the deployment."""
    assert configured({"staging": section}, "staging") == expected
    assert configured({"staging": section}, "production") == {}


def test_options_for_the_sam_cli() -> None:
    """The SAM CLI is given the region always, and the profile where one was chosen."""
    assert Target("1", "eu-west-1").sam_options == ["--region", "eu-west-1"]
    assert Target("1", "eu-west-1", "tokyo").sam_options == ["--region", "eu-west-1", "--profile", "tokyo"]


def _shown_by_make(target: str, tmp_path: Path, region: str | None, *arguments: str) -> str:
    """Run a target of the Makefile whose Python only shows the region that it was given."""
    for name in ("python", "pytest"):
        program = tmp_path / name
        program.write_text('#!/bin/sh\necho "region: ${AWS_DEFAULT_REGION-none}"\n')
        program.chmod(0o755)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ran = subprocess.run(  # noqa: S603 - our own Makefile
        ["make", "--silent", target, f"PYTHON_BIN={tmp_path}", "--assume-old=setup", *arguments],  # noqa: S607
        env=variables | ({"AWS_DEFAULT_REGION": region} if region else {}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.splitlines()[-1]


@pytest.mark.parametrize(("region", "expected"), [(None, "none"), ("eu-west-1", "eu-west-1")])
def test_make_deploy_leaves_the_region_alone(tmp_path: Path, region: str | None, expected: str) -> None:
    """The Makefile gives a deployment no region of its own: the profile's counts."""
    assert _shown_by_make("deploy", tmp_path, region, "ENV=development") == f"region: {expected}"


@pytest.mark.parametrize(("region", "expected"), [(None, "us-east-1"), ("eu-west-1", "eu-west-1")])
@pytest.mark.parametrize("target", ["run", "demo", "docs"])
def test_local_targets_have_a_region(tmp_path: Path, target: str, region: str | None, expected: str) -> None:
    """What stays on this machine has a region even where none is configured."""
    assert _shown_by_make(target, tmp_path, region) == f"region: {expected}"


def test_options_are_explained() -> None:
    """Both options are in the help of a program that takes them."""
    parser = argparse.ArgumentParser()
    aws_target.add_options(parser)

    assert "--profile" in parser.format_help()
    assert "--region" in parser.format_help()
