"""The AWS user behind a Salesforce Named Credential: it has the stack's `SalesforceCallerPolicy`, and nothing else."""

from contextlib import suppress
from typing import Any, NamedTuple


class AccessKey(NamedTuple):
    """An access key, which signs calls."""

    access_key_id: str
    secret_access_key: str


def let_in(iam: Any, user: str, policy_arn: str) -> None:  # noqa: ANN401 - a boto3 client
    """Create the user unless it exists, and attach the policy to it."""
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName=user)
    iam.attach_user_policy(UserName=user, PolicyArn=policy_arn)


def new_key(iam: Any, user: str) -> AccessKey:  # noqa: ANN401 - a boto3 client
    """Create an access key of the user. Its secret cannot be read again."""
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return AccessKey(key["AccessKeyId"], key["SecretAccessKey"])
