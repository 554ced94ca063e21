"""Void a credit grant, so that no more of its credits can be used.

A grant that was voided before is left unchanged. The answer says how many of its credits were used.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.void_credit_grant import VoidCreditGrant, VoidedGrant
from stigg_actions.writes.void_credit_grant import VoidCreditGrantWrite


def void_credit_grant(request: VoidCreditGrant, deps: Deps) -> VoidedGrant:
    """Void the grant, and record that with the operation that granted the credits."""
    return perform(VoidCreditGrantWrite(request, deps))


handler = entrypoint(void_credit_grant)
