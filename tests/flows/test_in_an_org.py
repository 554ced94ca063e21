"""What real orgs do to the Flows of `salesforce/`: record types, data loads, bulk, people who leave."""

import shutil
from pathlib import Path

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.schema import SaveRefused
from local.salesforce_org.selling import PROJECT, WON, account, addon, deal, grant, lines_of, plan, win
from local.salesforce_org.transactions import UNCOMMITTED
from scripts.salesforce_checks.project import Project
from tests.support.harness import Harness


@pytest.fixture
def loader(org: Org) -> str:
    """A user with the bypass permission."""
    user = org.add("User", Email="loader@seller.example", IsActive=True)
    org.permissions[user] = {"Stigg_Bypass"}
    return user


def with_batches_of_four(org: Org, folder: Path) -> None:
    """Deploy the same Flows, with four interviews in each batch."""
    copy = shutil.copytree(PROJECT.folder, folder / "salesforce")
    for path in copy.rglob("*.flow-meta.xml"):
        path.write_text(path.read_text().replace("<maxBatchSize>1<", "<maxBatchSize>4<"))
    org.project = Project(copy, PROJECT.service)


def test_a_record_type_that_offers_none_of_our_values(org: Org) -> None:
    """Where a record type hides every picklist value, deals are sold on the settings' terms, and can be tried again."""
    buyer = account(org, RecordType="Any")
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000101", RecordType="Any")
    with pytest.raises(SaveRefused, match="does not offer"):
        deal(org, buyer, RecordType="Any", Stigg_Deal_Type__c="New Business")
    opportunity = deal(org, buyer, plan("plan-unknown"), RecordType="Any", ContractId=contract)

    win(org, opportunity)
    assert org.read(opportunity, "Stigg_Status__c") == "FAILED"
    org.change(org.read(lines_of(org, opportunity)[0], "Product2Id"), Stigg_ID__c="plan-growth")
    org.change(opportunity, Stigg_Status__c=None)
    org.pass_time(minutes=3)

    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"
    assert org.read(contract, "Stigg_Status__c") == "ACTIVE"
    assert org.read(buyer, "Stigg_Link__c") == "LINKED"


def test_a_record_type_that_offers_them_allows_an_amendment(org: Org) -> None:
    """Once an admin has added the values to a record type, its deals have types."""
    org.schema.offered["Any", "Opportunity.Stigg_Deal_Type__c"] = frozenset({"Amendment"})
    buyer = account(org)
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    win(org, deal(org, buyer, plan(), ContractId=contract))

    amendment = deal(org, buyer, addon(), RecordType="Any", ContractId=contract, Stigg_Deal_Type__c="Amendment")
    win(org, amendment)

    assert org.read(amendment, "Stigg_Status__c") == "ACTIVE"


def test_a_data_load_starts_nothing(org: Org, loader: str) -> None:
    """What a user with the bypass saves stays as it was loaded, results included, and starts no Flow, now or later."""
    with org.acting_as(loader):
        buyer = account(org, Stigg_Customer_ID__c="cust-1", Stigg_Link__c="LINKED")
        contract = org.add("Contract", AccountId=buyer, ContractNumber="1", Stigg_Record_ID__c="00k000000000001AAA")
        opportunity = deal(org, buyer, plan(Stigg_Status__c="ACTIVE"), grant(), StageName=WON, Stigg_Status__c="ACTIVE")
        org.change(opportunity, Stigg_Status__c="FAILED")
        org.change(buyer, Stigg_Customer_ID__c="cust-2")
    org.pass_time(days=1)

    assert org.answers.calls == []
    assert org.notices.bells == []
    assert org.read(buyer, "Stigg_Customer_ID__c", "Stigg_Link__c") == ("cust-2", "LINKED")
    assert org.read(contract, "Stigg_Record_ID__c") == "00k000000000001AAA"
    assert [org.read(line, "Stigg_Status__c") for line in lines_of(org, opportunity)] == ["ACTIVE", None]


def test_after_a_data_load_others_go_on(org: Org, loader: str) -> None:
    """A deal that was loaded open is won like any other."""
    with org.acting_as(loader):
        opportunity = deal(org, account(org), plan())

    win(org, opportunity)

    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"


def test_many_deals_are_won_at_once(org: Org, actions: Harness) -> None:
    """Twelve deals that are won in one save are all provisioned, whatever becomes of their neighbours."""
    opportunities = [
        deal(
            org, account(org, f"Account {number}"), plan("plan-unknown" if number % 4 == 0 else "plan-growth"), grant()
        )
        for number in range(12)
    ]

    org.save([org.records.row(one) | {"StageName": WON} for one in opportunities], org.transaction())
    org.pass_time(minutes=3)

    failed = [number for number, one in enumerate(opportunities) if org.read(one, "Stigg_Status__c") == "FAILED"]
    assert failed == [0, 4, 8]
    assert (len(actions.emulator.state()["subscriptions"]), len(actions.emulator.state()["grants"])) == (9, 12)
    assert UNCOMMITTED not in str(org.answers.calls)


def mixed_renewals(org: Org) -> list[str]:
    """Renewals that are won together: one without lines, whose call comes first, and one with lines."""
    made = []
    for number, lines in enumerate(([], [plan("plan-starter"), addon()])):
        buyer = account(org, f"Account {number}")
        contract = org.add("Contract", AccountId=buyer, ContractNumber=f"0000010{number}")
        win(org, deal(org, buyer, plan(), ContractId=contract))
        made.append(deal(org, buyer, *lines, ContractId=contract, Stigg_Deal_Type__c="Renewal"))
    return made


def mixed_grants(org: Org) -> list[str]:
    """Deals that are won together: one whose customer is refused, and ones whose customers are made."""
    return [deal(org, account(org, name), grant()) for name in ("Ring\x07", "Acme", "Other")]


@pytest.mark.parametrize("several", [mixed_renewals, mixed_grants], ids=lambda made: made.__name__)
def test_interviews_of_one_batch_do_not_disturb_each_other(org: Org, several: object) -> None:
    """No interview is refused its call because another one has written already."""
    made = several(org)  # type: ignore[operator]  # one of the functions above

    org.save([org.records.row(one) | {"StageName": WON} for one in made], org.transaction())
    org.pass_time(minutes=3)

    assert [
        org.read(one, "Stigg_Last_Error__c")
        for one in made
        if "uncommitted" in str(org.read(one, "Stigg_Last_Error__c"))
    ] == []
    assert [org.read(one, "Stigg_Status__c") for one in made[1:]] == ["ACTIVE"] * (len(made) - 1)


@pytest.mark.parametrize("several", [mixed_renewals, mixed_grants], ids=lambda made: made.__name__)
def test_shared_transactions_would_disturb_them(org: Org, tmp_path: Path, several: object) -> None:
    """With four interviews in a transaction, what one has written keeps others from calling: hence batches of one."""
    with_batches_of_four(org, tmp_path)
    made = several(org)  # type: ignore[operator]  # one of the functions above

    org.save([org.records.row(one) | {"StageName": WON} for one in made], org.transaction())
    org.pass_time(minutes=3)

    assert any(UNCOMMITTED in str(org.read(one, "Stigg_Last_Error__c")) for one in made)


def test_an_owner_who_has_left_gets_no_bell(org: Org) -> None:
    """A failure of a deal whose owner is no longer active is on the record all the same."""
    opportunity = deal(org, account(org), plan("plan-unknown"))
    org.records.put(org.records.row(org.user) | {"IsActive": False})

    win(org, opportunity)

    assert org.notices.bells == []
    assert "PLAN_NOT_FOUND" in org.read(opportunity, "Stigg_Last_Error__c")


def test_an_outage_takes_the_fault_path(org: Org) -> None:
    """An answer that is no success is written to line and opportunity, and a retry goes through."""
    plainly = org.gateway
    org.gateway = lambda _action, _body: (403, {"errorMessage": "INVALID_SIGNATURE: The signature does not match."})
    opportunity = deal(org, account(org), plan())
    win(org, opportunity)
    assert "403: INVALID_SIGNATURE" in org.read(opportunity, "Stigg_Last_Error__c")
    assert "403: INVALID_SIGNATURE" in org.read(lines_of(org, opportunity)[0], "Stigg_Last_Error__c")

    org.gateway = plainly
    org.change(opportunity, Stigg_Status__c="PENDING")
    org.pass_time(minutes=3)

    assert org.read(opportunity, "Stigg_Status__c") == "ACTIVE"
