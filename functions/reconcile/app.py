"""Settle operations with an unknown outcome, and correct mappings that differ from Stigg. Runs every five minutes.

It can also be called on demand. It never sends a write to Stigg.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.reconcile import Reconcile, Reconciled
from stigg_actions.reconciliation.reconcile import Reconciliation


def reconcile(request: Reconcile, deps: Deps) -> Reconciled:
    """Continue where the last run stopped, until time runs out."""
    return Reconciliation(request, deps).run()


handler = entrypoint(reconcile)
