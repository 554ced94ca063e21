"""Won deals, played by the Flows of `salesforce/` in an org in memory."""

from tests.support.harness import Harness
from tests.support.salesforce_org.org import Org
from tests.support.salesforce_org.selling import account, addon, credit, deal, feature, grant, lines_of, plan, win


def test_a_won_deal_is_provisioned(org: Org, actions: Harness) -> None:
    """Plan, add-on, feature, credits and grant of a won opportunity are in Stigg, and line, deal and account say so."""
    opportunity = deal(
        org, account(org), plan(Stigg_Price__c=149.0), addon(Stigg_Price__c=8.5), feature(), credit(), grant()
    )

    win(org, opportunity)

    (subscription,) = actions.emulator.state()["subscriptions"]
    (granted,) = actions.emulator.state()["grants"]
    plan_line, _, _, _, grant_line = lines_of(org, opportunity)
    assert org.read(plan_line, "Stigg_Status__c", "Stigg_Subscription_ID__c") == ("ACTIVE", subscription["id"])
    assert org.read(grant_line, "Stigg_Status__c", "Stigg_Grant_ID__c") == ("ACTIVE", granted["id"])
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Record_ID__c") == ("ACTIVE", plan_line)
    assert org.errors == []
