"""Subscriptions that end with their customer or contract: note them, refuse to end them, find those that ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions.errors import ActionError, Conflict, Problem
from stigg_actions.stigg import refusals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.stigg.client import Stigg
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.snapshot import Run

MOST_CANCELED = 24
"""Maximum subscriptions that may end at once: each takes up to four items of a transaction, which has up to 100."""

_MOST_NAMED = 20


def noted(live: Iterable[Subscription], deps: Deps) -> dict[str, Any]:
    """Return what an operation notes of live subscriptions before it ends them: id, plan, status and record."""
    subscriptions = list(live)
    states = deps.records.subscriptions([subscription.id for subscription in subscriptions[:100]])
    records = {subscription_id: state.record_id for subscription_id, state in states.items()}
    return {
        "live": [
            {
                "id": subscription.id,
                "planId": subscription.plan_id,
                "status": subscription.status,
                "salesforceRecordId": records.get(subscription.id),
            }
            for subscription in subscriptions
        ]
    }


def refuse_live(run: Run, *, allowed: bool, ends_when: str) -> None:
    """Refuse to end live subscriptions, unless the request allows it.

    Raises:
        Conflict: SUBSCRIPTIONS_LIVE, naming each subscription with its record.
    """
    live = _noted_in(run)
    if not live or (allowed and len(live) <= MOST_CANCELED):
        return
    remedy = "Cancel them first, or send cancelSubscriptions true."
    if len(live) > MOST_CANCELED:
        remedy = f"These are more than {MOST_CANCELED}. Cancel them first (cancel-subscription, in a batch)."
    names = [_named(entry) for entry in live]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    raise Conflict(
        "SUBSCRIPTIONS_LIVE",
        f"Stigg cancels a subscription when {ends_when}. Live now: {', '.join(names[:_MOST_NAMED])}{more}.",
        remedy=remedy,
        details=[Problem("cancelSubscriptions", f"would cancel {name}") for name in names[:_MOST_NAMED]],
    )


def closed_since(run: Run, stigg: Stigg) -> tuple[Subscription, ...]:
    """Return the noted subscriptions that have ended by now.

    Raises:
        OutcomeUnknown: they cannot be read; the change may be in force.
    """
    ids = {entry["id"] for entry in _noted_in(run)}
    if not ids:
        return ()
    customer_id = run.customer.customer_id
    try:
        return tuple(one for one in stigg.subscriptions_of(customer_id, ended=True) if one.id in ids and one.has_ended)
    except ActionError as error:
        raise refusals.not_read_back(f"customer {customer_id}", error) from None


def _noted_in(run: Run) -> list[Mapping[str, Any]]:
    return list((run.operation.noted or {}).get("live", ()))


def _named(entry: Mapping[str, Any]) -> str:
    record_id = entry.get("salesforceRecordId")
    record = f"record {record_id}" if record_id else "no record"
    return f"subscription {entry['id']} ({entry['planId']}, {entry['status']}, {record})"
