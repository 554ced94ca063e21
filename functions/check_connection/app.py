"""Check whether a deployment works: secret, key, tables, plans and clock, with a remedy for each problem.

Administrators run it first. It changes nothing, here or in Stigg.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.check_connection import CheckConnection, CheckedConnection
from stigg_actions.queries.check_connection import check


def check_connection(request: CheckConnection, deps: Deps) -> CheckedConnection:
    """Check the deployment."""
    return check(request, deps)


handler = entrypoint(check_connection)
