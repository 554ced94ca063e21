"""People correct accounts, and Flows run late."""

from local.demo.steps import Call, Chapter

CHAPTER = Chapter(
    "People make mistakes",
    (
        Call(
            told="Somebody corrects the account of a deal that is sold already, and the Flow sends its line for "
            "another customer. The line belongs to the first one: the fault path, and nothing is created.",
            file="create_subscription_with_return_data/api.bad-another-customer",
            status=409,
            answer={"success": False, "errorCode": "CUSTOMER_MISMATCH", "retryable": False},
            stigg_calls=1,
        ),
        Call(
            told="A Flow of January, interrupted then, runs today. The line has taken newer changes since, which the "
            "request would undo: it is answered as superseded.",
            file="update_subscription/api.late",
            answer={"success": True, "outcome": "superseded", "status": "ACTIVE", "active": True},
            stigg_calls=1,
        ),
    ),
)
