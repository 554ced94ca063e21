"""What to do about a check that has not passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stigg_actions.errors import ActionError

NO_DATE = "Look whether StiggApiUrl leads to Stigg itself: every answer of Stigg is dated."
TIME_ZONE = "Correct the stack's parameter TimeZone, and deploy the stack again."
SKEW = "Look whether StiggApiUrl leads to Stigg itself; Lambda's clock is set by AWS."

_BY_CODE = {
    "NOT_CONFIGURED": "Store the key: scripts/stigg-secret ENVIRONMENT api-key (docs/deploy.md).",
    "STIGG_KEY_REJECTED": "Store a valid key of this Stigg environment: scripts/stigg-secret ENVIRONMENT api-key.",
    "STIGG_KEY_LACKS_PERMISSION": "Store a full-access server key: scripts/stigg-secret ENVIRONMENT api-key.",
    "SECRETS_UNAVAILABLE": "Try again. If it stays so, look at the health of Secrets Manager in this region.",
    "STORAGE_UNAVAILABLE": "Try again. If it stays so, look at the health of DynamoDB in this region.",
    "STORAGE_REFUSED": "Deploy the stack again: the table or the right to it is gone.",
    "STIGG_UNAVAILABLE": "Try again. If it stays so, look at the parameter StiggApiUrl and at Stigg's own status.",
    "OUTCOME_UNKNOWN": "Try again: the question was about something that does not exist, so nothing can have changed.",
    "RATE_LIMITED": "Try again in a minute.",
}
_PLAN = "Correct the id where it stands (GracePlanId of the stack, planIds, the Flow), or publish the plan in Stigg."
_ADDRESS = "Look whether the stack's parameter StiggApiUrl is the address of Stigg's API."
_OTHER = "Read the problem, which is Stigg's own answer; try again once it is mended."


def of(name: str, error: ActionError) -> str:
    """Return what mends a check of this name that failed so."""
    others = {"plan": _PLAN, "stigg": _ADDRESS}
    return _BY_CODE.get(error.code, others.get(name.partition(" ")[0], _OTHER))
