"""Who takes whose place. Of one customer, resource and product at most one subscription and one trial are live.

A new subscription ends the one it replaces at the moment it starts itself; no explicit cancel is needed.
"""

from datetime import datetime

from local.stigg_emulator import invoices
from local.stigg_emulator.events import subscription_event
from local.stigg_emulator.records import RUNNING, FutureUpdate, Subscription
from local.stigg_emulator.world import World


def displaced_by(world: World, new: Subscription) -> list[Subscription]:
    """List what the new one displaces: a trial only trials, any other also what is paid, free or custom."""
    return [
        old
        for old in world.subscriptions_of(new.customer_id)
        if old is not new and old.slot == new.slot and (old.is_trial or not new.is_trial)
    ]


def running(subscriptions: list[Subscription]) -> list[Subscription]:
    """Keep those that have started."""
    return [subscription for subscription in subscriptions if subscription.status in RUNNING]


def admit(world: World, new: Subscription) -> None:
    """Take a new subscription in: start it now, or leave it waiting and announce it on what it will replace."""
    world.subscriptions[new.id] = new
    displaced = displaced_by(world, new)
    for old in displaced:
        if old.status == "NOT_STARTED" and old.start >= new.start:
            close(world, old, "UPGRADE_OR_DOWNGRADE")
    if new.start <= world.now:
        begin(world, new, world.now)
    else:
        for old in running(displaced):
            old.future_updates.append(_succession(old, new))
        world.remind(new)
    subscription_event(world, "created", new)
    if new.status == "IN_TRIAL":
        subscription_event(world, "trial_started", new)


def begin(world: World, new: Subscription, moment: datetime) -> None:
    """Start a subscription: end what it replaces, begin its trial or its first paid period."""
    for old in running(displaced_by(world, new)):
        close(world, old, _reason(old, new), moment)
    trial_ahead = new.trial_end is not None and new.trial_end > moment
    new.status = "IN_TRIAL" if trial_ahead else "ACTIVE"
    # A back-dated subscription is charged for the first time at its next period.
    backdated = new.start < new.created_at and new.trial_end is None
    if not trial_ahead and not backdated:
        bill(world, new)
    world.remind(new)


def bill(world: World, subscription: Subscription, reason: str = "SUBSCRIPTION_CREATION") -> None:
    """Invoice what is paid for, unless nobody collects."""
    if subscription.plan.pricing_type == "PAID" and subscription.collection_method != "NONE":
        invoices.issue(world, subscription, reason)


def close(
    world: World, subscription: Subscription, reason: str, moment: datetime | None = None, status: str = "CANCELED"
) -> None:
    """End a subscription, and withdraw what was announced for or by it."""
    subscription.status, subscription.cancel_reason = status, reason
    subscription.end = subscription.cancellation_date = moment or world.now
    subscription.future_updates.clear()
    subscription_event(world, "expired" if status == "EXPIRED" else "canceled", subscription)
    for other in world.subscriptions_of(subscription.customer_id):
        other.future_updates = [item for item in other.future_updates if item.successor_id != subscription.id]


def _succession(old: Subscription, new: Subscription) -> FutureUpdate:
    kind = "DOWNGRADE" if new.plan.rank < old.plan.rank else "PLAN"
    return FutureUpdate(new.start, kind, successor_id=new.id, target_plan_id=new.plan.id)


def _reason(old: Subscription, new: Subscription) -> str:
    converted = old.is_trial and new.plan.pricing_type != "FREE"
    return "TRIAL_CONVERTED" if converted else "UPGRADE_OR_DOWNGRADE"
