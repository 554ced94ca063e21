"""Triggering workflows: the request."""

import pytest

from stigg_actions.models.parsing import parse
from stigg_actions.models.trigger_workflow import TriggerWorkflow
from tests.unit.models.conftest import Problems


@pytest.mark.parametrize(("given", "expected"), [(None, False), (True, True), ("true", True), ("", False)])
def test_live_by_default(given: object, *, expected: bool) -> None:
    """Without being told otherwise, the live workflow is meant."""
    assert expected is parse(TriggerWorkflow, {"triggerId": "notify", "isTest": given}).is_test


@pytest.mark.parametrize("body", [{}, {"triggerId": ""}, {"triggerId": None}])
def test_required(problems: Problems, body: dict[str, object]) -> None:
    """A workflow is named by its trigger id."""
    assert problems(TriggerWorkflow, body) == {"triggerId": "is required"}


def test_same_trigger() -> None:
    """A default that is given is the same request as one that is left out."""
    given, left_out = (parse(TriggerWorkflow, {"triggerId": "t", **more}) for more in ({"isTest": "false"}, {}))

    assert given.canonical() == left_out.canonical() == {"triggerId": "t"}


def test_exact_payload() -> None:
    """Numbers in a payload given as text stay exact."""
    request = parse(TriggerWorkflow, {"triggerId": "t", "payload": '{"amount": 0.1000000000000000055}'})

    assert str((request.payload or {})["amount"]) == "0.1000000000000000055"
