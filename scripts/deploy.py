"""Build for the processor of an environment, and deploy it:  make deploy ENV=staging."""

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError

from scripts import deploy_checks, samconfig
from scripts.release import release_of
from scripts.samconfig import ROOT, NotConfiguredError, Section

SAM = ROOT / ".venv-sam" / "bin" / "sam"
BUILD = ROOT / ".aws-sam" / "build"
EXAMPLE_ORG_ID = "00D000000000001EAA"
"""What samconfig.toml has in the place of an org's id, until somebody enters it."""


def main() -> int:
    """Do as the command line says; the exit status of what failed, else 0."""
    arguments, for_sam = _parser().parse_known_args()
    try:
        section = checked(samconfig.read(), arguments.environment)
        for line in deploy_checks.look(section, boto3.Session()):
            print(line, flush=True)
    except (BotoCoreError, NotConfiguredError) as error:
        print(error, file=sys.stderr)
        return 1
    code = _run(build_command(section)) or _run([*deploy_command(section), *for_sam])
    if code == 0:
        print(f"Next: scripts/stigg-secret {section.name} api-key, and then check-connection (docs/deploy.md).")
    return code


def checked(config: Mapping[str, Any], environment: str) -> Section:
    """Return the section of an environment, as far as it can be deployed without a look at AWS.

    Raises:
        NotConfiguredError: it is missing, has the example of an org still, or a name that is too long.
    """
    section = samconfig.section_of(config, environment)
    if section.parameters.get("SalesforceOrgId") in {None, EXAMPLE_ORG_ID}:
        raise NotConfiguredError(
            f"Enter the id of your Salesforce org as SalesforceOrgId of {environment} in samconfig.toml."
        )
    deploy_checks.check_names(section)
    return section


def build_command(section: Section) -> list[str]:
    """Return the command that builds the layers for the processor of a section."""
    return [str(ROOT / "scripts" / "build"), section.parameters.get("Architecture", "arm64")]


def deploy_command(section: Section) -> list[str]:
    """Return the command that deploys what was built. With SnapStart the release is named, which snapshots go by."""
    command = [str(SAM), "deploy", "--config-env", section.name]
    if section.parameters.get("SnapStart") != "on":
        return command
    parameters = {"Release": release_of(BUILD, section.parameters), **section.parameters}
    # The command line replaces the file's whole list; a value with blanks is read in quotes.
    return [*command, "--parameter-overrides", *(f'{name}="{value}"' for name, value in parameters.items())]


def _run(command: Sequence[str]) -> int:
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - our own commands


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/deploy", description=__doc__)
    parser.add_argument("environment", help="a section of samconfig.toml; further options are passed to sam deploy")
    return parser


if __name__ == "__main__":
    sys.exit(main())
