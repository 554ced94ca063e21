"""Build for the processor of an environment, and deploy it:  make deploy ENV=staging.

Account and region are those of your AWS profile, unless samconfig.toml, the environment or an option says otherwise.
They are printed before the build.
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
"""The placeholder that samconfig.toml has until an org id is entered."""


def main() -> int:
    """Build and deploy; return the exit status of the command that failed, else 0."""
    arguments, for_sam = _parser().parse_known_args()
    config = samconfig.read()
    try:
        section = checked(config, arguments.environment)
        if not sys.stdin.isatty():
            check_unattended(config, section, for_sam)
        target = aws_target.chosen(arguments, aws_target.configured(config, arguments.environment))
        print(f"Deploying {section.stack_name} to {target}.", flush=True)
        for line in deploy_checks.look(section, target.session):
            print(line, flush=True)
    except (BotoCoreError, NoTargetError, NotConfiguredError) as error:
        print(error, file=sys.stderr)
        return 1
    code = _run(build_command(section), target) or _run(deploy_command(section, target, for_sam), target)
    if code == 0:
        store = f"scripts/stigg-actions secret set api-key --env {section.name}"
        print(f"Next: {store}, and then check-connection (docs/deploy.md).")
    return code


def _run(command: Sequence[str], target: Target) -> int:
    return subprocess.run(command, cwd=ROOT, env=_variables(target), check=False).returncode  # noqa: S603 - our own


def _variables(target: Target) -> dict[str, str]:
    """Return the environment of the commands. The SAM CLI needs a region even for a build."""
    return {**os.environ, "AWS_REGION": target.region, "AWS_DEFAULT_REGION": target.region}


def checked(config: Mapping[str, Any], environment: str) -> Section:
    """Return the section of an environment after the checks that need no call to AWS.

    Raises:
        NotConfiguredError: the section is missing, still has the placeholder org id, or has too long a name.
    """
    section = samconfig.section_of(config, environment)
    if section.parameters.get("SalesforceOrgId") in {None, EXAMPLE_ORG_ID}:
        raise NotConfiguredError(
            f"Enter the id of your Salesforce org as SalesforceOrgId of {environment} in samconfig.toml."
        )
    deploy_checks.check_names(section)
    return section


def check_unattended(config: Mapping[str, Any], section: Section, for_sam: Sequence[str]) -> None:
    """Refuse a deployment that would ask where no one can answer, before anything is built.

    Raises:
        NotConfiguredError: the section asks before it changes the stack, and no option of the SAM CLI prevents it.
    """
    asks = config[section.name]["deploy"]["parameters"].get("confirm_changeset", False)
    if asks and "--no-confirm-changeset" not in for_sam:
        raise NotConfiguredError(
            f"A deployment of {section.name} asks before it changes the stack, and no one can answer here. "
            "Add OPTIONS=--no-confirm-changeset."
        )


def build_command(section: Section) -> list[str]:
    """Return the command that builds the layers for the processor of a section."""
    return [str(ROOT / "scripts" / "build"), section.parameters.get("Architecture", "arm64")]


def deploy_command(section: Section, target: Target, for_sam: Sequence[str]) -> list[str]:
    """Return the command that deploys the build to a target, with further options of the SAM CLI.

    With SnapStart the command names the release, which must be built before, because snapshots depend on that name.
    """
    command = [str(SAM), "deploy", "--config-env", section.name, *target.sam_options]
    if section.parameters.get("SnapStart") != "on":
        return [*command, *for_sam]
    parameters = {"Release": release_of(BUILD, section.parameters), **section.parameters}
    # The command line replaces the whole list of the file. Quotes allow blanks in a value.
    return [*command, "--parameter-overrides", *(f'{name}="{value}"' for name, value in parameters.items()), *for_sam]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/deploy", description=__doc__)
    parser.add_argument("environment", help="a section of samconfig.toml; further options are passed to sam deploy")
    aws_target.add_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
