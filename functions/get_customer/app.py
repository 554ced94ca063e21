"""Show a whole account: the customer, its subscriptions, entitlements, credits, open invoices and contracts.

It changes nothing. What cannot be read is left out, and the answer says so.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.get_customer import FoundCustomer, GetCustomer
from stigg_actions.queries.get_customer import show


def get_customer(request: GetCustomer, deps: Deps) -> FoundCustomer:
    """Read all parts side by side."""
    return show(request, deps)


handler = entrypoint(get_customer)
