"""A downgrade that waits to take the place of a record's subscription: who renews that does not want it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.storage.mapping import MappedSubscription
    from stigg_actions.storage.snapshot import Snapshot


def waiting_downgrade(snapshot: Snapshot, deps: Deps) -> MappedSubscription | None:
    """Return the subscription of a downgrade that waits to follow the record's; a renewal that waits is none."""
    upcoming = snapshot.record.upcoming if snapshot.record else None
    state = deps.ledger.subscription(upcoming.subscription_id) if upcoming else None
    return upcoming if state is not None and state.before_downgrade is not None else None
