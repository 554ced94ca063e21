"""Where the Flows that sell meet the events that Stigg sends back, in an org in memory."""

from datetime import timedelta

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import account, deal, lines_of, plan, win
from tests.support.harness import Harness
from tests.support.write_back import WriteBack

DAY = 86_400
STAGE = "Proof of Concept"
BECOMES = {"CANCEL_SUBSCRIPTION": "EXPIRED", "CONVERT_TO_PAID": "ACTIVE"}
"""Status of a trial after its end, by what follows it."""


def let_days_pass(org: Org, actions: Harness, back: WriteBack, days: int) -> None:
    """Let days pass in Stigg and in the org, and let it hear of them."""
    actions.emulator.advance(days * DAY)
    org.pass_time(days=days)
    back.settle()


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
