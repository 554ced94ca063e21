"""What was not sold here: a user works in the Stigg app, and an operator imports from billing."""

from local.demo.stage import Stage
from local.demo.steps import Call, Chapter, Happening, ReportedByWebhook
from local.events import OF_THE_APP


def _cancel(stage: Stage) -> None:
    subscription_id = stage.live_subscription("plan-workspace")
    stage.stigg.by_hand("POST", f"/api/v1/subscriptions/{subscription_id}/cancel", {"cancellationTime": "IMMEDIATE"})


def _sell(stage: Stage) -> None:
    stage.stigg.by_hand("POST", "/api/v1/subscriptions", OF_THE_APP)


CHAPTER = Chapter(
    "In the Stigg app, and in billing",
    (
        Happening(
            text="A user sells a second workspace in the Stigg app, which belongs to no Salesforce record.",
            happens=_sell,
            stigg=("+ subscription plan-workspace: ACTIVE",),
        ),
        Call(
            text="The record adopts the workspace. From now on every action works on it as if it had been sold here.",
            file="adopt_subscription/api.of-the-app",
            answer={"success": True, "outcome": "adopted", "status": "ACTIVE"},
            stigg_calls=4,
            dynamodb=(
                "+ customer cust-acme on workspace-munich: 1 live",
                "+ operation adopt, attempt 1: SUCCEEDED",
                "+ record 00k5g00000LnFfFAAV has plan-workspace, ACTIVE",
                "+ record 00k5g00000LnFfFAAV was adopted",
            ),
        ),
        ReportedByWebhook(
            text="A user cancels the workspace in the Stigg app. Stigg's webhook corrects the mapping, the history "
            "shows "
            "that the change was made outside the actions, and other services receive an event.",
            happens=_cancel,
            stigg=("- subscription plan-workspace: ACTIVE", "+ subscription plan-workspace: CANCELED"),
            dynamodb=(
                "- customer cust-acme on workspace-berlin: 1 live",
                "- record 8005g00000CtRnAAAV has plan-workspace, ACTIVE",
                "+ customer cust-acme on workspace-berlin: 0 live",
                "+ event for the bus: Stigg Subscription Changed, subscription.canceled, changed outside",
                "+ record 8005g00000CtRnAAAV has plan-workspace, CANCELED",
                "+ record 8005g00000CtRnAAAV was changedOutside",
            ),
        ),
        Call(
            text="Initech was sold to before Stigg came, so it exists in billing alone. An operator imports its "
            "subscription, with its start in the past, and before it the customer.",
            file="import_subscription/direct.from-billing",
            status=None,
            answer={"success": True, "outcome": "imported", "status": "ACTIVE"},
            stigg_calls=7,
            stigg=("+ customer cust-initech, Initech", "+ subscription plan-growth + addon-seats x 25: ACTIVE"),
            dynamodb=(
                "+ account 0015g00000XyInHAAV is cust-initech",
                "+ customer cust-initech is known",
                "+ customer cust-initech: 1 live",
                "+ operation import, attempt 1: SUCCEEDED",
                "+ record 00k5g00000LnImPAAV has plan-growth, ACTIVE",
                "+ record 00k5g00000LnImPAAV was imported",
            ),
        ),
    ),
)
