"""The life of a contract: amended, extended, expired, downgraded, restored, renewed, and moved."""

from local.demo.stage import Stage
from local.demo.steps import Call, Chapter, Happening

_RECORD = "record 00k5g00000LnCcCAAV"
_RENEWAL = "record 00k5g00000LnDdDAAV"
_AFTER_THE_CONTRACT = "2100-01-01T00:00:00Z"


def _run_out(stage: Stage) -> None:
    stage.stigg.set_clock(_AFTER_THE_CONTRACT)


def _raise_the_price(stage: Stage) -> None:
    stage.stigg.publish_plan("plan-growth", {"ANNUALLY": {"usd": 2190}})


def _found_globex(stage: Stage) -> None:
    stage.stigg.by_hand("POST", "/api/v1/customers", {"id": "cust-globex", "name": "Globex"})


CHAPTER = Chapter(
    "The life of a contract",
    (
        Call(
            text="The customer buys more seats during the term. The subscription is amended in place; its other "
            "terms stay.",
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
            text="Before the renewal is signed, a dry run shows its price and effect. It changes nothing.",
            file="renew_subscription/api.dry-run",
            answer={"success": True, "outcome": "dryRun", "decision": "replace"},
        ),
        Call(
            text="The renewal has the same plan, a later end, more seats and no support. The subscription is amended "
            "in place.",
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
            text="The contract expires, and so do the whole opportunity, the ramp and what was imported.",
            happens=_run_out,
            stigg=(
                "- credit grant 5000 x cred-type-tokens: ACTIVE",
                "- subscription plan-growth + addon-seats x 25: ACTIVE",
                "- subscription plan-growth + addon-seats x 30: ACTIVE",
                "- subscription plan-growth + addon-seats x 35: ACTIVE",
                "- subscription plan-growth + addon-seats x 80: ACTIVE",
                "- subscription plan-workspace: ACTIVE",
                "+ credit grant 5000 x cred-type-tokens: EXPIRED",
                "+ subscription plan-growth + addon-seats x 25: CANCELED",
                "+ subscription plan-growth + addon-seats x 30: CANCELED",
                "+ subscription plan-growth + addon-seats x 35: CANCELED",
                "+ subscription plan-growth + addon-seats x 80: CANCELED",
                "+ subscription plan-workspace: CANCELED",
            ),
        ),
        Call(
            text="A scheduled Flow finds the expired contract. One call moves the customer to the grace plan.",
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
            text="The customer signs after all. The plan from before the downgrade is restored.",
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
        Happening(
            text="The price of the plan is raised. Subscriptions keep the version that they were sold with.",
            happens=_raise_the_price,
        ),
        Call(
            text="The customer agrees to the new version of the plan from the next billing period on.",
            file="migrate_subscription/api.end-of-billing-period",
            answer={"success": True, "outcome": "scheduled", "planId": "plan-growth"},
            stigg_calls=2,
            dynamodb=("+ operation migrate, attempt 1: SUCCEEDED", f"+ {_RECORD} was migrationScheduled"),
        ),
        Call(
            text="The renewal's own line has a smaller plan. Stigg cannot change a plan in place, so the "
            "subscription is replaced.",
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
        Call(
            text="The customer moves the subscription to its workspace in Berlin. Mapping and lists follow.",
            file="transfer_subscription/api.to-another-resource",
            answer={"success": True, "outcome": "updated", "resourceId": "workspace-berlin"},
            stigg_calls=2,
            dynamodb=(
                "- customer cust-acme on workspace-berlin: 0 live",
                "- customer cust-acme: 1 live",
                "+ customer cust-acme on workspace-berlin: 1 live",
                "+ customer cust-acme: 0 live",
                "+ operation transfer, attempt 1: SUCCEEDED",
                f"+ {_RENEWAL} was transferred",
            ),
        ),
        Happening(
            text="The customer founds a subsidiary, Globex, which becomes a customer in the Stigg app.",
            happens=_found_globex,
            stigg=("+ customer cust-globex, Globex",),
        ),
        Call(
            text="The subsidiary takes the subscription over. Record and lists follow; the first customer still pays.",
            file="delegate_subscription/api.to-a-subsidiary",
            answer={
                "success": True,
                "outcome": "updated",
                "customerId": "cust-globex",
                "payingCustomerId": "cust-acme",
            },
            stigg_calls=3,
            dynamodb=(
                "- customer cust-acme on workspace-berlin: 1 live",
                "+ customer cust-acme on workspace-berlin: 0 live",
                "+ customer cust-globex is known",
                "+ customer cust-globex on workspace-berlin: 1 live",
                "+ operation delegate, attempt 1: SUCCEEDED",
                f"+ {_RENEWAL} was delegated",
            ),
        ),
    ),
)
