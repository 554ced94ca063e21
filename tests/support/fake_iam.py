"""IAM in memory, as strict as AWS with users and their access keys."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

MOST_KEYS = 2


class NoSuchEntityError(ClientError):
    """There is no such user or key."""


class EntityAlreadyExistsError(ClientError):
    """There is such a user already."""


@dataclass
class User:
    """A user: its policies, tags, and keys by id."""

    policies: set[str] = field(default_factory=set)
    tags: dict[str, str] = field(default_factory=dict)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class FakeIam:
    """The API of IAM, in the words of boto3."""

    changed: Callable[[str], None]
    """Hears of every change once it is made; may raise."""
    users: dict[str, User] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    """Operations that the caller may not use."""
    made: int = 0
    exceptions: Any = field(
        default_factory=lambda: SimpleNamespace(
            NoSuchEntityException=NoSuchEntityError, EntityAlreadyExistsException=EntityAlreadyExistsError
        )
    )

    def create_user(self, *, UserName: str) -> None:  # noqa: N803 - boto3's own name
        """Create a user."""
        self._require("CreateUser")
        if UserName in self.users:
            raise EntityAlreadyExistsError(_error("EntityAlreadyExists"), "CreateUser")
        self.users[UserName] = User()
        self.changed("create_user")

    def attach_user_policy(self, *, UserName: str, PolicyArn: str) -> None:  # noqa: N803
        """Attach a policy."""
        self._user(UserName).policies.add(PolicyArn)
        self.changed("attach_user_policy")

    def list_attached_user_policies(self, *, UserName: str) -> dict[str, Any]:  # noqa: N803
        """List the policies of a user."""
        return {"AttachedPolicies": [{"PolicyArn": arn} for arn in self._user(UserName).policies]}

    def tag_user(self, *, UserName: str, Tags: list[dict[str, str]]) -> None:  # noqa: N803
        """Set tags."""
        self._user(UserName).tags |= {tag["Key"]: tag["Value"] for tag in Tags}
        self.changed("tag_user")

    def list_user_tags(self, *, UserName: str) -> dict[str, Any]:  # noqa: N803
        """List the tags of a user."""
        return {"Tags": [{"Key": key, "Value": value} for key, value in self._user(UserName).tags.items()]}

    def create_access_key(self, *, UserName: str) -> dict[str, Any]:  # noqa: N803
        """Create a key; a third one is refused."""
        user = self._user(UserName)
        if len(user.keys) >= MOST_KEYS:
            raise ClientError(_error("LimitExceeded"), "CreateAccessKey")
        self.made += 1
        key_id = f"AKIA{self.made:016d}"
        user.keys[key_id] = {
            "UserName": UserName,
            "AccessKeyId": key_id,
            "SecretAccessKey": f"secret-{self.made:033d}",
            "Status": "Active",
            "CreateDate": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=self.made),
        }
        self.changed("create_access_key")
        return {"AccessKey": user.keys[key_id]}

    def list_access_keys(self, *, UserName: str) -> dict[str, Any]:  # noqa: N803
        """List the keys of a user, without secrets."""
        shown = ("UserName", "AccessKeyId", "Status", "CreateDate")
        return {
            "AccessKeyMetadata": [{name: key[name] for name in shown} for key in self._user(UserName).keys.values()]
        }

    def update_access_key(self, *, UserName: str, AccessKeyId: str, Status: str) -> None:  # noqa: N803
        """Activate or deactivate a key."""
        self._user(UserName).keys[AccessKeyId]["Status"] = Status
        self.changed("update_access_key")

    def delete_access_key(self, *, UserName: str, AccessKeyId: str) -> None:  # noqa: N803
        """Delete a key."""
        del self._user(UserName).keys[AccessKeyId]
        self.changed("delete_access_key")

    def get_access_key_last_used(self, *, AccessKeyId: str) -> dict[str, Any]:  # noqa: N803
        """Return when a key was used, if it was."""
        (key,) = [user.keys[AccessKeyId] for user in self.users.values() if AccessKeyId in user.keys]
        used = {"LastUsedDate": key["LastUsedDate"]} if "LastUsedDate" in key else {}
        return {"UserName": key["UserName"], "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A", **used}}

    def use(self, key_id: str, secret: str, policy: str) -> str:
        """Take note of a call that is signed with a key; return why it is refused, empty if it is not."""
        for user in self.users.values():
            key = user.keys.get(key_id)
            if key is None or key["Status"] != "Active":
                continue
            if key["SecretAccessKey"] != secret:
                return "INVALID_SIGNATURE: the signature does not match"
            key["LastUsedDate"] = datetime(2026, 2, 1, tzinfo=UTC)
            return "" if policy in user.policies else "ACCESS_DENIED: the user may not call it"
        return "REFUSED_BY_API_GATEWAY: The security token included in the request is invalid."

    def _user(self, name: str) -> User:
        self._require("IAM")
        if name not in self.users:
            raise NoSuchEntityError(_error("NoSuchEntity"), "GetUser")
        return self.users[name]

    def _require(self, operation: str) -> None:
        if operation in self.denied:
            raise ClientError(_error("AccessDenied"), operation)


def _error(code: str) -> Any:  # noqa: ANN401 - of botocore
    return {"Error": {"Code": code, "Message": code}}
