"""Repeat a renewal that an older version accepted: without a mode, its lists replaced the present ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.exactly_once.start import is_recent
from stigg_actions.storage.operation import Status, derived_key, fingerprint

if TYPE_CHECKING:
    from typing import Any

    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Snapshot
    from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite


def former_key(write: RenewSubscriptionWrite) -> str | None:
    """Return the key that older versions derived from the request; None if it is the same."""
    if _has_one_meaning(write) or write.request.idempotency_key is not None:
        return None
    return derived_key(write.scope, _formerly(write))


def mode(write: RenewSubscriptionWrite, snapshot: Snapshot) -> str | None:
    """Return how to read a request without a mode if an operation says so; None if none does.

    It is a replacement while the operation of an older version is unsettled or its result is still given again.
    """
    before = snapshot.operation
    if before is None or _has_one_meaning(write):
        return None
    is_own = before.operation_key == write.key
    if is_own and "mode" in before.request:
        return None
    older = before if is_own else write.deps.ledger.newest(before.operation_key)
    return "replace" if older is not None and _is_meant(older, write, snapshot) else "merge"


def _has_one_meaning(write: RenewSubscriptionWrite) -> bool:
    return write.request.says_mode or write.request.restore


def _formerly(write: RenewSubscriptionWrite) -> dict[str, Any]:
    return write.request.model_copy(update={"mode": "replace"}).canonical()


def _is_meant(older: Operation, write: RenewSubscriptionWrite, snapshot: Snapshot) -> bool:
    """Whether the request is a repeat of an older version's operation."""
    if "mode" in older.request or older.fingerprint != fingerprint(_formerly(write)):
        return False
    if older.status is Status.FAILED:
        return False
    answered = older.explicit_key or older.awaits_payment
    return not older.settled or answered or is_recent(older, write.latest(snapshot), write.deps.clock.now())
