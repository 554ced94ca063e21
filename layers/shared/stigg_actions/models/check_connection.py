"""Checking a deployment: what was looked at, what is wrong, and how to mend it."""

from typing import Annotated, Literal

from pydantic import Field

from stigg_actions.models.base import ActionRequest, Answer, Model
from stigg_actions.models.values import JsonText, StiggId

MOST_PLANS = 20
"""Each costs a call to Stigg."""


class CheckConnection(ActionRequest):
    """The request of check-connection."""

    plan_ids: Annotated[list[StiggId] | None, JsonText, Field(max_length=MOST_PLANS)] = None
    """Ids of plans that your Flows name, up to 20, to see whether this Stigg environment has them. The plan of the
    stack's GracePlanId is checked in any case."""


class Check(Model):
    """One thing that was looked at."""

    name: str
    """What was looked at."""
    passed: bool
    """True: it is as it must be."""
    problem: str | None = None
    """What is wrong, or why it could not be looked at."""
    remedy: str | None = None
    """How to mend it."""


class CheckedConnection(Answer):
    """The answer of check-connection."""

    outcome: Literal["healthy", "unhealthy"]
    """healthy (every check has passed) or unhealthy (some have not)."""
    environment: str
    """Stigg environment that this deployment serves."""
    salesforce_org_id: str
    """Salesforce organization that the call was taken for."""
    failed_checks: int
    """How many checks have not passed."""
    summary: str
    """The result in one text, to be shown as it is."""
    checks: list[Check]
    """Every check, in the order in which they were made."""
