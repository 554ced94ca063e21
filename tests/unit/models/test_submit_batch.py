"""The request of submit-batch: what no batch can be."""

from typing import Any

import pytest

from stigg_actions.models.submit_batch import SubmitBatch
from tests.unit.models.conftest import Problems

REQUESTS = [{"action": "create-customer", "request": {"customerId": "cust-acme"}}]


@pytest.mark.parametrize(
    ("body", "field", "problem"),
    [
        ({"requests": []}, "requests", "must have 1 to 200 requests; send more as further pages"),
        ({"page": 3, "pages": 2, "idempotencyKey": "k"}, "page", "is 3 of 2 pages; correct page or pages"),
        ({"pages": 2}, "idempotencyKey", "is required with pages, because it shows which pages belong to one batch"),
    ],
)
def test_refused(problems: Problems, body: dict[str, Any], field: str, problem: str) -> None:
    """A batch without requests, beyond its last page, or of pages that nothing holds together is refused."""
    assert problems(SubmitBatch, {"requests": REQUESTS} | body) == {field: problem}
