"""Two renewals: the first succeeds at once, the second after an overdue invoice is marked as paid."""

from local.demo.stage import Stage
from local.demo.steps import Call, Chapter, Happening

_MORE_SEATS = "create_subscription_with_return_data/api.renewal-with-more-seats"
_GROWTH = "subscription plan-growth + addon-seats x 5"


def _fall_overdue(stage: Stage) -> None:
    stage.stigg.invoice(stage.live_subscription("plan-growth"), "OPEN")


CHAPTER = Chapter(
    "Renewals",
    (
        Call(
            text="The renewal has a bigger plan on a new line. Stigg replaces the subscription, and the old line is "
            "closed.",
            file="create_subscription_with_return_data/api.renewal-with-another-plan",
            answer={"success": True, "outcome": "replaced", "status": "ACTIVE", "planId": "plan-growth"},
            stigg_calls=2,
            stigg=(
                "- subscription plan-starter + addon-seats x 5: ACTIVE",
                "+ invoice 2485 usd: OPEN",
                f"+ {_GROWTH}: ACTIVE",
                "+ subscription plan-starter + addon-seats x 5: CANCELED",
            ),
            dynamodb=(
                "- record 00k5g00000LnAaAAAV has plan-starter, ACTIVE",
                "+ operation provision, attempt 1: SUCCEEDED",
                "+ record 00k5g00000LnAaAAAV has none",
                "+ record 00k5g00000LnAaAAAV was closed",
                "+ record 00k5g00000LnBbBAAV has plan-growth, ACTIVE",
                "+ record 00k5g00000LnBbBAAV was replaced",
            ),
        ),
        Call(
            text="A preview shows the price of the old plan and that the open invoice may block the change. It "
            "changes nothing.",
            file="preview_subscription/api.plan-with-addons",
            answer={"outcome": "previewed", "possible": False, "recurringTotal": 78.8, "isPlanDowngrade": True},
            stigg_calls=4,
        ),
        Happening(
            text="The invoice is not paid and becomes overdue.",
            happens=_fall_overdue,
            stigg=("- invoice 2485 usd: OPEN", "+ invoice 2485 usd: OPEN, overdue"),
        ),
        Call(
            text="The next renewal is blocked. The Flow takes its fault path, and the error names the invoice.",
            file=_MORE_SEATS,
            status=409,
            answer={"success": False, "errorCode": "OPEN_INVOICE", "retryable": False},
            dynamodb=("+ operation provision, attempt 1: FAILED",),
        ),
        Call(
            text="The customer has paid by bank transfer. The invoice is marked as paid.",
            file="mark_invoice_paid/api.by-record",
            answer={"success": True, "outcome": "paid", "amountDue": 2485, "currency": "usd"},
            stigg_calls=3,
            stigg=("- invoice 2485 usd: OPEN, overdue", "+ invoice 2485 usd: PAID"),
            dynamodb=("+ operation pay, attempt 1: SUCCEEDED", "+ record 00k5g00000LnBbBAAV was invoicePaid"),
        ),
        Call(
            text="The Flow sends the same request again. A refusal is never replayed, so now it succeeds.",
            file=_MORE_SEATS,
            answer={"success": True, "outcome": "replaced", "status": "ACTIVE", "replayed": False},
            stigg=(
                f"- {_GROWTH}: ACTIVE",
                "+ invoice 4970 usd: OPEN",
                "+ subscription plan-growth + addon-seats x 20 + addon-support x 1: ACTIVE",
                f"+ {_GROWTH}: CANCELED",
            ),
            dynamodb=(
                "- operation provision, attempt 1: FAILED",
                "- record 00k5g00000LnBbBAAV has plan-growth, ACTIVE",
                "+ operation provision, attempt 2: SUCCEEDED",
                "+ record 00k5g00000LnBbBAAV has none",
                "+ record 00k5g00000LnBbBAAV was closed",
                "+ record 00k5g00000LnCcCAAV has plan-growth, ACTIVE",
                "+ record 00k5g00000LnCcCAAV was replaced",
            ),
        ),
    ),
)
