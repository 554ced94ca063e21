"""Archive a customer, or restore an archived one.

A customer with live subscriptions is archived only if the request allows that Stigg cancels them.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.archive_customer import ArchiveCustomer, ArchivedCustomer
from stigg_actions.writes.archive_customer import ArchiveCustomerWrite


def archive_customer(request: ArchiveCustomer, deps: Deps) -> ArchivedCustomer:
    """Archive or restore the customer, and record the end of its subscriptions."""
    return perform(ArchiveCustomerWrite(request, deps))


handler = entrypoint(archive_customer)
