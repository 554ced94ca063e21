"""An opportunity with two plans, their add-ons and credits is provisioned in one call."""

from local.demo.steps import Call, Chapter

_APP, _SPACE = "record 00k5g00000WnAAAAA3", "record 00k5g00000WnBBBAA3"
_CUSTOMER = "customer 0015g00000WiDgEAAV"

CHAPTER = Chapter(
    "A whole opportunity",
    (
        Call(
            text="The opportunity has two plans, seats and API calls for one of them, credits, and a training. One "
            "call provisions all.",
            file="provision_opportunity/api.won-deal",
            answer={"success": True, "outcome": "provisioned", "createdCount": 5, "ignoredCount": 1},
            stigg_calls=4,
            stigg=(
                "+ credit grant 5000 x cred-type-tokens: ACTIVE",
                f"+ {_CUSTOMER}, Widget Corporation",
                "+ subscription plan-growth + addon-seats x 20: ACTIVE",
                "+ subscription plan-workspace: ACTIVE",
            ),
            dynamodb=(
                "+ account 0015g00000WiDgEAAV is 0015g00000WiDgEAAV",
                f"+ {_CUSTOMER} is known",
                f"+ {_CUSTOMER} on site-berlin: 1 live",
                f"+ {_CUSTOMER}: 1 live",
                "+ operation customer, attempt 1: SUCCEEDED",
                "+ operation grant, attempt 1: SUCCEEDED",
                "+ operation provision, attempt 1: SUCCEEDED",
                "+ operation provision, attempt 1: SUCCEEDED",
                f"+ {_APP} has plan-growth, ACTIVE",
                f"+ {_APP} was created",
                f"+ {_SPACE} has plan-workspace, ACTIVE",
                f"+ {_SPACE} was created",
            ),
        ),
        Call(
            text="The Flow runs again. Every line is as requested already.",
            file="provision_opportunity/api.won-deal",
            answer={"success": True, "outcome": "unchanged", "unchangedCount": 5},
            stigg_calls=3,
        ),
        Call(
            text="Before the line with the seats is changed, a dry run shows what would become of each line, and the "
            "new price. It changes nothing.",
            file="provision_opportunity/api.dry-run",
            answer={"success": True, "outcome": "dryRun", "amendedCount": 2, "unchangedCount": 3},
            stigg_calls=5,
        ),
        Call(
            text="The line with the seats is changed. Only its subscription is amended, in place.",
            file="provision_opportunity/api.more-seats",
            answer={"success": True, "outcome": "provisioned", "amendedCount": 2, "unchangedCount": 3},
            stigg_calls=5,
            stigg=(
                "- subscription plan-growth + addon-seats x 20: ACTIVE",
                "+ subscription plan-growth + addon-seats x 35: ACTIVE",
            ),
            dynamodb=("+ operation renew, attempt 1: SUCCEEDED", f"+ {_APP} was renewed"),
        ),
        Call(
            text="Five more seats are sold, as a difference to what runs.",
            file="provision_opportunity/api.five-more-seats",
            answer={"success": True, "outcome": "provisioned", "amendedCount": 3, "unchangedCount": 2},
            stigg_calls=6,
            stigg=(
                "- subscription plan-growth + addon-seats x 35: ACTIVE",
                "+ subscription plan-growth + addon-seats x 40: ACTIVE",
            ),
            dynamodb=(
                "+ operation renew, attempt 1: SUCCEEDED",
                "+ operation renew, attempt 1: SUCCEEDED",
                f"+ {_APP} was renewed",
            ),
        ),
        Call(
            text="The lines of the seats and of the workspace are deleted, and the Flow asks to end what they sold. "
            "What the seats had added is taken back. The workspace gave a difference to a subscription, which stays.",
            file="provision_opportunity/api.ends-removed-lines",
            answer={"success": True, "outcome": "provisioned", "canceledCount": 1, "removedCount": 1},
            stigg=(
                "- subscription plan-growth + addon-seats x 40: ACTIVE",
                "+ subscription plan-growth + addon-seats x 35: ACTIVE",
            ),
            dynamodb=("+ operation renew, attempt 1: SUCCEEDED", f"+ {_APP} was renewed"),
        ),
    ),
)
