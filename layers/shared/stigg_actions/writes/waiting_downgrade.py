"""A downgrade that waits to take the place of a record's subscription: who renews that does not want it any more."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from stigg_actions.errors import NotFound, Refused
from stigg_actions.mappings import LiveSubscription
from stigg_actions.stigg.codes import ALREADY_ENDED, normalise

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.mappings import MappedSubscription
    from stigg_actions.standing import Standing, Ticket
    from stigg_actions.stigg.client import Stigg


def waiting_downgrade(standing: Standing, deps: Deps) -> MappedSubscription | None:
    """Return the subscription of a downgrade that waits to follow the record's; a renewal that waits is none."""
    upcoming = standing.record.upcoming if standing.record else None
    state = deps.ledger.subscription(upcoming.subscription_id) if upcoming else None
    return upcoming if state is not None and state.before_downgrade is not None else None


def call_off(waiting: MappedSubscription, ticket: Ticket, stigg: Stigg) -> None:
    """Cancel it before it starts; one that is gone already is as wanted. Raises as the client does."""
    body = {"cancellationTime": "IMMEDIATE", "cancellationAction": "DEFAULT"}
    key = f"{ticket.operation.effect_id}-called-off"
    try:
        with suppress(NotFound):
            stigg.cancel_subscription(waiting.subscription_id, body=body, idempotency_key=key)
    except Refused as refusal:
        if normalise(refusal.stigg.code or "") not in ALREADY_ENDED:
            raise


def is_called_off(waiting: MappedSubscription, stigg: Stigg) -> bool:
    """Whether it has ended before it started."""
    found = stigg.find_subscription(waiting.subscription_id)
    return found is None or found.has_ended


def as_ended(waiting: MappedSubscription) -> LiveSubscription:
    """Return it as one that has ended by a write."""
    return LiveSubscription(waiting.subscription_id, waiting.plan_id, waiting.resource_id)
