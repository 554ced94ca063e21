"""stigg-actions salesforce setup on the deployed stack: the org calls it with the key that the program stored."""

import os
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

from local.salesforce_org.administration.state import Signed
from local.stack import LocalStack
from local.stack.deployment import STACK_NAME
from local.stack.ministack import REGION, ROOT_CREDENTIALS, Credentials
from local.stack.template import ROOT
from tests.support.calls import signed_call
from tests.support.org_setup import org_to_set_up

FIFTEEN_MINUTES = 900


def run(stack: LocalStack, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the program as its user does."""
    port = str(urlsplit(stack.endpoints.aws).port)
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command: list[str | Path] = [ROOT / "scripts" / "stigg-actions", "salesforce", "setup", "--org", "stigg-sandbox"]
    return subprocess.run(  # noqa: S603 - our own script
        [*command, "--local", "--port", port, *options],
        env={**mine, "NO_PROXY": "127.0.0.1", "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_org_that_calls_the_stack(fresh_stack: LocalStack, tmp_path: Path) -> None:
    """The org's Flow calls the stack, signed with the stored key; a key that is lost in AWS is replaced."""
    outputs, keys = fresh_stack.deployment.outputs, []

    def call(signed: Signed, action: str, body: str) -> tuple[int, dict[str, Any]]:
        assert (signed.url, signed.region) == (outputs["ApiUrl"], REGION)
        keys.append(Credentials(signed.key_id, signed.secret))
        answer = signed_call(f"{fresh_stack.endpoints.api}/{action}", body, keys[-1])
        return answer.status_code, answer.json()

    with org_to_set_up(tmp_path, call) as org:
        began = time.monotonic()
        first = run(fresh_stack, tmp_path, "--set", "Currency=USD")
        seconds = time.monotonic() - began
        iam = boto3.client("iam", **fresh_stack.ministack.client_settings())
        iam.delete_access_key(UserName="salesforce-stigg-sandbox", AccessKeyId=keys[-1].access_key_id)
        second = run(fresh_stack, tmp_path)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "checks have passed" in first.stdout
    assert f"in place of {keys[0].access_key_id}" in second.stdout
    assert len({key.access_key_id for key in keys}) == 2
    assert not [key for key in (*keys, ROOT_CREDENTIALS) if key.secret_access_key in first.stdout + second.stdout]
    assert seconds < FIFTEEN_MINUTES
    assert STACK_NAME in first.stdout
    assert org.administration.url == outputs["ApiUrl"]
