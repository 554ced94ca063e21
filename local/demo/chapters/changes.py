"""A cancellation and a change are scheduled and withdrawn."""

from local.demo.steps import Call, Chapter

_RECORD = "record 00k5g00000LnCcCAAV"

CHAPTER = Chapter(
    "A cancellation",
    (
        Call(
            text="The customer gives notice. The subscription of the line will end with its billing period.",
            file="cancel_subscription/api.end-of-billing-period",
            answer={"success": True, "outcome": "scheduled", "status": "ACTIVE", "active": True},
            stigg_calls=1,
            dynamodb=("+ operation cancel, attempt 1: SUCCEEDED", f"+ {_RECORD} was cancellationScheduled"),
        ),
        Call(
            text="The customer withdraws the notice. The subscription continues.",
            file="reschedule_cancellation/api.clear",
            answer={"success": True, "outcome": "updated", "active": True, "cancellationDate": None},
            stigg_calls=3,
            dynamodb=("+ operation reschedule, attempt 1: SUCCEEDED", f"+ {_RECORD} was cancellationRescheduled"),
        ),
        Call(
            text="The contract is signed for several years. Its end date is set.",
            file="reschedule_cancellation/api.move",
            answer={"success": True, "outcome": "updated", "cancellationDate": "2099-06-30T09:30:00Z"},
            stigg_calls=3,
            dynamodb=("+ operation reschedule, attempt 1: SUCCEEDED", f"+ {_RECORD} was cancellationRescheduled"),
        ),
        Call(
            text="Monthly billing is to begin with the next period. The change is scheduled.",
            file="update_subscription/api.monthly-from-the-next-period",
            answer={"success": True, "outcome": "scheduled", "active": True},
            stigg_calls=3,
            dynamodb=("+ operation update, attempt 1: SUCCEEDED", f"+ {_RECORD} was updateScheduled"),
        ),
        Call(
            text="The customer stays with annual billing. The scheduled change is dropped, and the answer names it.",
            file="cancel_scheduled_update/api.by-record",
            answer={"success": True, "outcome": "dropped", "scheduledChanges": []},
            stigg_calls=3,
            dynamodb=("+ operation drop, attempt 1: SUCCEEDED", f"+ {_RECORD} was updateDropped"),
        ),
        Call(
            text="The terms of the deal are added to the metadata of the subscription. Other metadata stays.",
            file="set_subscription_metadata/api.merge",
            answer={"success": True, "outcome": "updated"},
            stigg_calls=3,
            dynamodb=("+ operation metadata, attempt 1: SUCCEEDED", f"+ {_RECORD} was metadataSet"),
        ),
        Call(
            text="The Flow reads the subscription, its mapping and its history.",
            file="get_subscription/api.by-record",
            answer={"success": True, "outcome": "found", "status": "ACTIVE", "planId": "plan-growth"},
            stigg_calls=1,
        ),
        Call(
            text="An account page shows the whole account: subscriptions, entitlements, credits, invoices, contracts.",
            file="get_customer/api.by-account",
            answer={"success": True, "outcome": "found", "customerId": "cust-acme", "incomplete": []},
            stigg_calls=6,
        ),
    ),
)
