"""Discounts of plan lines, played by the Flows of `salesforce/` in an org in memory."""

import pytest

from local.salesforce_org.org import Org
from local.salesforce_org.selling import account, addon, deal, lines_of, plan, win
from tests.support.harness import Harness

CREATE = "create-subscription-with-return-data"


def test_a_discount_of_a_line_is_taken_off_its_subscription(org: Org, actions: Harness) -> None:
    """A won plan line with a discount gives its subscription that coupon, for its months."""
    opportunity = deal(org, account(org), plan(Stigg_Discount__c=12.5, Stigg_Discount_Months__c=6.0), addon())

    win(org, opportunity)

    (request,) = org.answers.requests(CREATE)
    (subscription,) = actions.emulator.state()["subscriptions"]
    assert request["appliedCoupon"]["discount"] == {
        "name": "Discount",
        "description": f"Salesforce opportunity {opportunity}",
        "percentOff": 12.5,
        "durationInMonths": 6.0,
    }
    assert [coupon["percentOff"] for coupon in subscription["coupons"]] == [12.5]


@pytest.mark.parametrize("none", [None, 0.0])
def test_without_a_discount_the_price_is_as_it_is(org: Org, none: float | None) -> None:
    """Salesforce's own discount is in the sales price already, so only a Stigg Discount is sent, and zero is none."""
    opportunity = deal(org, account(org), plan(Stigg_Discount__c=none, Stigg_Price__c=90.0))

    win(org, opportunity)

    (request,) = org.answers.requests(CREATE)
    assert "appliedCoupon" not in request
    assert request["planBaseChargeOverride"]["amount"] == 90.0


def test_a_renewal_agrees_a_discount_of_its_own(org: Org, actions: Harness) -> None:
    """A plan line of a renewal with a discount applies it, though the first deal had the same."""
    buyer = account(org)
    contract = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    win(org, deal(org, buyer, plan(Stigg_Discount__c=10.0), ContractId=contract))
    renewal = deal(
        org, buyer, plan(Stigg_Discount__c=10.0, Stigg_Price__c=80.0), ContractId=contract, Stigg_Deal_Type__c="Renewal"
    )

    win(org, renewal)

    (subscription,) = actions.emulator.state()["subscriptions"]
    assert org.read(renewal, "Stigg_Status__c") == "ACTIVE"
    assert subscription["sent"]["appliedCoupon"]["discount"]["description"] == f"Salesforce opportunity {renewal}"
    assert lines_of(org, renewal)
