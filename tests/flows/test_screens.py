"""The screens of `salesforce/`, gone through by a user in an org in memory, with the answers of the actions."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.screens import NotAccepted, Visit, open_action
from local.salesforce_org.selling import account, addon, deal, feature, grant, lines_of, plan, win
from tests.support.harness import Harness

ACTIONS = (
    "Account.Stigg_Customer",
    "Account.Stigg_Grant_Access",
    "Contract.Stigg_Subscription",
    "Opportunity.Stigg_Preview_Deal",
)


@pytest.fixture
def buyer(org: Org) -> str:
    """An account."""
    return account(org)


@pytest.fixture
def contract(org: Org, buyer: str) -> str:
    """A contract whose deal was won: a plan with add-ons and a feature, and credits."""
    made = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    win(org, deal(org, buyer, plan(), addon(), feature(), grant(), ContractId=made))
    return made


def shown(visit: Visit) -> str:
    """Return all that a screen shows, as text."""
    return " ".join(re.sub(r"<[^>]+>", " ", " ".join(field.html for field in visit.fields)).split())


def subscription(actions: Harness) -> dict[str, Any]:
    """Return the one subscription of Stigg."""
    (found,) = actions.emulator.state()["subscriptions"]
    return dict(found)


def in_days(org: Org, days: int) -> date:
    """Return a day after the present one of the org."""
    return org.clock.date() + timedelta(days=days)


def choose(org: Org, contract: str, what: str) -> Visit:
    """Open the subscription of a contract, and choose what to do."""
    visit = open_action(org, "Contract.Stigg_Subscription", contract)
    visit.press("Next", What_To_Do=what)
    return visit


def test_a_customer_is_shown_whole(org: Org, actions: Harness, buyer: str, contract: str) -> None:
    """Subscriptions, usage with a bar, credits, open invoices and blockers are those of the answer."""
    usage = {"featureId": "feature-api-calls", "value": 340, "idempotencyKey": "a"}
    actions.ok(
        "report-usage", {"customerId": org.read(org.read(contract, "AccountId"), "Stigg_Customer_ID__c"), **usage}
    )
    visit = open_action(org, "Account.Stigg_Customer", buyer)

    text, (_, _, answer) = shown(visit), org.answers.calls[-1]
    (invoice,) = answer["openInvoices"]
    assert f"plan-growth Active since {answer['subscriptions'][0]['startDate'][:10]}" in text
    assert "5 of addon-seats" in text
    assert "API calls : 340 of 1000 used ■■■□□□□□□□" in text
    assert "Single sign-on : on" in text
    assert f"Tokens : {answer['credits'][0]['balance']} left, 0 of {answer['credits'][0]['granted']} used" in text
    assert invoice["invoiceId"] in text
    assert answer["blockers"][0]["message"] in text
    assert visit.buttons == ["Close"]


def test_an_account_that_is_no_customer(org: Org, buyer: str) -> None:
    """An account without a customer is told apart from an error, and the screen says how it becomes one."""
    visit = open_action(org, "Account.Stigg_Customer", buyer)

    assert visit.title == "No customer in Stigg"
    visit.press("Close")
    assert visit.is_over


def test_a_customer_that_has_nothing(org: Org, actions: Harness, buyer: str) -> None:
    """Each part of a customer without subscriptions says that it is empty."""
    actions.ok("create-customer", {"salesforceAccountId": buyer, "name": "<Acme> & Sons"})

    visit = open_action(org, "Account.Stigg_Customer", buyer)

    fields = {field.name: field.html for field in visit.fields}
    assert {"Subscriptions_None", "Usage_None", "Credits_None", "Invoices_None"} <= fields.keys()
    assert "&lt;Acme> & Sons" in fields["Customer_Name"]


@pytest.mark.parametrize("action", ACTIONS)
def test_an_outage_says_what_to_do(org: Org, buyer: str, contract: str, action: str) -> None:
    """A call that fails leads to a screen with the reason, what to do, and the id for the administrator."""
    records = {"Account": buyer, "Contract": contract, "Opportunity": next(org.records.of("Opportunity"))["Id"]}
    org.gateway = lambda _action, _body: (503, {"errorMessage": "STIGG_UNAVAILABLE: Stigg does not answer."})
    visit = open_action(org, action, records[action.partition(".")[0]])
    if "Grant" in action:
        visit.press("Grant", Feature_ID="feature-sso")

    assert visit.title == "It did not work"
    assert "503: STIGG_UNAVAILABLE: Stigg does not answer." in shown(visit)
    assert "What to do" in shown(visit)
    assert visit.interview.guid in shown(visit)


def test_a_subscription_is_shown_live(org: Org, actions: Harness, contract: str) -> None:
    """Status, dates, what is scheduled and the history are Stigg's of now, whatever the contract says."""
    record = org.read(contract, "Stigg_Record_ID__c")
    scheduled = {"salesforceRecordId": record, "billingPeriod": "ANNUALLY", "scheduleStrategy": "END_OF_BILLING_PERIOD"}
    actions.ok("update-subscription", scheduled)
    org.change(contract, Stigg_Status__c="EXPIRED")

    text = shown(open_action(org, "Contract.Stigg_Subscription", contract))

    answer = org.answers.calls[-1][2]
    assert f"Active since {answer['subscription']['startDate'][:10]}" in text
    assert f"{answer['subscription']['scheduledChanges'][0]['takesEffectAt'][:10]}: Billing period" in text
    assert f"{answer['history'][0]['at'][:10]}: created" in text
    assert answer["subscriptionId"] in text


def test_a_contract_without_a_subscription(org: Org, buyer: str) -> None:
    """No call is made for a contract that has no record, and the screen says how it gets one."""
    visit = open_action(org, "Contract.Stigg_Subscription", org.add("Contract", AccountId=buyer, ContractNumber="7"))

    assert "Contract 7 has no subscription yet" in shown(visit)
    assert org.answers.calls == []


def test_a_refusal_is_shown(org: Org, buyer: str) -> None:
    """What the action refuses is shown in its words."""
    contract = org.add("Contract", AccountId=buyer, ContractNumber="7")
    org.change(contract, Stigg_Record_ID__c="00k000000000001AAA")

    visit = open_action(org, "Contract.Stigg_Subscription", contract)

    assert visit.title == "It was refused"
    assert org.answers.calls[-1][2]["errorMessage"] in shown(visit)


def test_the_end_is_moved(org: Org, actions: Harness, contract: str) -> None:
    """A day that lies ahead becomes the end of the subscription and of the contract."""
    visit = choose(org, contract, "Move the end")
    with pytest.raises(NotAccepted, match="complete this field"):
        visit.press("Move the end")
    with pytest.raises(NotAccepted, match="lies in the past"):
        visit.press("Move the end", New_End=in_days(org, -1))

    visit.press_twice("Move the end", New_End=in_days(org, 90))

    assert visit.title == "The end is moved"
    assert org.read(contract, "Stigg_End_Date__c") == in_days(org, 90)
    assert str(subscription(actions)["cancellationDate"])[:10] == str(in_days(org, 90))
    assert [answer["replayed"] for action, _, answer in org.answers.calls if action == "reschedule-cancellation"] == [
        False,
        True,
    ]


def test_a_contract_that_is_not_saved(org: Org, contract: str) -> None:
    """If Stigg has moved the end and Salesforce refuses to save it, the screen says both."""
    visit = choose(org, contract, "Move the end")
    org.schema.fields["Contract"].pop("Stigg_End_Date__c")

    visit.press("Move the end", New_End=in_days(org, 90))

    assert visit.title == "Done in Stigg only"
    assert "INVALID_FIELD" in shown(visit)
    assert visit.buttons == ["Close"]


def test_a_cancellation_is_shown_before_it_is_made(org: Org, actions: Harness, contract: str) -> None:
    """The dry run is shown first and changes nothing; the button makes it, and the contract follows."""
    visit = choose(org, contract, "Cancel the subscription")
    visit.press("Next", Cancel_When="On a date", Cancel_Date=in_days(org, 40))
    assert f"The subscription ends on {in_days(org, 40)}" in shown(visit)
    assert subscription(actions)["cancellationDate"] is None

    visit.press_twice("Cancel the subscription")

    assert f"The subscription ends on {in_days(org, 40)}." in shown(visit)
    assert org.read(contract, "Stigg_End_Date__c", "Stigg_No_Grace__c", "Stigg_Status__c") == (
        in_days(org, 40),
        True,
        "ACTIVE",
    )
    assert [request["dryRun"] for request in org.answers.requests("cancel-subscription")] == [True, False, False]
    assert org.answers.calls[-1][2]["replayed"]


def test_a_cancellation_at_once(org: Org, actions: Harness, contract: str) -> None:
    """A subscription that is canceled now has ended, in Stigg and on the contract, and no grace plan follows."""
    visit = choose(org, contract, "Cancel the subscription")
    visit.press("Next", Cancel_When="Now")
    assert "The subscription ends at once." in shown(visit)
    assert "Status: ACTIVE becomes CANCELED" in shown(visit)

    visit.press("Cancel the subscription")
    org.pass_time(days=3)

    assert (subscription(actions)["status"], org.read(contract, "Stigg_Status__c")) == ("CANCELED", "CANCELED")
    assert org.answers.requests("downgrade-subscription") == []


def test_an_end_is_taken_back(org: Org, actions: Harness, contract: str) -> None:
    """The subscription goes on, and the contract has no end."""
    choose(org, contract, "Move the end").press("Move the end", New_End=in_days(org, 90))

    visit = choose(org, contract, "Take the end back: the subscription goes on")
    visit.press_twice("Take the end back")

    assert visit.title == "The subscription goes on"
    assert org.read(contract, "Stigg_End_Date__c") is None
    assert subscription(actions)["cancellationDate"] is None


def test_what_is_scheduled_is_dropped(org: Org, actions: Harness, contract: str) -> None:
    """A scheduled change is shown, and does not take effect once it is dropped, however often the button is pressed."""
    record = org.read(contract, "Stigg_Record_ID__c")
    scheduled = {"salesforceRecordId": record, "billingPeriod": "ANNUALLY", "scheduleStrategy": "END_OF_BILLING_PERIOD"}
    actions.ok("update-subscription", scheduled)
    visit = choose(org, contract, "Drop what is scheduled")
    assert "Billing period" in shown(visit)

    visit.press_twice("Drop")

    assert "This does not take effect:" in shown(visit)
    assert "Billing period" in shown(visit)
    assert actions.ok("get-subscription", {"salesforceRecordId": record})["subscription"]["scheduledChanges"] == []
    assert org.answers.calls[-1][2]["replayed"]


def test_only_looking_changes_nothing(org: Org, contract: str) -> None:
    """The first choice closes the screen, and Back leads from a form to the subscription."""
    visit = choose(org, contract, "Move the end")
    visit.press("Back")
    visit.press("Next", What_To_Do="Nothing, I only look")

    assert visit.is_over
    assert [action for action, _, _ in org.answers.calls][-1] == "get-subscription"


@pytest.mark.usefixtures("contract")
def test_access_is_granted_once(org: Org, actions: Harness, buyer: str) -> None:
    """A feature of the products is granted for a while; pressing the button twice grants it once."""
    visit = open_action(org, "Account.Stigg_Grant_Access", buyer)
    (choice,) = next(field.choices for field in visit.fields if field.name == "Feature")

    visit.press_twice("Grant", Feature=choice.label, How_Long="6 months", Usage_Limit=5000.0)

    first, second = [answer for action, _, answer in org.answers.calls if action == "grant-promotional-entitlement"]
    assert (first["outcome"], second["replayed"]) == ("created", True)
    assert f"feature-api-calls: until {first['endDate'][:10]}, 5000 units" in shown(visit)
    assert len(actions.emulator.state()["promotions"]) == 1


@pytest.mark.usefixtures("contract")
def test_a_refused_grant_is_corrected(org: Org, buyer: str) -> None:
    """A feature that Stigg does not know is refused with similar ones; Back keeps what was entered."""
    visit = open_action(org, "Account.Stigg_Grant_Access", buyer)
    visit.press("Grant", Feature_ID="feature-ssso", How_Long="Until a date", Last_Day=in_days(org, 10))
    assert "feature-sso" in shown(visit)

    visit.press("Back")
    visit.press("Grant", Feature_ID="feature-sso")

    assert f"feature-sso: until {in_days(org, 10)}" in shown(visit)


def test_a_failed_line_is_tried_again(org: Org, buyer: str) -> None:
    """What failed is shown with its reason; once the cause is corrected, the button sells it, once."""
    opportunity = deal(org, buyer, plan("plan-unknown"))
    win(org, opportunity)
    visit = open_action(org, "Opportunity.Stigg_Try_Again", opportunity)
    assert "PLAN_NOT_FOUND" in shown(visit)

    org.change(org.read(lines_of(org, opportunity)[0], "Product2Id"), Stigg_ID__c="plan-growth")
    visit.press_twice("Try again")
    org.pass_time(minutes=3)

    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"
    assert len(org.answers.requests("create-subscription-with-return-data")) == 2
    assert "Nothing has failed" in shown(open_action(org, "Opportunity.Stigg_Try_Again", opportunity))


def test_a_failed_amendment_is_tried_again(org: Org, buyer: str, contract: str) -> None:
    """Where no line has failed but the deal has, the deal is set to Pending."""
    amendment = deal(org, buyer, addon("addon-unknown"), ContractId=contract, Stigg_Deal_Type__c="Amendment")
    win(org, amendment)
    org.change(org.read(lines_of(org, amendment)[0], "Product2Id"), Stigg_ID__c="addon-seats")

    visit = open_action(org, "Opportunity.Stigg_Try_Again", amendment)
    assert "ADDON_NOT_FOUND" in shown(visit)
    visit.press("Try again")
    org.pass_time(minutes=3)

    assert org.read(amendment, "Stigg_Status__c") == "ACTIVE"


@pytest.mark.parametrize("field", ["Stigg_Status__c", "Stigg_Notification__c"])
def test_a_contract_is_tried_again(org: Org, contract: str, field: str) -> None:
    """Of a contract, the move to the grace plan or the notice is set to Pending, whichever has failed."""
    org.change(contract, **{field: "FAILED", "Stigg_Last_Error__c": "OUTCOME_UNKNOWN: ..."})

    visit = open_action(org, "Contract.Stigg_Try_Again", contract)
    assert "OUTCOME_UNKNOWN" in shown(visit)
    visit.press("Try again")

    assert org.read(contract, field) == "PENDING"


def test_a_status_that_is_not_saved(org: Org, contract: str) -> None:
    """If Salesforce refuses to save the status, the screen says why."""
    org.change(contract, Stigg_Status__c="FAILED")
    visit = open_action(org, "Contract.Stigg_Try_Again", contract)
    org.schema.fields["Contract"].pop("Stigg_Status__c")

    visit.press("Try again")

    assert visit.title == "It did not work"
    assert "INVALID_FIELD" in shown(visit)


def test_a_deal_is_previewed(org: Org, actions: Harness, buyer: str) -> None:
    """Each line says what happens, prices are Stigg's, and nothing is changed."""
    actions.ok("create-customer", {"salesforceAccountId": buyer, "name": "Acme"})
    opportunity = deal(org, buyer, plan(), addon(quantity=3.0))

    text = shown(open_action(org, "Opportunity.Stigg_Preview_Deal", opportunity))

    answer = org.answers.calls[-1][2]
    (total,) = answer["totals"]
    assert "Every line can be carried out." in text
    assert "Plan plan-growth" in text
    assert f"then {total['recurringTotal']:g} {total['currency'].upper()} each month" in text
    assert (actions.emulator.state()["subscriptions"], org.read(opportunity, "Stigg_Status__c")) == ([], None)


def test_what_is_in_the_way_of_a_deal(org: Org, buyer: str) -> None:
    """A line that Stigg would refuse is in the way, with the reason of the answer."""
    opportunity = deal(org, buyer, plan("plan-unknown"))

    text = shown(open_action(org, "Opportunity.Stigg_Preview_Deal", opportunity))

    (line,) = org.answers.calls[-1][2]["lines"]
    assert "All lines would fail." in text
    assert f"In the way Plan plan-unknown : {line['message']}" in text


def test_a_deal_that_cannot_be_sent(org: Org, buyer: str) -> None:
    """A deal that is refused as a whole, and one without lines, lead to a screen that says why."""
    visit = open_action(org, "Opportunity.Stigg_Preview_Deal", deal(org, buyer))

    assert visit.title in {"It was refused", "The deal cannot be previewed"}
    assert "What to do" in shown(visit)
