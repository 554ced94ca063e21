"""stigg-actions salesforce access: it lets a new AWS user in as the guide says, and never shows its key."""

import os
import stat
import subprocess
from pathlib import Path

import boto3

from local.stack import LocalStack
from local.stack.deployment import STACK_NAME
from local.stack.ministack import REGION, ROOT_CREDENTIALS, Credentials
from local.stack.template import ROOT
from tests.support.calls import signed_call

BODY = '{"customerId": "acme"}'


def _run(stack: LocalStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": stack.endpoints.aws,
        "AWS_ACCESS_KEY_ID": ROOT_CREDENTIALS.access_key_id,
        "AWS_SECRET_ACCESS_KEY": ROOT_CREDENTIALS.secret_access_key,
        "AWS_REGION": REGION,
        "NO_PROXY": "127.0.0.1",
    }
    environment.pop("AWS_PROFILE", None)  # a developer's own account is not meant
    return subprocess.run(  # noqa: S603 - our own script
        [ROOT / "scripts" / "stigg-actions", "salesforce", "access", "--stack", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _policies(stack: LocalStack, user: str) -> list[str]:
    iam = boto3.client("iam", **stack.ministack.client_settings())
    attached = iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]
    return [policy["PolicyArn"] for policy in attached]


def test_values_to_enter(stack: LocalStack) -> None:
    """Without --user it changes nothing, and prints what a deployment and an administrator need."""
    result = _run(stack, STACK_NAME)

    assert result.returncode == 0, result.stderr
    assert result.stderr.endswith(f"{STACK_NAME} in AWS account 000000000000, region {REGION}.\n")
    assert f"export STIGG_ACTIONS_URL={stack.deployment.outputs['ApiUrl']}\n" in result.stdout
    assert f"export STIGG_ACTIONS_REGION={REGION}\n" in result.stdout
    assert stack.deployment.outputs["SalesforceCallerPolicyArn"] in result.stdout


def test_a_user_is_let_in(fresh_stack: LocalStack, tmp_path: Path) -> None:
    """The new user has the same policy as the local stack's, and calls the API by the key in the file."""
    key_file = tmp_path / "key"
    result = _run(fresh_stack, STACK_NAME, "--user", "salesforce-sandbox", "--key-file", str(key_file))
    assert result.returncode == 0, result.stderr
    key = Credentials(*(line.split(": ")[1] for line in key_file.read_text().splitlines()))

    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert key.secret_access_key not in result.stdout + result.stderr
    assert _policies(fresh_stack, "salesforce-sandbox") == _policies(fresh_stack, "salesforce")
    assert signed_call(f"{fresh_stack.endpoints.api}/create-customer", BODY, key).status_code == 200


def test_a_file_is_not_overwritten(stack: LocalStack, tmp_path: Path) -> None:
    """A key file that is there already is left alone, and no user is made."""
    key_file = tmp_path / "key"
    key_file.write_text("mine")
    result = _run(stack, STACK_NAME, "--user", "nobody", "--key-file", str(key_file))
    users = boto3.client("iam", **stack.ministack.client_settings()).list_users()["Users"]

    assert (result.returncode, key_file.read_text()) == (2, "mine")
    assert "File exists" in result.stderr
    assert "nobody" not in [user["UserName"] for user in users]


def test_a_key_needs_a_file(stack: LocalStack) -> None:
    """A user without a file for its key is refused: the key would be shown nowhere."""
    result = _run(stack, STACK_NAME, "--user", "nobody")

    assert result.returncode == 2
    assert "--user needs --key-file" in result.stderr


def test_an_unknown_stack(stack: LocalStack) -> None:
    """The name of a stack that is not there is refused with AWS's own words."""
    result = _run(stack, "stigg-actions-nowhere")

    assert result.returncode == 1
    assert "does not exist" in result.stderr
