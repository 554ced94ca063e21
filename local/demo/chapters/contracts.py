"""A contract's life: amended, extended, run out, downgraded to grace, restored, and renewed with another plan."""

from local.demo.stage import Stage
from local.demo.steps import Call, Chapter, Happening

_RECORD = "record 00k5g00000LnCcCAAV"
_RENEWAL = "record 00k5g00000LnDdDAAV"
_AFTER_THE_CONTRACT = "2100-01-01T00:00:00Z"


def _run_out(stage: Stage) -> None:
    stage.stigg.set_clock(_AFTER_THE_CONTRACT)


CHAPTER = Chapter(
    "A contract's life",
    (
        Call(
            told="More seats in the middle of the term: amended in place. What the request does not name stays.",
            file="update_subscription/api.more-seats",
            answer={"success": True, "outcome": "updated", "status": "ACTIVE"},
            stigg_calls=3,
            stigg=(
                "- subscription plan-growth + addon-seats x 20 + addon-support x 1: ACTIVE",
                "+ subscription plan-growth + addon-seats x 25 + addon-support x 1: ACTIVE",
            ),
            dynamodb=("+ operation update, attempt 1: SUCCEEDED", f"+ {_RECORD} was updated"),
        ),
        Call(
            told="Before the renewal is signed, a dry run tells what it would come to. Nothing is changed.",
            file="renew_subscription/api.dry-run",
            answer={"success": True, "outcome": "dryRun", "decision": "replace"},
        ),
        Call(
            told="The renewal is for the same plan, longer, with more seats and no support: amended in place.",
            file="renew_subscription/api.extended",
            answer={"success": True, "outcome": "updated", "decision": "amend"},
            stigg_calls=3,
            stigg=(
                "- subscription plan-growth + addon-seats x 25 + addon-support x 1: ACTIVE",
                "+ subscription plan-growth + addon-seats x 30: ACTIVE",
            ),
            dynamodb=("+ operation renew, attempt 1: SUCCEEDED", f"+ {_RECORD} was renewed"),
        ),
        Happening(
            told="The contract runs out, and with it the term of the whole opportunity.",
            happens=_run_out,
            stigg=(
                "- credit grant 500 x cred-type-tokens: ACTIVE",
                "- credit grant 5000 x cred-type-tokens: ACTIVE",
                "- subscription plan-growth + addon-seats x 30: ACTIVE",
                "- subscription plan-growth + addon-seats x 35: ACTIVE",
                "- subscription plan-workspace: ACTIVE",
                "+ credit grant 500 x cred-type-tokens: EXPIRED",
                "+ credit grant 5000 x cred-type-tokens: EXPIRED",
                "+ subscription plan-growth + addon-seats x 30: CANCELED",
                "+ subscription plan-growth + addon-seats x 35: CANCELED",
                "+ subscription plan-workspace: CANCELED",
            ),
        ),
        Call(
            told="A scheduled Flow finds it expired: one call puts the customer on the grace plan.",
            file="downgrade_subscription/api.on-expiry",
            answer={"success": True, "outcome": "created", "planId": "plan-grace"},
            stigg=("+ subscription plan-grace: ACTIVE",),
            dynamodb=(
                f"- {_RECORD} has plan-growth, ACTIVE",
                "+ operation downgrade, attempt 1: SUCCEEDED",
                f"+ {_RECORD} has plan-grace, ACTIVE",
                f"+ {_RECORD} was downgraded",
            ),
        ),
        Call(
            told="They sign after all: what was there before the downgrade comes back.",
            file="renew_subscription/api.restore",
            answer={"success": True, "outcome": "replaced", "decision": "replace", "planId": "plan-growth"},
            stigg=(
                "- subscription plan-grace: ACTIVE",
                "+ invoice 4960 usd: OPEN",
                "+ subscription plan-grace: CANCELED",
                "+ subscription plan-growth + addon-seats x 30: ACTIVE",
            ),
            dynamodb=(
                f"- {_RECORD} has plan-grace, ACTIVE",
                "+ operation renew, attempt 1: SUCCEEDED",
                f"+ {_RECORD} has plan-growth, ACTIVE",
                f"+ {_RECORD} was renewed",
            ),
        ),
        Call(
            told="Then a smaller plan, on the renewal's own line. Stigg cannot change a plan in place: replaced.",
            file="renew_subscription/api.another-plan-on-a-new-line",
            answer={"success": True, "outcome": "replaced", "decision": "replace", "planId": "plan-starter"},
            stigg=(
                "- subscription plan-growth + addon-seats x 30: ACTIVE",
                "+ invoice 3460 usd: OPEN",
                "+ subscription plan-growth + addon-seats x 30: CANCELED",
                "+ subscription plan-starter + addon-seats x 30: ACTIVE",
            ),
            dynamodb=(
                f"- {_RECORD} has plan-growth, ACTIVE",
                "+ operation renew, attempt 1: SUCCEEDED",
                f"+ {_RECORD} has none",
                f"+ {_RECORD} was closed",
                f"+ {_RENEWAL} has plan-starter, ACTIVE",
                f"+ {_RENEWAL} was renewed",
            ),
        ),
    ),
)
