"""The deployment of `salesforce/` by the Salesforce CLI, with URL and region of the stack in place."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from console.errors import RefusedError
from console.org_setup import project
from console.org_setup.found import Found, State
from console.org_setup.setup import Setup

WAIT_MINUTES = 30
SHOWN = 10
_REMEDIES = {
    "workflow user": "Name a Default Workflow User: Setup, Process Automation Settings.",
    "stigg_": "A field or object that it needs is disabled in this org, or the user may not customize the application.",
}


def deploy(setup: Setup) -> Iterator[Found]:
    """Deploy the project; the org decides what is new, changed or the same. Raises RefusedError with its findings."""
    if not setup.wishes.deploy:
        yield Found(State.SKIPPED, "--no-deploy")
        return
    arguments = ["project", "deploy", "start", "--wait", str(WAIT_MINUTES), *(["--dry-run"] if setup.dry_run else [])]
    environment = {"STIGG_ACTIONS_URL": setup.access.url, "STIGG_ACTIONS_REGION": setup.access.region}
    result = setup.cli.result(*arguments, environment=environment)
    if not result.get("success"):
        raise RefusedError(f"The deployment: {result.get('status', 'not done')}. {_problems(result)}")
    yield _counted(result)


def find_inactive_flows(setup: Setup) -> Iterator[Found]:
    """Name the Flows that the org deployed without activating them, as production does by default."""
    if not setup.is_deployed:
        return
    found = setup.org.find("FlowDefinitionView", "ApiName", "IsActive", ApiName=project.flows())
    inactive = sorted(flow["ApiName"] for flow in found if not flow["IsActive"])
    if inactive:
        yield Found(State.LEFT, f"activate in Setup, Flows: {', '.join(inactive)}")
    else:
        yield Found(State.THERE, f"{len(found)} active")


def _counted(result: dict[str, Any]) -> Found:
    states = Counter(str(file.get("state")) for file in result.get("files", ()) if file.get("fullName"))
    text = f"{states['Created']} files created, {states['Changed']} changed, {states['Unchanged']} as they were"
    if states["Created"] or states["Changed"]:
        return Found(State.CHANGED if states["Changed"] or states["Unchanged"] else State.CREATED, text)
    return Found(State.THERE, text)


def _problems(result: dict[str, Any]) -> str:
    if result.get("status") in {"Pending", "InProgress"}:
        return f"It took longer than {WAIT_MINUTES} minutes and goes on: Setup, Deployment Status shows its end."
    failures = (result.get("details") or {}).get("componentFailures") or []
    listed = failures if isinstance(failures, list) else [failures]
    texts = [f"{one.get('componentType')} {one.get('fullName')}: {one.get('problem')}" for one in listed]
    words = " ".join(texts).lower()
    remedy = next((remedy for word, remedy in _REMEDIES.items() if word in words), "")
    more = f" And {len(texts) - SHOWN} more." if len(texts) > SHOWN else ""
    return f"{' '.join(texts[:SHOWN])}{more} {remedy}".strip() or "The org gave no reason."
