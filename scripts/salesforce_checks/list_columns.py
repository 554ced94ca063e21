"""The column names of standard fields in list views, which differ by object.

Source: list views retrieved from a dozen orgs, in public repositories. A column that none of them shows may still
exist; a wrong one fails a whole deployment.
"""

_USERS = frozenset({"CORE.USERS.ALIAS", "CORE.USERS.FIRST_NAME", "CORE.USERS.FULL_NAME", "CORE.USERS.LAST_NAME"})

COLUMNS: dict[str, frozenset[str]] = {
    "Account": _USERS
    | {
        "ACCOUNT.ACCOUNT_NUMBER",
        "ACCOUNT.ADDRESS1_CITY",
        "ACCOUNT.ADDRESS1_COUNTRY",
        "ACCOUNT.ADDRESS1_STATE",
        "ACCOUNT.CREATED_DATE",
        "ACCOUNT.INDUSTRY",
        "ACCOUNT.LAST_ACTIVITY",
        "ACCOUNT.LAST_UPDATE",
        "ACCOUNT.NAME",
        "ACCOUNT.PHONE1",
        "ACCOUNT.SITE",
        "ACCOUNT.TYPE",
        "ACCOUNT.URL",
    },
    "Contract": _USERS
    | {
        "CONTRACT.BILLING_CITY",
        "CONTRACT.BILLING_COUNTRY",
        "CONTRACT.CONTRACT_NUMBER",
        "CONTRACT.CREATED_DATE",
        "CONTRACT.END_DATE",
        "CONTRACT.LAST_UPDATE",
        "CONTRACT.NAME",
        "CONTRACT.RECORDTYPE",
        "CONTRACT.START_DATE",
        "CONTRACT.STATUS",
        "CONTRACT.STATUS_CODE",
        "SALES.ACCOUNT.NAME",
    },
    "Opportunity": _USERS
    | {
        "ACCOUNT.NAME",
        "OPPORTUNITY.AMOUNT",
        "OPPORTUNITY.CLOSED",
        "OPPORTUNITY.CLOSE_DATE",
        "OPPORTUNITY.CREATED_DATE",
        "OPPORTUNITY.LAST_ACTIVITY",
        "OPPORTUNITY.LAST_UPDATE",
        "OPPORTUNITY.LEAD_SOURCE",
        "OPPORTUNITY.NAME",
        "OPPORTUNITY.NEXT_STEP",
        "OPPORTUNITY.PROBABILITY",
        "OPPORTUNITY.RECORDTYPE",
        "OPPORTUNITY.STAGE_NAME",
        "OPPORTUNITY.TYPE",
        "OPPORTUNITY.WON",
    },
    "Product2": frozenset(
        {
            "PRODUCT2.ACTIVE",
            "PRODUCT2.CREATED_DATE",
            "PRODUCT2.CUSTOMER_PRODUCT_ID",
            "PRODUCT2.DESCRIPTION",
            "PRODUCT2.FAMILY",
            "PRODUCT2.LAST_UPDATE",
            "PRODUCT2.NAME",
            "PRODUCT2.QTY_UNIT_OF_MEASURE",
            "PRODUCT2.RECORD_TYPE",
            "PRODUCT2.SKU",
        }
    ),
}

WITHOUT_VIEWS = frozenset({"OpportunityLineItem"})
"""Objects that have no list views."""
