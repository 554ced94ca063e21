"""Mark what a write creates in Stigg with metadata that leads back to the operation."""

from typing import NamedTuple

from stigg_actions.storage.operation import Operation
from stigg_actions.writes.customer_upsert import OPERATION_METADATA_KEY

OPERATION_KEY = "stiggActionsKey"
"""The field of the metadata that holds the operation key."""


ACCOUNT_KEY = "salesforceAccountId"
"""The field of the metadata that holds the account."""


class Owner(NamedTuple):
    """The Salesforce org, record and account that a subscription or grant belongs to."""

    org_id: str
    record_id: str | None = None
    account_id: str | None = None


def marks(operation: Operation, owner: Owner) -> dict[str, str]:
    """Return the metadata that names record, account and operation."""
    return {
        **owner_marks(owner),
        OPERATION_KEY: operation.operation_key,
        "correlationId": operation.correlation_id,
        OPERATION_METADATA_KEY: operation.effect_id,
    }


def owner_marks(owner: Owner) -> dict[str, str]:
    """Return the metadata that name org, record and account."""
    known = {"salesforceOrgId": owner.org_id, ACCOUNT_KEY: owner.account_id, "salesforceRecordId": owner.record_id}
    return {name: value for name, value in known.items() if value is not None}
