"""GraphQL `triggerWorkflow`: run a workflow by its trigger id, its test version or its live one."""

import re

from local.stigg_emulator.catalog import Json
from local.stigg_emulator.errors import Refusal, bad_input
from local.stigg_emulator.world import Call, World


def trigger_workflow(world: World, call: Call) -> Json:
    """Record the run and answer `{success, response}`; `response` echoes the workflow and what it received."""
    if not re.search(r"\btriggerWorkflow\s*\(", call.body["query"]):
        raise bad_input("Only the mutation triggerWorkflow is known")
    asked = call.body["variables"]["input"]
    if asked["triggerId"] not in world.catalog.workflows:
        # GraphQL reports a failed operation with HTTP 200.
        raise Refusal("WorkflowTriggerNotFound", f"Workflow trigger not found: {asked['triggerId']}", 200)
    run = {
        "triggerId": asked["triggerId"],
        "payload": asked.get("payload"),
        "isTest": bool(asked.get("isTest")),
    }
    world.workflow_runs.append(run)
    response = {"workflow": run["triggerId"], "isTest": run["isTest"], "received": run["payload"]}
    return {"data": {"triggerWorkflow": {"success": True, "response": response}}}


def latency(world: World, call: Call) -> float:
    """Tell how long the workflow takes: it answers when its last node has finished."""
    workflow = world.catalog.workflows[call.body["variables"]["input"]["triggerId"]]
    return float(workflow["latencySeconds"])


def error_body(refusal: Refusal, trace_id: str) -> Json:
    """Build the error body of Stigg's GraphQL API."""
    return {
        "errors": [
            {
                "message": refusal.message,
                "path": ["triggerWorkflow"],
                "locations": [{"line": 1, "column": 1}],
                "extensions": {"code": refusal.code, "traceId": trace_id},
            },
        ],
        "data": None,
    }
