"""scripts/stigg-actions as a process on the deployed stack: by its port, and as an operator with the stack's policy."""

import csv
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from console.salesforce_user import AccessKey, let_in, new_key
from local.stack import LocalStack
from local.stack.deployment import STACK_NAME
from local.stack.ministack import REGION
from local.stack.template import ROOT
from tests.support.program import write_csv

PROGRAM = ROOT / "scripts" / "stigg-actions"
AS_CUSTOMERS = ("--action", "create-customer", "--map", "Id=salesforceAccountId", "--json")
ROWS = 30


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of an operator, without a developer's own account."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**mine, "NO_PROXY": "127.0.0.1", **variables}


def run(*arguments: str | Path, **variables: str) -> tuple[int, dict[str, Any], str]:
    """Run a command with --json; return its exit code, its document and its notices."""
    ran = subprocess.run(  # noqa: S603 - our own program
        [PROGRAM, *arguments], env=environment(**variables), capture_output=True, text=True, check=False
    )
    return ran.returncode, json.loads(ran.stdout), ran.stderr


def local(stack: LocalStack) -> tuple[str, ...]:
    """The options that name a local stack."""
    return ("--local", "--port", str(urlsplit(stack.endpoints.aws).port))


@pytest.fixture
def operator(stack: LocalStack) -> Iterator[AccessKey]:
    """A user who has the stack's policy for operators, and nothing else."""
    iam = boto3.client("iam", **stack.ministack.client_settings())
    let_in(iam, "operator", stack.deployment.outputs["OperatorPolicyArn"])
    key = new_key(iam, "operator")
    yield key
    iam.delete_access_key(UserName="operator", AccessKeyId=key.access_key_id)


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    """A file of customers."""
    lines = [f"0015g00000Xy{row:03d},console-{row},Company {row}" for row in range(ROWS)]
    return write_csv(tmp_path / "accounts.csv", "Id,customerId,name", *lines)


def results(folder: Path) -> list[dict[str, str]]:
    """Read the one file of results."""
    (path,) = folder.glob("*.results-*.csv")
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_killed_run(fresh_stack: LocalStack, accounts: Path) -> None:
    """A process that is killed between two pages is continued by the next one, and no row takes effect twice."""
    command: list[str | Path] = [
        PROGRAM,
        "batch",
        "submit",
        accounts,
        *AS_CUSTOMERS,
        *local(fresh_stack),
        "--page-size",
        "5",
    ]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as program:
        until = time.monotonic() + 60
        while not _pages_written(accounts.parent) and time.monotonic() < until:
            time.sleep(0.02)
        os.killpg(program.pid, signal.SIGKILL)
    assert program.returncode == -signal.SIGKILL
    code, document, notices = run(*command[1:])

    assert (code, document["succeeded"], document["pages"]) == (0, ROWS, ROWS // 5), notices
    assert 1 <= document["pagesKept"] < ROWS // 5
    assert document["pagesRepeated"] <= 1
    assert [row["Id"][:15] for row in results(accounts.parent)] == [f"0015g00000Xy{row:03d}" for row in range(ROWS)]
    assert len(fresh_stack.stigg.state()["customers"]) == ROWS


def _pages_written(folder: Path) -> bool:
    return any(len(path.read_text().splitlines()) > 1 for path in folder.glob("*.results-*.csv"))


def test_an_operator(fresh_stack: LocalStack, operator: AccessKey, accounts: Path) -> None:
    """With the stack's OperatorPolicy alone, batches, operations, mappings, reconciliation and check work."""
    variables = {
        "AWS_ENDPOINT_URL": fresh_stack.endpoints.aws,
        "AWS_ACCESS_KEY_ID": operator.access_key_id,
        "AWS_SECRET_ACCESS_KEY": operator.secret_access_key,
        "AWS_REGION": REGION,
    }
    on = ("--env", "development", "--json")
    submitted, document, said = run("batch", "submit", accounts, *AS_CUSTOMERS, "--env", "development", **variables)

    assert (submitted, document["succeeded"]) == (0, ROWS), said
    assert f"{STACK_NAME} in AWS account 000000000000, region {REGION}." in said
    assert run("check", *on, **variables)[1]["outcome"] == "healthy"
    assert run("operations", "list", *on, **variables)[:2] == (0, {"success": True, "operations": []})
    assert run("reconcile", *on, "--customer", "console-1", **variables)[1]["outcome"] == "reconciled"
    assert (
        run("mapping", "show", "--record", "00k5g00000LnAaAAAV", *on, **variables)[1]["errorCode"]
        == "MAPPING_NOT_FOUND"
    )
    refused, secret, _ = run("secret", "set", "api-key", *on, **variables)
    assert (refused, secret["errorCode"]) == (1, "REFUSED")


def test_no_stack() -> None:
    """Where no stack runs, the exit code says so."""
    code, document, _ = run("check", "--local", "--port", "9", "--json")

    assert (code, document["errorCode"]) == (3, "UNREACHABLE")
