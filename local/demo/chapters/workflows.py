"""Workflows that a team has built in Stigg are called as before."""

from local.demo.steps import Call, Chapter

_PAYLOAD = "customerId, daysLeft, subscriptionId, template"

CHAPTER = Chapter(
    "Workflows",
    (
        Call(
            told="The workflow is tried with the test flag. Customer and subscription come from the record's mapping.",
            file="trigger_workflow/api.test",
            answer={"success": True, "outcome": "triggered"},
            stigg_calls=1,
            stigg=(f"+ test run of notify-customer with {_PAYLOAD}",),
            dynamodb=("+ operation workflow, attempt 1: SUCCEEDED",),
        ),
        Call(
            told="It works, so it is run for good.",
            file="trigger_workflow/api.live",
            answer={"success": True, "outcome": "triggered"},
            stigg_calls=1,
            stigg=(f"+ live run of notify-customer with {_PAYLOAD}",),
            dynamodb=("+ operation workflow, attempt 1: SUCCEEDED",),
        ),
    ),
)
