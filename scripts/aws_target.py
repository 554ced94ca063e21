"""Choose the AWS account and region of a program. They are printed before a request is sent."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    import argparse


class NoTargetError(Exception):
    """No region is configured, or AWS does not accept the credentials."""


@dataclass(frozen=True)
class Target:
    """An account, a region and a session for them."""

    account: str
    region: str
    profile: str | None = None
    session: Any = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"AWS account {self.account}, region {self.region}"

    @property
    def sam_options(self) -> list[str]:
        """The options that make the SAM CLI use the same account and region."""
        return ["--region", self.region, *(["--profile", self.profile] if self.profile else [])]


def add_options(parser: "argparse.ArgumentParser") -> None:
    """Add the options for profile and region."""
    parser.add_argument(
        "--profile", help="profile of the AWS configuration (default: AWS_PROFILE, or the default profile)"
    )
    parser.add_argument(
        "--region", help="AWS region (default: from samconfig.toml, AWS_REGION, AWS_DEFAULT_REGION or the profile)"
    )


def configured(config: Mapping[str, Any], environment: str) -> dict[str, str]:
    """Return the profile and region of an environment in samconfig.toml, if it has them."""
    section = config.get(environment, {})
    parts = [section.get(command, {}).get("parameters", {}) for command in ("global", "deploy")]
    return {name: str(part[name]) for part in parts for name in ("profile", "region") if name in part}


def chosen(arguments: "argparse.Namespace", configuration: Mapping[str, str] | None = None) -> Target:
    """Return the target from the command line, samconfig.toml or the environment, in this order.

    Raises:
        NoTargetError: no region is configured, or AWS does not accept the credentials.
    """
    configuration = configuration or {}
    profile = arguments.profile or configuration.get("profile")
    region = arguments.region or configuration.get("region") or os.environ.get("AWS_REGION")
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        if session.region_name is None:
            raise NoTargetError(
                "No AWS region is configured. Set one in the profile (aws configure) or AWS_REGION, or give --region."
            )
        account = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise NoTargetError(f"The AWS account cannot be determined: {error}") from None
    return Target(account, session.region_name, profile, session)
