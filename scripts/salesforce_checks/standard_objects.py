"""The standard fields that the project uses. Source: Object Reference for the Salesforce Platform."""

from scripts.salesforce_checks.kinds import Kind

_TEXT, _NUMBER, _DATE, _FLAG = Kind("text"), Kind("number"), Kind("date"), Kind("boolean")


def _record(name: str) -> Kind:
    return Kind("record", name)


_OF_EVERY = {"CreatedDate": Kind("datetime"), "Id": _TEXT, "LastModifiedDate": Kind("datetime")}
_OWNED = {**_OF_EVERY, "Owner": _record("User"), "OwnerId": _TEXT}

FIELDS: dict[str, dict[str, Kind]] = {
    "Account": {**_OWNED, "Name": _TEXT},
    "Contact": {**_OF_EVERY, "Email": _TEXT},
    "Contract": {**_OWNED, "ContractNumber": _TEXT},
    "CustomNotificationType": {"DeveloperName": _TEXT, "Id": _TEXT},
    "Opportunity": {
        **_OWNED,
        "Account": _record("Account"),
        "AccountId": _TEXT,
        "CloseDate": _DATE,
        "Contract": _record("Contract"),
        "ContractId": _TEXT,
        "IsClosed": _FLAG,
        "IsWon": _FLAG,
        "Name": _TEXT,
        "OpportunityLineItems": _record("OpportunityLineItem"),
        "StageName": _TEXT,
    },
    "OpportunityContactRole": {**_OF_EVERY, "ContactId": _TEXT, "IsPrimary": _FLAG, "OpportunityId": _TEXT},
    "OpportunityLineItem": {
        **_OF_EVERY,
        "Opportunity": _record("Opportunity"),
        "OpportunityId": _TEXT,
        "Product2": _record("Product2"),
        "Quantity": _NUMBER,
        "ServiceDate": _DATE,
        "TotalPrice": _NUMBER,
    },
    "Product2": {**_OF_EVERY, "Name": _TEXT},
    "User": {**_OF_EVERY, "Email": _TEXT},
    "UserExternalCredential": {},
}

LENGTHS = {
    "Account.Name": 255,
    "Contact.Email": 80,
    "Contract.ContractNumber": 30,
    "Opportunity.Name": 120,
    "Product2.Name": 255,
    "User.Email": 128,
}
"""The lengths of standard text fields. Ids have 18 characters."""

GLOBALS: dict[str, Kind] = {
    "$Flow.CurrentDate": _DATE,
    "$Flow.CurrentDateTime": Kind("datetime"),
    "$Flow.FaultMessage": _TEXT,
    "$Flow.InterviewGuid": _TEXT,
    "$GlobalConstant.EmptyString": _TEXT,
    "$Organization.Id": _TEXT,
}
