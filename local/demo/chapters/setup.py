"""The first call of an administrator."""

from local.demo.steps import Call, Chapter

CHAPTER = Chapter(
    "A new deployment",
    (
        Call(
            text="The administrator checks the secret, key, tables, plans and clock. The check changes nothing.",
            file="check_connection/api.everything",
            answer={"success": True, "outcome": "healthy", "failedChecks": 0},
            stigg_calls=5,
        ),
    ),
)
