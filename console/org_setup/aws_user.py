"""The AWS user that an org calls as, and its access keys. A user belongs to one org, which a tag names."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from console.errors import RefusedError
from console.org_setup.found import Found, State
from console.org_setup.setup import Setup
from console.salesforce_user import AccessKey, let_in, new_key

ORG_TAG = "SalesforceOrgId"
KEY_TAG = "SalesforceAccessKeyId"
"""Names the key that the org has, in case the org does not show it."""

MOST_KEYS = 2
"""AWS allows no more for a user."""


def ensure_user(setup: Setup) -> Iterator[Found]:
    """Create the user with the stack's policy, or complete it. Raises RefusedError if it is another org's."""
    user, policy = setup.wishes.aws_user, setup.access.policy_arn
    tags = tags_of(setup)
    owner = (tags or {}).get(ORG_TAG)
    if owner not in {None, setup.org.id}:
        raise RefusedError(f"The AWS user {user} belongs to the org {owner}. Name another one: --aws-user")
    if owner is not None and policy in _policies(setup):
        yield Found(State.THERE, f"{user} has {policy}")
        return
    if not setup.dry_run:
        let_in(setup.iam, user, policy)
        tag(setup, ORG_TAG, setup.org.id)
    yield Found(State.CREATED if tags is None else State.CHANGED, f"{user} with {policy}")


def keys_of(setup: Setup) -> list[dict[str, Any]]:
    """Return the keys of the user, the oldest first; none if there is no user."""
    try:
        listed = setup.iam.list_access_keys(UserName=setup.wishes.aws_user)["AccessKeyMetadata"]
    except setup.iam.exceptions.NoSuchEntityException:
        return []
    return sorted(listed, key=lambda key: key["CreateDate"])


def make_key(setup: Setup, stored: str | None) -> AccessKey:
    """Create a key. If the user has two, one that the org does not have and that was never used makes room.

    Raises RefusedError if both are in use.
    """
    keys = keys_of(setup)
    if len(keys) >= MOST_KEYS:
        spare = next((key for key in keys if key["AccessKeyId"] != stored and _is_spare(setup, key)), None)
        if spare is None:
            raise RefusedError(
                f"The AWS user {setup.wishes.aws_user} has two access keys, and both were used. Delete the one that "
                f"nothing uses: aws iam delete-access-key --user-name {setup.wishes.aws_user} --access-key-id ID"
            )
        setup.iam.delete_access_key(UserName=setup.wishes.aws_user, AccessKeyId=spare["AccessKeyId"])
    return new_key(setup.iam, setup.wishes.aws_user)


def retire(setup: Setup, key_id: str) -> None:
    """Deactivate a key, which can be activated again."""
    setup.iam.update_access_key(UserName=setup.wishes.aws_user, AccessKeyId=key_id, Status="Inactive")


def tags_of(setup: Setup) -> dict[str, str] | None:
    """Return the tags of the user; None if there is no user."""
    try:
        tags = setup.iam.list_user_tags(UserName=setup.wishes.aws_user)["Tags"]
    except setup.iam.exceptions.NoSuchEntityException:
        return None
    return {one["Key"]: one["Value"] for one in tags}


def tag(setup: Setup, name: str, value: str) -> None:
    """Set a tag of the user."""
    setup.iam.tag_user(UserName=setup.wishes.aws_user, Tags=[{"Key": name, "Value": value}])


def explained(error: ClientError, user: str) -> RefusedError:
    """Return what a deployer can do about a refusal of AWS."""
    if error.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}:
        return RefusedError(
            f"{error} You need these rights in IAM for the user {user}: CreateUser, TagUser, ListUserTags, "
            "AttachUserPolicy, ListAttachedUserPolicies, ListAccessKeys, CreateAccessKey, UpdateAccessKey, "
            "DeleteAccessKey and GetAccessKeyLastUsed."
        )
    return RefusedError(str(error))


def _policies(setup: Setup) -> set[str]:
    attached = setup.iam.list_attached_user_policies(UserName=setup.wishes.aws_user)["AttachedPolicies"]
    return {policy["PolicyArn"] for policy in attached}


def _is_spare(setup: Setup, key: dict[str, Any]) -> bool:
    """Whether a key is inactive, or was made by a run that ended before it was used."""
    if key["Status"] == "Inactive":
        return True
    used = setup.iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    return "LastUsedDate" not in used
