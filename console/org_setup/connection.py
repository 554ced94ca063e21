"""The check of the whole way: a Flow in the org calls `check-connection` through the Named Credential.

Source: Actions Developer Guide, "Flow Actions".
"""

from collections.abc import Iterator
from typing import Any

from console.errors import RefusedError
from console.org_setup.found import Found, State
from console.org_setup.setup import Setup

FLOW = "Stigg_Check_Connection"
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between tries: AWS needs some until a new key is known everywhere."""

_REMEDIES = {
    "ORG_NOT_ALLOWED": "Deploy the stack with this org as SalesforceOrgId, or in AllowedSalesforceOrgIds.",
    "INVALID_SIGNATURE": "The org has the wrong secret or region. Run the command again with --replace-key.",
    "NOT_SIGNED": "The URL is not the stack's. Run the command again without --no-deploy.",
    "ACCESS_DENIED": "The AWS user has another stack's policy. Run the command again.",
    "couldn't access the credential": "You lack the permission set. Log out of Salesforce and in again, and repeat.",
}


def check(setup: Setup) -> Iterator[Found]:
    """Let the org call the stack. Raises RefusedError with what failed and how to fix it."""
    if setup.dry_run:
        yield Found(State.SKIPPED, "not tried in a dry run")
        return
    outcome, summary = _tried(setup)
    if outcome != "healthy":
        hints = [remedy for words, remedy in _REMEDIES.items() if words in summary]
        raise RefusedError(" ".join([f"The org's call of check-connection: {summary}", *hints]))
    yield Found(State.THERE, f"the org calls the stack. {summary}")


def _tried(setup: Setup) -> tuple[str, str]:
    for pause in PAUSES:
        outcome, summary = _once(setup)
        if outcome != "fault":
            return outcome, summary
        setup.stack.pause(pause)
    return _once(setup)


def _once(setup: Setup) -> tuple[str, str]:
    """Return outcome and summary of one run of the Flow."""
    (answer,) = setup.org.send("POST", f"/actions/custom/flow/{FLOW}", {"inputs": [{}]})
    if not answer.get("isSuccess"):
        errors: list[dict[str, Any]] = answer.get("errors") or []
        return "failed", "; ".join(str(error.get("message")) for error in errors) or "the Flow failed"
    outputs = answer["outputValues"]
    return str(outputs.get("Outcome")), str(outputs.get("Summary"))
