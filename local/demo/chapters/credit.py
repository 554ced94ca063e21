"""Promotional and paid credits, and features for a while."""

from local.demo.stage import Stage
from local.demo.steps import Call, Chapter, Happening


def _pay_the_grant(stage: Stage) -> None:
    pending = next(grant for grant in stage.stigg.state()["grants"] if grant["status"] == "PAYMENT_PENDING")
    stage.stigg.pay_grant(pending["id"])


CHAPTER = Chapter(
    "Credits and usage",
    (
        Call(
            text="A grant without a record or a key could be made twice. Credits are money, so the request is refused.",
            file="create_credit_grant/api.bad-no-record-and-no-key",
            status=400,
            answer={"success": False, "errorCode": "INVALID_REQUEST"},
            stigg_calls=0,
        ),
        Call(
            text="With its opportunity line named, the promotional grant is made once.",
            file="create_credit_grant/api.promotional",
            answer={"success": True, "outcome": "created", "active": True},
            stigg_calls=1,
            stigg=("+ credit grant 500 x cred-type-tokens: ACTIVE",),
            dynamodb=("+ operation grant, attempt 1: SUCCEEDED",),
        ),
        Call(
            text="The grant of that line is voided. The answer says how many of its credits were used.",
            file="void_credit_grant/api.by-record",
            answer={"success": True, "outcome": "voided", "consumedAmount": 0},
            stigg_calls=2,
            stigg=("- credit grant 500 x cred-type-tokens: ACTIVE", "+ credit grant 500 x cred-type-tokens: VOIDED"),
            dynamodb=("+ operation void, attempt 1: SUCCEEDED",),
        ),
        Call(
            text="A pack of credits is sold by invoice. It becomes active when the invoice is paid.",
            file="create_credit_grant/api.paid-by-invoice",
            answer={"success": True, "outcome": "paymentRequired", "active": False},
            stigg_calls=1,
            stigg=("+ credit grant 10000 x cred-type-tokens: PAYMENT_PENDING", "+ invoice 89.9 usd: OPEN"),
            dynamodb=("+ operation grant, attempt 1: SUCCEEDED",),
        ),
        Happening(
            text="The customer pays the invoice for the credits.",
            happens=_pay_the_grant,
            stigg=(
                "- credit grant 10000 x cred-type-tokens: PAYMENT_PENDING",
                "- invoice 89.9 usd: OPEN",
                "+ credit grant 10000 x cred-type-tokens: ACTIVE",
                "+ invoice 89.9 usd: PAID",
            ),
        ),
        Call(
            text="A service record reports its hours as usage, in the name of the account. Stigg counts them once.",
            file="report_usage/api.service-hours",
            answer={"success": True, "outcome": "reported", "value": 7.5},
            stigg_calls=1,
            stigg=("+ usage 7.5 x feature-api-calls",),
            dynamodb=("+ operation usage, attempt 1: SUCCEEDED",),
        ),
        Call(
            text="The customer gets single sign-on for a month, outside of its subscriptions.",
            file="grant_promotional_entitlement/api.for-a-month",
            answer={"success": True, "outcome": "created", "active": True},
            stigg_calls=2,
            stigg=("+ promotion of feature-sso, 1 month: Active",),
            dynamodb=("+ operation entitle, attempt 1: SUCCEEDED",),
        ),
        Call(
            text="It is taken back before it ends. The answer says what it was.",
            file="revoke_promotional_entitlement/api.by-account",
            answer={"success": True, "outcome": "revoked", "previousPeriod": "1 month"},
            stigg_calls=2,
            stigg=("- promotion of feature-sso, 1 month: Active",),
            dynamodb=("+ operation revoke, attempt 1: SUCCEEDED",),
        ),
    ),
)
