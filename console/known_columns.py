"""Columns of Salesforce that are known without being mapped, by the action that a file is sent to."""

from collections.abc import Collection, Mapping

ACCOUNT = "accountid"
_OF_AN_ACCOUNT = {"id": "salesforceAccountId"}
_OF_A_RECORD = {"id": "salesforceRecordId", ACCOUNT: "salesforceAccountId"}
_SUBSCRIPTION = {"stigg_subscription_id__c": "subscriptionId"}
_BY_ACTION: Mapping[str, Mapping[str, str]] = {
    "adopt-subscription": _OF_A_RECORD | _SUBSCRIPTION,
    "import-subscription": _OF_A_RECORD,
    "import-customer": _OF_A_RECORD,
}
_COMPARED = {
    "id": "salesforceRecordId",
    "stigg_status__c": "status",
    **_SUBSCRIPTION,
    "salesforcerecordid": "salesforceRecordId",
    "subscriptionid": "subscriptionId",
    "status": "status",
}


def known_columns(action: str, header: Collection[str]) -> dict[str, str]:
    """Return the field of each known column of a file. Without AccountId, rows of customers are accounts."""
    is_of_accounts = action == "import-customer" and ACCOUNT not in map(_name, header)
    return _known(_OF_AN_ACCOUNT if is_of_accounts else _BY_ACTION.get(action, {}), header)


def compared_columns(header: Collection[str]) -> dict[str, str]:
    """Return what each known column of an export holds that is compared with the mappings."""
    return _known(_COMPARED, header)


def _known(fields: Mapping[str, str], header: Collection[str]) -> dict[str, str]:
    return {name: fields[_name(name)] for name in header if _name(name) in fields}


def _name(column: str) -> str:
    """Return a column's name as it is compared: Data Loader writes names in capitals, and SOQL the way to a field."""
    name = column.lower()
    return ACCOUNT if name.endswith(f".{ACCOUNT}") else name
