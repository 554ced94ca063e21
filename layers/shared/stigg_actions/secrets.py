"""The secret of one Stigg environment, from Secrets Manager: kept for a while, read again on demand."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

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
    """The content of the secret; it has no readable representation, so that no log can hold it."""

    api_key: str
    environment_slug: str | None
    salesforce_integration_id: str | None
    webhook_secret: str | None = None
    previous_webhook_secret: str | None = None
    previous_accepted_until: float = 0.0
    """Seconds since the epoch until which Stigg may still send the webhook secret that was replaced."""

    def webhook_secrets(self, now: float) -> list[str]:
        """Return what webhooks may bear now: the secret, and for a while the one before."""
        before = self.previous_webhook_secret if now < self.previous_accepted_until else None
        return [one for one in (self.webhook_secret, before) if one]


class Secrets:
    """The environment's secret, kept for five minutes and read again when Stigg rejects its key."""

    def __init__(self, client: SecretsManagerClient, *, secret_id: str, environment: str, clock: Clock) -> None:
        self._client = client
        self._secret_id = secret_id
        self._environment = environment
        self._clock = clock
        self._kept: StiggSecret | None = None
        self._refresh_at = 0.0

    def current(self) -> StiggSecret:
        """Return the secret, read anew when older than five minutes; while that is impossible, the kept one.

        Raises:
            Misconfigured: it is missing, malformed, of another environment, or holds no server key.
            StiggUnavailable: Secrets Manager did not answer, and no secret is kept.
        """
        if self._kept is None:
            return self._read_first()
        return self._kept if self._clock.now() <= self._refresh_at else self._refreshed(self._kept)

    def read_again(self) -> StiggSecret:
        """Read the secret whatever its age, because the kept key was rejected.

        Raises:
            Misconfigured: as ``current``.
            StiggUnavailable: Secrets Manager did not answer.
        """
        return self._keep(self._content(self._fetch()))

    def faults(self) -> dict[str, ActionError]:
        """Read the secret whatever its age; return what is wrong with ``secret`` as a whole, or with fields of it.

        A secret that nothing is wrong with is the current one from now on.
        """
        try:
            content = self._content(self._fetch())
        except ActionError as error:
            return {"secret": error}
        found: dict[str, ActionError] = {}
        for field, check in (("environment", self._check_environment), ("apiKey", self._server_key)):
            try:
                check(content.get(field))
            except ActionError as error:
                found[field] = error
        if not found:
            self._keep(content)
        return found

    def _keep(self, content: Mapping[str, Any]) -> StiggSecret:
        self._kept = self._parse(content)
        self._refresh_at = self._clock.now() + TIME_TO_LIVE_SECONDS
        return self._kept

    def _read_first(self) -> StiggSecret:
        for _ in range(1, _FIRST_READ_CALLS):
            with suppress(StiggUnavailable):
                return self.read_again()
        return self.read_again()

    def _refreshed(self, kept: StiggSecret) -> StiggSecret:
        try:
            return self.read_again()
        except StiggUnavailable:  # a key that may have been rotated is better than none: Stigg tells if it was
            self._refresh_at = self._clock.now() + _NEXT_REFRESH_SECONDS
            return kept

    def _fetch(self) -> str:
        try:
            return self._client.get_secret_value(SecretId=self._secret_id)["SecretString"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _NO_SUCH_SECRET:
                raise self._misconfigured("cannot be read: create it, and let this function read it") from None
            raise _unavailable(error.response["Error"]["Code"]) from None
        except BotoCoreError as error:
            raise _unavailable(type(error).__name__) from None
        except KeyError:
            raise self._misconfigured("is binary: store it as JSON text") from None

    def _parse(self, content: Mapping[str, Any]) -> StiggSecret:
        self._check_environment(content.get("environment"))
        return StiggSecret(
            api_key=self._server_key(content.get("apiKey")),
            environment_slug=_optional_text(content.get("environmentSlug")),
            salesforce_integration_id=_optional_text(content.get("salesforceIntegrationId")),
            webhook_secret=_optional_text(content.get("webhookSecret")),
            previous_webhook_secret=_optional_text(content.get("previousWebhookSecret")),
            previous_accepted_until=_moment(content.get("previousWebhookSecretUntil")),
        )

    def _content(self, text: str) -> dict[str, Any]:
        try:
            content = json.loads(text)
        except ValueError:
            raise self._misconfigured("is not JSON: store an object with apiKey and environment") from None
        if not isinstance(content, dict):
            raise self._misconfigured("is no JSON object: store an object with apiKey and environment")
        return content

    def _check_environment(self, marker: Any) -> None:
        if marker != self._environment:
            raise self._misconfigured(
                f'is not marked "environment": "{self._environment}": it may be the secret of another environment'
            )

    def _server_key(self, key: Any) -> str:
        if not isinstance(key, str) or not key.strip():
            raise self._misconfigured("holds no apiKey: store the server API key of this Stigg environment")
        if key.startswith("client-"):
            raise self._misconfigured("holds a publishable client- key: store the server- API key instead")
        if not key.startswith("server-") or not key.isascii() or not key.isprintable():
            raise self._misconfigured("holds an apiKey that does not look like one: store the server- API key")
        return key

    def _misconfigured(self, problem: str) -> Misconfigured:
        return Misconfigured("NOT_CONFIGURED", f"The secret of the Stigg environment {self._environment} {problem}.")


def _optional_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _moment(value: Any) -> float:
    """Return a moment (ISO text with its time zone) in seconds since the epoch; what is none is long ago."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return 0.0
    return moment.timestamp() if moment.tzinfo else 0.0


def _unavailable(reason: str) -> StiggUnavailable:
    told = f"Secrets Manager did not answer ({reason}); nothing was sent to Stigg."
    return StiggUnavailable("SECRETS_UNAVAILABLE", told)
