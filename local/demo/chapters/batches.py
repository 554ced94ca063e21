"""A list of accounts in one callout."""

from typing import Any

from local.demo.steps import Chapter, Submission

LARGE = 200
MISTAKES: dict[int, dict[str, Any]] = {
    17: {"action": "create-customer", "request": {"customerId": "import-17", "email": "no address"}},
    81: {"action": "create-custmer", "request": {"customerId": "import-81", "name": "Import 81"}},
    144: {"action": "create-customer", "request": {"customerId": "import-144", "nmae": "Import 144"}},
}


def _requests() -> list[dict[str, Any]]:
    valid = ({"customerId": f"import-{number}", "name": f"Import {number}"} for number in range(LARGE))
    return [
        MISTAKES.get(number, {"action": "create-customer", "request": request}) for number, request in enumerate(valid)
    ]


CHAPTER = Chapter(
    "A list of 200 accounts",
    (
        Submission(
            text="200 records changed at once, so the Flow sends them in one callout. Three requests are invalid and "
            "fail "
            "at once. The others run as fast as Stigg allows.",
            requests=_requests,
            answer={"outcome": "completed", "total": 200, "succeeded": 197, "failed": 3, "left": 0},
            stigg=("+ 197 x customer import-#, Import #",),
            dynamodb=("+ 197 x customer import-# is known", "+ 197 x operation customer, attempt #: SUCCEEDED"),
        ),
    ),
)
