"""What the guide says of a won deal that is moved back, edited or given another contract, in an org in memory."""

from datetime import timedelta

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import OPEN, WON, account, addon, deal, lines_of, plan, win
from tests.support.harness import Harness


def move_back(org: Org, opportunity: str) -> None:
    """Move a won deal to an open stage, and wait."""
    org.change(opportunity, StageName=OPEN)
    org.pass_time(minutes=3)


@pytest.mark.parametrize("whole", [False, True])
def test_a_deal_that_was_sold_stays_sold(org: Org, actions: Harness, *, whole: bool) -> None:
    """Moving the stage back, winning the deal again and editing a line or its end make no call."""
    opportunity = deal(org, account(org), plan(), addon(), Stigg_Whole_Deal__c=whole)
    win(org, opportunity)
    calls = len(org.answers.calls)

    move_back(org, opportunity)
    win(org, opportunity)
    org.change(lines_of(org, opportunity)[1], Quantity=7.0)
    org.change(opportunity, Stigg_End_Date__c=org.clock.date() + timedelta(days=90))
    org.pass_time(minutes=3)

    (sold,) = actions.emulator.state()["subscriptions"]
    assert (len(org.answers.calls), sold["status"], sold["addons"][0]["quantity"]) == (calls, "ACTIVE", 5)
    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"


@pytest.mark.parametrize(("whole", "sold"), [(False, 1), (True, 0)])
def test_a_deal_that_is_moved_back_while_it_is_pending(org: Org, actions: Harness, *, whole: bool, sold: int) -> None:
    """Lines that are sold one by one are carried out all the same; a whole deal is once it is won again."""
    opportunity = deal(org, account(org), plan(), Stigg_Whole_Deal__c=whole)
    org.change(opportunity, StageName=WON)

    move_back(org, opportunity)
    before = len(actions.emulator.state()["subscriptions"])
    win(org, opportunity)

    assert (before, len(actions.emulator.state()["subscriptions"])) == (sold, 1)


def test_an_amendment_that_is_moved_back_while_it_is_pending(org: Org) -> None:
    """Its scheduled path is dropped, and nothing is sent."""
    buyer = account(org)
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    win(org, deal(org, buyer, plan(), addon(), ContractId=contract))
    change = deal(org, buyer, addon(quantity=9.0), ContractId=contract, Stigg_Deal_Type__c="Amendment")
    calls = len(org.answers.calls)
    org.change(change, StageName=WON)

    move_back(org, change)

    assert (len(org.answers.calls), org.read(change, "Stigg_Status__c")) == (calls, None)


def test_a_deal_gets_another_contract(org: Org) -> None:
    """The new contract gets the subscription, and the former one keeps its record."""
    buyer = account(org)
    former, new = (org.add("Contract", AccountId=buyer, ContractNumber=number) for number in ("101", "102"))
    opportunity = deal(org, buyer, plan(), ContractId=former)
    win(org, opportunity)

    org.change(opportunity, ContractId=new)

    (line,) = lines_of(org, opportunity)
    assert [org.read(contract, "Stigg_Record_ID__c") for contract in (former, new)] == [line, line]


@pytest.mark.parametrize(("whole", "calls"), [(False, 1), (True, 0)])
def test_a_line_of_an_open_deal_that_is_set_to_pending(org: Org, *, whole: bool, calls: int) -> None:
    """Line by line it is sold although its deal is not won; of a whole deal it is not."""
    opportunity = deal(org, account(org), plan(), Stigg_Whole_Deal__c=whole)

    org.change(lines_of(org, opportunity)[0], Stigg_Status__c="PENDING")
    org.pass_time(minutes=3)

    assert len(org.answers.calls) == calls
