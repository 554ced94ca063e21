"""A workflow that was built in Stigg is called from Salesforce."""

from local.demo.steps import Call, Chapter

_PAYLOAD = "customerId, daysLeft, subscriptionId, template"

CHAPTER = Chapter(
    "Workflows",
    (
        Call(
            text="The workflow is tested with the test flag. Customer and subscription come from the record's mapping.",
            file="trigger_workflow/api.test",
            answer={"success": True, "outcome": "triggered"},
            stigg_calls=1,
            stigg=(f"+ test run of notify-customer with {_PAYLOAD}",),
            dynamodb=("+ operation workflow, attempt 1: SUCCEEDED",),
        ),
        Call(
            text="The test succeeds, so the live workflow runs.",
            file="trigger_workflow/api.live",
            answer={"success": True, "outcome": "triggered"},
            stigg_calls=1,
            stigg=(f"+ live run of notify-customer with {_PAYLOAD}",),
            dynamodb=("+ operation workflow, attempt 1: SUCCEEDED",),
        ),
    ),
)
