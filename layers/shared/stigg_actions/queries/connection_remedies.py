"""The remedy of a check that has not passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stigg_actions.errors import ActionError

NO_DATE = "Check that StiggApiUrl is the address of Stigg: every answer of Stigg has a date."
TIME_ZONE = "Correct the stack's parameter TimeZone, and deploy the stack again."
SKEW = "Check that StiggApiUrl is the address of Stigg. AWS sets Lambda's clock."

_BY_CODE = {
    "NOT_CONFIGURED": "Store the key: scripts/stigg-actions secret set api-key --env ENVIRONMENT (docs/deploy.md).",
    "SECRETS_UNAVAILABLE": "Try again. If this persists, check the health of Secrets Manager in this region.",
    "STORAGE_UNAVAILABLE": "Try again. If this persists, check the health of DynamoDB in this region.",
    "STORAGE_REFUSED": "Deploy the stack again: the table, or the permission to use it, is missing.",
    "STIGG_UNAVAILABLE": "Try again. If this persists, check the parameter StiggApiUrl and Stigg's status page.",
    "OUTCOME_UNKNOWN": "Try again: the check changes something that does not exist, so it has no effect.",
}
_ADDRESS = "Check that the stack's parameter StiggApiUrl is the address of Stigg's API."
_OTHER = "Correct what Stigg's answer names, and try again."


def of(name: str, error: ActionError) -> str:
    """Return the remedy of a check of this name that failed with this error.

    A refusal of Stigg has its own remedy, which is the same in every action.
    """
    return _BY_CODE.get(error.code) or error.remedy or (_ADDRESS if name == "stigg" else _OTHER)
