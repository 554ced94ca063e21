"""End the subscriptions of removed plan lines, each once, after the other lines of the deal were provisioned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.clock import RESERVED_FOR_THE_CALL_SECONDS, in_progress
from stigg_actions.errors import ActionError
from stigg_actions.exactly_once import freshness
from stigg_actions.exactly_once.perform import perform
from stigg_actions.exactly_once.start import foreseen
from stigg_actions.models.cancel_scheduled_update import CancelScheduledUpdate
from stigg_actions.models.cancel_subscription import CancelSubscription
from stigg_actions.models.provision_opportunity import PLAN
from stigg_actions.opportunities.left_alone import Since, by_operation, is_of_another, superseded
from stigg_actions.opportunities.line_results import failure
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.mapping import CHANGED_OUTSIDE
from stigg_actions.storage.operation import fingerprint
from stigg_actions.storage.snapshot import Run
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.writes.cancel_scheduled_update import CancelScheduledUpdateWrite
from stigg_actions.writes.cancel_subscription import CancelSubscriptionWrite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.models.cancel_scheduled_update import DroppedUpdates
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.models.subscription_data import ChangedSubscription, SubscriptionAnswer
    from stigg_actions.opportunities.results_by_line import Aftermath
    from stigg_actions.storage.mapping import MappedSubscription, RecordState
    from stigg_actions.storage.snapshot import Snapshot

_NOT_YET = {
    "outcome": "notStarted",
    "message": "It was not ended, because not all lines are as requested yet. Send the same request again.",
    "retryable": True,
}
_NO_TIME = {**_NOT_YET, "message": "This call ran out of time before it was ended. Send the same request again."}


class CancelRemovedWrite(CancelSubscriptionWrite):
    """Cancel the subscription of a removed line, if it is still the line's and was not changed in the meantime."""

    def __init__(self, request: CancelSubscription, deps: Deps, record: RecordState, wish: str | None) -> None:
        super().__init__(request, deps, wish=wish)
        self._record = record

    def check_owner(self, snapshot: Snapshot) -> None:
        """Refuse to cancel what belongs to another record, or what another call changed after the line was read.

        Raises:
            InProgress: the subscription is left as it is. The next call decides from what was changed.
        """
        super().check_owner(snapshot)
        now, read = snapshot.record, self._record
        if now is None or (now.record_id, now.version) != (read.record_id, read.version):
            raise in_progress(f"Line {read.record_id} was changed by another request while this one ran", retry_after=5)


class _Removed(NamedTuple):
    """A removed plan line whose subscription the request ends, with the subscriptions and payment pages that it has."""

    request: ProvisionOpportunity
    record: RecordState
    subscriptions: tuple[MappedSubscription, ...]

    @property
    def wish(self) -> str:
        """The digest of the end that is requested, which the record keeps as it keeps what was sold."""
        return fingerprint({"removed": self.request.removed_cancel_when or "now"})

    def left_alone(self) -> dict[str, Any] | None:
        """Return the result of a line that was ended by an earlier call and sold or continued since."""
        latest, request = self.record.latest, self.request
        if request.reapply or self.record.sold != self.wish or latest is None:
            return None
        is_another = is_of_another(latest, self.wish)
        made_at = freshness.made_at(latest)
        outside = Since("it was continued in Stigg", made_at, CHANGED_OUTSIDE)
        since = by_operation(latest.operation_key, made_at) if is_another else outside
        if not since.is_newer_than(request.as_of):
            return None
        left = superseded(since, None, "Send reapply true to end it anyway.")
        return {"outcome": left.outcome, "message": left.message, **_by(since.operation_key, since.moment)}

    def end(self, deps: Deps) -> dict[str, Any]:
        """Drop the line's payment pages and cancel its subscriptions. Raises what the writes raise."""
        result: dict[str, Any] = {}
        if self.record.awaited:
            result = _dropped(perform(CancelScheduledUpdateWrite(self._pages, deps)))
        for mapped in self.subscriptions:
            wish = self.wish if mapped == self.subscriptions[-1] else None
            read = deps.ledger.record(self.record.org_id, self.record.record_id) if result else None
            result = _canceled(perform(CancelRemovedWrite(self._cancellation(mapped), deps, read or self.record, wish)))
        return result

    def foreseen(self, deps: Deps) -> dict[str, Any]:
        """Return the result that ``end`` would have, as far as it is known. Raises what the writes raise."""
        result: dict[str, Any] = {}
        if self.record.awaited:
            step = foreseen(CancelScheduledUpdateWrite(self._pages, deps))
            would = {"outcome": "canceled", "message": "Its payment page would be dropped."}
            result = would if isinstance(step, Run) else _dropped(step)
        for mapped in self.subscriptions:
            cancellation = self._cancellation(mapped)
            ending = foreseen(CancelRemovedWrite(cancellation, deps, self.record, None))
            result = _would_be_canceled(cancellation) if isinstance(ending, Run) else _canceled(ending)
        return result

    @property
    def _pages(self) -> CancelScheduledUpdate:
        named = {"salesforceRecordId": self.record.record_id, "waitsFor": "payment", **_call(self.request)}
        return CancelScheduledUpdate.model_validate(named)

    def _cancellation(self, mapped: MappedSubscription) -> CancelSubscription:
        is_upcoming = mapped == self.record.upcoming
        at_once = is_upcoming or mapped.status == "IN_TRIAL"  # Stigg ends a trial at once only
        ends = "now" if at_once else self.request.removed_cancel_when or "now"
        named = {"subscriptionId": mapped.subscription_id, "cancelWhen": ends, **_call(self.request)}
        return CancelSubscription.model_validate(named)


def end_removed(after: Aftermath, deps: Deps, *, is_finished: bool) -> dict[str, dict[str, Any]]:
    """End what removed plan lines became, and return the fields of the result of each line that is to be ended.

    As long as a line of the deal is not as requested, nothing is ended: the removed line may have been replaced by it.
    """
    return {removed.record.record_id: _ended(removed, deps, is_finished=is_finished) for removed in _to_end(after)}


def _ended(removed: _Removed, deps: Deps, *, is_finished: bool) -> dict[str, Any]:
    left = removed.left_alone()
    if left is not None:
        return left
    if not is_finished:
        return _NOT_YET
    if deps.deadline.seconds_left() < RESERVED_FOR_THE_CALL_SECONDS:
        return _NO_TIME
    try:
        return removed.foreseen(deps) if removed.request.dry_run else removed.end(deps)
    except ActionError as error:
        return failure(error)


def _to_end(after: Aftermath) -> Iterator[_Removed]:
    """Yield the removed plan lines that have a subscription or a payment page which no line takes over."""
    known = after.situation.known
    for line_id, noted in sorted(known.removed.items()):
        record = known.own(line_id)
        is_own = record is not None and not after.taker(line_id) and known.home(line_id) == line_id
        if noted.stigg_type != PLAN or noted.delta or record is None or not is_own:
            continue
        mapped = tuple(
            entry
            for entry in (record.upcoming, record.current)
            if entry and entry.status not in ENDED and after.replaced(entry.subscription_id) is None
        )
        removed = _Removed(after.situation.request, record, mapped)
        if (mapped or record.awaited) and not _ends_as_requested(removed):
            yield removed


def _ends_as_requested(removed: _Removed) -> bool:
    """Whether an earlier call has scheduled the end of the line's only subscription, and it still stands."""
    record = removed.record
    is_scheduled = [bool(mapped.cancellation_date) for mapped in removed.subscriptions] == [True]
    return record.sold == removed.wish and is_scheduled and not record.awaited


def _dropped(answer: DroppedUpdates) -> dict[str, Any]:
    """Return the result of a line whose payment page was dropped."""
    if answer.outcome == "superseded":
        return _superseded(answer)
    outcome = "canceled" if answer.outcome == "dropped" and not answer.replayed else "removed"
    return {"outcome": outcome, "message": "Its payment page was dropped, so that it can no longer be paid."}


def _superseded(answer: SubscriptionAnswer) -> dict[str, Any]:
    what = "Left unchanged: a change from newer data was made to its subscription."
    return {"outcome": "superseded", "message": what, **_by(answer.superseded_by, answer.superseded_at)}


def _would_be_canceled(request: CancelSubscription) -> dict[str, Any]:
    is_later = request.cancel_when == "endOfBillingPeriod"
    when = " at the end of its billing period" if is_later else ""
    message = f"Its subscription {request.subscription_id} would be canceled{when}."
    outcome = "scheduled" if is_later else "canceled"
    return {"outcome": outcome, "message": message, "subscription_id": request.subscription_id}


def _canceled(answer: ChangedSubscription) -> dict[str, Any]:
    """Return the result of a line whose subscription was canceled, or was found to be."""
    if answer.outcome == "superseded":
        return _superseded(answer)
    name = answer.subscription_id
    shown = {"subscription_id": name, "status": answer.status, "active": answer.active}
    if answer.outcome == "scheduled":
        return {"outcome": "scheduled", "message": f"Its subscription {name} ends on {_end(answer)}.", **shown}
    outcome = "removed" if answer.replayed or answer.outcome == "unchanged" else "canceled"
    return {"outcome": outcome, "message": f"Its subscription {name} was canceled.", **shown}


def _end(answer: ChangedSubscription) -> str | None:
    return None if answer.cancellation_date is None else answer.cancellation_date.date().isoformat()


def _by(key: str | None, moment: Any) -> dict[str, Any]:  # noqa: ANN401 - a date or its text
    return drop_none({"superseded_by": key, "superseded_at": moment})


def _call(request: ProvisionOpportunity) -> Mapping[str, Any]:
    """Return the fields of the call: the org, and ``asOf`` unless the deal is reapplied."""
    given = {"salesforceOrgId": request.salesforce_org_id, "asOf": None if request.reapply else request.as_of}
    return drop_none(given)
