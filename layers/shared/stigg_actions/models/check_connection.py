"""The request and the answer of check-connection."""

from typing import Annotated, Literal

from pydantic import Field

from stigg_actions.models.base import ActionRequest, Answer, Model
from stigg_actions.models.values import JsonText, StiggId

MOST_PLANS = 20
"""Each plan costs one call to Stigg."""


class CheckConnection(ActionRequest):
    """The request of check-connection."""

    plan_ids: Annotated[list[StiggId] | None, JsonText, Field(max_length=MOST_PLANS)] = None
    """Ids of plans that your Flows name, up to 20, to check that this Stigg environment has them. The plan in the
    stack's GracePlanId is always checked."""


class Check(Model):
    """One check of the deployment."""

    name: str
    """What was checked."""
    passed: bool
    """True: the check passed."""
    problem: str | None = None
    """What is wrong, or why it could not be checked."""
    remedy: str | None = None
    """How to fix it."""


class CheckedConnection(Answer):
    """The answer of check-connection."""

    outcome: Literal["healthy", "unhealthy"]
    """healthy (all checks passed) or unhealthy (at least one failed)."""
    environment: str
    """Stigg environment that this deployment serves."""
    salesforce_org_id: str
    """Salesforce organization of the call."""
    failed_checks: int
    """Number of checks that failed."""
    summary: str
    """The result as one text, ready to be shown."""
    checks: list[Check]
    """All checks, in the order in which they were made."""
