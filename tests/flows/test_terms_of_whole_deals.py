"""Ramps, differences, co-termination, trials and discounts of whole deals, played by the Flows of `salesforce/`."""

from datetime import date, timedelta
from typing import Any

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import Line, account, add_lines, addon, deal, feature, grant, lines_of, plan, win
from tests.support.days import today
from tests.support.harness import Harness
from tests.support.requests import sold_in_the_app

YEAR, STAGE = 365, "Proof of Concept"


@pytest.fixture(autouse=True)
def settings(org: Org) -> None:
    """Sell whole deals, with trials."""
    org.settings |= {"Whole_Deals__c": True, "Trial_Stage__c": STAGE}


def day(days: int) -> date:
    """Return a day that lies so many days ahead."""
    return today() + timedelta(days=days)


def year(number: int) -> dict[str, Any]:
    """Return the dates of a segment of a ramp; the first one begins today."""
    return {"ServiceDate": day(YEAR * (number - 1)), "Stigg_Line_End_Date__c": day(YEAR * number - 1)}


def ramp(*seats: float) -> list[Line]:
    """Return the lines of a ramp: for each year, the plan and its seats with the same dates."""
    years = range(1, len(seats) + 1)
    return [plan(**year(n)) for n in years] + [addon(quantity=count, **year(n)) for n, count in enumerate(seats, 1)]


def again(org: Org, opportunity: str, **changes: object) -> None:
    """Set a deal to Pending, and wait until its Flows have run."""
    org.change(opportunity, Stigg_Status__c="PENDING", **changes)
    org.pass_time(minutes=3)


def statuses(org: Org, opportunity: str) -> list[str | None]:
    """Return the status of each line of a deal."""
    return [org.read(line, "Stigg_Status__c") for line in lines_of(org, opportunity)]


def seats(actions: Harness) -> int | None:
    """Return the seats of the one subscription that runs in Stigg."""
    (subscription,) = [one for one in actions.emulator.state()["subscriptions"] if one["status"] != "CANCELED"]
    return next((item["quantity"] for item in subscription["addons"]), None)


def sold(org: Org, *lines: Line, **fields: object) -> tuple[str, str, str]:
    """Sell a deal with a contract; return account, contract and opportunity."""
    buyer = account(org)
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    opportunity = deal(org, buyer, *lines, ContractId=contract, **fields)
    win(org, opportunity)
    return buyer, contract, opportunity


def amendment(org: Org, buyer: str, *lines: Line, **fields: object) -> str:
    """Win an amendment with differences."""
    opportunity = deal(org, buyer, *lines, Stigg_Deal_Type__c="Amendment", Stigg_Differences__c=True, **fields)
    win(org, opportunity)
    return opportunity


def test_a_ramp_is_sold_and_its_second_segment_takes_effect(org: Org, actions: Harness) -> None:
    """The first segment is sold, later ones are scheduled; the second takes effect in time, and a retry keeps it."""
    opportunity = deal(org, account(org), *ramp(50.0, 80.0, 120.0), Stigg_End_Date__c=day(3 * YEAR - 1))

    win(org, opportunity)

    assert statuses(org, opportunity) == ["ACTIVE", "SCHEDULED", "SCHEDULED"] * 2
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Record_ID__c") == ("ACTIVE", lines_of(org, opportunity)[0])
    assert seats(actions) == 50

    org.pass_time(days=YEAR + 1)
    actions.invoke("apply-ramp-steps", {})
    again(org, opportunity)

    assert seats(actions) == 80
    assert statuses(org, opportunity)[1] == "ACTIVE"
    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"


def test_a_segment_that_is_edited_or_deleted_is_changed(org: Org, actions: Harness) -> None:
    """More seats in a later year, and a year that is taken off, take effect when the deal is set to Pending."""
    opportunity = deal(org, account(org), *ramp(50.0, 80.0, 120.0))
    win(org, opportunity)
    _, _, plan_3, _, seats_2, seats_3 = lines_of(org, opportunity)
    org.change(seats_2, Quantity=90.0)
    org.delete(plan_3)
    org.delete(seats_3)

    again(org, opportunity)
    (subscription,) = actions.emulator.state()["subscriptions"]
    assert (seats(actions), subscription["cancellationDate"][:10]) == (50, str(day(2 * YEAR - 1)))
    assert f"removed: Plan plan-growth (line {plan_3})" in org.read(opportunity, "Stigg_Deal_Result__c")

    org.pass_time(days=YEAR + 1)
    actions.invoke("apply-ramp-steps", {})
    assert seats(actions) == 90


def test_a_ramp_with_a_gap_is_refused(org: Org) -> None:
    """Segments that do not follow each other fail the deal, with the line's field."""
    lines = [plan(**year(1)), plan(**{**year(2), "ServiceDate": day(YEAR + 5)})]
    opportunity = deal(org, account(org), *lines)

    win(org, opportunity)

    assert org.read(opportunity, "Stigg_Status__c") == "FAILED"
    assert "lineItems[1].startDate" in org.read(opportunity, "Stigg_Last_Error__c")


def test_differences_change_the_subscription_of_an_earlier_deal_once(org: Org, actions: Harness) -> None:
    """5 more seats, and 3 fewer of a second amendment, count once each; the contract follows the subscription."""
    buyer, contract, first = sold(org, plan(), addon(quantity=10.0))

    more = amendment(org, buyer, plan(), addon(quantity=5.0), ContractId=contract)
    assert (seats(actions), statuses(org, more)) == (15, ["ACTIVE", "ACTIVE"])
    again(org, more)
    assert seats(actions) == 15

    fewer = amendment(org, buyer, plan(), addon(quantity=-3.0), ContractId=contract)
    assert seats(actions) == 12
    for opportunity in (first, more):
        again(org, opportunity)

    assert seats(actions) == 12
    assert org.read(contract, "Stigg_Record_ID__c") == lines_of(org, fewer)[0]
    assert org.read(contract, "Stigg_Status__c") == "ACTIVE"
    assert org.errors == []


def test_a_difference_is_corrected_by_editing_its_line(org: Org, actions: Harness) -> None:
    """From 5 to 7 adds 2 more, also after the first answer was lost."""
    buyer, contract, _ = sold(org, plan(), addon(quantity=10.0))
    plainly = org.gateway

    def lost(action: str, body: str) -> tuple[int, dict[str, object]]:
        plainly(action, body)
        return 504, {"errorMessage": "OUTCOME_UNKNOWN: The answer was lost."}

    org.gateway = lost
    more = amendment(org, buyer, plan(), addon(quantity=5.0), ContractId=contract)
    assert org.read(more, "Stigg_Status__c") == "FAILED"

    org.gateway = plainly
    org.change(lines_of(org, more)[1], Quantity=7.0)
    again(org, more)

    assert (seats(actions), org.read(more, "Stigg_Status__c")) == (17, "ACTIVE")


def test_differences_name_the_record_to_change(org: Org, actions: Harness) -> None:
    """Without a contract, the amendment names the line that was sold; an add-on is taken away with Stigg Remove."""
    opportunity = deal(org, account(org), plan(), addon(quantity=10.0), feature(quantity=100.0))
    win(org, opportunity)
    buyer, record = org.read(opportunity, "AccountId"), lines_of(org, opportunity)[0]

    change = amendment(
        org, buyer, plan(), addon(Stigg_Remove__c=True), feature(quantity=5.0), Stigg_Record_To_Change__c=record
    )

    (subscription,) = actions.emulator.state()["subscriptions"]
    assert [item["usageLimit"] for item in subscription["sent"]["entitlements"]] == [105]
    assert (seats(actions), org.read(change, "Stigg_Status__c")) == (None, "ACTIVE")


def test_an_amendment_that_becomes_one_with_differences_grants_once(org: Org, actions: Harness) -> None:
    """Credits that an amendment with totals has granted are not granted again once it is ticked as differences."""
    buyer, contract, _ = sold(org, plan(), addon(quantity=10.0))
    lines = (plan(), addon(quantity=5.0), grant())
    change = deal(org, buyer, *lines, Stigg_Deal_Type__c="Amendment", ContractId=contract)
    win(org, change)

    again(org, change, Stigg_Differences__c=True)

    assert (seats(actions), len(actions.emulator.state()["grants"])) == (10, 1)
    assert statuses(org, change)[2] == "ACTIVE"


def test_differences_to_no_subscription_are_no_sale(org: Org) -> None:
    """An amendment with neither contract nor record fails before the call."""
    change = amendment(org, account(org), plan(), addon(quantity=5.0))

    assert org.answers.calls == []
    assert org.read(change, "Stigg_Status__c") == "FAILED"
    assert "which subscription it changes" in org.read(change, "Stigg_Last_Error__c")


def test_amendments_and_renewals_without_differences_are_sold_as_before(org: Org, actions: Harness) -> None:
    """With whole deals, an amendment with totals and a renewal have their own Flows, and one call each."""
    buyer, contract, _ = sold(org, plan(), addon(quantity=10.0))
    for kind, lines in (("Amendment", [addon(quantity=20.0)]), ("Renewal", [plan(), addon(quantity=30.0)])):
        win(org, deal(org, buyer, *lines, ContractId=contract, Stigg_Deal_Type__c=kind))

    assert [action for action, _, _ in org.answers.calls][1:] == ["update-subscription", "renew-subscription"]
    assert seats(actions) == 30


def test_what_is_sold_in_mid_term_ends_with_the_rest(org: Org, actions: Harness) -> None:
    """A co-terminated plan of another product, and credits, end with the customer's subscription."""
    end = day(YEAR)
    buyer, _, _ = sold(org, plan(), Stigg_End_Date__c=end)

    workspace = plan("plan-workspace", Stigg_Resource_ID__c="site-berlin")
    second = deal(org, buyer, workspace, grant(), Stigg_Co_Terminate__c=True)
    win(org, second)

    ends = {one["planId"]: one["cancellationDate"][:10] for one in actions.emulator.state()["subscriptions"]}
    assert (statuses(org, second), ends["plan-workspace"]) == (["ACTIVE", "ACTIVE"], str(end))


def test_a_subscription_to_end_with_is_named(org: Org, actions: Harness) -> None:
    """Where the customer's subscriptions end at different times, the deal names one; without it, the line fails."""
    buyer, _, first = sold(org, plan(), Stigg_End_Date__c=day(100))
    for place, days in (("site-a", 200), ("site-b", 300)):
        other = plan("plan-workspace", Stigg_Resource_ID__c=place)
        win(org, deal(org, buyer, other, Stigg_End_Date__c=day(days)))
    new = deal(org, buyer, plan("plan-workspace", Stigg_Resource_ID__c="site-c"), Stigg_Co_Terminate__c=True)
    win(org, new)
    assert statuses(org, new) == ["FAILED"]

    again(org, new, Stigg_Co_Terminate_With__c=org.read(first, "Stigg_Subscription_ID__c"))

    by_place = {one["resourceId"]: one["cancellationDate"][:10] for one in actions.emulator.state()["subscriptions"]}
    assert (statuses(org, new), by_place["site-c"]) == (["ACTIVE"], str(day(100)))


@pytest.mark.parametrize("dated", [False, True], ids=["at once", "on the start date"])
def test_a_trial_becomes_paid_in_place(org: Org, actions: Harness, *, dated: bool) -> None:
    """A proof of concept that converts keeps its subscription when it is won; credits are granted then."""
    org.settings["Trial_End_Behavior__c"] = "CONVERT_TO_PAID"
    starts = day(5) if dated else None
    lines = (plan(), addon(), grant())
    opportunity = deal(org, account(org), *lines, Stigg_Trial_End_Date__c=day(14), Stigg_Start_Date__c=starts)
    org.change(opportunity, StageName=STAGE)
    org.pass_time(minutes=3)
    (trial,) = actions.emulator.state()["subscriptions"]
    assert (trial["status"], trial["trialEndDate"][:10]) == ("IN_TRIAL", str(day(14)))
    assert (statuses(org, opportunity)[:2], actions.emulator.state()["grants"]) == (["IN_TRIAL", "IN_TRIAL"], [])
    assert org.read(opportunity, "Stigg_Status__c") == "IN_TRIAL"
    before = actions.emulator.state()["now"]

    win(org, opportunity)

    after = actions.emulator.state()
    (paid,) = after["subscriptions"]
    assert (paid["id"], len(actions.emulator.state()["grants"])) == (trial["id"], 1)
    first, last = (starts, starts) if dated else (before[:10], after["now"][:10])  # midnight may come in between
    assert str(first) <= paid["trialEndDate"][:10] <= str(last)
    assert org.read(opportunity, "Stigg_Subscription_ID__c", "Stigg_Last_Error__c") == (trial["id"], None)


def test_later_years_join_when_a_trial_is_won(org: Org, actions: Harness) -> None:
    """The first year of a ramp is tried, without its dates; won with the second year, it is paid in place."""
    org.settings["Trial_End_Behavior__c"] = "CONVERT_TO_PAID"
    first = (plan(**year(1)), addon(quantity=50.0, **year(1)))
    opportunity = deal(org, account(org), *first, Stigg_Trial_End_Date__c=day(14))
    org.change(opportunity, StageName=STAGE)
    org.pass_time(minutes=3)
    add_lines(org, opportunity, plan(**year(2)), addon(quantity=80.0, **year(2)))

    win(org, opportunity)

    assert statuses(org, opportunity)[2:] == ["SCHEDULED", "SCHEDULED"]
    (subscription,) = actions.emulator.state()["subscriptions"]
    assert (subscription["cancellationDate"][:10], seats(actions)) == (str(day(2 * YEAR - 1)), 50)


def test_a_trial_that_would_be_canceled_is_replaced(org: Org, actions: Harness) -> None:
    """Won, a trial that leads to a cancellation gives way to a paid subscription; a lost deal leaves it to its end."""
    opportunity = deal(org, account(org), plan(), Stigg_Trial_End_Date__c=day(14), Stigg_End_Date__c=day(YEAR))
    org.change(opportunity, StageName=STAGE)
    org.pass_time(minutes=3)

    win(org, opportunity)

    assert [one["status"] for one in actions.emulator.state()["subscriptions"]] == ["CANCELED", "ACTIVE"]
    assert (statuses(org, opportunity), org.read(opportunity, "Stigg_Status__c")) == (["ACTIVE"], "ACTIVE")


def test_a_discount_lasts_its_months_or_the_term(org: Org) -> None:
    """Percent, amount and months of the line are sent as they are, with the start of the deal."""
    percent = deal(
        org, account(org), plan(Stigg_Discount__c=20.0, Stigg_Discount_Months__c=6.0), Stigg_Start_Date__c=today()
    )
    amount = deal(org, account(org), plan(Stigg_Discount_Amount__c=15.5), Stigg_Start_Date__c=today())

    win(org, percent)
    win(org, amount)

    first, second = org.answers.requests("provision-opportunity")
    assert (first["lineItems"][0]["discountPercent"], first["lineItems"][0]["discountMonths"]) == (20, 6)
    assert (second["lineItems"][0]["discountAmount"], second["startDate"]) == (15.5, str(today()))
    assert [org.read(one, "Stigg_Status__c") for one in (percent, amount)] == ["ACTIVE", "ACTIVE"]


def test_a_plan_line_stands_for_a_subscription_of_the_app(org: Org, actions: Harness) -> None:
    """A Plan line that names a subscription which was made in the Stigg app stands for it: nothing is sold twice."""
    buyer, _, _ = sold(org, grant())
    subscription = sold_in_the_app(actions, customerId=org.read(buyer, "Stigg_Customer_ID__c"))
    opportunity = deal(
        org, buyer, plan(Stigg_Existing_Subscription__c=subscription), Stigg_Payment_Collection__c="NONE"
    )

    win(org, opportunity)
    again(org, opportunity)

    assert [one["id"] for one in actions.emulator.state()["subscriptions"]] == [subscription]
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Subscription_ID__c") == ("ACTIVE", subscription)
