"""Settle operations of unknown outcome, and make mappings agree with Stigg. Runs every five minutes, and on demand.

It looks and records; it never sends a write to Stigg.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.reconcile import Reconcile, Reconciled
from stigg_actions.reconciliation.reconcile import Reconciliation


def reconcile(request: Reconcile, deps: Deps) -> Reconciled:
    """Go on where the run before stopped, as far as the time of one invocation reaches."""
    return Reconciliation(request, deps).run()


handler = entrypoint(reconcile)
