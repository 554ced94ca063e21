"""The secrets of one Stigg environment, read from Secrets Manager and cached for five minutes."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from stigg_actions.errors import ActionError, Misconfigured, StiggUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_secretsmanager import SecretsManagerClient

    from stigg_actions.clock import Clock

TIME_TO_LIVE_SECONDS = 300
_FIRST_READ_CALLS = 2
_NEXT_REFRESH_SECONDS = 30
_NO_SUCH_SECRET = {"ResourceNotFoundException", "AccessDeniedException", "DecryptionFailure", "InvalidRequestException"}


@dataclass(frozen=True, slots=True, repr=False)
class StiggSecret:
    """The content of the secret. Its ``repr`` shows no values, so that no log contains them."""

    api_key: str
    environment_slug: str | None
    salesforce_integration_id: str | None

    def customer_url(self, customer_id: str) -> str | None:
        """Return the URL of a customer in the Stigg app, if the secret holds the environment's slug."""
        if self.environment_slug is None:
            return None
        return f"https://app.stigg.io/{quote(self.environment_slug, safe='')}/customers/{quote(customer_id, safe='')}"


@dataclass(frozen=True, slots=True, repr=False)
class WebhookSecret:
    """The secret that Stigg sends with each webhook. Its ``repr`` shows no values either."""

    secret: str | None = None
    previous: str | None = None
    previous_accepted_until: float = 0.0
    """Seconds since the epoch until which the replaced secret is accepted."""

    def accepted(self, now: float) -> list[str]:
        """Return the secrets that are accepted now: the current one, and for a while the one that it replaced."""
        before = self.previous if now < self.previous_accepted_until else None
        return [secret for secret in (self.secret, before) if secret]


class KeptSecret[Content](ABC):
    """A secret of the environment, cached for five minutes and read again on demand."""

    what: ClassVar[str]
    """Name of the secret in error messages."""

    def __init__(self, client: SecretsManagerClient, *, secret_id: str, environment: str, clock: Clock) -> None:
        self._client = client
        self._secret_id = secret_id
        self._environment = environment
        self._clock = clock
        self._kept: Content | None = None
        self._refresh_at = 0.0

    def current(self) -> Content:
        """Return the secret, read again if it is older than five minutes; the cached one if it cannot be read.

        Raises:
            Misconfigured: the secret is missing, malformed, of another environment, or has no server key.
            StiggUnavailable: Secrets Manager did not answer, and no secret is cached.
        """
        if self._kept is None:
            return self._read_first()
        return self._kept if self._clock.now() <= self._refresh_at else self._refreshed(self._kept)

    def read_again(self) -> Content:
        """Read the secret whatever its age, because the cached one was rejected.

        Raises:
            Misconfigured: as ``current``.
            StiggUnavailable: Secrets Manager did not answer.
        """
        return self._keep(self._content(self._secret_id))

    @abstractmethod
    def _parse(self, content: Mapping[str, Any]) -> Content: ...

    def _keep(self, content: Mapping[str, Any]) -> Content:
        self._check_environment(content.get("environment"))
        self._kept = self._parse(content)
        self._refresh_at = self._clock.now() + TIME_TO_LIVE_SECONDS
        return self._kept

    def _read_first(self) -> Content:
        for _ in range(1, _FIRST_READ_CALLS):
            with suppress(StiggUnavailable):
                return self.read_again()
        return self.read_again()

    def _refreshed(self, kept: Content) -> Content:
        try:
            return self.read_again()
        except StiggUnavailable:  # if the cached key was rotated, Stigg rejects it
            self._refresh_at = self._clock.now() + _NEXT_REFRESH_SECONDS
            return kept

    def _content(self, secret_id: str) -> dict[str, Any]:
        try:
            content = json.loads(self._text(secret_id))
        except ValueError:
            raise self._misconfigured("is not JSON: store an object with apiKey and environment") from None
        if not isinstance(content, dict):
            raise self._misconfigured("is not a JSON object: store an object with apiKey and environment")
        return content

    def _text(self, secret_id: str) -> str:
        try:
            return self._client.get_secret_value(SecretId=secret_id)["SecretString"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _NO_SUCH_SECRET:
                raise self._misconfigured("cannot be read: create it, and allow this function to read it") from None
            raise _unavailable(error.response["Error"]["Code"]) from None
        except BotoCoreError as error:
            raise _unavailable(type(error).__name__) from None
        except KeyError:
            raise self._misconfigured("is binary: store it as JSON text") from None

    def _check_environment(self, marker: Any) -> None:
        if marker != self._environment:
            raise self._misconfigured(
                f'is not marked "environment": "{self._environment}": it may be the secret of another environment'
            )

    def _misconfigured(self, problem: str) -> Misconfigured:
        message = f"The {self.what} of the Stigg environment {self._environment} {problem}."
        return Misconfigured("NOT_CONFIGURED", message)


class Secrets(KeptSecret[StiggSecret]):
    """The environment's secret, which is read again when Stigg rejects its key."""

    what = "secret"

    def faults(self) -> dict[str, ActionError]:
        """Read the secret whatever its age; return its errors by field, those of the whole under ``secret``.

        A secret without errors becomes the cached one.
        """
        try:
            content = self._content(self._secret_id)
        except ActionError as error:
            return {"secret": error}
        errors: dict[str, ActionError] = {}
        for field, check in (("environment", self._check_environment), ("apiKey", self._server_key)):
            try:
                check(content.get(field))
            except ActionError as error:
                errors[field] = error
        if not errors:
            self._keep(content)
        return errors

    def _parse(self, content: Mapping[str, Any]) -> StiggSecret:
        return StiggSecret(
            api_key=self._server_key(content.get("apiKey")),
            environment_slug=_optional_text(content.get("environmentSlug")),
            salesforce_integration_id=_optional_text(content.get("salesforceIntegrationId")),
        )

    def _server_key(self, key: Any) -> str:
        if not isinstance(key, str) or not key.strip():
            raise self._misconfigured("has no apiKey: store the server API key of this Stigg environment")
        if key.startswith("client-"):
            raise self._misconfigured(
                "contains a publishable key (client-...): store the server API key (server-...) instead"
            )
        if not key.startswith("server-") or not key.isascii() or not key.isprintable():
            raise self._misconfigured(
                "contains an apiKey that is not a server API key: store the key that starts with server-"
            )
        return key


class WebhookSecrets(KeptSecret[WebhookSecret]):
    """The secret of the environment's webhooks; while it has none, the one that older stacks stored elsewhere."""

    what = "webhook secret"

    def __init__(
        self,
        client: SecretsManagerClient,
        *,
        secret_id: str,
        environment: str,
        clock: Clock,
        fallback_id: str | None = None,
    ) -> None:
        super().__init__(client, secret_id=secret_id, environment=environment, clock=clock)
        self._fallback_id = fallback_id

    def read_again(self) -> WebhookSecret:
        """Read the secret whatever its age. Raises as ``KeptSecret``."""
        own = super().read_again()
        if own.secret is not None or self._fallback_id is None:
            return own
        return self._keep(self._content(self._fallback_id))

    def _parse(self, content: Mapping[str, Any]) -> WebhookSecret:
        return WebhookSecret(
            secret=_optional_text(content.get("webhookSecret")),
            previous=_optional_text(content.get("previousWebhookSecret")),
            previous_accepted_until=_moment(content.get("previousWebhookSecretUntil")),
        )


def _optional_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _moment(value: Any) -> float:
    """Return a date-time (ISO text with its time zone) in seconds since the epoch; 0 for any other value."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return 0.0
    return moment.timestamp() if moment.tzinfo else 0.0


def _unavailable(reason: str) -> StiggUnavailable:
    message = f"Secrets Manager did not answer ({reason}), so the request was not sent to Stigg; try again."
    return StiggUnavailable("SECRETS_UNAVAILABLE", message)
