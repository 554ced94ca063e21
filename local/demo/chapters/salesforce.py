"""Sold by the kit's Flows, and changed in the Stigg app: the contract in Salesforce says so."""

from datetime import date

from local.demo.stage import Stage
from local.demo.steps import Chapter, InSalesforce, ReportedToSalesforce
from local.salesforce_org.org import Org
from local.salesforce_org.selling import account, addon, deal, plan, win

_CONTRACT, _BUYER, _PAYER = "00000101", "Hooli", "Umbrella"
_END = date(2099, 12, 31)


def _win_with_contract(stage: Stage) -> None:
    org = stage.salesforce.org
    buyer = account(org, _BUYER)
    contract = org.add("Contract", AccountId=buyer, ContractNumber=_CONTRACT)
    lines = (plan(name="Growth"), addon(quantity=12.0, name="Seats"))
    made = deal(org, buyer, *lines, Name="Hooli", ContractId=contract, Stigg_End_Date__c=_END, Stigg_Whole_Deal__c=True)
    win(org, made)


def _cancel_in_the_app(stage: Stage) -> None:
    org = stage.salesforce.org
    (contract,) = org.records.of("Contract")
    path = f"/api/v1/subscriptions/{contract['Stigg_Subscription_ID__c']}/cancel"
    stage.stigg.by_hand("POST", path, {"cancellationTime": "IMMEDIATE"})


def _win_with_a_charge(stage: Stage) -> None:
    org = stage.salesforce.org
    win(org, deal(org, account(org, _PAYER), plan(name="Growth 2"), Name=_PAYER, Stigg_Payment_Collection__c="CHARGE"))


def _pay(stage: Stage) -> None:
    stage.stigg.checkout(_waiting_for_payment(stage.salesforce.org))


def _waiting_for_payment(org: Org) -> str:
    return next(
        str(row["Stigg_Subscription_ID__c"])
        for row in org.records.of("Opportunity")
        if row["Stigg_Status__c"] == "PAYMENT_REQUIRED"
    )


CHAPTER = Chapter(
    "In Salesforce",
    (
        InSalesforce(
            text="A seller wins a deal with a contract. The kit's Flows sell it with one call, and write the result to "
            "lines, opportunity and contract. The event of that call comes back and confirms it.",
            happens=_win_with_contract,
        ),
        ReportedToSalesforce(
            text="A person cancels that subscription in the Stigg app. Stigg's webhook becomes an event of the bus, the "
            "event a platform event of the org, and the Flow Stigg: Event Received updates the line, the opportunity "
            "and the contract. No Flow calls an action.",
            happens=_cancel_in_the_app,
        ),
        InSalesforce(
            text="A seller wins a deal that is charged, and the customer has no payment method. The Flows write the "
            "address of a payment page to the opportunity.",
            happens=_win_with_a_charge,
        ),
        ReportedToSalesforce(
            text="The customer pays on that page. Salesforce hears of it: line and opportunity become active, and the "
            "page is gone.",
            happens=_pay,
        ),
    ),
)
