"""Sold by the kit's Flows, and changed in the Stigg app: the contract in Salesforce says so."""

from datetime import date
from functools import partial

from local.demo.stage import Stage
from local.demo.steps import Chapter, InSalesforce, ReportedToSalesforce
from local.salesforce_org.org import Org
from local.salesforce_org.selling import account, deal, plan, win

_HOOLI, _LINE_OF_HOOLI = "customer 001000000000003AAA", "record 00k000000000008AAA"
_UMBRELLA, _LINE_OF_UMBRELLA = "customer 001000000000004AAA", "record 00k000000000011AAA"
_SOLD = "ACTIVE, ends 2099-12-31"
_CANCELED = "CANCELED, ends on the day of that change, changed in Stigg"
_UNPAID = "PAYMENT_REQUIRED, with a payment page"


def _prepare(stage: Stage) -> None:
    org = stage.salesforce.org
    buyer, payer = account(org, "Hooli"), account(org, "Umbrella")
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    terms = {"Stigg_End_Date__c": date(2099, 12, 31), "Stigg_Whole_Deal__c": True}
    deal(org, buyer, plan(name="Growth for Hooli"), Name="Hooli", ContractId=contract, **terms)
    deal(org, payer, plan(name="Growth for Umbrella"), Name="Umbrella", Stigg_Payment_Collection__c="CHARGE")


def _win(stage: Stage, name: str) -> None:
    org = stage.salesforce.org
    win(org, next(row["Id"] for row in org.records.of("Opportunity") if row["Name"] == name))


def _cancel_in_the_app(stage: Stage) -> None:
    org = stage.salesforce.org
    (contract,) = org.records.of("Contract")
    path = f"/api/v1/subscriptions/{contract['Stigg_Subscription_ID__c']}/cancel"
    stage.stigg.by_hand("POST", path, {"cancellationTime": "IMMEDIATE"})


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
            text="A seller prepares two deals in Salesforce, one with a contract. Open deals sell nothing.",
            happens=_prepare,
            salesforce=(
                "+ contract 00000101: no status",
                "+ line Growth for Hooli: no status",
                "+ line Growth for Umbrella: no status",
                "+ opportunity Hooli: no status",
                "+ opportunity Umbrella: no status",
            ),
        ),
        InSalesforce(
            text="A seller wins a deal with a contract. The kit's Flows sell it with one call, and write the result to "
            "line, opportunity and contract. The events of that call come back and confirm it.",
            happens=partial(_win, name="Hooli"),
            stigg=(
                f"+ {_HOOLI}, Hooli",
                "+ invoice 199 usd: OPEN",
                "+ subscription plan-growth: ACTIVE",
            ),
            dynamodb=(
                "+ account 001000000000003AAA is 001000000000003AAA",
                f"+ {_HOOLI} is known",
                f"+ {_HOOLI}: 1 live",
                "+ operation customer, attempt 1: SUCCEEDED",
                "+ operation provision, attempt 1: SUCCEEDED",
                f"+ {_LINE_OF_HOOLI} has plan-growth, ACTIVE",
                f"+ {_LINE_OF_HOOLI} was created",
            ),
            salesforce=(
                "- contract 00000101: no status",
                "- line Growth for Hooli: no status",
                "- opportunity Hooli: no status",
                "+ call of provision-opportunity by a Flow",
                f"+ contract 00000101: {_SOLD}",
                f"+ line Growth for Hooli: {_SOLD}",
                f"+ opportunity Hooli: {_SOLD}",
                "+ platform event Customer Provisioned: created",
                "+ platform event Subscription Provisioned: ACTIVE",
            ),
        ),
        ReportedToSalesforce(
            text="A person cancels that subscription in the Stigg app. Stigg's webhook becomes an event of the bus, "
            "and the event a platform event of the org. The Flow Stigg: Event Received updates line, opportunity "
            "and contract. No Flow calls an action.",
            happens=_cancel_in_the_app,
            stigg=(
                "- subscription plan-growth: ACTIVE",
                "+ subscription plan-growth: CANCELED",
            ),
            dynamodb=(
                f"- {_HOOLI}: 1 live",
                f"- {_LINE_OF_HOOLI} has plan-growth, ACTIVE",
                f"+ {_HOOLI}: 0 live",
                "+ event for the bus: Stigg Subscription Changed, subscription.canceled, changed outside",
                f"+ {_LINE_OF_HOOLI} has plan-growth, CANCELED",
                f"+ {_LINE_OF_HOOLI} was changedOutside",
            ),
            salesforce=(
                f"- contract 00000101: {_SOLD}",
                f"- line Growth for Hooli: {_SOLD}",
                f"- opportunity Hooli: {_SOLD}",
                f"+ contract 00000101: {_CANCELED}",
                f"+ line Growth for Hooli: {_CANCELED}",
                f"+ opportunity Hooli: {_CANCELED}",
                "+ platform event Stigg Subscription Changed: CANCELED, changed outside",
            ),
        ),
        InSalesforce(
            text="A seller wins a deal that is charged, and the customer has no payment method. The Flows write the "
            "address of a payment page to the opportunity.",
            happens=partial(_win, name="Umbrella"),
            stigg=(f"+ {_UMBRELLA}, Umbrella",),
            dynamodb=(
                "+ account 001000000000004AAA is 001000000000004AAA",
                f"+ {_UMBRELLA} is known",
                f"+ {_UMBRELLA}: 0 live",
                "+ operation provision, attempt 1: SUCCEEDED",
                f"+ {_LINE_OF_UMBRELLA} has none",
                f"+ {_LINE_OF_UMBRELLA} was paymentRequired",
            ),
            salesforce=(
                "- line Growth for Umbrella: no status",
                "- opportunity Umbrella: no status",
                "+ call of create-subscription-with-return-data by a Flow",
                f"+ line Growth for Umbrella: {_UNPAID}",
                f"+ opportunity Umbrella: {_UNPAID}",
                "+ platform event Payment Required: PAYMENT_REQUIRED",
            ),
        ),
        ReportedToSalesforce(
            text="The customer pays on that page. Salesforce hears of it: line and opportunity become active, and the "
            "page is gone.",
            happens=_pay,
            stigg=("+ invoice 199 usd: PAID", "+ subscription plan-growth: ACTIVE"),
            dynamodb=(
                f"- {_UMBRELLA}: 0 live",
                f"- {_LINE_OF_UMBRELLA} has none",
                f"+ {_UMBRELLA}: 1 live",
                "+ event for the bus: Stigg Subscription Changed, subscription.created",
                f"+ {_LINE_OF_UMBRELLA} has plan-growth, ACTIVE",
                f"+ {_LINE_OF_UMBRELLA} was created",
            ),
            salesforce=(
                f"- line Growth for Umbrella: {_UNPAID}",
                f"- opportunity Umbrella: {_UNPAID}",
                "+ line Growth for Umbrella: ACTIVE",
                "+ opportunity Umbrella: ACTIVE",
                "+ platform event Stigg Subscription Changed: ACTIVE",
            ),
        ),
    ),
)
