"""x."""

from local.salesforce_org.org import Org
from local.salesforce_org.screens import open_action
from local.salesforce_org.selling import account, addon, deal, feature, grant, plan, win
from tests.support.harness import Harness


def test_x(org: Org, actions: Harness) -> None:
    """X."""
    buyer = account(org)
    c = org.add("Contract", AccountId=buyer, ContractNumber="00000101")
    op = deal(org, buyer, plan(), addon(), feature(), grant(), ContractId=c)
    v = open_action(org, "Opportunity.Stigg_Preview_Deal", op)
    print(v.title, v.buttons)
    [print("  ", f.name, f.html) for f in v.fields]
    win(org, op)
    actions.ok(
        "report-usage", {"customerId": buyer, "featureId": "feature-api-calls", "value": 340, "idempotencyKey": "x"}
    ) if 0 else None
    for a, r in (
        ("Opportunity.Stigg_Preview_Deal", op),
        ("Account.Stigg_Customer", buyer),
        ("Contract.Stigg_Subscription", c),
        ("Account.Stigg_Grant_Access", buyer),
        ("Opportunity.Stigg_Try_Again", op),
        ("Contract.Stigg_Try_Again", c),
    ):
        v = open_action(org, a, r)
        print("=====", a, v.title, v.buttons)
        [print("  ", f.name, f.html, f.choices) for f in v.fields]
    assert 0
