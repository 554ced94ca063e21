"""Remove names, e-mail addresses and requests of a customer from the tables. For operators, on a person's request.

Keys and effects stay, so that a repeated request is still recognized.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.forgetting.forget_customer import forget
from stigg_actions.models.forget_customer import ForgetCustomer, ForgottenCustomer


def forget_customer(request: ForgetCustomer, deps: Deps) -> ForgottenCustomer:
    """Remove the data from the ledger and the batches until time runs out."""
    return forget(request, deps)


handler = entrypoint(forget_customer)
