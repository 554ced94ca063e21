"""Records that are cloned, played by the Flows of `salesforce/` in an org in memory."""

from datetime import timedelta

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import OPEN, WON, account, add_lines, addon, deal, grant, lines_of, plan, win
from tests.support.harness import Harness

RESULTS = (
    "Stigg_Status__c",
    "Stigg_Subscription_ID__c",
    "Stigg_Record_ID__c",
    "Stigg_Payment_Page__c",
    "Stigg_Last_Error__c",
)


@pytest.fixture
def sold(org: Org) -> tuple[str, str]:
    """A won deal with plan, add-on and grant, and its contract."""
    buyer = account(org)
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    opportunity = deal(
        org,
        buyer,
        plan(),
        addon(),
        grant(),
        ContractId=contract,
        Stigg_End_Date__c=org.clock.date() + timedelta(days=365),
    )
    win(org, opportunity)
    return opportunity, contract


def test_a_cloned_won_deal_gets_its_own(org: Org, actions: Harness, sold: tuple[str, str]) -> None:
    """The clone of a won deal with its lines has its own subscription and credits; the contract keeps the first."""
    opportunity, contract = sold
    of_contract = org.read(
        contract, "Stigg_Record_ID__c", "Stigg_Subscription_ID__c", "Stigg_Status__c", "Stigg_End_Date__c"
    )
    buyer = account(org, "Other")

    clone = org.clone_with_lines(opportunity, AccountId=buyer, Name="A clone")
    org.pass_time(minutes=3)

    first, second = (org.read(one, "Stigg_Subscription_ID__c") for one in (opportunity, clone))
    subscriptions = {one["id"]: one["customerId"] for one in actions.emulator.state()["subscriptions"]}
    assert first != second
    assert subscriptions[second] == org.read(buyer, "Stigg_Customer_ID__c") != subscriptions[first]
    assert len(actions.emulator.state()["grants"]) == 2
    assert org.read(clone, "Stigg_Record_ID__c") == lines_of(org, clone)[0]
    assert (
        org.read(contract, "Stigg_Record_ID__c", "Stigg_Subscription_ID__c", "Stigg_Status__c", "Stigg_End_Date__c")
        == of_contract
    )
    assert "00000101 stands for another subscription" in org.read(clone, "Stigg_Last_Error__c")


def test_a_clone_that_is_still_open_has_nothing_yet(org: Org, sold: tuple[str, str]) -> None:
    """A clone starts without results, keeps what was entered, and makes no call until it is won."""
    opportunity, _ = sold
    calls = len(org.answers.calls)

    clone = org.clone_with_lines(opportunity, StageName=OPEN)
    org.pass_time(days=1)

    assert org.read(clone, *RESULTS) == (None,) * len(RESULTS)
    assert {org.read(line, "Stigg_Status__c", "Stigg_Grant_ID__c") for line in lines_of(org, clone)} == {(None, None)}
    assert org.read(clone, "Stigg_End_Date__c") == org.read(opportunity, "Stigg_End_Date__c")
    assert len(org.answers.calls) == calls

    win(org, clone)

    assert org.read(clone, "Stigg_Status__c") == "ACTIVE"


def test_a_clone_of_a_failed_deal_starts_again(org: Org) -> None:
    """A clone carries neither the failure nor its reason, and its owner gets no notification."""
    opportunity = deal(org, account(org), plan("plan-unknown"))
    win(org, opportunity)
    bells = len(org.notices.bells)

    clone = org.clone(opportunity)
    org.pass_time(minutes=2)

    assert org.read(clone, "StageName", *RESULTS) == (WON, *(None,) * len(RESULTS))
    assert len(org.notices.bells) == bells


def test_a_clone_without_lines_gets_those_that_come(org: Org, sold: tuple[str, str]) -> None:
    """A clone of a won deal without its products is sold once lines are added."""
    clone = org.clone(sold[0], AccountId=account(org, "Other"))
    org.pass_time(minutes=3)
    assert org.read(clone, "Stigg_Status__c") is None

    add_lines(org, clone, plan("plan-starter"))
    org.pass_time(minutes=3)

    assert org.read(clone, "Stigg_Status__c") == "ACTIVE"


def test_a_cloned_amendment_is_carried_out_again(org: Org, sold: tuple[str, str]) -> None:
    """The clone of an amendment amends the subscription of its contract, and has a result of its own."""
    _, contract = sold
    amendment = deal(
        org, org.read(contract, "AccountId"), addon(quantity=8.0), ContractId=contract, Stigg_Deal_Type__c="Amendment"
    )
    win(org, amendment)

    clone = org.clone_with_lines(amendment)
    org.pass_time(minutes=2)

    assert org.read(clone, "Stigg_Status__c", "Stigg_Record_ID__c") == org.read(
        amendment, "Stigg_Status__c", "Stigg_Record_ID__c"
    )
    assert len(org.answers.requests("update-subscription")) == 2


def test_a_cloned_contract_stands_for_nothing(org: Org, sold: tuple[str, str]) -> None:
    """The clone of a contract has no subscription and no end: it gives no notice, and starts no grace plan."""
    _, contract = sold
    org.change(contract, Stigg_Notification__c="SENT", Stigg_No_Grace__c=True)

    clone = org.clone(contract)
    org.pass_time(days=400)

    assert org.read(clone, "Stigg_Record_ID__c", "Stigg_Subscription_ID__c", "Stigg_End_Date__c") == (None, None, None)
    assert org.read(clone, "Stigg_Status__c", "Stigg_Notification__c", "Stigg_No_Grace__c") == (None, None, False)


def test_a_cloned_account_is_not_linked(org: Org, sold: tuple[str, str]) -> None:
    """The clone of an account has no customer: its first sale makes one."""
    buyer = org.read(sold[0], "AccountId")

    clone = org.clone(buyer, Name="Acme Two")
    org.pass_time(minutes=2)
    win(org, deal(org, clone, plan()))

    assert org.read(clone, "Stigg_Customer_ID__c") not in {None, org.read(buyer, "Stigg_Customer_ID__c")}
    assert len(org.answers.requests("create-customer")) == 1  # of the first account, for its grant


def test_lines_that_are_copied_into_an_open_deal_are_new(org: Org, sold: tuple[str, str]) -> None:
    """A line that is copied from a won deal into an open one carries no result, not even in fields of the Flows."""
    opportunity, _ = sold
    other = deal(org, org.read(opportunity, "AccountId"))

    (copy,) = org.insert(
        "OpportunityLineItem", org.records.row(lines_of(org, opportunity)[2]) | {"OpportunityId": other}
    )

    assert org.read(copy, "Stigg_Status__c", "Stigg_Grant_ID__c", "Quantity") == (None, None, 1000.0)
