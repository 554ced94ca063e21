"""The request and the answer of trigger-workflow."""

from typing import Literal

from stigg_actions.models.base import Answer, KeyedRequest, RecordFields
from stigg_actions.models.values import Flag, JsonObject, StiggId


class TriggerWorkflow(RecordFields, KeyedRequest):
    """The request of trigger-workflow."""

    trigger_id: StiggId
    """Trigger id, as set on the API trigger of the workflow."""
    payload: JsonObject | None = None
    """JSON object for the workflow, as an object or as text. The subscriptionId and customerId of salesforceRecordId,
    or the customerId of salesforceAccountId, are added if they are missing."""
    is_test: Flag = False
    """True: run the test workflow instead of the live one."""


class WorkflowResult(Answer):
    """The answer of trigger-workflow."""

    outcome: Literal["triggered"]
    """triggered: Stigg has accepted or run the workflow."""
    response_text: str | None = None
    """What the workflow returned, as JSON text; absent if it returned nothing."""
    response_truncated: bool = False
    """True: responseText was cut after 100,000 characters."""
