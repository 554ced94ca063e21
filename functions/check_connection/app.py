"""Tell whether a deployment can work: secret, key, tables, plans and clock, and how to mend what is not right.

What an administrator runs first. Nothing changes, here or in Stigg.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.models.check_connection import CheckConnection, CheckedConnection
from stigg_actions.queries.check_connection import check


def check_connection(request: CheckConnection, deps: Deps) -> CheckedConnection:
    """Check all of it."""
    return check(request, deps)


handler = entrypoint(check_connection)
