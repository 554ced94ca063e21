"""Checking a deployment: what was looked at, what is wrong, and how to mend it."""

from typing import Annotated, Literal

from pydantic import Field

from stigg_actions.models.base import ActionRequest, Answer, Model
from stigg_actions.models.values import JsonText, StiggId

MOST_PLANS = 20
"""Each costs a call to Stigg."""


class CheckConnection(ActionRequest):
    """The request of check-connection."""

    plan_ids: Annotated[
        list[StiggId] | None,
        JsonText,
        Field(
            max_length=MOST_PLANS,
            description="Ids of plans that your Flows name, up to 20, to see whether this Stigg environment has them. "
            "The plan of the stack's GracePlanId is checked in any case.",
        ),
    ] = None


class Check(Model):
    """One thing that was looked at."""

    name: Annotated[str, Field(description="What was looked at.")]
    passed: Annotated[bool, Field(description="True: it is as it must be.")]
    problem: Annotated[str | None, Field(description="What is wrong, or why it could not be looked at.")] = None
    remedy: Annotated[str | None, Field(description="How to mend it.")] = None


class CheckedConnection(Answer):
    """The answer of check-connection."""

    outcome: Annotated[
        Literal["healthy", "unhealthy"],
        Field(description="healthy (every check has passed) or unhealthy (some have not)."),
    ]
    environment: Annotated[str, Field(description="Stigg environment that this deployment serves.")]
    salesforce_org_id: Annotated[str, Field(description="Salesforce organization that the call was taken for.")]
    failed_checks: Annotated[int, Field(description="How many checks have not passed.")]
    summary: Annotated[str, Field(description="The result in one text, to be shown as it is.")]
    checks: Annotated[list[Check], Field(description="Every check, in the order in which they were made.")]
