"""Report the usage of a metered feature to Stigg, once, however often the request is sent."""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.report_usage import ReportedUsage, ReportUsage
from stigg_actions.writes.report_usage import ReportUsageWrite


def report_usage(request: ReportUsage, deps: Deps) -> ReportedUsage:
    """Add the amount to the customer's usage, or set the total."""
    return perform(ReportUsageWrite(request, deps))


handler = entrypoint(report_usage)
