"""What an administrator does first."""

from local.demo.steps import Call, Chapter

CHAPTER = Chapter(
    "A new deployment",
    (
        Call(
            told="The administrator checks it: secret, key, tables, plans and clock. Nothing changes.",
            file="check_connection/api.everything",
            answer={"success": True, "outcome": "healthy", "failedChecks": 0},
            stigg_calls=5,
        ),
    ),
)
