"""Archive a contract.

A contract with live subscriptions is archived only if the request allows that Stigg cancels them.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.archive_contract import ArchiveContract, ArchivedContract
from stigg_actions.writes.archive_contract import ArchiveContractWrite


def archive_contract(request: ArchiveContract, deps: Deps) -> ArchivedContract:
    """Archive the contract, and record the end of its subscriptions."""
    return perform(ArchiveContractWrite(request, deps))


handler = entrypoint(archive_contract)
