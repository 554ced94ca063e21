"""Find rows of a file that name what an earlier row names, where an action may name it once."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models.base import ActionRequest


class _Once(NamedTuple):
    """A field whose value one row of a file may have."""

    name: str
    attribute: str
    remedy: str
    if_replaced: bool = False
    """Only of rows that give a record another subscription even if it has one."""


_RULES: Mapping[str, Sequence[_Once]] = {
    "adopt-subscription": (
        _Once(
            "subscriptionId",
            "subscription_id",
            "A subscription belongs to one record: keep one of the rows, such as that of the plan.",
        ),
        _Once(
            "salesforceRecordId",
            "salesforce_record_id",
            "Each of the rows would take the record from the other: keep one, or leave --replace-mapping out.",
            if_replaced=True,
        ),
    ),
    "import-subscription": (
        _Once(
            "salesforceRecordId",
            "salesforce_record_id",
            "A record has one imported subscription: keep one of the rows, or name another record in each.",
        ),
    ),
}


class UniqueRows:
    """What the rows of a file have named so far, by the rules of their action."""

    def __init__(self, action: str) -> None:
        self._rows: dict[_Once, dict[str, int]] = {rule: {} for rule in _RULES.get(action, ())}

    def check(self, request: ActionRequest, row: int) -> None:
        """Remember what a row names. Raises RequestInvalid if an earlier row names it and may not."""
        problems = []
        for rule, rows in self._rows.items():
            if rule.if_replaced and not getattr(request, "replace_mapping", False):
                continue
            before = rows.setdefault(getattr(request, rule.attribute), row)
            if before != row:
                problems.append(Problem(rule.name, f"is in row {before}, too. {rule.remedy}"))
        if problems:
            raise RequestInvalid(problems)
