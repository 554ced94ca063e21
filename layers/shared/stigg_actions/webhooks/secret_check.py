"""Check that a webhook comes from Stigg: it has the secret that only Stigg and this deployment know."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from stigg_actions.errors import ActionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stigg_actions.clock import Clock
    from stigg_actions.secrets import WebhookSecrets

HEADER = "stigg-webhooks-secret"
_LONGEST = 1024
"""The most characters of a secret."""
_NEXT_LOOK_SECONDS = 30
"""Secrets Manager is read at most once in this time, however many calls have a wrong secret."""


class SecretCheck:
    """Checks the webhook secret of one environment."""

    def __init__(self, secrets: WebhookSecrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock
        self._next_look = 0.0
        self._failure: ActionError | None = None

    def accepts(self, headers: Mapping[str, object]) -> bool:
        """Whether a call has the environment's secret, or for a while the previous one.

        Raises:
            Misconfigured, StiggUnavailable: the environment's secret cannot be read.
        """
        given = _given(headers)
        if given is None:
            return False
        if self._next_look <= self._clock.now() or self._failure is None:
            return self._matches(given) or self._matches_newer(given)
        raise self._failure

    def _matches(self, given: str) -> bool:
        try:
            known = self._secrets.current().accepted(self._clock.now())
        except ActionError as failure:
            self._failure = failure
            self._next_look = self._clock.now() + _NEXT_LOOK_SECONDS
            raise
        self._failure = None
        return _is_one_of(given, known)

    def _matches_newer(self, given: str) -> bool:
        """Read the secret again, at most once in a while, in case it was changed."""
        now = self._clock.now()
        if now < self._next_look:
            return False
        self._next_look = now + _NEXT_LOOK_SECONDS
        return _is_one_of(given, self._secrets.read_again().accepted(now))


def _given(headers: Mapping[str, object]) -> str | None:
    """Return the secret of a call; None if it has none or several, or a value that is too long."""
    values = [value for name, value in headers.items() if name.lower() == HEADER]
    (value,) = values if len(values) == 1 else (None,)
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST else None


def _is_one_of(given: str, known: Iterable[str]) -> bool:
    """Compare with every secret and by digest, so that the time taken reveals nothing."""
    return sum(hmac.compare_digest(_digest(given), _digest(secret)) for secret in known) > 0


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
