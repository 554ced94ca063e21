"""What the tests of the models share."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from stigg_actions.errors import RequestInvalid
from stigg_actions.models.base import ActionRequest
from stigg_actions.models.parsing import parse

type Problems = Callable[[type[ActionRequest], Mapping[str, Any]], dict[str, str]]


@pytest.fixture
def problems() -> Problems:
    """Say what is wrong with a request that must be refused: the problem of each field."""

    def found(model: type[ActionRequest], body: Mapping[str, Any]) -> dict[str, str]:
        with pytest.raises(RequestInvalid) as refused:
            parse(model, body)
        return {detail.field: detail.problem for detail in refused.value.details}

    return found
