"""A ramp of three segments: the first is sold, and the schedule applies the one that is current, once."""

from local.demo.steps import Call, Chapter

_LINE, _CUSTOMER = "record 00k5g00000RaMP1AAN", "customer 0015g00000RaMpAAAV"
_PLAN = "subscription plan-growth + addon-seats x"

CHAPTER = Chapter(
    "A ramp",
    (
        Call(
            text="The deal has 50 seats at first, then 80, then 120. It was closed late: the second segment has begun. "
            "The first one is sold, and the others are kept.",
            file="provision_opportunity/direct.late-ramp",
            status=None,
            answer={"success": True, "outcome": "provisioned", "createdCount": 6},
            stigg=(f"+ {_CUSTOMER}, Ladder Limited", f"+ {_PLAN} 50: ACTIVE"),
            dynamodb=(
                "+ account 0015g00000RaMpAAAV is 0015g00000RaMpAAAV",
                f"+ {_CUSTOMER} is known",
                f"+ {_CUSTOMER}: 1 live",
                "+ operation customer, attempt 1: SUCCEEDED",
                "+ operation provision, attempt 1: SUCCEEDED",
                f"+ {_LINE} has plan-growth, ACTIVE",
                f"+ {_LINE} was created",
            ),
        ),
        Call(
            text="The schedule comes, every five minutes. The segment that is current takes effect, in place.",
            file="apply_ramp_steps/direct.scheduled",
            status=None,
            answer={"success": True, "outcome": "applied", "complete": True},
            stigg_calls=3,
            stigg=(f"- {_PLAN} 50: ACTIVE", f"+ {_PLAN} 80: ACTIVE"),
            dynamodb=("+ operation step, attempt 1: SUCCEEDED", f"+ {_LINE} was stepApplied"),
        ),
        Call(
            text="The schedule comes again. No segment has begun since.",
            file="apply_ramp_steps/direct.scheduled",
            status=None,
            answer={"success": True, "outcome": "unchanged", "steps": []},
            stigg_calls=0,
        ),
        Call(
            text="The Flow sends the deal again. No step is undone.",
            file="provision_opportunity/direct.late-ramp",
            status=None,
            answer={"success": True, "outcome": "unchanged", "unchangedCount": 6},
        ),
    ),
)
