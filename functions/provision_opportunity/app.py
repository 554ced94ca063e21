"""Provision a whole won opportunity: its customer, a subscription for each Plan line with its add-ons, and its credits.

All lines are checked before anything is done. Each line is then done once, under its own record id: the same request
again finds it done, a line that failed leaves the others, and lines that are gone are told, never canceled.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.provision_opportunity import ProvisionOpportunity
from stigg_actions.models.provision_opportunity_result import ProvisionedOpportunity
from stigg_actions.opportunities.provision_opportunity import provision


def provision_opportunity(request: ProvisionOpportunity, deps: Deps) -> ProvisionedOpportunity:
    """Make customer, subscriptions and grants be as the lines want them, and tell of each line what became of it."""
    return provision(request, deps)


handler = entrypoint(provision_opportunity)
