"""Let Salesforce call a deployed stack, and print the values to enter there:  scripts/salesforce-access STACK."""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.stack.salesforce_user import let_in, new_key
from scripts import aws_target
from scripts.aws_target import NoTargetError


@dataclass(frozen=True)
class Access:
    """The values that a Salesforce org needs for a stack, and the policy of its AWS user."""

    url: str
    region: str
    policy_arn: str

    def __str__(self) -> str:
        return (
            "For the deployment of salesforce/:\n\n"
            f"  export STIGG_ACTIONS_URL={self.url}\n"
            f"  export STIGG_ACTIONS_REGION={self.region}\n\n"
            f"The policy of the AWS user, or of the role of Roles Anywhere:\n\n  {self.policy_arn}\n"
        )


def main() -> int:
    """Print the values; return 1 if AWS refuses."""
    arguments = _parser().parse_args()
    if arguments.user and not arguments.key_file:
        _parser().error("--user needs --key-file: the key is written to that file and not shown")
    try:
        target = aws_target.chosen(arguments)
        print(f"{arguments.stack} in {target}.\n", flush=True)
        session = target.session
        access = of_stack(session, arguments.stack)
        print(access)
        if arguments.user:
            make_user(session.client("iam"), arguments.user, access, arguments.key_file)
            print(
                f"The user {arguments.user} has it. Its access key is in {arguments.key_file}, which only you can read."
            )
            print("Enter it in Setup (docs/salesforce-setup.md, step 4), and then delete the file.")
    except (BotoCoreError, ClientError, FileExistsError, NoTargetError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def of_stack(session: Any, stack: str) -> Access:  # noqa: ANN401 - a boto3 session
    """Read the outputs of a deployed stack. Raises ClientError if it does not exist."""
    cloudformation = session.client("cloudformation")
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}
    return Access(outputs["ApiUrl"], cloudformation.meta.region_name, outputs["SalesforceCallerPolicyArn"])


def make_user(iam: Any, user: str, access: Access, key_file: Path) -> None:  # noqa: ANN401 - a boto3 client
    """Give a user the policy, and write a new access key to a file that only you can read.

    Raises FileExistsError before any change if the file exists, and ClientError if AWS refuses.
    """
    descriptor = os.open(key_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        let_in(iam, user, access.policy_arn)
        key = new_key(iam, user)
        file.write(f"Access Key ID: {key.access_key_id}\nSecret Access Key: {key.secret_access_key}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/salesforce-access", description=__doc__)
    parser.add_argument("stack", help="name of the deployed stack, such as stigg-actions-production")
    aws_target.add_options(parser)
    parser.add_argument("--user", help="create this IAM user with the policy and an access key")
    parser.add_argument("--key-file", type=Path, help="new file for the access key")
    return parser


if __name__ == "__main__":
    sys.exit(main())
