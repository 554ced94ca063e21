"""Grant credits to a customer, promotional or paid.

Credits are money: a request must name a Salesforce record or carry an idempotency key, and the same request grants
once, however late it is repeated.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoint import entrypoint
from stigg_actions.models.credits import CreateCreditGrant, CreditGrantResult
from stigg_actions.once import perform
from stigg_actions.writes.grant import GrantWrite


def create_credit_grant(request: CreateCreditGrant, deps: Deps) -> CreditGrantResult:
    """Grant the credits."""
    return perform(GrantWrite(request, deps))


handler = entrypoint(create_credit_grant)
