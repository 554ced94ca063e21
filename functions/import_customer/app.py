"""Import a customer that exists in billing but not in Stigg. For operators.

A dry run shows what would be imported, and changes nothing.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.import_customer import ImportCustomer, ImportedCustomer
from stigg_actions.writes.import_customer import ImportCustomerWrite


def import_customer(request: ImportCustomer, deps: Deps) -> ImportedCustomer:
    """Import the customer, or show what that would do."""
    write = ImportCustomerWrite(request, deps)
    return write.rehearsed() if request.dry_run else perform(write)


handler = entrypoint(import_customer)
