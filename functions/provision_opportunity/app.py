"""Provision a whole won opportunity: its customer, a subscription for each Plan line with its add-ons, and its credits.

All lines are checked first. Each line is then provisioned once, under its own record id: a repeated request does not
repeat it, a line that fails does not stop the others, and removed lines are reported, or ended if the request says so.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.provision_opportunity import ProvisionOpportunity
from stigg_actions.models.provision_opportunity_result import ProvisionedOpportunity
from stigg_actions.opportunities.provision_opportunity import provision


def provision_opportunity(request: ProvisionOpportunity, deps: Deps) -> ProvisionedOpportunity:
    """Provision customer, subscriptions and grants as the lines request them, and report the result of each line."""
    return provision(request, deps)


handler = entrypoint(provision_opportunity)
