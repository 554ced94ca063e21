"""A running subscription is canceled, and lives on."""

from local.demo.steps import Call, Chapter

_RECORD = "record 00k5g00000LnCcCAAV"

CHAPTER = Chapter(
    "Second thoughts",
    (
        Call(
            told="The customer gives notice: the subscription of the line is to end with its billing period.",
            file="cancel_subscription/api.end-of-billing-period",
            answer={"success": True, "outcome": "scheduled", "status": "ACTIVE", "active": True},
            stigg_calls=1,
            dynamodb=("+ operation cancel, attempt 1: SUCCEEDED", f"+ {_RECORD} was cancellationScheduled"),
        ),
        Call(
            told="The notice is taken back: the subscription goes on.",
            file="reschedule_cancellation/api.clear",
            answer={"success": True, "outcome": "updated", "active": True, "cancellationDate": None},
            stigg_calls=3,
            dynamodb=("+ operation reschedule, attempt 1: SUCCEEDED", f"+ {_RECORD} was cancellationRescheduled"),
        ),
        Call(
            told="The contract is signed for some years after all: its end is set.",
            file="reschedule_cancellation/api.move",
            answer={"success": True, "outcome": "updated", "cancellationDate": "2099-06-30T09:30:00Z"},
            stigg_calls=3,
            dynamodb=("+ operation reschedule, attempt 1: SUCCEEDED", f"+ {_RECORD} was cancellationRescheduled"),
        ),
        Call(
            told="What sales agreed on is noted with the subscription; what stood there stays.",
            file="set_subscription_metadata/api.merge",
            answer={"success": True, "outcome": "updated"},
            stigg_calls=3,
            dynamodb=("+ operation metadata, attempt 1: SUCCEEDED", f"+ {_RECORD} was metadataSet"),
        ),
        Call(
            told="All of it at a glance: what Stigg has, what the record is mapped to, and what has happened.",
            file="get_subscription/api.by-record",
            answer={"success": True, "outcome": "found", "status": "ACTIVE", "planId": "plan-growth"},
            stigg_calls=1,
        ),
    ),
)
