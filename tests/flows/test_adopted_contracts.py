"""Contracts whose subscriptions were sold in Stigg's own app: adopted, and then kept by the Flows like any other."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import LOST, account, addon, deal, lines_of, plan, win
from tests.support.harness import Harness
from tests.support.requests import in_stigg, sold_in_the_app

APPS = "sub-of-the-app"


@pytest.fixture
def end(org: Org) -> date:
    """The last day of the contract."""
    return org.clock.date() + timedelta(days=90)


@pytest.fixture
def contract(org: Org, actions: Harness, end: date) -> str:
    """A contract whose deal was won before the move; its line has adopted the subscription of Stigg's own app."""
    buyer = account(org, Stigg_Customer_ID__c="cust-acme")
    made = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    (line,) = lines_of(org, deal(org, buyer, plan(), ContractId=made))
    last = datetime.combine(end, time(23, 59, 59), UTC).isoformat()
    sold_in_the_app(actions, cancellationDate=last)
    adopt = {"subscriptionId": APPS, "salesforceRecordId": line, "salesforceAccountId": buyer}
    adopted = actions.ok("adopt-subscription", adopt)
    loaded = {"Stigg_Subscription_ID__c": adopted["subscriptionId"], "Stigg_Status__c": adopted["status"]}
    org.change(made, Stigg_Record_ID__c=line, Stigg_End_Date__c=end, **loaded)
    return made


def change(org: Org, contract: str, kind: str, *lines: dict[str, Any], **fields: object) -> str:
    """Win an amendment or renewal of the contract."""
    made = deal(org, org.read(contract, "AccountId"), *lines, ContractId=contract, Stigg_Deal_Type__c=kind, **fields)
    win(org, made)
    return made


def test_an_amendment(org: Org, actions: Harness, contract: str) -> None:
    """An amendment changes the adopted subscription in place."""
    amendment = change(org, contract, "Amendment", addon(quantity=9.0))

    assert {item["id"]: item["quantity"] for item in in_stigg(actions, APPS)["addons"]} == {"addon-seats": 9}
    assert org.read(amendment, "Stigg_Status__c", "Stigg_Subscription_ID__c") == ("ACTIVE", APPS)


def test_a_renewal(org: Org, actions: Harness, contract: str, end: date) -> None:
    """A renewal without lines moves the end of the adopted subscription; one with another plan replaces it."""
    change(org, contract, "Renewal", Stigg_End_Date__c=end + timedelta(days=365))
    moved = in_stigg(actions, APPS)["cancellationDate"]

    change(org, contract, "Renewal", plan("plan-starter"))

    assert moved.startswith((end + timedelta(days=365)).isoformat())
    assert in_stigg(actions, APPS)["status"] == "CANCELED"
    assert org.read(contract, "Stigg_Subscription_ID__c") not in {None, APPS}


def test_a_lost_renewal(org: Org, actions: Harness, contract: str, end: date) -> None:
    """A lost renewal ends the adopted subscription on the contract's last day."""
    renewal = deal(org, org.read(contract, "AccountId"), ContractId=contract, Stigg_Deal_Type__c="Renewal")

    org.change(renewal, StageName=LOST)
    org.pass_time(minutes=2)

    assert in_stigg(actions, APPS)["cancellationDate"].startswith(end.isoformat())


def test_the_grace_plan(org: Org, actions: Harness, contract: str, end: date) -> None:
    """Once the contract has expired, the customer has the grace plan in place of the adopted subscription."""
    passing = int((datetime.combine(end + timedelta(days=2), time(12), UTC) - org.clock).total_seconds())
    actions.emulator.advance(passing)
    org.pass_time(seconds=passing)

    live = [one["planId"] for one in actions.emulator.state()["subscriptions"] if one["status"] == "ACTIVE"]
    assert live == ["plan-grace"]
    assert org.read(contract, "Stigg_Subscription_ID__c") != APPS


def test_the_old_deal_fires_again(org: Org, actions: Harness, contract: str) -> None:
    """If the old deal is won again by mistake, the subscription is as its line says, and no other one is sold."""
    (opportunity,) = [row["Id"] for row in org.records.of("Opportunity") if row["ContractId"] == contract]

    win(org, opportunity, Stigg_End_Date__c=org.read(contract, "Stigg_End_Date__c"))

    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"
    assert [one["id"] for one in actions.emulator.state()["subscriptions"]] == [APPS]


def test_a_contract_that_is_loaded_with_the_bypass(org: Org, contract: str, end: date) -> None:
    """For a contract that was loaded with the bypass permission, no Flow waits until its end is entered again."""
    row = org.delete(contract)
    org.undelete(row | {"Stigg_Record_ID__c": None, "Stigg_End_Date__c": None})
    loader = org.add("User", Email="loader@seller.example", IsActive=True)
    org.permissions[loader] = {"Stigg_Bypass"}
    with org.acting_as(loader):
        org.change(contract, Stigg_Record_ID__c=row["Stigg_Record_ID__c"], Stigg_End_Date__c=end)
    waiting_before = [one.record_id for one in org.waiting]

    org.change(contract, Stigg_End_Date__c=None)
    org.change(contract, Stigg_End_Date__c=end)

    assert contract not in waiting_before
    assert contract in [one.record_id for one in org.waiting]


def test_a_converted_lead(org: Org, actions: Harness) -> None:
    """An account that a lead with a trial became sells to the lead's customer, if its id is entered first."""
    trial = sold_in_the_app(actions)
    buyer = account(org)
    org.change(buyer, Stigg_Customer_ID__c="cust-acme")
    org.pass_time(minutes=2)

    opportunity = deal(org, buyer, plan("plan-starter"))
    win(org, opportunity)

    live = [one for one in actions.emulator.state()["subscriptions"] if one["status"] == "ACTIVE"]
    assert [(one["customerId"], one["planId"]) for one in live] == [("cust-acme", "plan-starter")]
    assert in_stigg(actions, trial)["status"] == "CANCELED"
