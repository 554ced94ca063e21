"""Triggering a workflow that was built in Stigg."""

from typing import Annotated, Literal

from pydantic import Field

from stigg_actions.models.base import Answer, KeyedRequest, RecordFields
from stigg_actions.models.values import Flag, JsonObject, StiggId


class TriggerWorkflow(RecordFields, KeyedRequest):
    """The request of trigger-workflow."""

    trigger_id: Annotated[StiggId, Field(description="Trigger id, as set on the API trigger of the workflow.")]
    payload: Annotated[
        JsonObject | None,
        Field(
            description="JSON object for the workflow, as text or as it is. The subscriptionId and customerId of "
            "salesforceRecordId, or the customerId of salesforceAccountId, are added where it lacks them."
        ),
    ] = None
    is_test: Annotated[Flag, Field(description="True: run the test workflow instead of the live one.")] = False


class WorkflowResult(Answer):
    """The answer of trigger-workflow."""

    outcome: Annotated[Literal["triggered"], Field(description="triggered: Stigg has accepted or run the workflow.")]
    response_text: Annotated[
        str | None, Field(description="What the workflow returned, as JSON text; absent if it returned nothing.")
    ] = None
    response_truncated: Annotated[bool, Field(description="True: responseText was cut after 100,000 characters.")] = (
        False
    )
