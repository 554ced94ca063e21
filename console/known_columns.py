"""Columns of Salesforce that are known without being mapped, by the action that a file is sent to."""

from collections.abc import Collection

_OF_AN_ACCOUNT = {"Id": "salesforceAccountId"}
_OF_A_RECORD = {"Id": "salesforceRecordId", "AccountId": "salesforceAccountId"}
_BY_ACTION = {
    "adopt-subscription": {**_OF_A_RECORD, "Stigg_Subscription_ID__c": "subscriptionId"},
    "import-subscription": _OF_A_RECORD,
    "import-customer": _OF_A_RECORD,
}


def known_columns(action: str, header: Collection[str]) -> dict[str, str]:
    """Return the field of each known column of a file. Without AccountId, rows of customers are accounts."""
    is_of_accounts = action == "import-customer" and "AccountId" not in header
    columns = _OF_AN_ACCOUNT if is_of_accounts else _BY_ACTION.get(action, {})
    return {name: field for name, field in columns.items() if name in header}
