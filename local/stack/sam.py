"""`sam build` and `sam deploy`, as a person would run them, from the locked environment."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local.stack.ministack import REGION, ROOT_CREDENTIALS, Ministack
from local.stack.processes import LocalStackError
from local.stack.template import ROOT, TEMPLATE

SAM = ROOT / ".venv-sam" / "bin" / "sam"
UV = ROOT / ".venv-uv" / "bin" / "uv"
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def machine_architecture() -> str:
    """This machine's processor as Lambda names it: `x86_64` or `arm64`."""
    return ARCHITECTURES[platform.machine().lower()]


def build(folder: Path, *, architecture: str, for_this_system: bool = False) -> Path:
    """Build the layers into `folder` and return the built template.

    The wheels are Lambda's (Linux), or `for_this_system` those of the system that runs the local stack.
    """
    for bytecode in (ROOT / "functions").glob("*/__pycache__"):
        shutil.rmtree(bytecode)  # what a test run left there would be deployed
    variables = {"ARCHITECTURE": architecture, "UV": str(UV), "PYTHON": sys.executable, "UV_PYTHON_DOWNLOADS": "never"}
    if for_this_system and platform.system() == "Darwin":
        variables["PLATFORM"] = "aarch64-apple-darwin" if architecture == "arm64" else "x86_64-apple-darwin"
    _sam(["build", "--template-file", TEMPLATE, "--build-dir", folder], variables)
    return folder / "template.yaml"


def deploy(
    ministack: Ministack, built_template: Path, *, stack_name: str, bucket: str, parameters: Mapping[str, str]
) -> None:
    """Deploy a built template into the stand-in for AWS."""
    _sam(
        [
            "deploy",
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


def _sam(arguments: list[str | Path], variables: Mapping[str, str]) -> None:
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": REGION, **variables}
    environment.pop("AWS_PROFILE", None)  # a developer's own account is not meant
    result = subprocess.run(  # noqa: S603 - the command is our own
        [SAM, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise LocalStackError(f"sam {arguments[0]} failed:\n{result.stdout[-3000:]}\n{result.stderr[-3000:]}")
