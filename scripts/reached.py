"""Find the stack that a program calls: the local one of `make run`, or one in AWS."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.credentials import Credentials

from local.stack.deployment import STACK_NAME
from local.stack.endpoints import ENDPOINTS_FILE, Endpoints
from scripts import aws_target

if TYPE_CHECKING:
    import argparse

ENDPOINTS_VARIABLE = "LOCAL_ENDPOINTS"
"""Environment variable that names an endpoints file to use instead of that of `make run`."""

LONGEST_SECONDS = 35.0
"""The time-out of a call. An answer comes within 29 seconds."""


class NotRunningError(Exception):
    """No local stack is running, and no stack in AWS was named."""


@dataclass(frozen=True)
class Reached:
    """A stack: its name, API and outputs, the key that signs calls, and clients of AWS services."""

    stack: str
    api: str
    region: str
    outputs: Mapping[str, str]
    signer: Credentials
    client: Callable[[str], Any]
    is_local: bool

    def function(self, action: str) -> str:
        """Return the deployed name of an action's function."""
        return f"{self.stack}-{action}"


def add_options(parser: "argparse.ArgumentParser") -> None:
    """Add the options that name a stack in AWS."""
    parser.add_argument("--stack", help="name of a stack in AWS (default: the local stack of make run)")
    aws_target.add_options(parser)


def stack_of(arguments: "argparse.Namespace", announce: Callable[[str], object]) -> Reached:
    """Return the stack that the command line names. For a stack in AWS, announce account and region.

    Raises:
        NotRunningError: no stack is named, and `make run` is not running.
        NoTargetError, BotoCoreError, ClientError: AWS cannot be reached or has no such stack.
    """
    if arguments.stack is None:
        return _local(Path(os.environ.get(ENDPOINTS_VARIABLE) or ENDPOINTS_FILE))
    target = aws_target.chosen(arguments)
    announce(f"{arguments.stack} in {target}.")
    client = _client(target.session, Config(read_timeout=LONGEST_SECONDS, retries={"total_max_attempts": 1}))
    outputs = _outputs(client("cloudformation"), arguments.stack)
    signer = target.session.get_credentials().get_frozen_credentials()
    return Reached(arguments.stack, outputs["ApiUrl"], target.region, outputs, signer, client, is_local=False)


def _local(path: Path) -> Reached:
    try:
        endpoints = Endpoints.read(path)
    except FileNotFoundError:
        raise NotRunningError(
            "No local stack is running. Start it (make run), or name a stack in AWS (--stack)."
        ) from None
    session = boto3.Session(
        endpoints.root_access_key_id, endpoints.root_secret_access_key, region_name=endpoints.region
    )
    config = Config(proxies={}, read_timeout=LONGEST_SECONDS, retries={"total_max_attempts": 1})
    client = _client(session, config, endpoint_url=endpoints.aws)
    outputs = _outputs(client("cloudformation"), STACK_NAME)
    signer = Credentials(endpoints.access_key_id, endpoints.secret_access_key)
    return Reached(STACK_NAME, endpoints.api, endpoints.region, outputs, signer, client, is_local=True)


def _client(session: Any, config: Config, **more: str) -> Callable[[str], Any]:  # noqa: ANN401 - a boto3 session
    return lambda service: session.client(service, config=config, **more)


def _outputs(cloudformation: Any, stack: str) -> dict[str, str]:  # noqa: ANN401 - a boto3 client
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}
