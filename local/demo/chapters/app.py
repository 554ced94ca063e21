"""A user works in the Stigg app."""

from local.demo.stage import Stage
from local.demo.steps import Chapter, ReportedByWebhook


def _cancel(stage: Stage) -> None:
    subscription_id = stage.live_subscription("plan-workspace")
    stage.stigg.by_hand("POST", f"/api/v1/subscriptions/{subscription_id}/cancel", {"cancellationTime": "IMMEDIATE"})


CHAPTER = Chapter(
    "In the Stigg app",
    (
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
    ),
)
