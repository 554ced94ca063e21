"""Build for the processor of an environment, and deploy it:  make deploy ENV=staging.

Account and region are those of your AWS profile, unless samconfig.toml, the environment or an option says otherwise.
They are printed before anything is built or sent.
"""

import argparse
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts import aws_target
from scripts.aws_target import NoTargetError, Target

ROOT = Path(__file__).resolve().parents[1]
SAM = ROOT / ".venv-sam" / "bin" / "sam"
EXAMPLE_ORG_ID = "00D000000000001EAA"
"""What samconfig.toml has in the place of an org's id, until somebody enters it."""


class NotConfiguredError(Exception):
    """samconfig.toml does not say what is needed."""


def main() -> int:
    """Do as the command line says; the exit status of what failed, else 0."""
    arguments, for_sam = _parser().parse_known_args()
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    try:
        steps = commands(config, arguments.environment)
        target = aws_target.chosen(arguments, aws_target.configured(config, arguments.environment))
    except (NotConfiguredError, NoTargetError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Deploying {config[arguments.environment]['deploy']['parameters']['stack_name']} to {target}.", flush=True)
    for step in in_target(steps, target, for_sam):
        code = subprocess.run(step, cwd=ROOT, env=_variables(target), check=False).returncode  # noqa: S603 - our own
        if code:
            return code
    print(f"Next: scripts/stigg-secret {arguments.environment} api-key, and then check-connection (docs/deploy.md).")
    return 0


def in_target(steps: Sequence[list[str]], target: Target, for_sam: Sequence[str]) -> list[list[str]]:
    """Return the commands, the last of which works in the target that was printed, with the options for the SAM CLI."""
    *earlier, deploy = steps
    return [*earlier, [*deploy, *target.sam_options, *for_sam]]


def _variables(target: Target) -> dict[str, str]:
    """Return the environment of the commands; the SAM CLI asks for a region even where it sends nothing."""
    return {**os.environ, "AWS_REGION": target.region, "AWS_DEFAULT_REGION": target.region}


def commands(config: Mapping[str, Any], environment: str) -> list[list[str]]:
    """Return the command that builds and the one that deploys an environment, as samconfig.toml describes it.

    Raises:
        NotConfiguredError: it does not describe the environment, or has the example of an org still.
    """
    try:
        overrides = config[environment]["deploy"]["parameters"]["parameter_overrides"]
    except KeyError:
        raise NotConfiguredError(f"samconfig.toml has no section [{environment}.deploy.parameters].") from None
    parameters = dict(override.split("=", 1) for override in overrides)
    if parameters.get("SalesforceOrgId") in {None, EXAMPLE_ORG_ID}:
        raise NotConfiguredError(
            f"Enter the id of your Salesforce org as SalesforceOrgId of {environment} in samconfig.toml."
        )
    return [
        [str(ROOT / "scripts" / "build"), parameters.get("Architecture", "arm64")],
        [str(SAM), "deploy", "--config-env", environment],
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/deploy", description=__doc__)
    parser.add_argument("environment", help="a section of samconfig.toml; further options are passed to sam deploy")
    aws_target.add_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
