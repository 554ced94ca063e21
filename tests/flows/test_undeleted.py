"""Records that are deleted and undeleted, in an org in memory: the same ids, and no Flow that starts."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import WON, account, addon, deal, lines_of, plan, win
from tests.support.harness import Harness


@pytest.fixture
def end(org: Org) -> date:
    """The last day of the contract."""
    return org.clock.date() + timedelta(days=90)


@pytest.fixture
def contract(org: Org, end: date) -> str:
    """A contract whose deal was won."""
    buyer = account(org)
    made = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    win(org, deal(org, buyer, plan(), addon(), ContractId=made, Stigg_End_Date__c=end))
    return made


def pass_the_end(org: Org, actions: Harness, end: date) -> None:
    """Let the contract end."""
    passing = int((datetime.combine(end + timedelta(days=2), time(12), UTC) - org.clock).total_seconds())
    actions.emulator.advance(passing)
    org.pass_time(seconds=passing)


def test_a_deal(org: Org, actions: Harness, contract: str) -> None:
    """An undeleted deal does nothing by itself, and its line has its subscription, which an amendment changes."""
    (opportunity,) = [row["Id"] for row in org.records.of("Opportunity")]
    line = lines_of(org, opportunity)[0]
    calls, subscription = len(org.answers.calls), org.read(line, "Stigg_Subscription_ID__c")

    for row in [org.delete(one) for one in (*lines_of(org, opportunity), opportunity)]:
        org.undelete(row)
    org.pass_time(minutes=5)
    idle = len(org.answers.calls) == calls
    win(
        org,
        deal(
            org,
            org.read(contract, "AccountId"),
            addon(quantity=9.0),
            ContractId=contract,
            Stigg_Deal_Type__c="Amendment",
        ),
    )

    (found,) = actions.emulator.state()["subscriptions"]
    assert (idle, found["id"], found["addons"][0]["quantity"]) == (True, subscription, 9)
    assert org.read(line, "Stigg_Status__c") == "ACTIVE"


def test_a_line_that_waited(org: Org, actions: Harness) -> None:
    """A line that was deleted while it was Pending stays so; its status set again, it is sold, once."""
    opportunity = deal(org, account(org), plan())
    org.change(opportunity, StageName=WON)
    (line,) = lines_of(org, opportunity)

    org.undelete(org.delete(line))
    org.pass_time(minutes=5)
    before = (org.read(line, "Stigg_Status__c"), actions.emulator.state()["subscriptions"])
    org.change(line, Stigg_Status__c=None)
    org.change(line, Stigg_Status__c="PENDING")
    org.pass_time(minutes=3)

    assert before == ("PENDING", [])
    assert [one["id"] for one in actions.emulator.state()["subscriptions"]] == [
        org.read(line, "Stigg_Subscription_ID__c")
    ]


@pytest.mark.parametrize("entered_again", [True, False])
def test_a_contract(org: Org, actions: Harness, contract: str, end: date, *, entered_again: bool) -> None:
    """Notice and grace of an undeleted contract come again once its end date is entered again."""
    org.undelete(org.delete(contract))
    if entered_again:
        org.change(contract, Stigg_End_Date__c=None)
        org.change(contract, Stigg_End_Date__c=end)

    pass_the_end(org, actions, end)

    called = {action for action, _, _ in org.answers.calls} & {"trigger-workflow", "downgrade-subscription"}
    assert called == ({"trigger-workflow", "downgrade-subscription"} if entered_again else set())
