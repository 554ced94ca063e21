"""Whether a webhook comes from Stigg: it bears the secret that only Stigg and this deployment know."""

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
"""Characters of a secret; what is longer is none."""
_NEXT_LOOK_SECONDS = 30
"""However many calls bear a wrong secret, Secrets Manager is asked once in so many seconds."""


class Trust:
    """Knows the webhook secret of one environment."""

    def __init__(self, secrets: WebhookSecrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock
        self._next_look = 0.0
        self._failure: ActionError | None = None

    def deserves(self, headers: Mapping[str, object]) -> bool:
        """Whether the secret of a call is the environment's, or for a while the one before.

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
        """Look whether the secret was changed since it was read, once in a while."""
        now = self._clock.now()
        if now < self._next_look:
            return False
        self._next_look = now + _NEXT_LOOK_SECONDS
        return _is_one_of(given, self._secrets.read_again().accepted(now))


def _given(headers: Mapping[str, object]) -> str | None:
    """Return the one secret that a call bears; None if it bears none, several, or what can be none."""
    found = [value for name, value in headers.items() if name.lower() == HEADER]
    (value,) = found if len(found) == 1 else (None,)
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST else None


def _is_one_of(given: str, known: Iterable[str]) -> bool:
    """Compare with every secret, and as digests, so that the time taken tells nothing of any."""
    return sum(hmac.compare_digest(_digest(given), _digest(one)) for one in known) > 0


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
