"""Let Salesforce call a deployed stack, and tell what is to be entered there:  scripts/salesforce-access STACK."""

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
    """What a Salesforce org needs to know of a stack, and the policy that its AWS user needs."""

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
    """Do as the command line says; 1 if AWS refuses."""
    arguments = _parser().parse_args()
    if arguments.user and not arguments.key_file:
        _parser().error("--user needs --key-file: the key is written there, and shown nowhere")
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
    """Read the outputs of a deployed stack. Raises ClientError if there is none of that name."""
    cloudformation = session.client("cloudformation")
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}
    return Access(outputs["ApiUrl"], cloudformation.meta.region_name, outputs["SalesforceCallerPolicyArn"])


def make_user(iam: Any, user: str, access: Access, key_file: Path) -> None:  # noqa: ANN401 - a boto3 client
    """Let a user in and write a new access key of it to a file that nobody else can read.

    Raises FileExistsError before anything is done if the file is there, and ClientError if AWS refuses.
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
    parser.add_argument("--user", help="make this IAM user, give it the policy, and make an access key of it")
    parser.add_argument("--key-file", type=Path, help="new file that the access key is written to")
    return parser


if __name__ == "__main__":
    sys.exit(main())
