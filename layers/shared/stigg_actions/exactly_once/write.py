"""The ledger (table ``Operations``): every write as one operation, which happens once.

An item is idempotency record, audit trail and source for settling in one. Its partition is the operation key: what
was asked. Its sort key is the *intent*: how often that was wanted anew. Within an intent, the *attempt* rises when
Stigg has surely done nothing, so that a stored refusal is not answered again; ids sent to Stigg derive from all three.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from stigg_actions.clock import iso
from stigg_actions.errors import Conflict
from stigg_actions.exactly_once import freshness
from stigg_actions.storage.operation import KeyScope, derived_key, explicit_key, fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.models.base import Answer, KeyedRequest
    from stigg_actions.storage.mapping import Changes, LatestOperation, LiveSubscription, SubscriptionState
    from stigg_actions.storage.operation import Operation
    from stigg_actions.storage.snapshot import Run, Snapshot, Target


class NextStep(Enum):
    """What to do about a request, given how its operation stands."""

    START = "for the first time, or under new ids because surely nothing happened"
    RESUME = "under the same ids: an earlier run may have reached Stigg"
    NEW_INTENT = "wanted again after it was done"
    WAIT = "another call runs it now"
    SETTLE = "something else was asked for under this key, and its outcome is to be known first"


@dataclass(frozen=True, slots=True)
class Effect[Result: Answer]:
    """What was done in Stigg: the answer that tells it, the subscriptions that ended by it, and the terms given.

    No terms: they are as they were. ``subject`` is the subscription that the request named, where it is another one.
    """

    answer: Result
    ended: tuple[LiveSubscription, ...] = ()
    terms: Mapping[str, Any] | None = None
    scheduled_terms: Mapping[str, Any] | None = None
    subject: SubscriptionState | None = None


class Write[Request: KeyedRequest, Result: Answer](ABC):
    """One wanted effect. Subclasses say how it is done, how it is found again, and what it changes in the mappings."""

    kind: ClassVar[str]
    result: type[Result]
    safe_to_resend: ClassVar[bool] = True
    """Whether sending again after a lost answer is safe, because Stigg knows the effect by our id or key."""
    takes_lease: ClassVar[bool] = True
    """Whether it is serialised with the other writes of its customer, and changes mappings."""
    never_expires: ClassVar[bool] = False
    """Whether the same request means the same effect however late it comes."""

    def __init__(self, request: Request, deps: Deps, *, wish: str | None = None) -> None:
        """Take a request; ``wish`` is the digest of what a deal asks by it, if it is part of one."""
        self.request = request
        self.deps = deps
        self.wish = wish
        self.org_id = request.salesforce_org_id or deps.settings.default_org_id

    @cached_property
    def canonical(self) -> dict[str, Any]:
        """What makes two requests the same one."""
        return self.request.canonical()

    @property
    def scope(self) -> KeyScope:
        """What the operation key is scoped by."""
        return KeyScope(self.deps.settings.environment, self.org_id, self.kind)

    @cached_property
    def key(self) -> str:
        """The operation key: from the caller's own key if there is one, else from the request itself."""
        if self.request.idempotency_key is not None:
            return explicit_key(self.scope, self.request.idempotency_key)
        return derived_key(self.scope, self.canonical)

    @property
    def former_key(self) -> str | None:
        """The key that older versions derived from the same request, under which it may have been carried out."""
        return None

    @property
    def is_unkeyed(self) -> bool:
        """Whether the operation cannot have been asked for before, nor will be again: the ledger need not be read."""
        return False

    @property
    @abstractmethod
    def target(self) -> Target:
        """What the request names: org, customer, record, account, resource."""

    @abstractmethod
    def resolve_target(self, snapshot: Snapshot) -> Target:
        """Return the names completed by what was read: above all the customer whose lease this write takes.

        Raises:
            NotFound: what the request names leads to no customer.
        """

    def target_unchanged(self, snapshot: Snapshot) -> bool:  # noqa: ARG002 - not every kind goes by a record
        """Whether what the names were completed by is still so, now that all of it has been read."""
        return True

    @abstractmethod
    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last settled the subject of this write."""

    def check_owner(self, snapshot: Snapshot) -> None:  # noqa: B027 - not every kind names what can be another customer's
        """Refuse what would take a record or an account from the customer that it belongs to.

        Raises:
            Conflict: naming both customers, or both subscriptions, and the ways out.
        """

    def claims_record(self, snapshot: Snapshot) -> bool:  # noqa: ARG002 - most kinds change a record that is taken
        """Whether the record has to be claimed, so that it is not provisioned for by two customers at once."""
        return False

    def superseded(self, snapshot: Snapshot, newer: LatestOperation) -> Result:
        """Return the answer for a request that is older than what its subject has taken since: how that is now."""
        named = {"supersededBy": newer.operation_key, "supersededAt": iso(freshness.made_at(newer) / 1000)}
        return self.result.stored({**self.present(snapshot, newer), "outcome": "superseded", **named})

    def present(self, snapshot: Snapshot, by: LatestOperation) -> Mapping[str, Any]:
        """Return the fields of an answer that show how the subject is now: as the newer operation was answered."""
        operation = self.deps.ledger.operation(by.operation_key, by.intent)
        answer = (operation.answer or {}) if operation else {}
        return {"customerId": snapshot.target.customer_id, **answer}

    def prepare(self) -> None:  # noqa: B027 - not every kind has something to prepare
        """Read what is needed besides Stigg, so that nothing else can fail once Stigg has been called."""

    @abstractmethod
    def send(self, run: Run) -> Effect[Result]:
        """Do it in Stigg. Raises as the client does."""

    @abstractmethod
    def find_effect(self, run: Run) -> Effect[Result] | None:
        """Find the effect of an earlier run in Stigg, by the ids it was given; None if it is not there."""

    def is_asked_by(self, operation: Operation, snapshot: Snapshot) -> bool:  # noqa: ARG002 - some go by who is asked for
        """Whether an operation under the key of this request is what it asks for."""
        return operation.fingerprint == fingerprint(self.canonical)

    def conflict(self, operation: Operation, snapshot: Snapshot) -> Conflict:  # noqa: ARG002 - some can tell more
        """Return the error for a key under which an operation asks for something else."""
        told = "This idempotencyKey was used for a different request; use another key."
        return Conflict("IDEMPOTENCY_CONFLICT", told)

    def on_unsettled(self, operation: Operation) -> NextStep:  # noqa: ARG002 - what cannot be found is not carried on
        """Return what to do about an operation whose run seems to be over without a known outcome."""
        return NextStep.RESUME

    def find_existing_effect(self, run: Run, before: Operation) -> Effect[Result] | None:  # noqa: ARG002 - some can tell
        """Find out whether what the same request did before still stands, so that nothing is to be done."""
        return None

    def on_repeat(self, run: Run) -> NextStep | Result:
        """Return the stored answer when a request is repeated, or what to do where that is not true any more."""
        return self.replayed_answer(run.operation)

    def finish_up(self, run: Run, effect: Effect[Result]) -> Effect[Result]:  # noqa: ARG002 - hardly any needs it
        """Do what follows from an effect, whichever run has brought that about; once more does no harm."""
        return effect

    @abstractmethod
    def mapping_changes(self, run: Run, effect: Effect[Result]) -> Changes | None:
        """Return what the effect changes in the mappings."""

    def replayed_answer(self, operation: Operation) -> Result:
        """Return the answer that an operation was given, marked as given again."""
        return self.result.stored({**(operation.answer or {}), "replayed": True})
