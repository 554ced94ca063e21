"""Import a subscription that exists in billing but not in Stigg, for a Salesforce record. For operators.

A dry run shows what would be imported, and changes nothing.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.import_subscription import ImportedSubscription, ImportSubscription
from stigg_actions.writes.import_subscription import ImportSubscriptionWrite


def import_subscription(request: ImportSubscription, deps: Deps) -> ImportedSubscription:
    """Import the subscription, or show what that would do."""
    write = ImportSubscriptionWrite(request, deps)
    return write.rehearsed() if request.dry_run else perform(write)


handler = entrypoint(import_subscription)
