"""The stack that a command works with: how it is named, and how its functions are invoked."""

import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from console.errors import BadInputError, RefusedError, UnreachableError
from scripts import aws_target, samconfig
from scripts.aws_target import NoTargetError
from scripts.samconfig import NotConfiguredError
from stigg_actions import decimal_json

LOCAL_SECTION = "development"
LOCAL_PORT = 4566
LOCAL_REGION = "us-east-1"
LOCAL_KEY = ("ministack-root", "ministack-root-secret")
"""The key that the local stack's stand-in of AWS accepts for everything."""

LONGEST_SECONDS = 280
"""The time-out of a call. The longest function, reconcile, ends within 270 seconds."""

TRIES = 6
FIRST_PAUSE_SECONDS = 1.0

_NOT_ALLOWED = {"AccessDeniedException", "AccessDenied", "UnrecognizedClientException", "ExpiredTokenException"}
_BUSY = {"TooManyRequestsException", "ServiceException", "ThrottlingException"}


class Target(NamedTuple):
    """The stack as the command line names it."""

    env: str | None = None
    stack: str | None = None
    region: str | None = None
    profile: str | None = None
    local: bool = False
    port: int = LOCAL_PORT


@dataclass(frozen=True)
class Stack:
    """A deployed stack, and clients of AWS for it."""

    name: str
    place: str
    """Account and region, or the address of the local stack."""
    client: Callable[[str], Any]
    pause: Callable[[float], None] = time.sleep

    def call(self, action: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke the function of an action and return its answer.

        Raises:
            RefusedError: the action refused the request or failed.
            UnreachableError: the function cannot be invoked, or gave no answer.
        """
        function = f"{self.name}-{action}"
        try:
            payload = decimal_json.dumps(request).encode()
            answer = self.client("lambda").invoke(FunctionName=function, Payload=payload)
            body = decimal_json.loads(answer["Payload"].read().decode())
        except ClientError as error:
            raise _explained(error, function, self.place) from None
        except BotoCoreError as error:
            raise UnreachableError(f"{self.place} cannot be reached: {error}", retryable=True) from None
        if "FunctionError" in answer:
            raise _failure(function, str(body.get("errorMessage", "")))
        return dict(body)

    def call_patiently(self, action: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call an action again, after a longer and longer pause, while its failure is one that may pass.

        Raises as ``call``. The request must be one that takes effect once, however often it is sent.
        """
        for number in range(TRIES - 1):
            try:
                return self.call(action, request)
            except (RefusedError, UnreachableError) as error:
                if not error.retryable:
                    raise
            self.pause(FIRST_PAUSE_SECONDS * 2**number)
        return self.call(action, request)


type Connect = Callable[[Target], Stack]


@contextmanager
def aws_errors() -> Iterator[None]:
    """Turn what AWS answers to a deployer's command into an error of the console."""
    try:
        yield
    except ClientError as error:
        raise RefusedError(str(error)) from None
    except BotoCoreError as error:
        raise UnreachableError(str(error)) from None


def connect(target: Target) -> Stack:
    """Return the stack that the command line names.

    Raises:
        BadInputError: no stack is named, or samconfig.toml has no such section.
        UnreachableError: no region is configured, or AWS does not accept the credentials.
    """
    config = samconfig.read()
    name = stack_name(target, config)
    if target.local:
        return _local(name, target.port)
    configuration = aws_target.configured(config, target.env) if target.env else {}
    try:
        chosen = aws_target.chosen(Namespace(profile=target.profile, region=target.region), configuration)
    except NoTargetError as error:
        raise UnreachableError(str(error)) from None
    settings = Config(read_timeout=LONGEST_SECONDS, tcp_keepalive=True, retries={"total_max_attempts": 1})
    return Stack(name, str(chosen), cache(lambda service: chosen.session.client(service, config=settings)))


def stack_name(target: Target, config: Mapping[str, Any]) -> str:
    """Return the name of the stack. Raises BadInputError if none is named, or two are."""
    named = [option for option in (target.env, target.stack) if option]
    if len(named) + target.local != 1:
        raise BadInputError(
            "Name one stack: --env with a section of samconfig.toml, --stack with its name, or --local for make run."
        )
    if target.stack:
        return target.stack
    try:
        return samconfig.section_of(config, target.env or LOCAL_SECTION).stack_name
    except NotConfiguredError as error:
        raise BadInputError(f"{error} Add it, or name the stack: --stack.") from None


def _local(name: str, port: int) -> Stack:
    url = f"http://127.0.0.1:{port}"
    session = boto3.Session(*LOCAL_KEY, region_name=LOCAL_REGION)
    settings = Config(proxies={}, read_timeout=LONGEST_SECONDS, retries={"total_max_attempts": 1})
    return Stack(
        name,
        f"the local stack at {url}",
        cache(lambda service: session.client(service, config=settings, endpoint_url=url)),
    )


def _explained(error: ClientError, function: str, place: str) -> UnreachableError:
    """Return what an operator can do about a call that Lambda refused."""
    code = error.response["Error"]["Code"]
    if code in _NOT_ALLOWED:
        remedy = "Attach the stack's OperatorPolicy (output OperatorPolicyArn) to your user or role, or sign in again."
        return UnreachableError(f"You may not invoke {function} in {place} ({code}). {remedy}")
    if code == "ResourceNotFoundException":
        return UnreachableError(f"{place} has no function {function}. Check the stack's name, and --region.")
    return UnreachableError(f"{function} in {place} cannot be invoked: {error}", retryable=code in _BUSY)


def _failure(function: str, raised: str) -> RefusedError | UnreachableError:
    """Return the failure that a function raised, or that of a function which crashed."""
    try:
        envelope = decimal_json.loads(raised)
    except decimal_json.JsonError:
        envelope = None
    if isinstance(envelope, dict) and "errorMessage" in envelope:
        return RefusedError(str(envelope["errorMessage"]), envelope)
    return UnreachableError(
        f"{function} gave no answer: it crashed or ran out of time. A repeat is safe; the logs have the cause.",
        retryable=True,
    )
