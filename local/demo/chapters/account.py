"""A prospect becomes a customer."""

from local.demo.steps import Call, Chapter

CHAPTER = Chapter(
    "A new account",
    (
        Call(
            told="A Flow creates the customer of a new account, but its e-mail address is none: the fault path.",
            file="create_customer/api.bad-email",
            status=400,
            answer={"success": False, "errorCode": "INVALID_REQUEST", "retryable": False},
            stigg_calls=0,
        ),
        Call(
            told="The address is corrected. The account is remembered as this customer.",
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
