"""Deals that are sold as a whole, with one call, played by the Flows of `salesforce/` in an org in memory."""

from datetime import timedelta
from typing import Any

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import (
    LOST,
    WON,
    Line,
    account,
    add_lines,
    addon,
    credit,
    deal,
    feature,
    grant,
    lines_of,
    plan,
    win,
)
from tests.support.days import today
from tests.support.harness import Harness

ACTION = "provision-opportunity"


@pytest.fixture(autouse=True)
def settings(org: Org) -> None:
    """Sell whole deals."""
    org.settings["Whole_Deals__c"] = True


def workspace() -> Line:
    """A line that sells a plan of another product, which is for a resource."""
    return plan("plan-workspace", Stigg_Resource_ID__c="site-berlin")


def again(org: Org, record: str, **changes: object) -> None:
    """Set a deal or one of its lines to Pending, and wait until its Flows have run."""
    org.change(record, Stigg_Status__c="PENDING", **changes)
    org.pass_time(minutes=3)


def statuses(org: Org, opportunity: str) -> list[str | None]:
    """Return the status of each line of a deal."""
    return [org.read(line, "Stigg_Status__c") for line in lines_of(org, opportunity)]


def test_a_deal_is_sold_with_one_call(org: Org, actions: Harness) -> None:
    """Several plans, what goes with one of them, and credits are sold by one call; records say what became of each."""
    buyer = account(org)
    contact = org.add("Contact", Email="billing@account.example")
    growth: Any = {"Stigg_Plan_ID__c": "plan-growth"}
    lines = [plan(Stigg_Price__c=149.0), addon(**growth), feature(**growth), credit(**growth), grant(price=250.0)]
    training = {"type": None, "stigg_id": None, "Quantity": 1.0, "TotalPrice": 10.0}
    opportunity = deal(org, buyer, *lines, workspace(), training, Stigg_End_Date__c=today() + timedelta(days=365))
    org.add("OpportunityContactRole", OpportunityId=opportunity, ContactId=contact, IsPrimary=True)

    win(org, opportunity)

    assert [action for action, _, _ in org.answers.calls] == [ACTION]
    plan_line, *_, grant_line, _, training_line = lines_of(org, opportunity)
    (granted,) = actions.emulator.state()["grants"]
    (customer,) = actions.emulator.state()["customers"]
    assert statuses(org, opportunity) == ["ACTIVE"] * 4 + ["PAYMENT_PENDING", "ACTIVE", None]
    assert f"(line {training_line})" in org.read(opportunity, "Stigg_Deal_Result__c").splitlines()[-1]
    assert (customer["name"], customer["email"]) == ("Acme", "billing@account.example")
    assert org.read(grant_line, "Stigg_Grant_ID__c") == granted["id"]
    record, subscription = org.read(opportunity, "Stigg_Record_ID__c", "Stigg_Subscription_ID__c")
    assert (record, subscription) == (plan_line, org.read(plan_line, "Stigg_Subscription_ID__c"))
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Last_Error__c") == ("ACTIVE", None)
    assert org.read(buyer, "Stigg_Customer_ID__c", "Stigg_Link__c") == (customer["id"], "LINKED")
    assert (org.errors, org.notices.bells) == ([], [])


def test_a_deal_that_is_sent_again_changes_nothing(org: Org, actions: Harness) -> None:
    """A retry without changes writes nothing to Stigg, and the records stay as they were."""
    opportunity = deal(org, account(org), plan(), addon(), grant())
    win(org, opportunity)
    before = actions.writes_to_stigg()

    again(org, opportunity)

    assert actions.writes_to_stigg() == before
    assert (statuses(org, opportunity), org.read(opportunity, "Stigg_Status__c")) == (["ACTIVE"] * 3, "ACTIVE")
    assert org.answers.calls[-1][2]["outcome"] == "unchanged"


def test_an_edited_deal_is_amended(org: Org, actions: Harness) -> None:
    """A quantity that is changed takes effect when the deal is set to Pending, in place."""
    opportunity = deal(org, account(org), plan(), addon(quantity=5.0))
    win(org, opportunity)

    org.change(lines_of(org, opportunity)[1], Quantity=8.0)
    again(org, opportunity)

    (subscription,) = actions.emulator.state()["subscriptions"]
    assert subscription["addons"][0]["quantity"] == 8


def test_an_outage_is_retried_without_selling_twice(org: Org, actions: Harness) -> None:
    """If the answer is lost, the deal fails with the reason; a retry finds what was sold and writes it back."""
    plainly = org.gateway

    def lost(action: str, body: str) -> tuple[int, dict[str, object]]:
        plainly(action, body)
        return 504, {"errorMessage": "OUTCOME_UNKNOWN: The answer was lost."}

    org.gateway = lost
    opportunity = deal(org, account(org), plan(), grant())
    win(org, opportunity)
    assert org.read(opportunity, "Stigg_Status__c") == "FAILED"
    assert "OUTCOME_UNKNOWN" in org.read(opportunity, "Stigg_Last_Error__c")
    assert len(org.notices.bells) == 1

    org.gateway = plainly
    again(org, opportunity)

    assert (len(actions.emulator.state()["subscriptions"]), len(actions.emulator.state()["grants"])) == (1, 1)
    assert (statuses(org, opportunity), org.read(opportunity, "Stigg_Last_Error__c")) == (["ACTIVE"] * 2, None)


def test_a_failed_line_is_tried_again_with_its_deal(org: Org, actions: Harness) -> None:
    """A line that fails leaves the others; corrected and set to Pending, it goes through with its deal."""
    opportunity = deal(org, account(org), plan("plan-unknown"), grant())
    win(org, opportunity)
    failed, _ = lines_of(org, opportunity)
    assert statuses(org, opportunity) == ["FAILED", "ACTIVE"]
    assert "plan-unknown" in org.read(opportunity, "Stigg_Last_Error__c")
    assert "failed: Plan plan-unknown" in org.read(opportunity, "Stigg_Deal_Result__c")
    (bell,) = org.notices.bells
    assert bell.about == opportunity

    org.change(org.read(failed, "Product2Id"), Stigg_ID__c="plan-growth")
    org.change(failed, Stigg_Status__c="PENDING")
    org.pass_time(minutes=3)

    assert statuses(org, opportunity) == ["ACTIVE", "ACTIVE"]
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Last_Error__c") == ("ACTIVE", None)
    assert len(actions.emulator.state()["grants"]) == 1


def test_a_line_does_not_wait_for_a_deal_that_was_refused(org: Org) -> None:
    """Where the deal fails as a whole, a line that was set to Pending fails too, and can be set to Pending again."""
    opportunity = deal(org, account(org), plan(), grant())
    win(org, opportunity)
    line, _ = lines_of(org, opportunity)
    plainly = org.gateway

    org.gateway = lambda _action, _body: (503, {"errorMessage": "STIGG_UNAVAILABLE: Stigg does not answer."})
    again(org, line)

    assert statuses(org, opportunity) == ["FAILED", "ACTIVE"]
    assert "of the opportunity" in org.read(line, "Stigg_Last_Error__c")
    assert "STIGG_UNAVAILABLE" in org.read(opportunity, "Stigg_Last_Error__c")

    org.gateway = plainly
    again(org, line)

    assert statuses(org, opportunity) == ["ACTIVE", "ACTIVE"]
    assert [org.read(one, "Stigg_Last_Error__c") for one in (line, opportunity)] == [None, None]


def test_a_refused_deal_names_its_line(org: Org) -> None:
    """A deal that is refused as a whole fails with the field that is wrong, and no line is sold."""
    opportunity = deal(org, account(org), plan(), addon(quantity=1.5))

    win(org, opportunity)

    assert org.read(opportunity, "Stigg_Status__c") == "FAILED"
    assert "lineItems[1].quantity" in org.read(opportunity, "Stigg_Last_Error__c")
    assert statuses(org, opportunity) == [None, None]


def test_a_price_of_an_addon_is_not_dropped_in_silence(org: Org) -> None:
    """A whole deal takes no price of an add-on: it fails before the call, and says so."""
    opportunity = deal(org, account(org), plan(), addon(Stigg_Price__c=8.5))

    win(org, opportunity)

    assert org.answers.calls == []
    assert org.read(opportunity, "Stigg_Status__c") == "FAILED"
    assert "takes no Stigg Price of an add-on" in org.read(opportunity, "Stigg_Last_Error__c")


def test_a_payment_page_is_made_and_paid(org: Org, actions: Harness) -> None:
    """A charge without payment method gives a page; once it is paid, a retry makes the deal active."""
    opportunity = deal(org, account(org), plan(), addon(), Stigg_Payment_Collection__c="CHARGE")

    win(org, opportunity)

    status, page = org.read(opportunity, "Stigg_Status__c", "Stigg_Payment_Page__c")
    assert (status, page.startswith("https://")) == ("PAYMENT_REQUIRED", True)
    assert org.read(lines_of(org, opportunity)[0], "Stigg_Payment_Page__c") == page

    actions.emulator.checkout(org.read(opportunity, "Stigg_Subscription_ID__c"))
    again(org, opportunity)

    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Payment_Page__c") == ("ACTIVE", None)


def test_a_deleted_line_is_listed_or_ended(org: Org, actions: Harness) -> None:
    """What a deleted line sold stays and is listed in the result, until the deal says that it is to end, once."""
    opportunity = deal(org, account(org), plan(), workspace(), addon(Stigg_Plan_ID__c="plan-growth"))
    win(org, opportunity)
    _, other, seats = lines_of(org, opportunity)
    org.delete(other)
    org.delete(seats)

    again(org, opportunity)
    assert [one["status"] for one in actions.emulator.state()["subscriptions"]] == ["ACTIVE", "ACTIVE"]
    assert f"removed: Plan plan-workspace (line {other})" in org.read(opportunity, "Stigg_Deal_Result__c")

    again(org, opportunity, Stigg_Cancel_Removed_Lines__c=True)
    by_plan = {one["planId"]: one for one in actions.emulator.state()["subscriptions"]}
    assert (by_plan["plan-growth"]["addons"], by_plan["plan-workspace"]["status"]) == ([], "CANCELED")
    assert f"canceled: Plan plan-workspace (line {other})" in org.read(opportunity, "Stigg_Deal_Result__c")
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Last_Error__c") == ("ACTIVE", None)
    before = actions.writes_to_stigg()

    again(org, opportunity)
    assert actions.writes_to_stigg() == before


def test_lines_that_a_quote_sync_makes_again_take_over(org: Org, actions: Harness) -> None:
    """Recreated lines are marked, and take over what the deleted ones sold once the deal is set to Pending."""
    opportunity = deal(org, account(org), plan(), addon(quantity=5.0), grant(), Stigg_Cancel_Removed_Lines__c=True)
    win(org, opportunity)
    for line in lines_of(org, opportunity):
        org.delete(line)
    add_lines(org, opportunity, plan(), addon(quantity=7.0), grant())
    org.pass_time(minutes=3)
    assert statuses(org, opportunity) == ["ADDED_LATER"] * 3
    assert "take over" in org.read(lines_of(org, opportunity)[0], "Stigg_Last_Error__c").replace("takes", "take")

    again(org, opportunity)

    (subscription,) = actions.emulator.state()["subscriptions"]
    assert (subscription["status"], subscription["addons"][0]["quantity"]) == ("ACTIVE", 7)
    assert len(actions.emulator.state()["grants"]) == 1
    assert statuses(org, opportunity) == ["ACTIVE"] * 3
    assert org.read(lines_of(org, opportunity)[0], "Stigg_Last_Error__c") is None


@pytest.mark.parametrize("minutes", [0, 30], ids=["at once", "half an hour later"])
def test_a_deal_is_won_before_it_has_lines(org: Org, actions: Harness, minutes: int) -> None:
    """Lines that come after the deal was won are sold together, once."""
    opportunity = deal(org, account(org))
    win(org, opportunity)
    org.pass_time(minutes=minutes)

    add_lines(org, opportunity, addon(), plan(), grant())
    org.pass_time(minutes=3)

    assert (len(org.answers.calls), len(actions.emulator.state()["subscriptions"])) == (1, 1)
    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"


def test_a_clone_is_a_separate_sale(org: Org, actions: Harness) -> None:
    """A clone with its lines has empty results, and is sold on its own when it is won."""
    buyer = account(org)
    opportunity = deal(org, buyer, plan(), Stigg_Whole_Deal__c=True)
    win(org, opportunity)

    clone = org.clone_with_lines(opportunity, StageName="Negotiation", AccountId=account(org, "Other"))
    assert org.read(clone, "Stigg_Deal_Result__c", "Stigg_Status__c", "Stigg_Sold_Whole__c") == (None, None, True)
    win(org, clone)

    assert (len(actions.emulator.state()["subscriptions"]), statuses(org, clone)) == (2, ["ACTIVE"])


def test_a_data_load_and_an_open_or_lost_deal_start_nothing(org: Org) -> None:
    """Neither what the bypass saves nor a deal that is not won is sold."""
    loader = org.add("User", Email="loader@seller.example", IsActive=True)
    org.permissions[loader] = {"Stigg_Bypass"}
    with org.acting_as(loader):
        deal(org, account(org), plan(Stigg_Status__c="PENDING"), StageName=WON, Stigg_Status__c="PENDING")
    opportunity = deal(org, account(org), plan())
    org.pass_time(days=1)
    org.change(opportunity, StageName=LOST)
    org.pass_time(days=1)

    assert org.answers.calls == []


def test_many_deals_are_won_at_once(org: Org, actions: Harness) -> None:
    """Deals that are won in one save are all sold, each with one call in a transaction of its own."""
    made = [
        deal(org, account(org, f"Account {n}"), plan("plan-unknown" if n == 2 else "plan-growth"), grant())
        for n in range(4)
    ]

    org.save([org.records.row(one) | {"StageName": WON} for one in made], org.transaction())
    org.pass_time(minutes=3)

    assert [org.read(one, "Stigg_Status__c") for one in made] == ["ACTIVE", "ACTIVE", "FAILED", "ACTIVE"]
    assert (len(org.answers.calls), len(actions.emulator.state()["grants"])) == (4, 4)


@pytest.mark.parametrize("whole", ["the setting", "the deal", "neither"])
def test_a_deal_is_sold_by_exactly_one_way(org: Org, whole: str) -> None:
    """A deal is sold with one call or line by line, by the setting or its own field, also when it is tried again."""
    org.settings["Whole_Deals__c"] = whole == "the setting"
    opportunity = deal(org, account(org), plan(), grant(), Stigg_Whole_Deal__c=whole == "the deal")

    win(org, opportunity)
    again(org, opportunity)
    org.change(lines_of(org, opportunity)[0], Stigg_Status__c="PENDING")
    org.pass_time(minutes=3)

    line_by_line = {"create-subscription-with-return-data", "create-customer", "create-credit-grant"}
    called = {action for action, _, _ in org.answers.calls}
    assert (called == {ACTION}, called <= line_by_line) == (whole != "neither", whole == "neither")
    assert statuses(org, opportunity) == ["ACTIVE", "ACTIVE"]


@pytest.mark.parametrize("first", [True, False], ids=["as a whole", "line by line"])
def test_a_deal_keeps_the_way_it_was_first_sold_in(org: Org, actions: Harness, *, first: bool) -> None:
    """When the settings change, a deal that is tried again is sold as it was, so that no credits are granted twice."""
    org.settings["Whole_Deals__c"] = first
    opportunity = deal(org, account(org), plan(), grant())
    win(org, opportunity)

    org.settings["Whole_Deals__c"] = not first
    again(org, opportunity)

    assert (len(actions.emulator.state()["subscriptions"]), len(actions.emulator.state()["grants"])) == (1, 1)
    assert (statuses(org, opportunity), org.read(opportunity, "Stigg_Status__c")) == (["ACTIVE"] * 2, "ACTIVE")
    assert {action == ACTION for action, _, _ in org.answers.calls} == {first}


def test_a_deal_that_needs_one_call_is_not_sold_line_by_line(org: Org) -> None:
    """A line with a term of its own fails its deal where deals are sold line by line, and goes through as a whole."""
    org.settings["Whole_Deals__c"] = False
    opportunity = deal(org, account(org), plan(ServiceDate=today(), Stigg_Term_Months__c=12.0))
    win(org, opportunity)
    assert (org.answers.calls, org.read(opportunity, "Stigg_Status__c")) == ([], "FAILED")
    assert "Tick Stigg Whole Deal" in org.read(opportunity, "Stigg_Last_Error__c")

    again(org, opportunity, Stigg_Whole_Deal__c=True)

    assert (statuses(org, opportunity), org.read(opportunity, "Stigg_Status__c")) == (["ACTIVE"], "ACTIVE")
