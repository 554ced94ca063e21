"""The ledger (table ``Operations``): every write as one operation, which happens once.

An item is idempotency record, audit trail and source for settling in one. Its partition is the operation key: what
was asked. Its sort key is the *intent*: how often that was wanted anew. Within an intent, the *attempt* rises when
Stigg has surely done nothing, so that a stored refusal is not answered again; ids sent to Stigg derive from all three.
"""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.clock import iso
from stigg_actions.storage.dynamodb import Item

LONGEST_RUN_SECONDS = 30
"""After this, whoever started an operation is surely dead, or will not send any more: no action that writes runs
longer."""


SAME_REQUEST_WAITS_SECONDS = 10
"""A repeat waits so long for the answer of the first; then it carries on in its place, under the same ids."""


ABSENCE_PROVES_AFTER_SECONDS = 90
"""Stigg cuts requests off after 60 s. What is not there so long after the start (30 s to send it) never comes."""


REPLAY_SECONDS = 24 * 60 * 60
"""How long a derived key stands for the same intent."""


KEPT_SECONDS = 400 * 24 * 60 * 60
"""How long the ledger keeps an operation, but for those that stand for ever."""


class Status(StrEnum):
    """How far an operation has come."""

    STARTED = "STARTED"  # somebody is at it, or died at it
    SUCCEEDED = "SUCCEEDED"  # the effect is there, and the mapping says so
    FAILED = "FAILED"  # surely no effect
    UNKNOWN = "UNKNOWN"  # there may be an effect


class Operation(NamedTuple):
    """One intent of one operation, as the ledger holds it. Times are seconds since the epoch.

    ``attempted_at`` is when this attempt was first started, and ``uncertain_since`` when that run was started that was
    the last one to end without a known outcome; both outlive runs that resume the attempt, as ids and marks do.
    ``correlation_id`` is that of the call that asked first, ``latest_correlation_id`` that of the last other call that
    ran it.
    ``as_of`` (milliseconds): how new the Salesforce state was that it was made from; where the caller did not say, the
    moment at which this attempt was first started. ``wish``: the digest of what a deal asked by it. ``forgotten_at``:
    when its request, and what its answer or error said of people, was removed; key and effect stay.
    """

    operation_key: str
    intent: int
    attempt: int
    kind: str
    status: Status
    token: str
    fingerprint: str
    explicit_key: bool
    org_id: str
    request: Mapping[str, Any]
    correlation_id: str
    started_at: int
    attempted_at: int
    uncertain_since: int | None = None
    customer_id: str | None = None
    record_id: str | None = None
    subscription_id: str | None = None
    resource_id: str | None = None
    of_resource: bool = False
    answer: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    finished_at: int | None = None
    stands_for_ever: bool = False
    latest_correlation_id: str | None = None
    forgotten_at: int | None = None
    as_of: int | None = None
    wish: str | None = None

    @property
    def made_at(self) -> int:
        """How new the state was that it was made from (milliseconds); an older version did not note that."""
        return self.attempted_at * 1000 if self.as_of is None else self.as_of

    @property
    def effect_id(self) -> str:
        """The 32 hexadecimal digits under which this attempt is known to Stigg."""
        return _digest(self.operation_key, str(self.intent), str(self.attempt), str(self.attempted_at))[:32]

    @property
    def settled(self) -> bool:
        """Whether its outcome is known."""
        return self.status in {Status.SUCCEEDED, Status.FAILED}

    @property
    def awaits_payment(self) -> bool:
        """Whether it succeeded in so far as a payment page was made, and nothing is active yet."""
        return self.answer is not None and self.answer.get("outcome") == "paymentRequired"

    @property
    def certain_from(self) -> int:
        """From when on an effect that is not there will never come."""
        last_sent = self.started_at if self.status is Status.STARTED else self.uncertain_since
        return certain_from(self.started_at if last_sent is None else last_sent)

    def absence_proves(self, now: float) -> bool:
        """Whether an effect that is not there by now will never come."""
        return now >= self.certain_from

    def earlier_runs_are_over(self, now: float) -> bool:
        """Whether the runs before this one can have no effect any more that is not there by now."""
        return self.uncertain_since is None or now >= certain_from(self.uncertain_since)

    def called_again(self, correlation_id: str) -> str | None:
        """Return the correlation id of a later call that runs this operation; None for the call that asked first."""
        return None if correlation_id == self.correlation_id else correlation_id


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
    return _digest(decimal_json.dumps(canonical, sort=True))


def _key(scope: KeyScope, *parts: str) -> str:
    return f"{scope.kind}-{_digest(scope.environment, scope.org_id, scope.kind, *parts)[:40]}"


def _digest(*parts: str) -> str:
    """Return the SHA-256 digest of texts, as hexadecimal digits."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def operation_key(key: str, intent: int) -> Item:
    """Return the key of an operation's item."""
    return {"operation_key": key, "intent": intent}


def operation_item(operation: Operation) -> Item:
    """Return an operation as its item; its start is repeated as ISO text, for whoever reads the table.

    What is not settled is kept until it is, and what stands for ever is kept for ever. ``attention`` and ``asked_for``
    are what the table's indexes find it by: how it stands if it did not succeed, and the record that it was asked for.
    """
    fields = operation._asdict()
    kept_for_ever = operation.stands_for_ever or not operation.settled
    for name in ("request", "answer", "error"):
        fields[name] = decimal_json.dumps(fields[name]) if fields[name] is not None else None
    return {
        **fields,
        "of_resource": operation.of_resource or None,  # what is false by default is left out: items stay below 1 KB
        "stands_for_ever": operation.stands_for_ever or None,
        "status": str(operation.status),
        "started_at_iso": iso(operation.started_at),
        "expires_at": None if kept_for_ever else operation.started_at + KEPT_SECONDS,
        "attention": None if operation.status is Status.SUCCEEDED else str(operation.status),
        "asked_for": operation.request.get("salesforceRecordId"),
    }


def later_call_item(operation: Operation) -> Item:
    """Return the item by which the index of correlation ids leads from the latest call to its operation.

    It lies in the operation's partition, below every intent, and has no status: it is no run of its own.
    """
    place = int(_digest(operation.latest_correlation_id or "", str(operation.intent))[:12], 16)
    return {
        **operation_key(operation.operation_key, -place),
        "of_intent": operation.intent,
        "kind": operation.kind,
        "correlation_id": operation.latest_correlation_id,
        "started_at": operation.started_at,
        "expires_at": None if operation.stands_for_ever else operation.started_at + KEPT_SECONDS,
    }


def read_operation(item: Item | None) -> Operation | None:
    """Read an operation's item."""
    if item is None:
        return None
    fields: dict[str, Any] = {name: item[name] for name in Operation._fields if name in item}
    for name in ("request", "answer", "error"):
        if name in fields:
            fields[name] = decimal_json.loads(fields[name])
    numbers = (
        "intent",
        "attempt",
        "started_at",
        "attempted_at",
        "uncertain_since",
        "finished_at",
        "forgotten_at",
        "as_of",
    )
    for name in numbers:
        if name in fields:
            fields[name] = int(fields[name])
    return Operation(**fields | {"status": Status(item["status"])})


def certain_from(last_sent: int) -> int:
    """Return from when on an effect that is not there will never come, by when it was last sent."""
    return last_sent + ABSENCE_PROVES_AFTER_SECONDS
