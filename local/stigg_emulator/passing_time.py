"""What happens by itself as the clock moves: starts, ends of trials, cancellations and scheduled changes."""

import heapq
from datetime import datetime

from local.stigg_emulator import imports
from local.stigg_emulator.events import subscription_event
from local.stigg_emulator.moves import MIGRATION
from local.stigg_emulator.records import LIVE, Subscription
from local.stigg_emulator.replacement import begin, close
from local.stigg_emulator.updates import apply_changes
from local.stigg_emulator.world import World


def catch_up(world: World) -> None:
    """Make everything true that has come due, in the order in which it came due; imports before all else."""
    imports.run_tasks(world)
    while world.agenda and world.agenda[0][0] <= world.now:
        moment, _, subscription_id = heapq.heappop(world.agenda)
        subscription = world.subscriptions[subscription_id]
        if subscription.status in LIVE:
            _come_due(world, subscription, moment)


def _come_due(world: World, subscription: Subscription, moment: datetime) -> None:
    if subscription.status == "NOT_STARTED" and subscription.start <= moment:
        begin(world, subscription, subscription.start)
        subscription_event(world, "updated", subscription)
    elif subscription.cancellation_date is not None and subscription.cancellation_date <= moment:
        close(world, subscription, "ScheduledCancellation", subscription.cancellation_date)
    elif subscription.status == "IN_TRIAL" and subscription.trial_end is not None and subscription.trial_end <= moment:
        _end_trial(world, subscription, subscription.trial_end)
    else:
        _apply_scheduled(world, subscription, moment)


def _end_trial(world: World, subscription: Subscription, moment: datetime) -> None:
    if subscription.trial_end_behavior == "CANCEL_SUBSCRIPTION":
        close(world, subscription, "TRIAL_ENDED", moment, status="EXPIRED")
        subscription_event(world, "trial_expired", subscription)
    else:
        # No longer a trial, so it takes the place of what is paid.
        subscription.status = "ACTIVE"
        begin(world, subscription, moment)
        subscription_event(world, "trial_converted", subscription)


def _apply_scheduled(world: World, subscription: Subscription, moment: datetime) -> None:
    due = [item for item in subscription.future_updates if item.status == "SCHEDULED" and item.at <= moment]
    for update in due:
        apply_changes(subscription, update.changes, update.at)
        if update.kind == MIGRATION:
            subscription.plan = world.catalog.plan(subscription.plan.id)
        subscription.future_updates.remove(update)
        subscription_event(world, "updated", subscription)
