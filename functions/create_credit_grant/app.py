"""Grant credits to a customer, promotional or paid.

Credits are money: a request must name a Salesforce record or carry an idempotency key, and the same request grants
once, however late it is repeated.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.create_credit_grant import CreateCreditGrant, CreditGrantResult
from stigg_actions.writes.create_credit_grant import CreateCreditGrantWrite


def create_credit_grant(request: CreateCreditGrant, deps: Deps) -> CreditGrantResult:
    """Grant the credits."""
    return perform(CreateCreditGrantWrite(request, deps))


handler = entrypoint(create_credit_grant)
