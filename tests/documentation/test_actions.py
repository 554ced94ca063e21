"""docs/actions.md says what the code does: fields, outcomes, errors."""

import json
import re
from typing import get_args

import pytest

from local.stack.template import functions, gateway_responses
from scripts.action_models import models
from scripts.actions_reference import DOCUMENT, rendered
from stigg_actions.models.currencies import CURRENCIES
from tests.support.error_codes import raised

TEXT = DOCUMENT.read_text()
NEVER_RETRYABLE = {"WORKFLOW_FAILED"}  # though its category is
DEFAULT_STATUSES = {"DEFAULT_4XX": "4xx", "DEFAULT_5XX": "5xx"}


def test_tables_of_fields() -> None:
    """The tables of fields are those of the models; `make docs` writes them."""
    assert rendered(TEXT) == TEXT


def test_contents() -> None:
    """The contents at the top link the chapter of every action."""
    chapters = re.findall(r"^## `([a-z-]+)`$", TEXT, re.MULTILINE)
    contents = TEXT.split("\n## How to call\n")[0]

    assert chapters
    assert [chapter for chapter in chapters if f"[`{chapter}`](#{chapter})" not in contents] == []


@pytest.mark.parametrize("action", sorted(functions()))
def test_outcomes(action: str) -> None:
    """The section on an action's outcomes names every outcome that its answer can have."""
    _, answer = models(action)
    section = TEXT.split(f"### Outcomes of {action}\n")[1].split("<!-- fields")[0]
    named = set(re.findall(r"`([a-zA-Z]+)`", section)) - {"active", "startDate", "checkoutUrl", "paymentUrl"}

    possible = set(get_args(answer.model_fields["outcome"].annotation))

    assert possible
    assert possible <= named


def test_currencies() -> None:
    """The list of currencies has those that requests may name."""
    named = re.findall(r"[A-Z]{3}", TEXT.split("<!-- currencies -->\n")[1].split("\n\n")[0])

    assert {code.lower() for code in named} == CURRENCIES


def test_errors() -> None:
    """The table of errors has every code that the code can raise, with its status, category and retryability."""
    documented = {code: (int(status), category, retry) for code, status, category, retry in _rows("errors", 4)}

    assert documented == {
        code: (
            category.statuses_by_code.get(code, category.status),
            category.__name__,
            category.retryable and code not in NEVER_RETRYABLE,
        )
        for code, category in raised().items()
    }


def test_gateway_errors() -> None:
    """The table of API Gateway's errors has each that the template words."""
    documented = {(code, status, retry) for code, status, retry in _rows("gateway errors", 3)}

    assert documented == set(map(_gateway_error, gateway_responses()))


def _gateway_error(kind: str) -> tuple[str, str, bool]:
    response = gateway_responses()[kind]
    body = json.loads(response["ResponseTemplates"]["application/json"])
    return body["errorCode"], str(response.get("StatusCode") or DEFAULT_STATUSES[kind]), body["retryable"]


def _rows(table: str, columns: int) -> list[tuple[str | bool, ...]]:
    """Read the first columns of a marked table; the last of them tells whether to try again."""
    lines = TEXT.split(f"<!-- {table} -->\n")[1].split("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip(" `") for cell in line.split("|")[1 : columns + 1]] for line in lines]
    return [(*others, retryable.startswith("yes")) for *others, retryable in rows]
