"""`make run`: what it writes and prints is enough to use it, and it says why it cannot start."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import uuid
from itertools import pairwise
from pathlib import Path

import pytest

from local.stack import Endpoints, LocalStack
from local.stack.instructions import instructions
from local.stack.template import ROOT, functions

KEYS = [
    "api",
    "aws",
    "stigg",
    "webhooks",
    "region",
    "accessKeyId",
    "secretAccessKey",
    "rootAccessKeyId",
    "rootSecretAccessKey",
    "functions",
]


def test_endpoints_file(stack: LocalStack, tmp_path: Path) -> None:
    """The file holds every address and key that a program needs, and the function of every action."""
    stack.endpoints.write(tmp_path / "state" / "endpoints.json")
    content = json.loads((tmp_path / "state" / "endpoints.json").read_text())

    assert list(content) == KEYS
    assert set(content["functions"]) == set(functions())
    assert content["region"] == "us-east-1"


def test_endpoints_file_is_read(stack: LocalStack, tmp_path: Path) -> None:
    """What was written is read again, value by value."""
    stack.endpoints.write(tmp_path / "endpoints.json")

    assert Endpoints.read(tmp_path / "endpoints.json") == stack.endpoints


@pytest.fixture
def variables(fresh_stack: LocalStack, tmp_path: Path) -> dict[str, str]:
    """The environment of a shell whose `make run` is this stack."""
    fresh_stack.endpoints.write(tmp_path / "endpoints.json")
    return {**os.environ, "LOCAL_ENDPOINTS": str(tmp_path / "endpoints.json")}


def in_shell(command: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command as a person would who pastes it."""
    return subprocess.run(  # noqa: S602 - a shell is what a person would paste it into
        command, shell=True, cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )


def printed(stack: LocalStack, start: str) -> str:
    """Return a printed command, which may go on in further lines."""
    found = re.search(rf"^  ({re.escape(start)}(?:.*\\\n)*.*)$", instructions(stack.endpoints), re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize(("start", "how"), [("scripts/call create", "HTTP 200"), ("scripts/call --direct", "answered")])
def test_printed_calls_work(fresh_stack: LocalStack, variables: dict[str, str], start: str, how: str) -> None:
    """The two printed ways to send a file reach the action; the answer alone is on standard output."""
    called = in_shell(printed(fresh_stack, start), variables)

    assert (called.returncode, called.stderr.strip()) == (0, how)
    assert json.loads(called.stdout)["outcome"] == "created"


@pytest.mark.parametrize(("name", "status"), [("api.bad-email", 400), ("api.base64", 200)])
def test_events_of_the_gateway_can_be_sent(variables: dict[str, str], name: str, status: int) -> None:
    """A file of an API Gateway event is sent as the request inside of it; a failure is an exit status of 1."""
    called = in_shell(f"scripts/call create-customer events/create_customer/{name}.json", variables)

    assert (called.returncode, called.stderr.strip()) == (0 if status == 200 else 1, f"HTTP {status}")
    assert json.loads(called.stdout)["success"] is (status == 200)


def test_a_raised_failure(variables: dict[str, str]) -> None:
    """Invoked directly, a failure is the envelope on standard output and an exit status of 1."""
    called = in_shell("echo '{\"name\": 5}' | scripts/call --direct create-customer -", variables)

    assert called.returncode == 1
    assert called.stderr.startswith("raised ")
    assert json.loads(called.stdout)["errorCode"] == "INVALID_REQUEST"


def test_what_cannot_be_sent(variables: dict[str, str]) -> None:
    """A file that is not there, and a stack that does not run, are named."""
    missing = in_shell("scripts/call create-customer events/none.json", variables)
    stopped = in_shell("scripts/call create-customer -", variables | {"LOCAL_ENDPOINTS": "/none"})

    assert (missing.returncode, missing.stderr.split(" does not exist")[0]) == (1, "events/none.json")
    assert (stopped.returncode, stopped.stdout) == (1, "")


def test_printed_lambda_line(fresh_stack: LocalStack) -> None:
    """The printed line of the AWS CLI names a function and a file that are there; only the answer is on its output."""
    words = shlex.split(printed(fresh_stack, "AWS_ACCESS_KEY_ID=").replace("\\\n", " "))
    options = dict(pairwise(words))

    assert options["--function-name"] in fresh_stack.endpoints.functions.values()
    assert json.loads((ROOT / options["--payload"].removeprefix("fileb://")).read_text())
    assert words[-5:] == ["answer.json", ">&2", "&&", "cat", "answer.json"]


def lines_of(found: subprocess.CompletedProcess[str]) -> list[tuple[str, dict[str, object]]]:
    """Return what `make logs` found: where each line is from, and what it says."""
    parts = [line.split(maxsplit=1) for line in found.stdout.splitlines()]
    return [(place, json.loads(content)) for place, content in parts]


def searched(command: str, variables: dict[str, str]) -> list[tuple[str, dict[str, object]]]:
    """Search until the log has the call: its line arrives some time after the answer."""
    tries = (lines_of(in_shell(command, variables)) for _ in range(20))
    return next((found for found in tries if "function" in dict(found)), [])


@pytest.mark.parametrize("id_of", ["correlationId", "customerId", "salesforceAccountId"])
def test_one_id_leads_to_log_and_ledger(variables: dict[str, str], id_of: str) -> None:
    """By the call's id, its customer or its account, one command shows the line of the log and the operation."""
    name = uuid.uuid4().hex
    account = f"001{name[:12]}"
    body = {"customerId": f"cust-{name}", "name": "Globex", "salesforceAccountId": account, "correlationId": name}
    in_shell(f"echo {shlex.quote(json.dumps(body))} | scripts/call create-customer -", variables)
    found = searched(f"make --silent logs ID={body[id_of]}", variables)
    (line,) = [content for place, content in found if place == "function"]
    (operation,) = [content for place, content in found if place == "ledger"]

    assert (line["action"], line["operationKey"]) == ("create_customer", operation["operationKey"])
    assert operation["correlationId"] == name


def test_a_stored_answer_leads_to_the_ledger(variables: dict[str, str]) -> None:
    """The id of a repeat, which ran no operation, leads to the operation whose answer it was given."""
    name = uuid.uuid4().hex
    grant = {"customerId": "cust-1", "currencyId": "cred-type-tokens", "amount": 5, "idempotencyKey": "deal-1"}
    more = {"displayName": "Credits", "grantType": "PROMOTIONAL"}
    in_shell('echo \'{"customerId": "cust-1", "name": "Globex"}\' | scripts/call create-customer -', variables)
    for number in (1, 2):
        body = json.dumps(grant | more | {"correlationId": f"{name}-{number}"})
        in_shell(f"echo {shlex.quote(body)} | scripts/call create-credit-grant -", variables)
    found = searched(f"scripts/logs {name}-2", variables)

    assert [place for place, _ in found] == ["function", "ledger"]
    assert (found[0][1]["replayed"], found[1][1]["correlationId"]) == (True, f"{name}-1")


def test_an_id_that_nothing_has(variables: dict[str, str]) -> None:
    """An id that leads nowhere is said to, and no id is asked for."""
    found, unasked = in_shell("scripts/logs never-called", variables), in_shell("make --silent logs", variables)

    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == "No log line of the last 24 hours and no operation has never-called.\n"
    assert "make logs ID=" in unasked.stderr


def test_printed_command_works(fresh_stack: LocalStack) -> None:
    """The curl command that is printed calls the action when it is pasted into a shell."""
    printed = instructions(fresh_stack.endpoints)
    command = re.search(r"^  curl .*?/create-customer$", printed, re.MULTILINE | re.DOTALL)
    assert command
    result = subprocess.run(  # noqa: S602 - a shell is what a person would paste it into
        command[0], shell=True, cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert json.loads(result.stdout)["success"] is True


def test_port_in_use() -> None:
    """When the port is taken, nothing starts, and the message names the port and the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "local.stack", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT / "layers" / "shared")},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    assert result.returncode == 1
    assert (
        result.stderr
        == f"Port {port} is in use. Stop the program that uses it, or choose another port: make run PORT=...\n"
    )
