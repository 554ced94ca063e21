"""Build for the processor of an environment, and deploy it:  make deploy ENV=staging."""

import argparse
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SAM = ROOT / ".venv-sam" / "bin" / "sam"
EXAMPLE_ORG_ID = "00D000000000001EAA"
"""What samconfig.toml has in the place of an org's id, until somebody enters it."""


class NotConfiguredError(Exception):
    """samconfig.toml does not say what is needed."""


def main() -> int:
    """Do as the command line says; the exit status of what failed, else 0."""
    arguments, for_sam = _parser().parse_known_args()
    try:
        steps = commands(tomllib.loads((ROOT / "samconfig.toml").read_text()), arguments.environment)
    except NotConfiguredError as error:
        print(error, file=sys.stderr)
        return 1
    for step in (*steps[:-1], [*steps[-1], *for_sam]):
        code = subprocess.run(step, cwd=ROOT, check=False).returncode  # noqa: S603 - our own commands
        if code:
            return code
    print(f"Next: scripts/stigg-secret {arguments.environment} api-key, and then check-connection (docs/deploy.md).")
    return 0


def commands(config: Mapping[str, Any], environment: str) -> list[list[str]]:
    """Return the commands that build and deploy an environment as samconfig.toml describes it.

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
    return parser


if __name__ == "__main__":
    sys.exit(main())
