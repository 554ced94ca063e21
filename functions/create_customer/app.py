"""Create a customer in Stigg or update it, with or without an e-mail address, and link it to its Salesforce account.

A repeated request gives the same answer, and a customer that is already as requested is left unchanged.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.create_customer import CreateCustomer, CustomerResult
from stigg_actions.writes.create_customer import CreateCustomerWrite


def create_customer(request: CreateCustomer, deps: Deps) -> CustomerResult:
    """Create or update the customer, and keep metadata that the request does not name."""
    return perform(CreateCustomerWrite(request, deps))


handler = entrypoint(create_customer)
