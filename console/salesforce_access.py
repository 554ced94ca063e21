"""The values that a Salesforce org needs to call a deployed stack, and the AWS user that it calls as."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.salesforce_user import let_in, new_key


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


def of_stack(cloudformation: Any, stack: str) -> Access:  # noqa: ANN401 - a boto3 client
    """Read the outputs of a deployed stack. Raises ClientError if it does not exist."""
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
