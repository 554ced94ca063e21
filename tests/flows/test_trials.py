"""Trials of opportunities that are not won yet, played by the Flows of `salesforce/` in an org in memory."""

from datetime import date, timedelta

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import account, addon, deal, grant, lines_of, plan, win
from tests.support.days import today
from tests.support.harness import Harness

CREATE = "create-subscription-with-return-data"
STAGE = "Proof of Concept"


@pytest.fixture(autouse=True)
def settings(org: Org) -> None:
    """Name the trial stage in the settings."""
    org.settings["Trial_Stage__c"] = STAGE


def ends(days: int = 14) -> date:
    """Return the last day of a trial."""
    return today() + timedelta(days=days)


def to_trial(org: Org, opportunity: str) -> None:
    """Move an opportunity to the trial stage, and wait until its Flows have run."""
    org.change(opportunity, StageName=STAGE)
    org.pass_time(minutes=3)


def test_a_proof_of_concept_is_a_trial(org: Org, actions: Harness) -> None:
    """In the trial stage the plan is given as a trial until its end; credits are not granted yet."""
    opportunity = deal(
        org, account(org), plan(), addon(), grant(), Stigg_Trial_End_Date__c=ends(), Stigg_End_Date__c=ends(365)
    )

    to_trial(org, opportunity)

    (subscription,) = actions.emulator.state()["subscriptions"]
    plan_line, _, grant_line = lines_of(org, opportunity)
    assert (subscription["status"], subscription["trialEndDate"][:10]) == ("IN_TRIAL", str(ends()))
    assert subscription["trial"] == {"trialEndBehavior": "CANCEL_SUBSCRIPTION"}
    assert (subscription["cancellationDate"], actions.emulator.state()["grants"]) == (None, [])
    assert org.read(plan_line, "Stigg_Status__c", "Stigg_Subscription_ID__c") == ("IN_TRIAL", subscription["id"])
    assert (org.read(grant_line, "Stigg_Status__c"), org.read(opportunity, "Stigg_Status__c")) == (None, "IN_TRIAL")
    assert (org.errors, org.notices.bells) == ([], [])


@pytest.mark.parametrize("follows", [None, "CANCEL_SUBSCRIPTION", "CONVERT_TO_PAID"])
def test_a_won_deal_ends_its_trial(org: Org, actions: Harness, follows: str | None) -> None:
    """Won, the deal replaces the trial at once with what is paid, grants its credits, and leaves no trial behind."""
    org.settings["Trial_End_Behavior__c"] = follows
    opportunity = deal(org, account(org), plan(), grant(), Stigg_Trial_End_Date__c=ends(), Stigg_End_Date__c=ends(365))
    to_trial(org, opportunity)

    win(org, opportunity)

    trial, paid = actions.emulator.state()["subscriptions"]
    plan_line, grant_line = lines_of(org, opportunity)
    assert [one["status"] for one in (trial, paid)] == ["CANCELED", "ACTIVE"]
    assert (paid["cancellationDate"][:10], paid["trialEndDate"]) == (str(ends(365)), None)
    assert org.read(plan_line, "Stigg_Status__c", "Stigg_Subscription_ID__c") == ("ACTIVE", paid["id"])
    assert org.read(grant_line, "Stigg_Status__c") == "ACTIVE"
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Subscription_ID__c") == ("ACTIVE", paid["id"])
    assert org.errors == []


def test_a_trial_is_not_given_twice(org: Org, actions: Harness) -> None:
    """Further edits in the trial stage, and a stage that comes back after the deal was won, give no trial again."""
    opportunity = deal(org, account(org), plan(), Stigg_Trial_End_Date__c=ends())
    to_trial(org, opportunity)
    org.change(opportunity, Name="Another name")
    org.pass_time(minutes=3)
    win(org, opportunity)

    to_trial(org, opportunity)

    assert [one["status"] for one in actions.emulator.state()["subscriptions"]] == ["CANCELED", "ACTIVE"]
    assert len(org.answers.requests(CREATE)) == 2


def test_a_deal_that_is_won_within_the_minute_is_no_trial(org: Org, actions: Harness) -> None:
    """A line that waits for its trial when the deal is won is sold: the Flow reads the stage when it calls."""
    opportunity = deal(org, account(org), plan(), Stigg_Trial_End_Date__c=ends())
    org.change(opportunity, StageName=STAGE)

    win(org, opportunity)

    assert [one["status"] for one in actions.emulator.state()["subscriptions"]] == ["ACTIVE"]


@pytest.mark.parametrize("missing", ["stage", "end", "plan", "kind"])
def test_without_stage_or_end_there_is_no_trial(org: Org, missing: str) -> None:
    """A trial needs the setting, an end, a plan and new business."""
    if missing == "stage":
        org.settings["Trial_Stage__c"] = None
    lines = [addon()] if missing == "plan" else [plan()]
    fields = {"Stigg_Deal_Type__c": "Renewal"} if missing == "kind" else {}
    end = None if missing == "end" else ends()
    opportunity = deal(org, account(org), *lines, Stigg_Trial_End_Date__c=end, **fields)

    to_trial(org, opportunity)

    assert org.answers.requests(CREATE) == []
    assert org.read(opportunity, "Stigg_Status__c") is None


def test_a_deal_whose_trial_failed_is_sold(org: Org, actions: Harness) -> None:
    """A trial that Stigg refused is reported, and the deal is sold once it is won."""
    opportunity = deal(org, account(org), plan("plan-unknown"), Stigg_Trial_End_Date__c=ends())
    to_trial(org, opportunity)
    (line,) = lines_of(org, opportunity)
    assert org.read(opportunity, "Stigg_Status__c") == "FAILED"

    org.change(org.read(line, "Product2Id"), Stigg_ID__c="plan-growth")
    win(org, opportunity)

    assert [one["status"] for one in actions.emulator.state()["subscriptions"]] == ["ACTIVE"]
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Last_Error__c") == ("ACTIVE", None)


def test_a_won_deal_with_a_date_starts_then(org: Org, actions: Harness) -> None:
    """A line with a date that lies ahead is paid from then on, after its trial."""
    opportunity = deal(org, account(org), plan(ServiceDate=ends(20)), Stigg_Trial_End_Date__c=ends())
    to_trial(org, opportunity)

    win(org, opportunity)

    trial, paid = actions.emulator.state()["subscriptions"]
    assert (trial["status"], paid["status"], paid["startDate"][:10]) == ("IN_TRIAL", "NOT_STARTED", str(ends(20)))
