"""Run `sam build` and `sam deploy` from the locked environment."""

import os
import platform
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from local.stack.ministack import REGION, ROOT_CREDENTIALS, Ministack
from local.stack.processes import LocalStackError
from local.stack.template import ROOT

SAM = ROOT / ".venv-sam" / "bin" / "sam"
BUILD = ROOT / "scripts" / "build"
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def machine_architecture() -> str:
    """Return this machine's processor in Lambda's terms: `x86_64` or `arm64`."""
    return ARCHITECTURES[platform.machine().lower()]


def build(folder: Path, *, architecture: str, for_this_system: bool = False) -> Path:
    """Build the layers into `folder` and return the built template.

    The wheels are for Lambda (Linux), or with `for_this_system` for the system that runs the local stack.
    """
    variables = {}
    if for_this_system and platform.system() == "Darwin":
        variables["PLATFORM"] = "aarch64-apple-darwin" if architecture == "arm64" else "x86_64-apple-darwin"
    _run([BUILD, architecture, folder], variables)
    return folder / "template.yaml"


def deploy(
    ministack: Ministack, built_template: Path, *, stack_name: str, bucket: str, parameters: Mapping[str, str]
) -> None:
    """Deploy a built template into the stand-in for AWS."""
    _run(
        [
            *(SAM, "deploy"),
            *("--template-file", built_template, "--stack-name", stack_name, "--s3-bucket", bucket),
            *("--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar"),
            *("--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())),
        ],
        {
            "AWS_ENDPOINT_URL": ministack.url,
            "AWS_ACCESS_KEY_ID": ROOT_CREDENTIALS.access_key_id,
            "AWS_SECRET_ACCESS_KEY": ROOT_CREDENTIALS.secret_access_key,
            "SAM_CLI_POLL_DELAY": "0.1",
            "NO_PROXY": "127.0.0.1",
        },
    )


def _run(command: list[str | Path], variables: Mapping[str, str]) -> None:
    environment = {
        **os.environ,
        "SAM_CLI_TELEMETRY": "0",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        **variables,
    }
    environment.pop("AWS_PROFILE", None)  # not the developer's own account
    with tempfile.TemporaryDirectory(prefix="stigg-sam-") as scratch:  # the SAM CLI leaves empty folders behind
        result = subprocess.run(  # noqa: S603 - the commands are our own
            command, env=environment | {"TMPDIR": scratch}, cwd=ROOT, capture_output=True, text=True, check=False
        )
    if result.returncode != 0:
        raise LocalStackError(
            f"{Path(command[0]).name} {command[1]} failed:\n{result.stdout[-3000:]}\n{result.stderr[-3000:]}"
        )
