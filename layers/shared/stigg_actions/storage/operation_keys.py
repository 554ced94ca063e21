"""Operation keys: two requests with the same key ask for the same effect."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from stigg_actions import decimal_json


class KeyScope(NamedTuple):
    """What operation keys are scoped by: the Stigg environment, the Salesforce org, and the kind of operation."""

    environment: str
    org_id: str
    kind: str


def explicit_key(scope: KeyScope, idempotency_key: str) -> str:
    """Return the operation key of a caller's own idempotency key."""
    return _key(scope, "explicit", idempotency_key)


def derived_key(scope: KeyScope, canonical: Mapping[str, Any]) -> str:
    """Return the operation key of a request without a key of its own: the same request, the same key."""
    return _key(scope, "derived", decimal_json.dumps(canonical, sort=True))


def fingerprint(canonical: Mapping[str, Any]) -> str:
    """Return the digest by which two requests under one explicit key are compared."""
    return digest(decimal_json.dumps(canonical, sort=True))


def _key(scope: KeyScope, *parts: str) -> str:
    return f"{scope.kind}-{digest(scope.environment, scope.org_id, scope.kind, *parts)[:40]}"


def digest(*parts: str) -> str:
    """Return the SHA-256 digest of texts, as hexadecimal digits."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
