"""A prospect becomes a customer."""

from local.demo.steps import Call, Chapter

CHAPTER = Chapter(
    "A new account",
    (
        Call(
            text="A Flow creates the customer of a new account, but the e-mail address is invalid. The Flow takes "
            "its fault path.",
            file="create_customer/api.bad-email",
            status=400,
            answer={"success": False, "errorCode": "INVALID_REQUEST", "retryable": False},
            stigg_calls=0,
        ),
        Call(
            text="The address is corrected. The account is linked to the new customer.",
            file="create_customer/api.with-email",
            answer={"success": True, "outcome": "created", "customerId": "cust-acme"},
            stigg_calls=1,
            stigg=("+ customer cust-acme, Acme Corporation",),
            dynamodb=(
                "+ account 0015g00000XyAcMAAV is cust-acme",
                "+ customer cust-acme is known",
                "+ operation customer, attempt 1: SUCCEEDED",
            ),
        ),
    ),
)
