"""Build for the processor of an environment, and deploy it:  make deploy ENV=staging.

Account and region are those of your AWS profile, unless samconfig.toml, the environment or an option says otherwise.
They are printed before anything is built or sent.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError

from scripts import aws_target, deploy_checks, samconfig
from scripts.aws_target import NoTargetError, Target
from scripts.release import release_of
from scripts.samconfig import ROOT, NotConfiguredError, Section

SAM = ROOT / ".venv-sam" / "bin" / "sam"
BUILD = ROOT / ".aws-sam" / "build"
EXAMPLE_ORG_ID = "00D000000000001EAA"
"""What samconfig.toml has in the place of an org's id, until somebody enters it."""


def main() -> int:
    """Do as the command line says; the exit status of what failed, else 0."""
    arguments, for_sam = _parser().parse_known_args()
    config = samconfig.read()
    try:
        section = checked(config, arguments.environment)
        target = aws_target.chosen(arguments, aws_target.configured(config, arguments.environment))
        print(f"Deploying {section.stack_name} to {target}.", flush=True)
        for line in deploy_checks.look(section, target.session):
            print(line, flush=True)
    except (BotoCoreError, NoTargetError, NotConfiguredError) as error:
        print(error, file=sys.stderr)
        return 1
    code = _run(build_command(section), target) or _run(deploy_command(section, target, for_sam), target)
    if code == 0:
        print(f"Next: scripts/stigg-secret {section.name} api-key, and then check-connection (docs/deploy.md).")
    return code


def _run(command: Sequence[str], target: Target) -> int:
    return subprocess.run(command, cwd=ROOT, env=_variables(target), check=False).returncode  # noqa: S603 - our own


def _variables(target: Target) -> dict[str, str]:
    """Return the environment of the commands; the SAM CLI asks for a region even where it sends nothing."""
    return {**os.environ, "AWS_REGION": target.region, "AWS_DEFAULT_REGION": target.region}


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


def deploy_command(section: Section, target: Target, for_sam: Sequence[str]) -> list[str]:
    """Return the command that deploys what was built to a target, with further options of the SAM CLI.

    The release is built by then: with SnapStart the command names it, and snapshots go by that name.
    """
    command = [str(SAM), "deploy", "--config-env", section.name, *target.sam_options]
    if section.parameters.get("SnapStart") != "on":
        return [*command, *for_sam]
    parameters = {"Release": release_of(BUILD, section.parameters), **section.parameters}
    # The command line replaces the file's whole list; a value with blanks is read in quotes.
    return [*command, "--parameter-overrides", *(f'{name}="{value}"' for name, value in parameters.items()), *for_sam]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/deploy", description=__doc__)
    parser.add_argument("environment", help="a section of samconfig.toml; further options are passed to sam deploy")
    aws_target.add_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
