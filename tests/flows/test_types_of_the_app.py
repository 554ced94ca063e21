"""Products that have the types of Stigg's own Salesforce package: the Flows do with them what the actions do."""

from collections.abc import Callable
from typing import Any

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import (
    PROJECT,
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
from scripts.salesforce_checks.metadata import text
from stigg_actions.models.provision_opportunity import OpportunityLine
from tests.support.harness import Harness

PACKAGE = {"Addon": "Add-on", "Feature": "Entitlement", "Credit": "Credit entitlement"}
TYPES = [text(value, "fullName") for value in PROJECT.named("CustomField")["Product2.Stigg_Type__c"].root.iter("value")]

type Line = dict[str, Any]


def as_in_the_app(line: Line) -> Line:
    """A line whose product has the type of Stigg's package."""
    return line | {"type": PACKAGE.get(line["type"], line["type"])}


def sold(org: Org, *lines: Line) -> tuple[str, Line]:
    """Win a deal of lines for a contract; return the contract and what was asked of Stigg's terms."""
    buyer = account(org)
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    win(org, deal(org, buyer, *lines, ContractId=contract))
    return contract, terms(org, "create-subscription-with-return-data")


def changed(org: Org, contract: str, kind: str, *lines: Line) -> str:
    """Win an amendment or renewal of the contract."""
    made = deal(org, org.read(contract, "AccountId"), *lines, ContractId=contract, Stigg_Deal_Type__c=kind)
    win(org, made)
    return made


def terms(org: Org, action: str) -> Line:
    """Return what the latest request of an action says of plan, add-ons and entitlements."""
    names = ("planId", "addons", "entitlements", "removeAddons", "removeEntitlements")
    return {name: value for name, value in org.answers.requests(action)[-1].items() if name in names}


def credits_of_each_month(amount: int) -> Line:
    """The entitlement to credits that a request names."""
    return {"type": "CREDIT", "id": "cred-type-tokens", "amount": amount, "cadence": "MONTH"}


@pytest.mark.parametrize("written", [lambda line: line, as_in_the_app], ids=["own", "of the app"])
def test_a_deal(org: Org, actions: Harness, written: Callable[[Line], Line]) -> None:
    """A deal sells the same under the types of either, and a grant beside it."""
    lines = [plan(), addon(), feature(), credit(), grant()]

    _, asked = sold(org, *[written(line) for line in lines])

    assert asked == {
        "planId": "plan-growth",
        "addons": [{"id": "addon-seats", "quantity": 5}],
        "entitlements": [
            {"type": "FEATURE", "id": "feature-api-calls", "usageLimit": 1000},
            credits_of_each_month(500),
        ],
    }
    assert [one["amount"] for one in actions.emulator.state()["grants"]] == [1000]


def test_an_entitlement_of_credits(org: Org) -> None:
    """An entitlement whose id is a credit currency's grants credits, as the package has it."""
    _, asked = sold(org, plan(), credit(type="Entitlement"))

    assert asked["entitlements"] == [credits_of_each_month(500)]


def test_an_amendment(org: Org, actions: Harness) -> None:
    """An amendment adds, changes and removes what lines of the package's types name."""
    contract, _ = sold(org, *[as_in_the_app(line) for line in (plan(), addon(), feature())])
    support = addon("addon-support", 1.0)

    changed(org, contract, "Amendment", *[as_in_the_app(line) for line in (support, credit())])
    added = terms(org, "update-subscription")
    removed = [addon(Stigg_Remove__c=True), feature(Stigg_Remove__c=True), credit(quantity=700.0)]
    amendment = changed(org, contract, "Amendment", *[as_in_the_app(line) for line in removed])

    assert (added["addons"], added["entitlements"][0]["type"]) == ([{"id": "addon-support", "quantity": 1}], "CREDIT")
    assert terms(org, "update-subscription") == {
        "addons": [],
        "entitlements": [credits_of_each_month(700)],
        "removeAddons": ["addon-seats"],
        "removeEntitlements": ["feature-api-calls"],
    }
    assert org.read(amendment, "Stigg_Status__c") == "ACTIVE"
    (subscription,) = actions.emulator.state()["subscriptions"]
    assert [item["id"] for item in subscription["addons"]] == ["addon-support"]


def test_a_renewal(org: Org) -> None:
    """A renewal's lines are the whole new state."""
    contract, _ = sold(org, plan(), as_in_the_app(addon()))

    renewal = changed(
        org, contract, "Renewal", *[as_in_the_app(line) for line in (plan("plan-starter"), addon(quantity=7.0))]
    )

    assert terms(org, "renew-subscription") == {
        "planId": "plan-starter",
        "addons": [{"id": "addon-seats", "quantity": 7}],
        "entitlements": [],
    }
    assert org.read(contract, "Stigg_Record_ID__c") == lines_of(org, renewal)[0]


def test_a_line_that_is_added_later(org: Org, actions: Harness) -> None:
    """A late add-on of the package's type goes with a plan, and is not sold by itself."""
    contract, _ = sold(org, plan())
    (opportunity,) = [row["Id"] for row in org.records.of("Opportunity") if row["ContractId"] == contract]

    (line,) = add_lines(org, opportunity, as_in_the_app(addon()))
    org.pass_time(minutes=3)

    assert org.read(line, "Stigg_Status__c") == "ADDED_LATER"
    assert [one["addons"] for one in actions.emulator.state()["subscriptions"]] == [[]]


@pytest.mark.parametrize("stigg_id", ["feature-seats", "cred-type-tokens"])
@pytest.mark.parametrize("stigg_type", TYPES)
def test_the_flows_read_a_type_as_the_actions_do(org: Org, stigg_type: str, stigg_id: str) -> None:
    """For every value of the picklist, the type by which the Flows decide means the same to provision-opportunity."""
    opportunity = deal(org, account(org), plan(stigg_id, type=stigg_type))
    decided = org.read(lines_of(org, opportunity)[0], "Stigg_Type__c")

    line, other = (
        OpportunityLine.model_validate(
            {"salesforceLineItemId": "00k5g00000LnAaA", "stiggType": name, "stiggId": stigg_id, "quantity": 1}
        )
        for name in (stigg_type, decided)
    )

    assert line.credit_currency_id == other.credit_currency_id
    assert (line.on_off_feature, line.credits_as) == (other.on_off_feature, other.credits_as)
    assert line.stigg_type == other.stigg_type or line.credit_currency_id is not None


def test_no_value_is_the_label_of_another() -> None:
    """A data load means the same whether it matches values by their names or by their labels."""
    field = PROJECT.named("CustomField")["Product2.Stigg_Type__c"].root
    labels = {text(value, "label").casefold(): text(value, "fullName").casefold() for value in field.iter("value")}

    assert len(labels) == len(TYPES)
    assert [name for label, name in labels.items() if label in set(labels.values()) - {name}] == []
