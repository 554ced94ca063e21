"""Merge two customers whose accounts Salesforce has merged. For operators.

A dry run shows what would be done, and changes nothing.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.merge_customers import MergeCustomers, MergedCustomers
from stigg_actions.operators.merge_customers import merge


def merge_customers(request: MergeCustomers, deps: Deps) -> MergedCustomers:
    """Move what is to be moved until all is done or time runs out."""
    return merge(request, deps)


handler = entrypoint(merge_customers)
