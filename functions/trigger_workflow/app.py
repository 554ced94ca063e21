"""Trigger a workflow that was built in Stigg, and answer with what it returned.

Without an idempotency key it runs on every call. A run whose answer was lost is never repeated.
"""

from stigg_actions.deps import Deps
from stigg_actions.entrypoints.action import entrypoint
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.trigger_workflow import TriggerWorkflow, WorkflowResult
from stigg_actions.writes.trigger_workflow import TriggerWorkflowWrite


def trigger_workflow(request: TriggerWorkflow, deps: Deps) -> WorkflowResult:
    """Trigger the live or test workflow with the payload and the ids from the record's mapping."""
    return perform(TriggerWorkflowWrite(request, deps))


handler = entrypoint(trigger_workflow)
