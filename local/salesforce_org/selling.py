"""What sellers make in an org: accounts, deals and their lines."""

from typing import Any

from local.salesforce_org.org import Org
from local.stack.template import ROOT
from scripts.openapi.reading import Document
from scripts.salesforce_checks.project import Project
from scripts.salesforce_checks.service import Service

PROJECT = Project(ROOT / "salesforce", Service(Document((ROOT / "docs" / "openapi.json").read_text())))
SETTINGS = {
    "Billing_Period__c": "MONTHLY",
    "Cancel_Page__c": "https://acme.example/back",
    "Currency__c": "USD",
    "Notification_Trigger_ID__c": "notify-customer",
    "Payment_Collection__c": "INVOICE",
    "Success_Page__c": "https://acme.example/thanks",
}
WON, LOST, OPEN = "Closed Won", "Closed Lost", "Negotiation"

type Line = dict[str, Any]


def plan(stigg_id: str = "plan-growth", **fields: object) -> Line:
    """A line that sells a plan."""
    return {"type": "Plan", "stigg_id": stigg_id, "Quantity": 1.0, "TotalPrice": 100.0, **fields}


def addon(stigg_id: str = "addon-seats", quantity: float = 5.0, **fields: object) -> Line:
    """A line that sells an add-on."""
    return {"type": "Addon", "stigg_id": stigg_id, "Quantity": quantity, "TotalPrice": 50.0, **fields}


def feature(stigg_id: str = "feature-api-calls", quantity: float = 1000.0, **fields: object) -> Line:
    """A line that sells a feature with a limit."""
    return {"type": "Feature", "stigg_id": stigg_id, "Quantity": quantity, "TotalPrice": 0.0, **fields}


def credit(stigg_id: str = "cred-type-tokens", quantity: float = 500.0, **fields: object) -> Line:
    """A line that sells credits of each period."""
    return {"type": "Credit", "stigg_id": stigg_id, "Quantity": quantity, "TotalPrice": 0.0, **fields}


def grant(stigg_id: str = "cred-type-tokens", quantity: float = 1000.0, price: float = 0.0, **fields: object) -> Line:
    """A line that sells credits once, promotional where they are free."""
    return {"type": "Grant", "stigg_id": stigg_id, "Quantity": quantity, "TotalPrice": price, **fields}


def account(org: Org, name: str = "Acme", **fields: object) -> str:
    """Make an account."""
    return org.add("Account", Name=name, **fields)


def deal(org: Org, account_id: str, *lines: Line, **fields: object) -> str:
    """Make an open opportunity with its lines."""
    made = org.add("Opportunity", **{"AccountId": account_id, "Name": "A deal", "StageName": OPEN, **fields})
    if lines:
        add_lines(org, made, *lines)
    return made


def add_lines(org: Org, opportunity: str, *lines: Line) -> list[str]:
    """Add lines to an opportunity, all at once."""
    return org.insert("OpportunityLineItem", *[_line(org, opportunity, dict(line)) for line in lines])


def lines_of(org: Org, opportunity: str) -> list[str]:
    """The ids of an opportunity's lines, in the order in which they were made."""
    return [row["Id"] for row in org.records.of("OpportunityLineItem") if row["OpportunityId"] == opportunity]


def win(org: Org, opportunity: str, **fields: object) -> None:
    """Win an opportunity, and wait until its Flows have run."""
    org.change(opportunity, StageName=WON, **fields)
    org.pass_time(minutes=3)


def _line(org: Org, opportunity: str, line: Line) -> Line:
    product = org.add(
        "Product2",
        Name=line.pop("name", f"Product {line['stigg_id']}"),
        Stigg_Type__c=line.pop("type"),
        Stigg_ID__c=line.pop("stigg_id"),
        Stigg_Credit_Cadence__c=line.pop("cadence", None),
    )
    return {**line, "OpportunityId": opportunity, "Product2Id": product}
