"""An opportunity is won."""

from local.demo.steps import Call, Chapter

_LINE = "create_subscription_with_return_data/api.new-line"

CHAPTER = Chapter(
    "A won opportunity",
    (
        Call(
            text="The opportunity is closed won. Its line becomes a subscription, and the Flow receives it.",
            file=_LINE,
            answer={"success": True, "outcome": "created", "status": "ACTIVE", "active": True, "replayed": False},
            stigg_calls=1,
            stigg=("+ invoice 98.5 usd: OPEN", "+ subscription plan-starter + addon-seats x 5: ACTIVE"),
            dynamodb=(
                "+ customer cust-acme: 1 live",
                "+ operation provision, attempt 1: SUCCEEDED",
                "+ record 00k5g00000LnAaAAAV has plan-starter, ACTIVE",
                "+ record 00k5g00000LnAaAAAV was created",
            ),
        ),
        Call(
            text="The Flow runs a second time. The same request gets the same answer and has no second effect.",
            file=_LINE,
            answer={"success": True, "outcome": "created", "replayed": True},
            stigg_calls=1,
        ),
    ),
)
