"""Store a field in the secrets of a Stigg environment. The other fields stay unchanged."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from console.errors import RefusedError

FIELDS = {
    "api-key": "apiKey",
    "webhook-secret": "webhookSecret",
    "environment-slug": "environmentSlug",
    "salesforce-integration-id": "salesforceIntegrationId",
    "salesforce-client-id": "salesforceClientId",
    "salesforce-client-secret": "salesforceClientSecret",
}
OF_SALESFORCE = {"salesforceClientId", "salesforceClientSecret"}
OF_WEBHOOKS = ("webhookSecret", "previousWebhookSecret", "previousWebhookSecretUntil")
NOT_THERE = "ResourceNotFoundException"
KEPT_HOURS = 24
"""How long webhooks with the previous secret are accepted."""

type Content = dict[str, Any]


@dataclass(frozen=True)
class Secrets:
    """The secrets of a deployment: the API key's, the webhooks' and Salesforce's, which older stacks do not have."""

    client: Any
    """A boto3 client."""
    environment: str
    of_the_key: str
    of_webhooks: str

    def store(
        self, field: str, value: str, *, hours: int = KEPT_HOURS, start_over: bool = False
    ) -> tuple[str, Content]:
        """Store a field in its secret; return the name and new content of that secret.

        Raises:
            RefusedError: the secret is missing, unreadable or of another environment.
            ClientError: AWS refuses.
        """
        if field == "webhookSecret" and self.has_a_secret_for_webhooks:
            name = self.of_webhooks
            if not start_over:
                self.move()  # so that the previous one is known and only one secret holds it
        elif field in OF_SALESFORCE:
            name = self.of_salesforce
        else:
            name = self.of_the_key
        before = {} if start_over else self.read(name)
        after = changed(before, field, value, now=datetime.now(UTC), hours=hours)
        return name, self.write(name, after)

    @property
    def of_salesforce(self) -> str:
        """Name of the secret with the credentials of the External Client App, which no function reads."""
        return f"{self.of_the_key}/salesforce"

    def move(self) -> Content:
        """Move the fields for webhooks from the secret of the key to their own, and return its content.

        Fields that their own secret already has stay. It is written before the other is cleared, so that one of the
        two has the fields at any time. Raises what ``store`` raises.
        """
        if not self.has_a_secret_for_webhooks:
            raise RefusedError(
                f"The secret {self.of_webhooks} does not exist yet. Deploy this version of the stack first."
            )
        shared, own = self.read(self.of_the_key), self.read(self.of_webhooks)
        moved = {name: shared[name] for name in OF_WEBHOOKS if name in shared}
        if moved and not own.get("webhookSecret"):
            own = self.write(self.of_webhooks, {**own, **moved})
        if moved:
            self.write(self.of_the_key, {name: value for name, value in shared.items() if name not in OF_WEBHOOKS})
        return own

    @cached_property
    def has_a_secret_for_webhooks(self) -> bool:
        """Whether the webhook secret exists."""
        try:
            self.client.describe_secret(SecretId=self.of_webhooks)
        except ClientError as error:
            if error.response["Error"]["Code"] != NOT_THERE:
                raise
            return False
        return True

    def read(self, name: str) -> Content:
        """Return the content of a secret of this environment. Raises what ``store`` raises."""
        return read(self.client, name, self.environment)

    def write(self, name: str, content: Mapping[str, Any]) -> Content:
        """Write a secret, marked with its environment, and return its content."""
        after = {"environment": self.environment, **content}
        self.client.put_secret_value(SecretId=name, SecretString=json.dumps(after))
        return after


def read(client: Any, secret_id: str, environment: str) -> Content:  # noqa: ANN401 - a boto3 client
    """Return the content of a secret.

    Raises:
        RefusedError: the secret does not exist, or is not a JSON object of this environment.
        ClientError: AWS refuses.
    """
    try:
        content = json.loads(client.get_secret_value(SecretId=secret_id).get("SecretString", ""))
    except ValueError:
        content = None
    except ClientError as error:
        if error.response["Error"]["Code"] != NOT_THERE:
            raise
        raise RefusedError(
            f"The secret {secret_id} does not exist in this account and region. Deploy its stack first."
        ) from None
    if not isinstance(content, dict):
        raise RefusedError(f"{secret_id} is not a JSON object. To replace it, add --start-over.")
    marker = content.get("environment", environment)
    if marker != environment:
        raise RefusedError(f"{secret_id} is the secret of environment {marker!r}. To replace it, add --start-over.")
    return content


def checked(field: str, value: str) -> str:
    """Return a value without surrounding blanks. Raises RefusedError if it is invalid for its field."""
    text = value.strip()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise RefusedError(
            f"The value is not a valid {field}: it is empty, or has other characters than letters, digits and signs."
        )
    if field == "apiKey" and text.startswith("client-"):
        raise RefusedError("The value is a publishable client- key, which may only read. Use the server- key.")
    if field == "apiKey" and not text.startswith("server-"):
        raise RefusedError("The value is not a Stigg key: a server key starts with server-.")
    return text


def changed(before: Mapping[str, Any], field: str, value: str, *, now: datetime, hours: int) -> Content:
    """Return the content with a field changed.

    Stigg may send webhooks with the previous secret until its own setting is changed, so the previous one is kept for
    ``hours``, as ``previousWebhookSecret`` until ``previousWebhookSecretUntil`` (ISO 8601, UTC).
    """
    after = {**before, field: value}
    former = before.get("webhookSecret")
    if field == "webhookSecret" and former and former != value:
        until = (now + timedelta(hours=hours)).isoformat(timespec="seconds").replace("+00:00", "Z")
        after |= {"previousWebhookSecret": former, "previousWebhookSecretUntil": until}
    return after
