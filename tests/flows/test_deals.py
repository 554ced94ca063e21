"""Won deals, played by the Flows of `salesforce/` in an org in memory."""

from datetime import date
from typing import Any

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.schema import SaveRefused
from local.salesforce_org.selling import (
    WON,
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
from tests.support.harness import Harness


def test_a_won_deal_is_provisioned(org: Org, actions: Harness) -> None:
    """Plan, add-on, feature, credits and grant of a won opportunity are in Stigg, and line, deal and account say so."""
    buyer = account(org)
    contact = org.add("Contact", Email="billing@account.example")
    opportunity = deal(org, buyer, plan(Stigg_Price__c=149.0), addon(Stigg_Price__c=8.5), feature(), credit(), grant())
    org.add("OpportunityContactRole", OpportunityId=opportunity, ContactId=contact, IsPrimary=True)

    win(org, opportunity)

    (subscription,) = actions.emulator.state()["subscriptions"]
    (granted,) = actions.emulator.state()["grants"]
    (customer,) = actions.emulator.state()["customers"]
    plan_line, _, _, _, grant_line = lines_of(org, opportunity)
    assert (subscription["planId"], granted["amount"]) == ("plan-growth", 1000)
    assert {item["id"]: item["quantity"] for item in subscription["addons"]} == {"addon-seats": 5}
    assert (customer["name"], customer["email"]) == ("Acme", "billing@account.example")
    assert org.read(plan_line, "Stigg_Status__c", "Stigg_Subscription_ID__c") == ("ACTIVE", subscription["id"])
    assert org.read(grant_line, "Stigg_Status__c", "Stigg_Grant_ID__c") == ("ACTIVE", granted["id"])
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Record_ID__c") == ("ACTIVE", plan_line)
    assert org.read(buyer, "Stigg_Customer_ID__c", "Stigg_Link__c") == (customer["id"], "LINKED")
    assert (org.errors, org.notices.bells) == ([], [])


def test_a_request_says_how_new_its_deal_is(org: Org) -> None:
    """The asOf of a request is the last modification of the deal or one of its lines, whichever is newest."""
    opportunity = deal(org, account(org), plan(), addon())
    win(org, opportunity)
    _, addon_line = lines_of(org, opportunity)
    org.change(addon_line, Quantity=7.0)
    changed = org.read(addon_line, "LastModifiedDate")

    org.change(lines_of(org, opportunity)[0], Stigg_Status__c="PENDING")
    queued = org.read(lines_of(org, opportunity)[0], "LastModifiedDate")
    org.pass_time(minutes=2)

    first, second = (request["asOf"] for request in org.answers.requests("create-subscription-with-return-data"))
    assert first < f"{changed:%Y-%m-%dT%H:%M:%S.000Z}" < second == f"{queued:%Y-%m-%dT%H:%M:%S.000Z}"


def test_terms_that_a_deal_leaves_empty_are_those_of_the_settings(org: Org) -> None:
    """Billing period, payment collection and currency come from the Stigg Settings where a deal has none."""
    org.settings |= {"Billing_Period__c": "ANNUALLY", "Payment_Collection__c": "NONE", "Currency__c": "EUR"}
    opportunity = deal(org, account(org), plan("plan-starter", Stigg_Price__c=480.0))
    other = deal(org, account(org), plan(), Stigg_Billing_Period__c="MONTHLY", Stigg_Payment_Collection__c="INVOICE")

    win(org, opportunity)
    win(org, other)

    first, second = org.answers.requests("create-subscription-with-return-data")
    assert first["planBaseChargeOverride"] == {"amount": 480.0, "currency": "EUR"}
    assert (first["billingPeriod"], first["paymentCollectionMethod"]) == ("ANNUALLY", "NONE")
    assert (second["billingPeriod"], second["paymentCollectionMethod"]) == ("MONTHLY", "INVOICE")


def test_without_settings_a_price_is_refused_and_a_catalog_price_goes_through(org: Org) -> None:
    """An org without settings sells at the catalog's prices; a price without currency is refused by name."""
    org.settings.clear()
    priced = deal(org, account(org), plan(Stigg_Price__c=149.0), Stigg_Billing_Period__c="MONTHLY")
    plain = deal(org, account(org), plan("plan-free"))

    win(org, priced)
    win(org, plain)

    assert org.read(priced, "Stigg_Status__c") == "FAILED"
    assert "planBaseChargeOverride.currency" in org.read(priced, "Stigg_Last_Error__c")
    assert org.read(plain, "Stigg_Status__c") == "ACTIVE"


def test_a_payment_page_is_made_and_paid(org: Org, actions: Harness) -> None:
    """A charge without payment method gives a page with the settings' addresses; once paid, a retry makes it active."""
    opportunity = deal(org, account(org), plan(), Stigg_Payment_Collection__c="CHARGE")

    win(org, opportunity)

    (request,) = org.answers.requests("create-subscription-with-return-data")
    assert request["checkoutOptions"] == {
        "successUrl": "https://acme.example/thanks",
        "cancelUrl": "https://acme.example/back",
    }
    status, page = org.read(opportunity, "Stigg_Status__c", "Stigg_Payment_Page__c")
    assert (status, page.startswith("https://")) == ("PAYMENT_REQUIRED", True)

    actions.emulator.checkout(org.read(opportunity, "Stigg_Subscription_ID__c"))
    org.change(opportunity, Stigg_Status__c="PENDING")
    org.pass_time(minutes=2)

    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Payment_Page__c") == ("ACTIVE", None)


@pytest.mark.parametrize("missing", ["Success_Page__c", "Cancel_Page__c"])
def test_without_both_addresses_no_payment_page_is_asked_for(org: Org, missing: str) -> None:
    """A page needs both addresses: with one of them empty a request carries none, rather than half of it."""
    del org.settings[missing]
    opportunity = deal(org, account(org), plan())

    win(org, opportunity)

    (request,) = org.answers.requests("create-subscription-with-return-data")
    assert "checkoutOptions" not in request
    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"


def test_a_long_payment_page_fits(org: Org) -> None:
    """A page of 2,000 characters, the longest that the API takes anywhere, is kept whole on line and opportunity."""
    page = "https://pay.example/" + "p" * 1980
    plainly = org.gateway
    org.gateway = lambda action, body: (200, {**plainly(action, body)[1], "checkoutUrl": page})
    opportunity = deal(org, account(org), plan())

    win(org, opportunity)

    assert org.read(opportunity, "Stigg_Payment_Page__c") == page
    assert org.read(lines_of(org, opportunity)[0], "Stigg_Payment_Page__c") == page


def test_the_owner_hears_of_a_failure_once_with_the_reason(org: Org) -> None:
    """A refused line fails its deal, and its owner is notified with the reason, by e-mail too if settings say so."""
    opportunity = deal(org, account(org), plan("plan-unknown"), Name="Big deal")

    win(org, opportunity)

    (bell,) = org.notices.bells
    assert (bell.to, bell.about, bell.title) == (org.user, opportunity, "Stigg: Big deal needs attention")
    assert "PLAN_NOT_FOUND" in bell.body
    assert bell.body == org.read(opportunity, "Stigg_Last_Error__c")[:750]
    assert org.notices.emails == []

    org.settings["Email_Failures__c"] = True
    org.change(opportunity, Stigg_Status__c="PENDING")
    org.pass_time(minutes=3)

    (email,) = org.notices.emails
    assert (email.to, len(org.notices.bells)) == ("seller@seller.example", 2)
    assert "PLAN_NOT_FOUND" in email.body


def test_a_failure_of_the_notification_is_on_the_record(org: Org) -> None:
    """Where no notification can be sent, the reason of the failure stays on the record, and says so."""
    (kind,) = org.records.of("CustomNotificationType")
    org.records.remove(kind["Id"])
    opportunity = deal(org, account(org), plan("plan-unknown"))

    win(org, opportunity)

    reason = org.read(opportunity, "Stigg_Last_Error__c")
    assert "PLAN_NOT_FOUND" in reason
    assert "The owner got no notification" in reason


def test_a_failed_line_is_tried_again_alone(org: Org, actions: Harness) -> None:
    """A corrected line that is set to Pending goes through, and the deal that had failed with it is well again."""
    opportunity = deal(org, account(org), plan("plan-unknown"), grant())
    win(org, opportunity)
    failed, _ = lines_of(org, opportunity)
    assert org.read(opportunity, "Stigg_Status__c") == "FAILED"

    org.change(org.read(failed, "Product2Id"), Stigg_ID__c="plan-growth")
    org.change(failed, Stigg_Status__c="PENDING")
    org.pass_time(minutes=2)

    assert [org.read(line, "Stigg_Status__c") for line in lines_of(org, opportunity)] == ["ACTIVE"] * 2
    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Last_Error__c") == ("ACTIVE", None)
    assert len(actions.emulator.state()["grants"]) == 1


def test_a_failed_grant_is_tried_again_alone(org: Org) -> None:
    """A grant that goes through at last leaves its deal standing as the plan does."""
    opportunity = deal(org, account(org), plan(), grant("cred-unknown"))
    win(org, opportunity)
    _, failed = lines_of(org, opportunity)
    assert org.read(opportunity, "Stigg_Status__c") == "FAILED"

    org.change(org.read(failed, "Product2Id"), Stigg_ID__c="cred-type-tokens")
    org.change(failed, Stigg_Status__c="PENDING")
    org.pass_time(minutes=2)

    assert org.read(opportunity, "Stigg_Status__c", "Stigg_Last_Error__c") == ("ACTIVE", None)


def test_a_deal_of_grants_alone_makes_the_customer(org: Org, actions: Harness) -> None:
    """Credits sold without a plan make the customer, are granted once, and the account and the deal say so."""
    buyer = account(org)
    opportunity = deal(org, buyer, grant(price=250.0), grant(quantity=50.0))
    contact = org.add("Contact", Email="billing@account.example")
    org.add("OpportunityContactRole", OpportunityId=opportunity, ContactId=contact, IsPrimary=True)

    win(org, opportunity)
    org.change(opportunity, Stigg_Status__c="PENDING")
    org.pass_time(minutes=2)

    grants = actions.emulator.state()["grants"]
    assert [one["email"] for one in actions.emulator.state()["customers"]] == ["billing@account.example"]
    assert sorted(one["amount"] for one in grants) == [50, 1000]
    assert {one["grantType"] for one in grants} == {"PAID", "PROMOTIONAL"}
    assert org.read(buyer, "Stigg_Link__c") == "LINKED"
    assert org.read(opportunity, "Stigg_Status__c") in {"ACTIVE", "PAYMENT_PENDING"}


def test_a_deal_type_that_is_empty_is_new_business(org: Org) -> None:
    """A deal that is older than the field is sold as new business."""
    opportunity = deal(org, account(org), plan(), grant(), Stigg_Deal_Type__c=None)

    win(org, opportunity)

    assert [org.read(line, "Stigg_Status__c") for line in lines_of(org, opportunity)] == ["ACTIVE", "ACTIVE"]
    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"


@pytest.mark.parametrize("minutes", [0, 30], ids=["at once", "half an hour later"])
def test_new_business_is_won_before_it_has_lines(org: Org, actions: Harness, minutes: int) -> None:
    """Lines that come after the deal was won are provisioned, each once."""
    opportunity = deal(org, account(org))
    win(org, opportunity)
    org.pass_time(minutes=minutes)
    assert org.read(opportunity, "Stigg_Status__c") is None

    add_lines(org, opportunity, plan(), addon(), grant())
    org.pass_time(minutes=3)

    (subscription,) = actions.emulator.state()["subscriptions"]
    assert [item["id"] for item in subscription["addons"]] == ["addon-seats"]
    assert len(actions.emulator.state()["grants"]) == 1
    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"


@pytest.mark.parametrize(("kind", "action"), [("Amendment", "update-subscription"), ("Renewal", "renew-subscription")])
def test_a_change_is_won_before_it_has_lines(org: Org, kind: str, action: str) -> None:
    """Lines that come after an amendment or renewal was won take effect."""
    buyer = account(org)
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    win(org, deal(org, buyer, plan(), ContractId=contract))
    change = deal(org, buyer, ContractId=contract, Stigg_Deal_Type__c=kind)
    win(org, change)

    add_lines(org, change, *([plan()] if kind == "Renewal" else []), addon(quantity=9.0))
    org.pass_time(minutes=2)

    assert org.answers.requests(action)[-1]["addons"] == [{"id": "addon-seats", "quantity": 9.0}]
    assert org.read(change, "Stigg_Status__c", "Stigg_Last_Error__c") == ("ACTIVE", None)


def test_lines_of_a_deal_that_was_won_before_the_flows_are_left_alone(org: Org) -> None:
    """A line that is added to a deal of the time before the Flows makes no call; a retry carries the deal out."""
    opportunity = deal(org, account(org))
    org.records.put(org.records.row(opportunity) | {"StageName": WON})

    add_lines(org, opportunity, plan(), grant())
    org.pass_time(minutes=3)

    assert org.answers.calls == []
    assert [org.read(line, "Stigg_Status__c") for line in lines_of(org, opportunity)] == [None, None]

    org.change(opportunity, Stigg_Status__c="FAILED")
    org.change(opportunity, Stigg_Status__c="PENDING")
    org.pass_time(minutes=3)

    assert [org.read(line, "Stigg_Status__c") for line in lines_of(org, opportunity)] == ["ACTIVE", "ACTIVE"]


def test_a_second_sale_leaves_name_and_address_of_the_customer(org: Org, actions: Harness) -> None:
    """The account's name and the contact's address are given with the first sale alone."""
    buyer = account(org)
    win(org, deal(org, buyer, plan()))
    org.change(buyer, Name="Renamed")
    opportunity = deal(org, buyer, plan("plan-starter"))
    contact = org.add("Contact", Email="new@account.example")
    org.add("OpportunityContactRole", OpportunityId=opportunity, ContactId=contact, IsPrimary=True)

    win(org, opportunity)

    (customer,) = actions.emulator.state()["customers"]
    assert (customer["name"], customer["email"]) == ("Acme", None)


def test_lines_that_a_quote_sync_makes_again_are_not_sold_again(org: Org, actions: Harness) -> None:
    """Lines in place of sold ones are marked and leave Stigg as it is, even when the deal is tried again."""
    opportunity = deal(org, account(org), plan(), grant())
    win(org, opportunity)
    before = actions.writes_to_stigg()
    for line in lines_of(org, opportunity):
        org.delete(line)

    add_lines(org, opportunity, plan(), grant(), addon())
    org.pass_time(minutes=2)
    org.change(opportunity, Stigg_Status__c="PENDING")
    org.pass_time(minutes=2)

    assert [org.read(line, "Stigg_Status__c") for line in lines_of(org, opportunity)] == ["ADDED_LATER"] * 3
    assert "quote sync" in org.read(lines_of(org, opportunity)[0], "Stigg_Last_Error__c")
    assert actions.writes_to_stigg() == before

    org.change(lines_of(org, opportunity)[1], Stigg_Status__c="PENDING")
    org.pass_time(minutes=2)

    assert len(actions.emulator.state()["grants"]) == 2


def test_a_price_that_no_action_takes_cannot_be_entered(org: Org) -> None:
    """Stigg Price holds no more digits than the actions take."""
    opportunity = deal(org, account(org))

    with pytest.raises(SaveRefused, match="NUMBER_OUTSIDE_VALID_RANGE"):
        add_lines(org, opportunity, plan(Stigg_Price__c=10_000_000_000.0))


@pytest.mark.parametrize("year", [1700, 1969, 2200, 4000])
def test_dates_that_only_salesforce_knows_are_refused(org: Org, year: int) -> None:
    """A start or end that a date field holds and the actions do not is named as the reason of the failure."""
    ends = deal(org, account(org), plan(), Stigg_End_Date__c=date(year, 12, 31))
    starts = deal(org, account(org), plan(ServiceDate=date(year, 1, 1)))

    win(org, ends)
    win(org, starts)

    assert [org.read(one, "Stigg_Status__c") for one in (ends, starts)] == ["FAILED", "FAILED"]
    assert "cancellationDate" in org.read(ends, "Stigg_Last_Error__c")
    assert "startDate" in org.read(starts, "Stigg_Last_Error__c")


def test_lines_of_an_open_deal_wait_for_it(org: Org) -> None:
    """No call is made before a deal is won, or for a deal that is lost."""
    opportunity = deal(org, account(org), plan(), grant())
    org.pass_time(days=1)
    org.change(opportunity, StageName="Closed Lost")
    org.pass_time(days=1)

    assert org.answers.calls == []


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        (plan(Stigg_Price__c=9_999_999_999.99), "ACTIVE", ""),
        (plan(Stigg_Price__c=0.01), "ACTIVE", ""),
        (addon(quantity=10_000.0), "ACTIVE", ""),
        (addon(quantity=9_999_999_999.0), "FAILED", "is limited to 10000"),
        (addon(quantity=1.5), "FAILED", "addons[0].quantity"),
        (addon(quantity=-1.0), "FAILED", "addons[0].quantity"),
        (feature(quantity=9_999_999_999.0), "ACTIVE", ""),
        (feature(quantity=0.25), "FAILED", "entitlements[0].usageLimit"),
        (credit(quantity=9_999_999_999.99), "ACTIVE", ""),
        (grant(quantity=9_999_999_999.99), "ACTIVE", ""),
        (grant(price=999_999_999_999_999.0), "FAILED", "cost.amount"),
        (grant(quantity=0.0), "FAILED", "amount"),
    ],
    ids=lambda value: (
        f"{value['type']} {value['Quantity']:g} {value.get('Stigg_Price__c') or value['TotalPrice']:g}"
        if isinstance(value, dict)
        else ""
    ),
)
def test_quantities_and_prices_at_the_limits_of_their_fields(
    org: Org, line: dict[str, Any], status: str, reason: str
) -> None:
    """What a field can hold is provisioned as it is, or its deal fails and names the value; no value is rounded."""
    lines = [line] if line["type"] in {"Plan", "Grant"} else [plan(), line]
    opportunity = deal(org, account(org), *lines)

    win(org, opportunity)

    assert org.read(opportunity, "Stigg_Status__c") == status
    assert reason in (org.read(opportunity, "Stigg_Last_Error__c") or "")
    assert org.errors == []
