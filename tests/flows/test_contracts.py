"""Contracts, from their first sale to their end, played by the Flows of `salesforce/` in an org in memory."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import (
    LOST,
    WON,
    Line,
    account,
    addon,
    credit,
    deal,
    feature,
    lines_of,
    plan,
    win,
)
from tests.support.harness import Harness

NOON = time(12)


@pytest.fixture
def end(org: Org) -> date:
    """The last day of the contract."""
    return org.clock.date() + timedelta(days=90)


@pytest.fixture
def contract(org: Org, end: date) -> str:
    """A contract whose deal was won and provisioned."""
    buyer = account(org)
    made = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    win(org, deal(org, buyer, plan(), addon(), feature(), ContractId=made, Stigg_End_Date__c=end))
    return made


def change(org: Org, contract: str, kind: str, *lines: dict[str, object], **fields: object) -> str:
    """Win an amendment or renewal of a contract."""
    made = deal(org, org.read(contract, "AccountId"), *lines, ContractId=contract, Stigg_Deal_Type__c=kind, **fields)
    win(org, made)
    return made


def let_time_pass(org: Org, actions: Harness, day: date) -> None:
    """Let it become noon of a day, in the org and in Stigg."""
    passing = int((datetime.combine(day, NOON, UTC) - org.clock).total_seconds())
    actions.emulator.advance(passing)
    org.pass_time(seconds=passing)


def test_a_contract_learns_of_its_subscription(org: Org, contract: str, end: date) -> None:
    """The contract of a provisioned deal has its record, its subscription, its status and its end."""
    (opportunity,) = org.records.of("Opportunity")

    assert org.read(contract, "Stigg_Status__c", "Stigg_End_Date__c") == ("ACTIVE", end)
    assert org.read(contract, "Stigg_Record_ID__c") == lines_of(org, opportunity["Id"])[0]
    assert org.read(contract, "Stigg_Subscription_ID__c") == opportunity["Stigg_Subscription_ID__c"]


def test_a_contract_that_comes_later_learns_of_it_too(org: Org) -> None:
    """A contract that a provisioned deal is given gets its subscription at once."""
    buyer = account(org)
    opportunity = deal(org, buyer, plan())
    win(org, opportunity)
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000102")

    org.change(opportunity, ContractId=contract)

    assert org.read(contract, "Stigg_Record_ID__c") == lines_of(org, opportunity)[0]


def test_an_amendment_changes_the_subscription_in_place(org: Org, actions: Harness, contract: str) -> None:
    """Quantities become the new totals, a line marked for removal is taken away, and what no line names stays."""
    amendment = change(org, contract, "Amendment", addon(quantity=9.0), feature(Stigg_Remove__c=True), credit())

    (subscription,) = actions.emulator.state()["subscriptions"]
    assert {item["id"]: item["quantity"] for item in subscription["addons"]} == {"addon-seats": 9}
    assert org.read(amendment, "Stigg_Status__c", "Stigg_Record_ID__c") == (
        "ACTIVE",
        org.read(contract, "Stigg_Record_ID__c"),
    )
    assert org.answers.requests("update-subscription")[0]["removeEntitlements"] == ["feature-api-calls"]


def test_a_renewal_without_lines_moves_the_end(org: Org, contract: str, end: date) -> None:
    """Only the end of the subscription changes, and that of the contract with it."""
    record, later = org.read(contract, "Stigg_Record_ID__c"), end + timedelta(days=365)

    renewal = change(org, contract, "Renewal", Stigg_End_Date__c=later)

    assert org.read(renewal, "Stigg_Status__c", "Stigg_Record_ID__c") == ("ACTIVE", record)
    assert org.read(contract, "Stigg_End_Date__c", "Stigg_Record_ID__c") == (later, record)


def test_a_renewal_with_another_plan_moves_the_contract(org: Org, contract: str) -> None:
    """The lines are the whole new state, and the contract follows to the line that has the subscription now."""
    before = org.read(contract, "Stigg_Subscription_ID__c")

    renewal = change(org, contract, "Renewal", plan("plan-starter"))

    (line,) = lines_of(org, renewal)
    subscription = org.read(line, "Stigg_Subscription_ID__c")
    assert org.read(contract, "Stigg_Record_ID__c", "Stigg_Subscription_ID__c") == (line, subscription)
    assert subscription not in {None, before}


def test_a_renewal_is_tried_again_once_it_is_paid(org: Org, actions: Harness) -> None:
    """A renewal that has to be paid first shows the page; once it is paid, a retry makes it active."""
    buyer = account(org)
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000102")
    (line,) = lines_of(org, deal(org, buyer, plan()))
    paid = {"paymentCollectionMethod": "CHARGE", "billingInformation": {"isInvoicePaid": True}}
    sold = {"salesforceAccountId": buyer, "salesforceRecordId": line, "customerName": "Acme", "planId": "plan-growth"}
    actions.ok("create-subscription", {**sold, **paid, "billingPeriod": "MONTHLY"})
    org.change(contract, Stigg_Record_ID__c=line)

    renewal = change(org, contract, "Renewal", plan("plan-starter"))

    status, page = org.read(renewal, "Stigg_Status__c", "Stigg_Payment_Page__c")
    assert (status, page is not None) == ("PAYMENT_REQUIRED", True)
    assert (
        org.answers.requests("renew-subscription")[0]["checkoutOptions"]["successUrl"] == "https://acme.example/thanks"
    )

    actions.emulator.checkout(org.read(renewal, "Stigg_Subscription_ID__c"))
    org.change(renewal, Stigg_Status__c=None)
    org.pass_time(minutes=2)

    assert org.read(renewal, "Stigg_Status__c", "Stigg_Payment_Page__c") == ("ACTIVE", None)
    assert org.read(contract, "Stigg_Status__c", "Stigg_Record_ID__c") == ("ACTIVE", lines_of(org, renewal)[0])


def test_an_amendment_of_a_named_record_leaves_the_contract(org: Org, contract: str) -> None:
    """An amendment that names another record than its contract's changes that one, and the contract keeps its own."""
    buyer = account(org, "Other")
    other = deal(org, buyer, plan())
    win(org, other)
    (line,) = lines_of(org, other)
    before = org.read(contract, "Stigg_Record_ID__c", "Stigg_Subscription_ID__c", "Stigg_Status__c")

    amendment = change(org, contract, "Amendment", addon(quantity=2.0), Stigg_Record_To_Change__c=line)

    assert org.read(amendment, "Stigg_Record_ID__c", "Stigg_Status__c") == (line, "ACTIVE")
    assert org.read(contract, "Stigg_Record_ID__c", "Stigg_Subscription_ID__c", "Stigg_Status__c") == before


@pytest.mark.parametrize("lines", [(), (plan(),)], ids=["of the same line", "of another line"])
def test_a_renewal_in_a_contract_of_its_own(org: Org, contract: str, end: date, lines: tuple[Line, ...]) -> None:
    """The former contract has no end any more: neither notice nor grace plan come for what goes on in the other one."""
    buyer, record = org.read(contract, "AccountId", "Stigg_Record_ID__c")
    other = org.add("Contract", AccountId=buyer, ContractNumber="00000103")
    fields = {"Stigg_Record_To_Change__c": record, "Stigg_End_Date__c": end + timedelta(days=365)}

    win(org, deal(org, buyer, *lines, ContractId=other, Stigg_Deal_Type__c="Renewal", **fields))
    calls = len(org.answers.calls)
    org.pass_time(days=100)

    assert org.read(other, "Stigg_Status__c", "Stigg_End_Date__c") == ("ACTIVE", end + timedelta(days=365))
    assert org.read(contract, "Stigg_Status__c", "Stigg_End_Date__c") == ("ACTIVE", None)
    assert len(org.answers.calls) == calls


def test_a_lost_renewal_ends_the_subscription_and_starts_no_grace(
    org: Org, actions: Harness, contract: str, end: date
) -> None:
    """A lost renewal cancels on the contract's last day, and the customer is not moved to the grace plan."""
    renewal = deal(org, org.read(contract, "AccountId"), ContractId=contract, Stigg_Deal_Type__c="Renewal")

    org.change(renewal, StageName=LOST)
    org.pass_time(minutes=2)
    let_time_pass(org, actions, end + timedelta(days=10))

    assert org.answers.requests("cancel-subscription")[0]["cancelWhen"] == "onDate"
    assert org.read(contract, "Stigg_Renewal_Lost__c") is True
    assert org.answers.requests("downgrade-subscription") == []


def test_a_lost_renewal_of_a_named_record_leaves_the_contract(org: Org, contract: str) -> None:
    """A lost renewal of another record ends that one's subscription, and the contract keeps its grace plan."""
    other = deal(org, account(org, "Other"), plan())
    win(org, other)
    renewal = deal(
        org,
        org.read(contract, "AccountId"),
        ContractId=contract,
        Stigg_Deal_Type__c="Renewal",
        Stigg_Record_To_Change__c=lines_of(org, other)[0],
    )

    org.change(renewal, StageName=LOST)
    org.pass_time(minutes=2)

    assert org.answers.requests("cancel-subscription")[0]["salesforceRecordId"] == lines_of(org, other)[0]
    assert org.read(contract, "Stigg_Renewal_Lost__c") is False


def test_a_renewal_that_is_won_after_all_brings_the_grace_plan_back(org: Org, contract: str) -> None:
    """A contract whose renewal was lost, and is then won with another one, is a contract like others."""
    renewal = deal(org, org.read(contract, "AccountId"), ContractId=contract, Stigg_Deal_Type__c="Renewal")
    org.change(renewal, StageName=LOST)
    org.pass_time(minutes=2)

    change(org, contract, "Renewal", plan())

    assert org.read(contract, "Stigg_Renewal_Lost__c") is False


def test_notice_is_given_thirty_days_before_the_end(org: Org, actions: Harness, contract: str, end: date) -> None:
    """The workflow of the settings runs once, thirty days before the end, with contract number and end."""
    let_time_pass(org, actions, end - timedelta(days=31))
    assert org.answers.requests("trigger-workflow") == []

    let_time_pass(org, actions, end - timedelta(days=26))

    (request,) = org.answers.requests("trigger-workflow")
    (run,) = actions.emulator.state()["workflowRuns"]
    assert (run["triggerId"], run["payload"]["contractNumber"]) == ("notify-customer", "00000101")
    assert run["payload"]["endDate"] == end.isoformat()
    assert request["asOf"]
    assert org.read(contract, "Stigg_Notification__c") == "SENT"


def test_a_contract_number_with_quotes_is_sent_whole(org: Org, actions: Harness, contract: str, end: date) -> None:
    """Quotes and backslashes in a contract number do not break the workflow's payload."""
    org.change(contract, ContractNumber='C-"1"\\2')

    let_time_pass(org, actions, end - timedelta(days=28))

    assert actions.emulator.state()["workflowRuns"][-1]["payload"]["contractNumber"] == 'C-"1"\\2'


def test_without_a_workflow_no_notice_is_given(org: Org, actions: Harness, contract: str, end: date) -> None:
    """An empty trigger id in the settings means that no notice is wanted; that is no failure."""
    org.settings["Notification_Trigger_ID__c"] = None

    let_time_pass(org, actions, end - timedelta(days=20))

    assert org.answers.requests("trigger-workflow") == []
    assert org.read(contract, "Stigg_Notification__c", "Stigg_Last_Error__c") == (None, None)


def test_a_failed_notice_is_told_and_tried_again(org: Org, actions: Harness, contract: str, end: date) -> None:
    """The owner hears of a notice that failed; emptying Stigg Notification tries again."""
    org.settings["Notification_Trigger_ID__c"] = "no-such-workflow"
    let_time_pass(org, actions, end - timedelta(days=28))
    assert org.read(contract, "Stigg_Notification__c") == "FAILED"
    assert [bell.about for bell in org.notices.bells] == [contract]

    org.settings["Notification_Trigger_ID__c"] = "notify-customer"
    org.change(contract, Stigg_Notification__c=None)
    org.pass_time(minutes=2)

    assert org.read(contract, "Stigg_Notification__c") == "SENT"


def test_the_customer_moves_to_the_grace_plan_at_the_end(org: Org, actions: Harness, contract: str, end: date) -> None:
    """The day before the contract ends, the move to the grace plan is asked for."""
    let_time_pass(org, actions, end - timedelta(days=2))
    assert org.answers.requests("downgrade-subscription") == []

    let_time_pass(org, actions, end + timedelta(days=1))

    (request,) = org.answers.requests("downgrade-subscription")
    assert request["downgradeWhen"] == "endOfContract"
    assert org.read(contract, "Stigg_Last_Error__c") is None


def test_what_came_after_the_contract_does_not_keep_it_from_ending(
    org: Org, actions: Harness, contract: str, end: date
) -> None:
    """A day that has come is newer than a change of the subscription after the contract was last saved."""
    let_time_pass(org, actions, end - timedelta(days=40))
    subscription = org.read(contract, "Stigg_Subscription_ID__c")
    actions.ok(
        "update-subscription", {"subscriptionId": subscription, "addons": [{"id": "addon-seats", "quantity": 7}]}
    )

    let_time_pass(org, actions, end + timedelta(days=1))

    ((_, _, answer),) = [call for call in org.answers.calls if call[0] == "downgrade-subscription"]
    assert answer["outcome"] != "superseded"
    assert org.read(contract, "Stigg_Last_Error__c") is None


def test_an_amendment_that_comes_too_late_changes_nothing_and_says_so(
    org: Org, actions: Harness, contract: str
) -> None:
    """Where something newer was done while a Flow waited, the deal says what; set to Pending, it is carried out."""
    amendment = deal(
        org, org.read(contract, "AccountId"), addon(quantity=9.0), ContractId=contract, Stigg_Deal_Type__c="Amendment"
    )
    org.change(amendment, StageName=WON)
    actions.clock.skip(10)
    newer = {
        "salesforceRecordId": org.read(contract, "Stigg_Record_ID__c"),
        "addons": [{"id": "addon-seats", "quantity": 3}],
    }
    actions.ok("update-subscription", newer)

    org.pass_time(minutes=2)

    (subscription,) = actions.emulator.state()["subscriptions"]
    assert [item["quantity"] for item in subscription["addons"]] == [3]
    assert org.read(amendment, "Stigg_Status__c") == "ACTIVE"
    assert "Not carried out: this subscription has had a newer change" in org.read(amendment, "Stigg_Last_Error__c")

    org.change(amendment, Stigg_Status__c="PENDING")
    org.pass_time(minutes=2)

    (subscription,) = actions.emulator.state()["subscriptions"]
    assert [item["quantity"] for item in subscription["addons"]] == [9]
    assert org.read(amendment, "Stigg_Last_Error__c") is None


@pytest.mark.parametrize("choice", ["contract", "settings"])
def test_the_grace_plan_can_be_left_out(org: Org, actions: Harness, contract: str, end: date, choice: str) -> None:
    """A contract with Stigg No Grace, and any contract while the settings say so, just ends."""
    if choice == "contract":
        org.change(contract, Stigg_No_Grace__c=True)
    else:
        org.settings["Grace_Off__c"] = True

    let_time_pass(org, actions, end + timedelta(days=10))

    assert org.answers.requests("downgrade-subscription") == []


def test_an_end_that_moves_takes_notice_and_grace_along(org: Org, actions: Harness, contract: str, end: date) -> None:
    """What waits for the end of a contract waits for the new one once a renewal has moved it."""
    change(org, contract, "Renewal", Stigg_End_Date__c=end + timedelta(days=365))

    let_time_pass(org, actions, end + timedelta(days=110))

    assert org.answers.requests("trigger-workflow") == []
    assert org.answers.requests("downgrade-subscription") == []
