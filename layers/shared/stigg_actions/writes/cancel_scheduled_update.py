"""The write behind cancel-scheduled-update."""

from __future__ import annotations

from contextlib import contextmanager
from copy import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from stigg_actions.errors import ActionError, NotFound, OutcomeUnknown, Refused
from stigg_actions.exactly_once.freshness import made_at
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.cancel_scheduled_update import CancelScheduledUpdate, DroppedChange, DroppedUpdates
from stigg_actions.stigg.error_codes import NEVER_PAID, NOTHING_WAITS, normalise
from stigg_actions.subscriptions.response_fields import drop_none, scheduled_changes, subscription_data
from stigg_actions.subscriptions.terms import terms_after_a_drop
from stigg_actions.writes import _repeat_policy
from stigg_actions.writes._mapping_dropped import DroppedMapping
from stigg_actions.writes._subscription_base import OfSubscription, subscription_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from stigg_actions.exactly_once.write import NextStep
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import Changes, LatestOperation, LiveSubscription, MappedSubscription
    from stigg_actions.storage.snapshot import Run, Snapshot, Target

_STATUSES = {"date": {"SCHEDULED"}, "payment": {"PENDING_PAYMENT"}, None: {"SCHEDULED", "PENDING_PAYMENT"}}
_WAITS_AS: Mapping[str, Literal["schedule", "pending-payment"]] = {
    "SCHEDULED": "schedule",
    "PENDING_PAYMENT": "pending-payment",
}
_TO_BE_PAID = "PAYMENT_REQUIRED"
_SUBSCRIPTION = "SUBSCRIPTION"
"""Stigg's names are for changes of a subscription that exists; this is for one that was never paid for."""


class _Drop(NamedTuple):
    """One request to Stigg: the subscription, what waits there, and whether it was never paid for."""

    subscription_id: str
    waits_as: Literal["schedule", "pending-payment"]
    is_unpaid: bool = False


class CancelScheduledUpdateWrite(OfSubscription[CancelScheduledUpdate, DroppedUpdates]):
    """Drop what waits on a subscription, and the record's subscriptions that were never paid for."""

    kind = "drop"
    result = DroppedUpdates
    _seen: Subscription | None = None
    """The subscription as it was before the first run."""

    def resolve_target(self, snapshot: Snapshot) -> Target:
        """Add what the record leads to: its subscription, or else the one that awaits its first payment."""
        record = snapshot.record if self.request.salesforce_record_id else None
        if record is None or record.current is not None or record.pending is None:
            return super().resolve_target(snapshot)
        unpaid = record.pending
        return replace(
            self.target,
            customer_id=record.customer_id,
            subscription_id=unpaid.subscription_id,
            resource_id=unpaid.resource_id,
            of_resource=True,
        )

    def latest(self, snapshot: Snapshot) -> LatestOperation | None:
        """Return the operation that last changed the subscription or the record, whichever was made from newer data."""
        of_record = snapshot.record.latest if snapshot.record else None
        known = [latest for latest in (super().latest(snapshot), of_record) if latest is not None]
        return max(known, key=made_at, default=None)

    def present(self, snapshot: Snapshot, by: LatestOperation) -> Mapping[str, Any]:
        """Return the subscription as Stigg shows it now, or as it is mapped if it was never paid for."""
        unpaid = _of_unpaid(snapshot, _TO_BE_PAID) if _unpaid(snapshot) else None
        return {**(unpaid or super().present(snapshot, by)), "dropped": []}

    def to_note(self, snapshot: Snapshot) -> Mapping[str, Any]:
        """Read what waits and is to be dropped."""
        named = str(snapshot.target.subscription_id)
        self._seen = None if _unpaid(snapshot) else self.deps.stigg.get_subscription(named)
        waiting = scheduled_changes(self._seen) if self._seen else []
        changes = [change.to_json_fields() for change in waiting if change.status in self._statuses]
        pages = snapshot.record.awaited if snapshot.record and "PENDING_PAYMENT" in self._statuses else ()
        return {"dropped": [*changes, *map(_page, pages)]}

    def send(self, run: Run) -> Effect[DroppedUpdates]:
        """Drop what was noted, and read the subscription back."""
        noted = _noted(run)
        drops = _drops(run, noted)
        kept = {drop.subscription_id for drop in drops[:1] if not self._drop(drop)}
        with _afterwards(run):
            kept |= {drop.subscription_id for drop in drops[1:] if not self._drop(drop)}
            after = self._seen if self._seen and not drops else self._after(run, kept)
            if after is not None and _left(after, noted):
                raise OutcomeUnknown("OUTCOME_UNKNOWN", "Stigg still shows what it dropped.")
            return self._effect(run, after, [change for change in noted if change.subscription_id not in kept])

    def find_effect(self, run: Run) -> Effect[DroppedUpdates] | None:
        """Return the effect if nothing waits any more of what was noted.

        A subscription that was never paid for is dropped again, because Stigg shows it neither before nor after.
        """
        noted = _noted(run)
        if any(change.change == _SUBSCRIPTION for change in noted):
            return None
        after = self._after(run)
        return None if after is not None and _left(after, noted) else self._effect(run, after, noted)

    def on_repeat(self, run: Run) -> NextStep | DroppedUpdates:
        """Replay the result while nothing waits; else start a new intent."""
        before = self.replayed_answer(run.operation)
        if _is_of_unpaid(before):
            return before
        return _repeat_policy.when_changed(run, before, self._is_free, self.deps)

    def mapping_changes(self, run: Run, effect: Effect[DroppedUpdates]) -> Changes | None:
        """Remove what was dropped from the record, and the terms that waited from the subscription."""
        return DroppedMapping(run, effect, self.deps, self.deps.clock.now()).changes()

    @property
    def _statuses(self) -> set[str]:
        return _STATUSES[self.request.waits_for]

    def _is_free(self, subscription: Subscription) -> bool:
        return not any(change.status in self._statuses for change in scheduled_changes(subscription))

    def _drop(self, drop: _Drop) -> bool:
        """Drop what waits; return False for a subscription that was paid for in the meantime."""
        try:
            self.deps.stigg.drop_update(drop.subscription_id, drop.waits_as)
        except (NotFound, Refused) as refusal:
            if normalise(refusal.stigg.code or "") not in (NEVER_PAID if drop.is_unpaid else NOTHING_WAITS):
                raise
            return not (drop.is_unpaid and self._runs(drop.subscription_id))
        return True

    def _after(self, run: Run, kept: Collection[str] = ()) -> Subscription | None:
        """Read the subscription; None for one that was never paid for."""
        named = subscription_id(run)
        return None if _unpaid(run.snapshot) and named not in kept else self.deps.stigg.get_subscription(named)

    def _effect(self, run: Run, after: Subscription | None, dropped: Sequence[DroppedChange]) -> Effect[DroppedUpdates]:
        state = run.snapshot.subscription
        data = subscription_data(after) if after else _of_unpaid(run.snapshot, "CANCELED" if dropped else _TO_BE_PAID)
        outcome = "dropped" if dropped else "unchanged"
        waiting = scheduled_changes(after) if after else []
        answer = DroppedUpdates.model_validate(
            {**data, "outcome": outcome, "dropped": list(dropped), "scheduled_changes": waiting}
        )
        if state is None or after is None:
            return Effect(answer, self._ended(run, dropped))
        in_force, scheduled = terms_after_a_drop(state, after, {change.change for change in dropped})
        return Effect(answer, self._ended(run, dropped), in_force, scheduled)

    def _ended(self, run: Run, dropped: Sequence[DroppedChange]) -> tuple[LiveSubscription, ...]:
        """Return the subscriptions that were to start and were dropped with their change."""
        plans = {change.plan_id for change in dropped if change.status == "SCHEDULED"}
        live = run.snapshot.resource.live.values() if run.snapshot.resource else ()
        named = subscription_id(run)
        coming = [entry for entry in live if entry.plan_id in plans and entry.subscription_id != named]
        return tuple(entry for entry in coming if not self._runs(entry.subscription_id))


@contextmanager
def _afterwards(run: Run) -> Iterator[None]:
    """Look at what was dropped.

    Raises:
        OutcomeUnknown: the first part was dropped, and what became of the rest is not known.
    """
    try:
        yield
    except ActionError as error:
        raise OutcomeUnknown(
            "OUTCOME_UNKNOWN",
            f"Stigg dropped what waited on subscription {subscription_id(run)}, but that could not be read back "
            f"({error.code}). Send the same request again to find out.",
            stigg=error.stigg,
            retry_after_seconds=error.retry_after_seconds,
        ) from None


def _noted(run: Run) -> list[DroppedChange]:
    return [DroppedChange.stored(change) for change in (run.operation.noted or {}).get("dropped", ())]


def _drops(run: Run, noted: Sequence[DroppedChange]) -> list[_Drop]:
    """Return the requests that drop what was noted: one for each way of waiting, and one for each unpaid one."""
    ways = {_WAITS_AS[change.status] for change in noted if change.change != _SUBSCRIPTION}
    unpaid = [change for change in noted if change.change == _SUBSCRIPTION]
    return [
        *(_Drop(subscription_id(run), way) for way in sorted(ways, reverse=True)),
        *(_Drop(str(change.subscription_id), "pending-payment", is_unpaid=True) for change in unpaid),
    ]


def _left(subscription: Subscription, noted: Sequence[DroppedChange]) -> bool:
    """Whether a change that was noted still waits, as it was."""
    waiting = [change.model_dump() for change in scheduled_changes(subscription)]
    return any(change.model_dump(exclude={"subscription_id"}) in waiting for change in noted)


def _page(page: MappedSubscription) -> dict[str, Any]:
    fields = {"status": "PENDING_PAYMENT", "planId": page.plan_id, "subscriptionId": page.subscription_id}
    return {"change": _SUBSCRIPTION, **fields}


def _unpaid(snapshot: Snapshot) -> MappedSubscription | None:
    """Return the subscription of the target if it awaits its first payment."""
    pages = snapshot.record.awaited if snapshot.record else ()
    return next((page for page in pages if page.subscription_id == snapshot.target.subscription_id), None)


def _of_unpaid(snapshot: Snapshot, status: str) -> dict[str, Any]:
    """Return the fields of a subscription that Stigg does not show, because it was never paid for."""
    unpaid = _unpaid(snapshot)
    fields: dict[str, Any] = {
        "customer_id": snapshot.target.customer_id,
        "subscription_id": snapshot.target.subscription_id,
        "status": status,
        "active": False,
        "plan_id": unpaid.plan_id if unpaid else None,
        "addons": [],
        "scheduled_changes": [],
    }
    return {**fields, **drop_none({"resource_id": snapshot.target.resource_id})}


def _is_of_unpaid(before: DroppedUpdates) -> bool:
    """Whether the answer is about a subscription that was never paid for, which Stigg does not show."""
    return any(change.subscription_id == before.subscription_id for change in before.dropped)
