"""Whose a stored request is."""

from typing import Any

import pytest

from stigg_actions.batches.grouping import Name, Rank
from stigg_actions.forgetting.owners import StoredRequest

ORG, LINE = "00D000000000001EAA", "00k000000000001AAA"
ACME, RECORD = Name(Rank.CUSTOMER, "", "cust-acme"), Name(Rank.RECORD, ORG, LINE)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"triggerId": "t", "payload": {"customerId": "cust-acme"}}, {ACME}),
        ({"triggerId": "t", "payload": {}, "salesforceRecordId": LINE}, {RECORD}),
        ({"triggerId": "t", "payload": {"customerId": "cust-acme"}, "salesforceRecordId": LINE}, {ACME, RECORD}),
        ({"triggerId": "t", "payload": {"customerId": ""}}, set()),
    ],
)
def test_names(body: dict[str, Any], names: set[Name]) -> None:
    """A workflow is its record's and account's, and the customer's that its payload names."""
    assert StoredRequest("trigger-workflow", ORG, body).names() == names


@pytest.mark.parametrize("payload", [None, "cust-acme", ["cust-acme"], {"customer": "cust-acme"}])
def test_a_request_that_this_version_cannot_read(payload: object) -> None:
    """What an older version stored, and this one cannot read, still is the customer's that it names."""
    body = {"customerId": "cust-acme", "payload": payload}

    assert StoredRequest("create-subscription", ORG, body).names() == {ACME}
