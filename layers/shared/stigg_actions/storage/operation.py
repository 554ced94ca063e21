"""The ledger (table ``Operations``): each write is one operation, which takes effect once.

An item is idempotency record, audit trail and source for settling in one. Its partition key is the operation key, which
identifies the request. Its sort key is the *intent*, which counts how often the same effect was requested. Within an
intent, the *attempt* rises after a try that certainly had no effect, so that a stored refusal is not returned again.
The ids that are sent to Stigg derive from all three.
"""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.clock import iso
from stigg_actions.storage.dynamodb import Item

LONGEST_RUN_SECONDS = 30
"""Maximum duration of a run: after this, the call that started an operation sends no more requests to Stigg."""


SAME_REQUEST_WAITS_SECONDS = 10
"""How long a repeated request waits for the first one. Then it continues the operation under the same ids."""


ABSENCE_PROVES_AFTER_SECONDS = 90
"""An effect that is absent this long after the start never comes: sending may take 30 s, and Stigg cuts requests off
after 60 s."""


REPLAY_SECONDS = 24 * 60 * 60
"""How long a derived key identifies the same intent."""


KEPT_SECONDS = 400 * 24 * 60 * 60
"""How long the ledger keeps an operation that may expire."""


_AS_TEXT = ("request", "answer", "error", "noted")
"""The fields that an item holds as JSON text."""


class Status(StrEnum):
    """The status of an operation."""

    STARTED = "STARTED"  # a run carries it out, or died before it was recorded
    SUCCEEDED = "SUCCEEDED"  # it had its effect, and the mappings show it
    FAILED = "FAILED"  # it certainly had no effect
    UNKNOWN = "UNKNOWN"  # it may have had an effect


class Operation(NamedTuple):
    """One intent of one operation, as the ledger holds it. Times are seconds since the epoch.

    ``attempted_at`` is when this attempt was first started. ``uncertain_since`` is when the last run was started that
    ended with an unknown outcome. Both stay when a run resumes the attempt, as its ids do. ``correlation_id`` is that
    of the first call, ``latest_correlation_id`` that of the last other call that ran it. ``as_of`` (milliseconds): when
    the Salesforce data of its request was last modified; if the caller did not say so, the first start of this attempt.
    ``wish``: the digest of what an opportunity requested by it. ``forgotten_at``: when its request, and the personal
    data of its answer or error, were removed; key and effect stay. ``voided_as_of`` (milliseconds): when the Salesforce
    data of the request that voided its grant, or dropped its payment page, was last modified. ``noted``: what was there
    before its first run, if its effect can no longer show it. ``to_customer_id``: the customer to whom a subscription
    moves.
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
    voided_as_of: int | None = None
    noted: Mapping[str, Any] | None = None
    to_customer_id: str | None = None

    @property
    def made_at(self) -> int:
        """When the Salesforce data of its request was last modified (milliseconds); its start if that is not stored."""
        return self.attempted_at * 1000 if self.as_of is None else self.as_of

    @property
    def effect_id(self) -> str:
        """The 32 hexadecimal digits that identify this attempt in Stigg."""
        return _digest(self.operation_key, str(self.intent), str(self.attempt), str(self.attempted_at))[:32]

    @property
    def settled(self) -> bool:
        """Whether its outcome is known."""
        return self.status in {Status.SUCCEEDED, Status.FAILED}

    @property
    def awaits_payment(self) -> bool:
        """Whether its answer is a payment page, so that its effect waits for the payment."""
        is_paid_later = self.answer is not None and self.answer.get("outcome") == "paymentRequired"
        return is_paid_later and not self.is_voided

    @property
    def is_voided(self) -> bool:
        """Whether its grant was voided, or its payment page dropped."""
        return self.voided_as_of is not None

    @property
    def certain_from(self) -> int:
        """The time from which an absent effect will never come."""
        last_sent = self.started_at if self.status is Status.STARTED else self.uncertain_since
        return certain_from(self.started_at if last_sent is None else last_sent)

    def absence_proves(self, now: float) -> bool:
        """Whether an effect that is absent now will never come."""
        return now >= self.certain_from

    def earlier_runs_are_over(self, now: float) -> bool:
        """Whether the earlier runs can no longer have an effect that is absent now."""
        return self.uncertain_since is None or now >= certain_from(self.uncertain_since)

    def concerns(self, customer_id: str | None) -> bool:
        """Whether it is a customer's, or moves a subscription to that customer; None stands for any."""
        return customer_id in {None, self.customer_id, self.to_customer_id}

    def called_again(self, correlation_id: str) -> str | None:
        """Return the correlation id of a later call that runs this operation; None for the first call."""
        return None if correlation_id == self.correlation_id else correlation_id


class KeyScope(NamedTuple):
    """The scope of operation keys: the Stigg environment, the Salesforce org, and the kind of operation."""

    environment: str
    org_id: str
    kind: str


def explicit_key(scope: KeyScope, idempotency_key: str) -> str:
    """Return the operation key of a caller's own idempotency key."""
    return _key(scope, "explicit", idempotency_key)


def derived_key(scope: KeyScope, canonical: Mapping[str, Any]) -> str:
    """Return the operation key of a request without its own key; the same request has the same key."""
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
    """Return an operation as its item; its start is repeated as ISO text for people who read the table.

    An operation that is not settled, or that never expires, has no ``expires_at``. Indexes find it by ``attention``,
    its status unless it succeeded, and by ``asked_for``, the record that it was requested for.
    """
    fields = operation._asdict()
    never_expires = operation.stands_for_ever or not operation.settled
    for name in _AS_TEXT:
        fields[name] = decimal_json.dumps(fields[name]) if fields[name] is not None else None
    return {
        **fields,
        # Fields that are false by default are omitted, so that items stay below 1 KB.
        "of_resource": operation.of_resource or None,
        "stands_for_ever": operation.stands_for_ever or None,
        "status": str(operation.status),
        "started_at_iso": iso(operation.started_at),
        "expires_at": None if never_expires else operation.started_at + KEPT_SECONDS,
        "attention": None if operation.status is Status.SUCCEEDED else str(operation.status),
        "asked_for": operation.request.get("salesforceRecordId"),
    }


def later_call_item(operation: Operation) -> Item:
    """Return the item by which the index of correlation ids leads from the latest call to its operation.

    It lies in the operation's partition, below every intent, and has no status, because it is not a run.
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
    for name in _AS_TEXT:
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
        "voided_as_of",
    )
    for name in numbers:
        if name in fields:
            fields[name] = int(fields[name])
    return Operation(**fields | {"status": Status(item["status"])})


def certain_from(last_sent: int) -> int:
    """Return the time from which an absent effect will never come, by when it was last sent."""
    return last_sent + ABSENCE_PROVES_AFTER_SECONDS
