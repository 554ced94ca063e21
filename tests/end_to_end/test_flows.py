"""Every Flow of `salesforce/`, run in an org in memory whose calls go to the deployed stack as Salesforce sends them.

What becomes of deals is in tests/flows/; here it is signatures, routes, roles and real answers.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.screens import Visit, open_action
from local.salesforce_org.selling import (
    LOST,
    PROJECT,
    SETTINGS,
    WON,
    account,
    addon,
    credit,
    deal,
    feature,
    grant,
    lines_of,
    plan,
    win,
)
from local.stack import LocalStack
from tests.support.calls import call_api

CALLING = [flow for flow in PROJECT.flows if flow.calls]
LINE_BY_LINE = [flow for flow in CALLING if flow.is_started_by_records and flow.name != "Stigg_Sell_Deal"]


@pytest.fixture
def org(fresh_stack: LocalStack) -> Org:
    """A Salesforce org whose Flows call the deployed stack."""

    def call(action: str, body: str) -> tuple[int, dict[str, Any]]:
        response = call_api(fresh_stack, action, body)
        return response.status_code, response.json()

    yesterday = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)  # asOf may not lie in the future
    return Org(PROJECT, call, yesterday, settings=dict(SETTINGS))


def test_every_flow_calls_the_stack(org: Org, fresh_stack: LocalStack) -> None:
    """From the first sale to the lost renewal every call is accepted, and whatever a Flow reads is in an answer."""
    _link_a_known_customer(org, fresh_stack)
    contract = _sell(org)
    _pay_first(org, fresh_stack)
    _change(org, contract, "Amendment", addon(quantity=9.0), feature(Stigg_Remove__c=True))
    _change(org, contract, "Renewal", plan("plan-starter"), addon(), credit())
    _come_too_late(org, fresh_stack, contract)
    _lose(org)
    _fail(org)
    _come_to_an_end(org, contract)
    _sell_whole(org)
    _use_screens(org, fresh_stack)

    assert org.errors == []
    assert _calls_not_made(org) == []
    assert _never_answered(org) == {}


def _link_a_known_customer(org: Org, stack: LocalStack) -> None:
    known = {"customerId": "cust-known", "name": "Known", "salesforceAccountId": account(org, "Known")}
    assert call_api(stack, "create-customer", json.dumps(known)).status_code == 200
    buyer = account(org, "Known too")
    org.change(buyer, Stigg_Customer_ID__c="cust-known")
    org.pass_time(minutes=2)
    assert org.read(buyer, "Stigg_Link__c") == "LINKED"


def _sell(org: Org) -> str:
    buyer = account(org)
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    lines = (plan(Stigg_Price__c=149.0), addon(Stigg_Price__c=8.5), feature(), credit(), grant(price=250.0))
    opportunity = deal(org, buyer, *lines, ContractId=contract, Stigg_End_Date__c=org.clock.date() + timedelta(days=20))
    win(org, opportunity)
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Last_Error__c") == ("ACTIVE", None)
    return contract


def _pay_first(org: Org, stack: LocalStack) -> None:
    """Let a sale and a renewal be paid on a page."""
    opportunity = deal(org, account(org, "Payer"), plan(), Stigg_Payment_Collection__c="CHARGE")
    win(org, opportunity)
    assert org.read(opportunity, "Stigg_Status__c") == "PAYMENT_REQUIRED"
    buyer = account(org, "Renewer")
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000103")
    (line,) = lines_of(org, deal(org, buyer, plan()))
    paid = {"paymentCollectionMethod": "CHARGE", "billingInformation": {"isInvoicePaid": True}}
    sold = {
        "salesforceAccountId": buyer,
        "salesforceRecordId": line,
        "customerName": "Renewer",
        "planId": "plan-growth",
    }
    as_of = {"billingPeriod": "MONTHLY", "asOf": org.clock.isoformat()}
    assert call_api(stack, "create-subscription", json.dumps({**sold, **paid, **as_of})).is_success
    org.change(contract, Stigg_Record_ID__c=line)
    _change(org, contract, "Renewal", plan("plan-starter"))


def _change(org: Org, contract: str, kind: str, *lines: dict[str, Any]) -> None:
    buyer, end = org.read(contract, "AccountId"), org.clock.date() + timedelta(days=25)
    change = deal(org, buyer, *lines, ContractId=contract, Stigg_Deal_Type__c=kind, Stigg_End_Date__c=end)
    win(org, change)
    assert org.read(change, "Stigg_Status__c") != "FAILED", org.read(change, "Stigg_Last_Error__c")


def _come_to_an_end(org: Org, contract: str) -> None:
    """Let a contract end tomorrow, whose notice and grace plan had failed."""
    org.settings |= SETTINGS
    tomorrow = org.clock.date() + timedelta(days=1)
    org.change(contract, Stigg_Status__c="FAILED", Stigg_Notification__c="FAILED")
    org.change(contract, Stigg_Status__c=None, Stigg_Notification__c=None, Stigg_End_Date__c=tomorrow)
    org.pass_time(minutes=2)
    assert org.read(contract, "Stigg_Notification__c", "Stigg_Last_Error__c") == ("SENT", None)


def _sell_whole(org: Org) -> None:
    opportunity = deal(org, account(org, "Whole"), plan(), addon(), Stigg_Whole_Deal__c=True)
    win(org, opportunity)
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Last_Error__c") == ("ACTIVE", None)


def _use_screens(org: Org, stack: LocalStack) -> None:
    """Open every screen, and press each of its buttons."""
    buyer = account(org, "Looker")
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000105")
    win(org, deal(org, buyer, plan(), ContractId=contract))
    open_action(org, "Account.Stigg_Customer", buyer)
    open_action(org, "Opportunity.Stigg_Preview_Deal", deal(org, buyer, plan()))
    open_action(org, "Account.Stigg_Grant_Access", buyer).press("Grant", Feature_ID="feature-sso")
    _choose(org, contract, "Move the end").press("Move the end", New_End=org.clock.date() + timedelta(days=90))
    _choose(org, contract, "Take the end back: the subscription goes on").press("Take the end back")
    record = org.read(contract, "Stigg_Record_ID__c")
    later = {"salesforceRecordId": record, "billingPeriod": "ANNUALLY", "scheduleStrategy": "END_OF_BILLING_PERIOD"}
    assert call_api(stack, "update-subscription", json.dumps(later)).is_success
    _choose(org, contract, "Drop what is scheduled").press("Drop")
    ended = _choose(org, contract, "Cancel the subscription")
    ended.press("Next", Cancel_When="Now")
    ended.press("Cancel the subscription")
    assert org.read(contract, "Stigg_Status__c") == "CANCELED"


def _choose(org: Org, contract: str, what: str) -> Visit:
    visit = open_action(org, "Contract.Stigg_Subscription", contract)
    visit.press("Next", What_To_Do=what)
    return visit


def _come_too_late(org: Org, stack: LocalStack, contract: str) -> None:
    """Let a subscription change while an amendment waits."""
    late = deal(org, org.read(contract, "AccountId"), addon(), ContractId=contract, Stigg_Deal_Type__c="Amendment")
    org.change(late, StageName=WON)
    org.clock += timedelta(seconds=10)
    record = org.read(contract, "Stigg_Record_ID__c")
    newer = {
        "salesforceRecordId": record,
        "addons": [{"id": "addon-seats", "quantity": 2}],
        "asOf": org.clock.isoformat(),
    }
    assert call_api(stack, "update-subscription", json.dumps(newer)).is_success
    org.pass_time(minutes=2)
    assert "newer change" in org.read(late, "Stigg_Last_Error__c")


def _lose(org: Org) -> None:
    buyer = account(org, "Leaver")
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000102")
    win(org, deal(org, buyer, plan(), ContractId=contract))
    renewal = deal(org, buyer, ContractId=contract, Stigg_Deal_Type__c="Renewal")
    org.change(renewal, StageName=LOST)
    org.pass_time(minutes=2)
    assert org.read(renewal, "Stigg_Last_Error__c") is None


def _fail(org: Org) -> None:
    """Let every Flow be refused once."""
    buyer = account(org, "Refused")
    org.change(buyer, Stigg_Customer_ID__c="cust-missing")
    win(org, deal(org, account(org, "Ring\x07"), plan("plan-unknown"), grant()))
    win(org, deal(org, account(org, "Other"), grant("cred-unknown")))
    soon = org.clock.date() + timedelta(days=1)
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000104")
    org.change(contract, Stigg_Record_ID__c=lines_of(org, deal(org, buyer, plan()))[0], Stigg_End_Date__c=soon)
    for kind, stage in (("Amendment", "Closed Won"), ("Renewal", "Closed Won"), ("Renewal", LOST)):
        refused = deal(org, buyer, addon(), ContractId=contract, Stigg_Deal_Type__c=kind)
        org.change(refused, StageName=stage)
        org.pass_time(minutes=2)
        assert org.read(refused, "Stigg_Status__c") == "FAILED"
    org.settings["Notification_Trigger_ID__c"] = "no-such-workflow"
    org.change(contract, Stigg_Status__c=None, Stigg_Notification__c="FAILED")
    org.change(contract, Stigg_Notification__c=None)
    org.pass_time(minutes=2)
    assert org.read(contract, "Stigg_Status__c", "Stigg_Notification__c") == ("FAILED", "FAILED")


def _calls_not_made(org: Org) -> list[tuple[str, str]]:
    made = org.answers.given.keys()
    every = [(flow.name, call.findtext("name") or "") for flow in CALLING for call in flow.calls]
    return [call for call in every if call not in made]


def _never_answered(org: Org) -> dict[tuple[str, str], set[str]]:
    """What Flows read of answers and no answer had, by flow and call; one answer that was superseded stands for all.

    What screens and whole deals show of each kind of answer is in tests/flows.
    """
    anywhere = set().union(*org.answers.given.values()) & {"supersededAt", "supersededBy"}
    unread = {}
    for flow in LINE_BY_LINE:
        for call in flow.calls:
            key = (flow.name, call.findtext("name") or "")
            prefix = f"{key[1]}.200."
            read = {name.removeprefix(prefix) for name in flow.references if name.startswith(prefix)}
            unread[key] = read - org.answers.given[key] - anywhere
    return {key: names for key, names in unread.items() if names}
