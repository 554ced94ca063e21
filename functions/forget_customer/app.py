"""Remove names, e-mail addresses and requests of a customer from the tables. For operators, on a person's request.

Keys and effects stay, so that what was done once is still not done twice.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.forgetting.forget_customer import forget
from stigg_actions.models.forget_customer import ForgetCustomer, ForgottenCustomer


def forget_customer(request: ForgetCustomer, deps: Deps) -> ForgottenCustomer:
    """Go through ledger and batches as far as the time reaches."""
    return forget(request, deps)


handler = entrypoint(forget_customer)
