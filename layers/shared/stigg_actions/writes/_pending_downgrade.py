"""Find a scheduled downgrade of a record's subscription. A renewal calls it off."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.storage.mapping import MappedSubscription
    from stigg_actions.storage.snapshot import Snapshot


def waiting_downgrade(snapshot: Snapshot, deps: Deps) -> MappedSubscription | None:
    """Return the scheduled subscription of a record if a downgrade made it; None if a renewal did."""
    upcoming = snapshot.record.upcoming if snapshot.record else None
    state = deps.ledger.subscription(upcoming.subscription_id) if upcoming else None
    return upcoming if state is not None and state.before_downgrade is not None else None
