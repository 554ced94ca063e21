"""`make run`: what it writes and prints is enough to use it, and it says why it cannot start."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

from local.stack import LocalStack
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
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    assert result.returncode == 1
    assert result.stderr == f"Port {port} is in use. Stop what uses it, or choose another: make run PORT=...\n"
