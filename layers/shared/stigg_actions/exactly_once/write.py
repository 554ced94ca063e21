"""The interface that each kind of write implements, and the effect that it returns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from stigg_actions.clock import iso
from stigg_actions.errors import Conflict, StiggUnavailable
from stigg_actions.exactly_once import freshness
from stigg_actions.storage.operation import KeyScope, derived_key, explicit_key, fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.errors import ActionError
    from stigg_actions.models.base import Answer, KeyedRequest
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import (
        Changes,
        LatestOperation,
        LiveSubscription,
        RecordState,
        SubscriptionState,
    )
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.ramps import Ramp
    from stigg_actions.storage.snapshot import Run, Snapshot, Target


class NextStep(Enum):
    """What to do about a request, given the state of its operation."""

    START = "for the first time, or under new ids because the last try certainly had no effect"
    RESUME = "under the same ids: an earlier run may have reached Stigg"
    NEW_INTENT = "the same effect is requested again"
    WAIT = "another call runs it now"
    SETTLE = "another request has this key, and its outcome must be known first"


@dataclass(frozen=True, slots=True)
class Effect[Result: Answer]:
    """The change in Stigg: the answer that describes it, the subscriptions that it ended, and the terms that it set.

    Without ``terms`` they did not change. ``subject`` is the subscription that the request named, if it is another one.
    ``granted_by`` is the key of the operation whose grant was voided. ``closed``: subscriptions that ended with their
    customer or contract, as Stigg shows them. ``created``: those that were created with their contract; then ``closed``
    are all that have ended.
    """

    answer: Result
    ended: tuple[LiveSubscription, ...] = ()
    terms: Mapping[str, Any] | None = None
    scheduled_terms: Mapping[str, Any] | None = None
    subject: SubscriptionState | None = None
    granted_by: str | None = None
    closed: tuple[Subscription, ...] = ()
    created: tuple[Subscription, ...] = ()


class Write[Request: KeyedRequest, Result: Answer](ABC):
    """One requested effect. A subclass defines how it is sent, how it is found again, and which mappings it changes."""

    kind: ClassVar[str]
    result: type[Result]
    safe_to_resend: ClassVar[bool] = True
    """Whether it is safe to send the write again after a lost answer, because Stigg knows its id or key."""
    can_be_found: ClassVar[bool] = True
    """Whether Stigg shows its effect, so that reconcile can look for it."""
    remedy_if_unsettled: ClassVar[str] = (
        "No action is needed: reconcile settles it within minutes. To settle it now, replay it."
    )
    """What an operator does about an operation whose outcome is unknown."""
    never_expires: bool = False
    """Whether the same request always means the same effect, however late it comes."""
    ramp: Ramp | None = None
    """The segments that an opportunity sells with the request, if it is part of one."""

    def __init__(self, request: Request, deps: Deps, *, wish: str | None = None) -> None:
        """Take a request. ``wish`` is the digest of what an opportunity requests by it, if it is part of one."""
        self.request = request
        self.deps = deps
        self.wish = wish
        self.org_id = request.salesforce_org_id or deps.settings.default_org_id

    @cached_property
    def canonical(self) -> dict[str, Any]:
        """What identifies the request."""
        ramp = {"ramp": self.ramp.canonical()} if self.ramp else {}
        return {**self.request.canonical(), **ramp}

    @property
    def stored_request(self) -> dict[str, Any]:
        """The request as its operation stores it, with which any call can settle it."""
        ramp = {"ramp": self.ramp.plain()} if self.ramp else {}
        return {**self.request.to_be_stored(), **ramp}

    @property
    def scope(self) -> KeyScope:
        """The scope of the operation key."""
        return KeyScope(self.deps.settings.environment, self.org_id, self.kind)

    @cached_property
    def key(self) -> str:
        """The operation key, derived from the caller's own key if there is one, else from the request."""
        if self.request.idempotency_key is not None:
            return explicit_key(self.scope, self.request.idempotency_key)
        return derived_key(self.scope, self.canonical)

    @property
    def former_key(self) -> str | None:
        """The operation key that older versions derived from the same request, if it differs."""
        return None

    @property
    def is_unkeyed(self) -> bool:
        """Whether the request can neither be a repeat nor be repeated, so that the ledger need not be read."""
        return False

    @property
    @abstractmethod
    def target(self) -> Target:
        """What the request names: org, customer, record, account, resource."""

    @abstractmethod
    def resolve_target(self, snapshot: Snapshot) -> Target:
        """Return the target completed by what was read, above all by the customer whose lease this write takes.

        Raises:
            NotFound: the request does not lead to a customer.
        """

    def target_unchanged(self, snapshot: Snapshot) -> bool:  # noqa: ARG002 - not every kind depends on a record
        """Whether the target is still the same, now that all of its items have been read."""
        return True

    @abstractmethod
    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last settled the subject of this write."""

    def check_owner(self, snapshot: Snapshot) -> None:  # noqa: B027 - not every kind names a record or account
        """Refuse a write that would take a record or an account from the customer that it belongs to.

        Raises:
            Conflict: the record or account belongs to another customer, or the record to another subscription.
        """

    def claims(self, snapshot: Snapshot) -> tuple[RecordState, ...]:  # noqa: ARG002 - most change a record with an owner
        """Return the records that have to be claimed, so that two customers cannot provision for one at once."""
        return ()

    def superseded(self, snapshot: Snapshot, newer: LatestOperation) -> Result:
        """Return the answer for a request that is older than the latest change of its subject: the present state."""
        named = {"supersededBy": newer.operation_key, "supersededAt": iso(freshness.made_at(newer) / 1000)}
        return self.result.stored({**self.present(snapshot, newer), "outcome": "superseded", **named})

    def present(self, snapshot: Snapshot, by: LatestOperation) -> Mapping[str, Any]:
        """Return the answer's fields about the present state of the subject, from the answer of the newer operation."""
        operation = self.deps.ledger.operation(by.operation_key, by.intent)
        answer = (operation.answer or {}) if operation else {}
        return {"customerId": snapshot.target.customer_id, **answer}

    def prepare(self) -> None:  # noqa: B027 - not every kind needs it
        """Read what the write needs besides Stigg, so that only recording can fail after the call to Stigg."""

    def to_note(self, snapshot: Snapshot) -> Mapping[str, Any] | None:  # noqa: ARG002 - most effects show themselves
        """Read what the operation has to note before its first run, because its effect no longer shows it.

        Any run finds it as ``noted`` in its operation. Raises as the client does; then nothing is recorded.
        """
        return None

    @abstractmethod
    def send(self, run: Run) -> Effect[Result]:
        """Send the write to Stigg. Raises as the client does."""

    @abstractmethod
    def find_effect(self, run: Run) -> Effect[Result] | None:
        """Find the effect of an earlier run in Stigg by the ids of the operation; None if it is absent."""

    def on_absence(self) -> ActionError | None:
        """Return the error that settles an operation whose effect Stigg has not shown for long enough.

        None: Stigg does not show effects of this kind, so that their absence proves nothing.
        """
        return StiggUnavailable("STIGG_UNAVAILABLE", "The request never took effect in Stigg.")

    def is_asked_by(self, operation: Operation, snapshot: Snapshot) -> bool:  # noqa: ARG002 - some kinds compare the customer
        """Whether an operation under the key of this request is the same request."""
        return operation.fingerprint == fingerprint(self.canonical)

    def conflict(self, operation: Operation, snapshot: Snapshot) -> Conflict:  # noqa: ARG002 - some kinds use both
        """Return the error for a key that an operation with another request has."""
        message = "This idempotencyKey was used for a different request; use another key."
        return Conflict("IDEMPOTENCY_CONFLICT", message)

    def gives_way(self, operation: Operation) -> bool:  # noqa: ARG002 - only a grant can be voided
        """Whether another request may take the key of a settled operation, because its grant was voided."""
        return False

    def on_unsettled(self, operation: Operation) -> NextStep:  # noqa: ARG002 - a workflow cannot be resumed
        """Return the next step for an operation whose run is over with an unknown outcome."""
        return NextStep.RESUME

    def find_existing_effect(self, run: Run, before: Operation) -> Effect[Result] | None:  # noqa: ARG002 - some kinds can
        """Return the effect of the same request before, if it is still in place and need not be made again."""
        return None

    def on_repeat(self, run: Run) -> NextStep | Result:
        """Return the stored answer for a repeated request, or the next step if the answer is no longer true."""
        return self.replayed_answer(run.operation)

    def finish_up(self, run: Run, effect: Effect[Result]) -> Effect[Result]:  # noqa: ARG002 - few kinds need it
        """Complete an effect, whichever run made it. Repeating this must be harmless."""
        return effect

    @abstractmethod
    def mapping_changes(self, run: Run, effect: Effect[Result]) -> Changes | None:
        """Return the mapping changes of the effect."""

    def replayed_answer(self, operation: Operation) -> Result:
        """Return the stored answer of an operation, marked as replayed."""
        return self.result.stored({**(operation.answer or {}), "replayed": True})
