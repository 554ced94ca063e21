"""The standard fields that the project relies on. Source: Object Reference for the Salesforce Platform."""

from scripts.salesforce_checks.kinds import Kind

_TEXT, _NUMBER, _DATE, _FLAG = Kind("text"), Kind("number"), Kind("date"), Kind("boolean")


def _record(name: str) -> Kind:
    return Kind("record", name)


FIELDS: dict[str, dict[str, Kind]] = {
    "Account": {"Id": _TEXT, "Name": _TEXT},
    "Contact": {"Id": _TEXT, "Email": _TEXT},
    "Contract": {"Id": _TEXT, "ContractNumber": _TEXT},
    "Opportunity": {
        "Account": _record("Account"),
        "AccountId": _TEXT,
        "CloseDate": _DATE,
        "Contract": _record("Contract"),
        "ContractId": _TEXT,
        "CreatedDate": Kind("datetime"),
        "Id": _TEXT,
        "IsClosed": _FLAG,
        "IsWon": _FLAG,
        "Name": _TEXT,
        "OpportunityLineItems": _record("OpportunityLineItem"),
    },
    "OpportunityContactRole": {"ContactId": _TEXT, "Id": _TEXT, "IsPrimary": _FLAG, "OpportunityId": _TEXT},
    "OpportunityLineItem": {
        "Id": _TEXT,
        "Opportunity": _record("Opportunity"),
        "OpportunityId": _TEXT,
        "Product2": _record("Product2"),
        "Quantity": _NUMBER,
        "ServiceDate": _DATE,
        "TotalPrice": _NUMBER,
    },
    "Product2": {"Id": _TEXT, "Name": _TEXT},
    "UserExternalCredential": {},
}

GLOBALS: dict[str, Kind] = {
    "$Flow.CurrentDate": _DATE,
    "$Flow.CurrentDateTime": Kind("datetime"),
    "$Flow.FaultMessage": _TEXT,
    "$Flow.InterviewGuid": _TEXT,
    "$GlobalConstant.EmptyString": _TEXT,
    "$Organization.Id": _TEXT,
}
