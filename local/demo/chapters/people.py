"""A user changes an account, and a Flow runs late."""

from local.demo.steps import Call, Chapter

CHAPTER = Chapter(
    "Mistakes",
    (
        Call(
            text="A user changes the account of a sold opportunity, and the Flow sends its line for another customer. "
            "The line belongs to the first customer, so the request is refused and the Flow takes its fault path.",
            file="create_subscription_with_return_data/api.bad-another-customer",
            status=409,
            answer={"success": False, "errorCode": "CUSTOMER_MISMATCH", "retryable": False},
            stigg_calls=1,
        ),
        Call(
            text="A Flow that was interrupted in January continues today. Its request would undo newer changes of the "
            "line, so it changes nothing and is answered as superseded.",
            file="update_subscription/api.late",
            answer={"success": True, "outcome": "superseded", "status": "ACTIVE", "active": True},
            stigg_calls=1,
        ),
        Call(
            text="A user closes the account of a customer whose contract still runs. Stigg would cancel its "
            "subscriptions, so the request is refused and names them.",
            file="archive_customer/direct.with-key",
            status=None,
            answer={"success": False, "errorCode": "SUBSCRIPTIONS_LIVE", "retryable": False},
            stigg_calls=2,
            dynamodb=("+ operation archive, attempt 1: FAILED",),
        ),
    ),
)
