"""Give a Stigg subscription the newest version of its plan."""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.migrate_subscription import MigrateSubscription
from stigg_actions.models.subscription_data import ChangedSubscription
from stigg_actions.writes.migrate_subscription import MigrateSubscriptionWrite


def migrate_subscription(request: MigrateSubscription, deps: Deps) -> ChangedSubscription:
    """Migrate the subscription, now or at the end of its billing period."""
    return perform(MigrateSubscriptionWrite(request, deps))


handler = entrypoint(migrate_subscription)
