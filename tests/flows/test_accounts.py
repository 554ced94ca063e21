"""Accounts that are linked to customers, played by the Flows of `salesforce/` in an org in memory."""

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import account, deal, grant, plan, win
from tests.support.harness import Harness


@pytest.fixture
def known(actions: Harness) -> str:
    """A customer that Stigg has, and no account."""
    customer = {"id": "cust-known", "name": "Known GmbH", "email": "known@account.example"}
    actions.stigg_app("POST", "/api/v1/customers", customer)
    return "cust-known"


def customers(actions: Harness) -> dict[str, tuple[str, str | None]]:
    """Name and e-mail address of every customer."""
    return {one["id"]: (one["name"], one["email"]) for one in actions.emulator.state()["customers"]}


def test_a_right_id_links_the_account_and_keeps_the_customer(org: Org, actions: Harness, known: str) -> None:
    """The customer is looked up and linked; its name and e-mail address stay, also when it is sold to."""
    buyer = account(org, "Acme")

    org.change(buyer, Stigg_Customer_ID__c=known)
    org.pass_time(minutes=2)

    assert org.read(buyer, "Stigg_Link__c", "Stigg_Last_Error__c") == ("LINKED", None)
    assert org.read(buyer, "Stigg_Customer_URL__c").endswith(f"/customers/{known}")

    opportunity = deal(org, buyer, plan(), grant())
    win(org, opportunity)

    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"
    assert customers(actions) == {known: ("Known GmbH", "known@account.example")}


def test_a_mistyped_id_makes_no_customer(org: Org, actions: Harness, known: str) -> None:
    """A customer that does not exist is refused, the owner is notified; the right id then links the account."""
    buyer = account(org)

    org.change(buyer, Stigg_Customer_ID__c="cust-knwon")
    org.pass_time(minutes=3)

    assert org.read(buyer, "Stigg_Link__c") == "FAILED"
    assert "CUSTOMER_NOT_FOUND" in org.read(buyer, "Stigg_Last_Error__c")
    assert [(bell.about, bell.to) for bell in org.notices.bells] == [(buyer, org.user)]
    assert list(customers(actions)) == [known]

    org.change(buyer, Stigg_Customer_ID__c=known)
    org.pass_time(minutes=3)

    assert org.read(buyer, "Stigg_Link__c", "Stigg_Last_Error__c") == ("LINKED", None)


@pytest.mark.parametrize("line", [plan(), grant()], ids=["plan", "grant"])
def test_a_sale_to_an_account_with_a_mistyped_id_makes_no_customer(
    org: Org, actions: Harness, known: str, line: dict[str, object]
) -> None:
    """A deal of such an account fails by name; once the id is right it goes through for the right customer."""
    buyer = account(org)
    org.change(buyer, Stigg_Customer_ID__c="cust-knwon")
    opportunity = deal(org, buyer, line)

    win(org, opportunity)

    assert org.read(opportunity, "Stigg_Status__c") == "FAILED"
    assert "cust-knwon" in org.read(opportunity, "Stigg_Last_Error__c")
    assert list(customers(actions)) == [known]

    org.change(buyer, Stigg_Customer_ID__c=known)
    org.pass_time(minutes=2)
    org.change(opportunity, Stigg_Status__c="PENDING")
    org.pass_time(minutes=3)

    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"
    assert list(customers(actions)) == [known]


def test_linking_is_tried_again(org: Org, actions: Harness) -> None:
    """A customer that was made after its id was entered is linked once Stigg Link is set to Pending, or emptied."""
    buyers = account(org, "One"), account(org, "Two")
    for buyer, customer in zip(buyers, ("cust-1", "cust-2"), strict=True):
        org.change(buyer, Stigg_Customer_ID__c=customer)
    org.pass_time(minutes=2)
    assert {org.read(buyer, "Stigg_Link__c") for buyer in buyers} == {"FAILED"}
    for customer in ("cust-1", "cust-2"):
        actions.stigg_app("POST", "/api/v1/customers", {"id": customer, "name": customer})

    org.change(buyers[0], Stigg_Link__c="PENDING")
    org.change(buyers[1], Stigg_Link__c=None)
    org.pass_time(minutes=2)

    assert {org.read(buyer, "Stigg_Link__c") for buyer in buyers} == {"LINKED"}


def test_an_outage_is_no_wrong_id(org: Org, actions: Harness, known: str) -> None:
    """Where Stigg cannot be reached the account says so, and can be linked later."""
    actions.emulator.fault("GET", "/customers/", "status", {"status": 503, "body": {}})
    buyer = account(org)
    org.change(buyer, Stigg_Customer_ID__c=known)
    org.pass_time(minutes=2)
    assert "STIGG_UNAVAILABLE" in org.read(buyer, "Stigg_Last_Error__c")
    actions.emulator.clear_faults()

    org.change(buyer, Stigg_Link__c="PENDING")
    org.pass_time(minutes=2)

    assert org.read(buyer, "Stigg_Link__c") == "LINKED"


def test_an_account_without_an_id_is_left_alone(org: Org) -> None:
    """Renaming an account, or emptying its id, makes no call."""
    buyer = account(org)
    win(org, deal(org, buyer, plan()))
    calls = len(org.answers.calls)

    org.change(buyer, Name="Renamed")
    org.change(buyer, Stigg_Customer_ID__c=None)
    org.pass_time(days=1)

    assert len(org.answers.calls) == calls
