"""Create the contract of a Salesforce contract or opportunity with its subscriptions, or change it.

Stigg creates a contract and its subscriptions all or nothing.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.provision_contract import ProvisionContract, ProvisionedContract
from stigg_actions.writes.provision_contract import ProvisionContractWrite


def provision_contract(request: ProvisionContract, deps: Deps) -> ProvisionedContract:
    """Create or change the contract, and map the records of its new subscriptions."""
    return perform(ProvisionContractWrite(request, deps))


handler = entrypoint(provision_contract)
