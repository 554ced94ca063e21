"""Other AWS services call the same actions."""

from local.demo.steps import Call, Chapter

CHAPTER = Chapter(
    "From AWS",
    (
        Call(
            text="A state machine invokes the function directly. The customer gets a workspace beside its other "
            "subscription.",
            file="create_subscription_with_return_data/direct.workspace",
            status=None,
            answer={"success": True, "outcome": "created", "resourceId": "workspace-berlin", "status": "ACTIVE"},
            stigg=("+ invoice 19 usd: OPEN", "+ subscription plan-workspace: ACTIVE"),
            dynamodb=(
                "+ customer cust-acme on workspace-berlin: 1 live",
                "+ operation provision, attempt 1: SUCCEEDED",
                "+ record 8005g00000CtRnAAAV has plan-workspace, ACTIVE",
                "+ record 8005g00000CtRnAAAV was created",
            ),
        ),
    ),
)
