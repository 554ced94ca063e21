"""The AWS account and region that a program works in: chosen once, and printed before anything is sent."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    import argparse


class NoTargetError(Exception):
    """There is no region, or AWS does not accept the credentials; nothing was sent."""


@dataclass(frozen=True)
class Target:
    """An account and a region, and the session that reaches them."""

    account: str
    region: str
    profile: str | None = None
    session: Any = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"AWS account {self.account}, region {self.region}"

    @property
    def sam_options(self) -> list[str]:
        """The options by which the SAM CLI works in the same place."""
        return ["--region", self.region, *(["--profile", self.profile] if self.profile else [])]


def add_options(parser: "argparse.ArgumentParser") -> None:
    """Let the command line choose profile and region."""
    parser.add_argument("--profile", help="profile of the AWS configuration (else AWS_PROFILE, or its default)")
    parser.add_argument(
        "--region", help="AWS region (else samconfig.toml, AWS_REGION, AWS_DEFAULT_REGION, the profile's)"
    )


def configured(config: Mapping[str, Any], environment: str) -> dict[str, str]:
    """Return the profile and the region that samconfig.toml gives an environment, where it does."""
    section = config.get(environment, {})
    parts = [section.get(command, {}).get("parameters", {}) for command in ("global", "deploy")]
    return {name: str(part[name]) for part in parts for name in ("profile", "region") if name in part}


def chosen(arguments: "argparse.Namespace", configuration: Mapping[str, str] | None = None) -> Target:
    """Return where the command line, samconfig.toml or the environment says, in this order.

    Raises:
        NoTargetError: no region is chosen anywhere, or AWS does not accept the credentials.
    """
    configuration = configuration or {}
    profile = arguments.profile or configuration.get("profile")
    region = arguments.region or configuration.get("region") or os.environ.get("AWS_REGION")
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        if session.region_name is None:
            raise NoTargetError("No AWS region: set one in the profile (aws configure), AWS_REGION, or give --region.")
        account = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise NoTargetError(f"AWS does not say which account this is: {error}") from None
    return Target(account, session.region_name, profile, session)
