"""Where the Flows that sell meet the events that Stigg sends back, in an org in memory."""

from datetime import timedelta
from typing import Any

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import account, deal, lines_of, plan, win
from tests.support.harness import Harness
from tests.support.write_back import WriteBack, later

DAY = 86_400
STAGE = "Proof of Concept"
BECOMES = {"CANCEL_SUBSCRIPTION": "EXPIRED", "CONVERT_TO_PAID": "ACTIVE"}
"""Status of a trial after its end, by what follows it."""


def let_days_pass(org: Org, actions: Harness, back: WriteBack, days: int) -> None:
    """Let days pass in Stigg and in the org, and let it hear of them."""
    actions.emulator.advance(days * DAY)
    org.pass_time(days=days)
    back.settle()


@pytest.fixture
def contract(org: Org, back: WriteBack) -> str:
    """A contract whose deal was won, provisioned and heard of."""
    buyer = account(org)
    made = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    win(org, deal(org, buyer, plan(), ContractId=made))
    back.settle()
    return made


def deliver(org: Org, back: WriteBack, *events: dict[str, object]) -> None:
    """Hand events of the bus to the org, all at once."""
    back.pipe.take(*events)
    back.pipe.send()
    org.deliver()


@pytest.mark.parametrize("whole", [False, True], ids=["line by line", "whole"])
@pytest.mark.parametrize("follows", ["CANCEL_SUBSCRIPTION", "CONVERT_TO_PAID"])
def test_a_deal_is_sold_after_its_trial(
    org: Org, actions: Harness, back: WriteBack, follows: str, *, whole: bool
) -> None:
    """A deal that is won after an event has shown the end of its trial is sold all the same."""
    org.settings |= {"Trial_Stage__c": STAGE, "Trial_End_Behavior__c": follows, "Whole_Deals__c": whole}
    ends = org.clock.date() + timedelta(days=14)
    opportunity = deal(org, account(org), plan(), Stigg_Trial_End_Date__c=ends)
    org.change(opportunity, StageName=STAGE)
    back.settle()
    let_days_pass(org, actions, back, 16)
    assert org.read(opportunity, "Stigg_Status__c") == BECOMES[follows]

    win(org, opportunity)

    (live,) = [one for one in actions.emulator.state()["subscriptions"] if one["status"] == "ACTIVE"]
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Subscription_ID__c") == ("ACTIVE", live["id"])
    assert org.read(opportunity, "Stigg_Won_On__c") == org.clock.date()
    assert [org.read(line, "Stigg_Status__c") for line in lines_of(org, opportunity)] == ["ACTIVE"]


@pytest.mark.parametrize("kind", ["line", "opportunity", "contract"])
def test_a_record_that_cannot_be_saved(org: Org, back: WriteBack, contract: str, kind: str) -> None:
    """A locked record keeps its state; all other records of the batch are written, and one of them says so."""
    line = org.read(contract, "Stigg_Record_ID__c")
    records = {"line": line, "opportunity": org.read(line, "OpportunityId"), "contract": contract}
    (other,) = lines_of(org, won := deal(org, account(org), plan()))
    win(org, won)
    back.settle()
    of_others = next(one for one in back.heard if one["detail"].get("salesforceRecordId") == other)
    event = next(one for one in back.heard if one["detail"].get("salesforceRecordId") == line)
    org.locked.add(records[kind])

    deliver(org, back, *[later(one, "2090-01-01T00:00:00Z", status="CANCELED") for one in (event, of_others)])

    statuses = {name: org.read(one, "Stigg_Status__c") for name, one in records.items()}
    assert statuses == dict.fromkeys(records, "CANCELED") | {kind: "ACTIVE"}
    written = records["opportunity" if kind == "contract" else "contract"]
    assert "Not written to all records: ENTITY_IS_LOCKED" in org.read(written, "Stigg_Event_Error__c")
    assert (org.read(other, "Stigg_Status__c"), org.errors) == ("CANCELED", [])


def test_an_account_that_cannot_be_saved(org: Org, back: WriteBack) -> None:
    """An event of a locked account is dropped, and marks no contract that has no subscription."""
    buyer = account(org)
    other = org.add("Contract", AccountId=account(org), ContractNumber="00000102")
    win(org, deal(org, buyer, plan()))
    back.settle()
    event = next(one for one in back.heard if one["detail"].get("salesforceAccountId") == buyer)
    del event["detail"]["salesforceRecordId"]
    org.locked.add(buyer)

    deliver(org, back, later(event, "2090-01-01T00:00:00Z"))

    assert org.read(other, "Stigg_Last_Error__c", "Stigg_Event_Error__c") == (None, None)
    assert org.errors == []


def test_a_renewal_with_another_plan(org: Org, back: WriteBack, contract: str) -> None:
    """The replaced subscription's end is shown on the deal that sold it, and not on its renewal or their contract."""
    sold = org.read(contract, "Stigg_Record_ID__c")
    renewal = deal(
        org, org.read(contract, "AccountId"), plan("plan-starter"), ContractId=contract, Stigg_Deal_Type__c="Renewal"
    )

    win(org, renewal)
    back.settle()

    (line,) = lines_of(org, renewal)
    assert [org.read(one, "Stigg_Status__c") for one in (line, renewal, contract)] == ["ACTIVE"] * 3
    assert [org.read(one, "Stigg_Status__c") for one in (sold, org.read(sold, "OpportunityId"))] == ["CANCELED"] * 2
    assert org.read(sold, "Stigg_Subscription_ID__c") != org.read(line, "Stigg_Subscription_ID__c")


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_grace_plan_begins(
    org: Org, actions: Harness, back: WriteBack, contract: str, *, newest_first: bool
) -> None:
    """The deal shows the subscription of the grace plan, whichever of the two it hears of first."""
    line = org.read(contract, "Stigg_Record_ID__c")
    end = org.clock.date() + timedelta(days=40)
    choices = {"salesforceRecordId": line, "cancellationDate": str(end)}
    actions.ok("reschedule-cancellation", choices)
    org.change(contract, Stigg_End_Date__c=end)
    let_days_pass(org, actions, back, 39)
    assert len(org.answers.requests("downgrade-subscription")) == 1
    actions.emulator.advance(3 * DAY)
    org.pass_time(days=3)

    deliver(org, back, *sorted(back.news(), key=_is_live, reverse=newest_first))

    running = {one["id"] for one in actions.emulator.state()["subscriptions"] if one["planId"] == "plan-grace"}
    for record in (line, org.read(line, "OpportunityId"), contract):
        assert org.read(record, "Stigg_Status__c") == "ACTIVE"
        assert {org.read(record, "Stigg_Subscription_ID__c")} == running


def _is_live(event: dict[str, Any]) -> bool:
    return bool(event["detail"].get("status") == "ACTIVE")


@pytest.mark.parametrize(("status", "moves"), [("ACTIVE", 1), ("CANCELED", 0)])
def test_a_contract_that_waits_for_its_grace_plan(
    org: Org, back: WriteBack, contract: str, status: str, moves: int
) -> None:
    """A contract that is set to Pending long before its end hears of its subscription, and keeps its grace plan."""
    end = org.clock.date() + timedelta(days=90)
    org.change(contract, Stigg_End_Date__c=end, Stigg_Status__c="FAILED")
    org.change(contract, Stigg_Status__c="PENDING")
    event = next(one for one in reversed(back.heard) if "status" in one["detail"])

    deliver(org, back, later(event, "2090-01-01T00:00:00Z", status=status))

    assert org.read(contract, "Stigg_Status__c") == status
    org.pass_time(days=90)
    assert len(org.answers.requests("downgrade-subscription")) == moves


def test_a_subscription_that_comes_from_outside_salesforce(
    org: Org, actions: Harness, back: WriteBack, contract: str
) -> None:
    """The grace plan of a contract that an event makes active again fails where all see it, and can be tried again."""
    ended = org.read(contract, "Stigg_Subscription_ID__c")
    end = org.clock.date() + timedelta(days=40)
    org.change(contract, Stigg_End_Date__c=end)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{ended}/cancel", {"cancellationTime": "IMMEDIATE"})
    back.settle()
    sold = {
        "salesforceRecordId": org.read(contract, "Stigg_Record_ID__c"),
        "planId": "plan-growth",
        "cancellationDate": str(end),
    }
    customer = {"customerId": org.read(org.read(contract, "AccountId"), "Stigg_Customer_ID__c")}
    actions.ok(
        "create-subscription", {**sold, **customer, "billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE"}
    )
    back.settle()
    assert org.read(contract, "Stigg_Status__c") == "ACTIVE"

    org.pass_time(days=39)
    assert org.read(contract, "Stigg_Status__c") == "FAILED"
    assert contract in [bell.about for bell in org.notices.bells]
    org.change(contract, Stigg_Status__c="PENDING")
    org.pass_time(minutes=3)

    assert len(org.answers.requests("downgrade-subscription")) == 1
    assert org.read(contract, "Stigg_Last_Error__c") is None
