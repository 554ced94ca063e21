"""Two renewals: one goes through at once, one has to wait until an invoice is paid."""

from local.demo.stage import Stage
from local.demo.steps import Call, Chapter, Happening

_MORE_SEATS = "create_subscription_with_return_data/api.renewal-with-more-seats"
_GROWTH = "subscription plan-growth + addon-seats x 5"


def _fall_overdue(stage: Stage) -> None:
    stage.stigg.invoice(stage.live_subscription("plan-growth"), "OPEN")


def _get_paid(stage: Stage) -> None:
    stage.stigg.invoice(stage.live_subscription("plan-growth"), "PAID")


CHAPTER = Chapter(
    "Renewals",
    (
        Call(
            told="Renewed with a bigger plan, on a new line. Stigg replaces the subscription; the old line is closed.",
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
            told="What would going back cost? Nothing is changed by asking; the open invoice might stand in the way.",
            file="preview_subscription/api.plan-with-addons",
            answer={"outcome": "previewed", "possible": False, "recurringTotal": 78.8, "isPlanDowngrade": True},
            stigg_calls=4,
        ),
        Happening(
            told="Its invoice stays unpaid, and falls overdue.",
            happens=_fall_overdue,
            stigg=("- invoice 2485 usd: OPEN", "+ invoice 2485 usd: OPEN, overdue"),
        ),
        Call(
            told="The next renewal is blocked. The Flow takes its fault path, and learns which invoice it is.",
            file=_MORE_SEATS,
            status=409,
            answer={"success": False, "errorCode": "OPEN_INVOICE", "retryable": False},
            dynamodb=("+ operation provision, attempt 1: FAILED",),
        ),
        Happening(
            told="The invoice is paid.",
            happens=_get_paid,
            stigg=("- invoice 2485 usd: OPEN, overdue", "+ invoice 2485 usd: PAID"),
        ),
        Call(
            told="The same request again: a refusal is never replayed, and now it goes through.",
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
