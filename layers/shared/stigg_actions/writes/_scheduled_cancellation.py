"""Cancel scheduled subscriptions that are no longer wanted, before they start."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from stigg_actions.errors import ActionError, NotFound, OutcomeUnknown, Refused
from stigg_actions.stigg.error_codes import ALREADY_ENDED, normalise
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.mapping import LiveSubscription

if TYPE_CHECKING:
    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.models.subscription_data import ProvisionedAnswer
    from stigg_actions.stigg.client import Stigg
    from stigg_actions.storage.mapping import MappedSubscription, RecordState
    from stigg_actions.storage.snapshot import Run


def call_off(waiting: MappedSubscription, run: Run, stigg: Stigg) -> None:
    """Cancel a subscription before it starts; do nothing if it has ended. Raises what the client raises."""
    body = {"cancellationTime": "IMMEDIATE", "cancellationAction": "DEFAULT"}
    key = f"{run.operation.effect_id}-called-off"
    try:
        stigg.cancel_subscription(waiting.subscription_id, body=body, idempotency_key=key)
    except NotFound:
        return
    except Refused as refusal:
        if normalise(refusal.stigg.code or "") not in ALREADY_ENDED:
            raise


def call_off_displaced[Result: ProvisionedAnswer](
    run: Run, effect: Effect[Result], stigg: Stigg, *, now: float
) -> Effect[Result]:
    """Cancel the record's scheduled subscriptions that a new one displaces. Stigg ends only those that it replaces.

    Raises:
        OutcomeUnknown: one cannot be canceled now. The new subscription exists; a repeated request continues.
    """
    displaced = _displaced(run.snapshot.record, effect, now=now)
    try:
        for waiting in displaced:
            call_off(waiting, run, stigg)
    except ActionError as error:
        raise OutcomeUnknown(
            "OUTCOME_UNKNOWN",
            "The subscription was provisioned, but a scheduled subscription of the record could not be canceled "
            f"({error.code}). Send the same request again.",
            stigg=error.stigg,
            retry_after_seconds=error.retry_after_seconds,
        ) from None
    return replace(effect, ended=(*effect.ended, *map(as_ended, displaced)))


def is_scheduled(mapped: MappedSubscription, *, now: float) -> bool:
    """Whether a subscription has yet to start."""
    return mapped.status not in ENDED and mapped.starts_at is not None and mapped.starts_at > now


def is_called_off(waiting: MappedSubscription, stigg: Stigg) -> bool:
    """Whether a scheduled subscription has ended before it started."""
    subscription = stigg.find_subscription(waiting.subscription_id)
    return subscription is None or subscription.has_ended


def as_ended(waiting: MappedSubscription) -> LiveSubscription:
    """Return a scheduled subscription in the form in which an effect lists ended ones."""
    return LiveSubscription(waiting.subscription_id, waiting.plan_id, waiting.resource_id)


def _displaced[Result: ProvisionedAnswer](
    record: RecordState | None, effect: Effect[Result], *, now: float
) -> list[MappedSubscription]:
    """Return the scheduled subscriptions that lose their place in the record to the new one."""
    new = effect.answer
    if record is None or new.status in ENDED or not (new.active or new.status == "NOT_STARTED"):
        return []
    gone = {new.subscription_id, *(old.subscription_id for old in effect.ended)}
    places = record.mapped if new.status == "NOT_STARTED" else ((record.current,) if record.current else ())
    return [mapped for mapped in places if mapped.subscription_id not in gone and is_scheduled(mapped, now=now)]
