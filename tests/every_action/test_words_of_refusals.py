"""Every action explains a refusal of Stigg in the same words, under its caller's own names of the fields."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support import deals
from tests.support.harness import Harness
from tests.support.requests import LINE, OTHER_LINE, grant, sold, subscription

type Body = dict[str, Any]
type Met = Callable[[Harness], str]
"""What an action says of an id, with the code, without the remedy's field."""

BY_RECORD = {"salesforceRecordId": LINE}
UNKNOWN = {
    "plan": "plan-grwth",
    "addon": "addon-seets",
    "feature": "feature-seets",
    "currency": "cred-type-token",
}
SENTENCES = {
    "plan": "Stigg's development environment has no plan plan-grwth. "
    "Ids similar to plan-grwth: plan-growth, plan-grace, plan-free.",
    "addon": "Stigg's development environment has no add-on addon-seets. "
    "Ids similar to addon-seets: addon-seats, addon-support.",
    "feature": "Stigg's development environment has no feature feature-seets. "
    "Ids similar to feature-seets: feature-seats, feature-sso, feature-api-calls.",
    "currency": "Stigg's development environment has no credit currency cred-type-token. "
    "Ids similar to cred-type-token: cred-type-tokens.",
}
REMEDIES = {
    "plan": "Correct {}, or publish the plan in Stigg.",
    "addon": "Correct {}, or publish the add-on in Stigg.",
    "feature": "Correct {}, or create the feature in Stigg.",
    "currency": "Correct {}, or create the currency in Stigg.",
}
CODES = {
    "plan": "PLAN_NOT_FOUND",
    "addon": "ADDON_NOT_FOUND",
    "feature": "FEATURE_NOT_FOUND",
    "currency": "CREDIT_CURRENCY_NOT_FOUND",
}
ADDONS = {"addons": [{"id": "addon-seats", "quantity": 1}, {"id": UNKNOWN["addon"], "quantity": 1}]}
LIMITS = {"entitlements": [{"type": "FEATURE", "id": UNKNOWN["feature"], "usageLimit": 5}]}
CREDITS = {"entitlements": [{"type": "CREDIT", "id": UNKNOWN["currency"], "amount": 5, "cadence": "MONTH"}]}
CHARGES = {"charges": [{"type": "FEATURE", "id": UNKNOWN["feature"], "quantity": 5}]}
PLAN = {"planId": UNKNOWN["plan"]}
NEW = subscription(customerName="Acme")
PREVIEW = {"customerId": "cust-acme", "planId": "plan-growth", "billingPeriod": "MONTHLY"}
DRY = {"dryRun": True}


def refused(action: str, body: Body) -> Met:
    """Meet the refusal as the error of an action."""

    def meet(actions: Harness) -> str:
        reply = actions.post(action, body)

        assert reply.status == 404, reply.body
        return str(reply.body["errorMessage"])

    return meet


def blocked(action: str, body: Body) -> Met:
    """Meet the refusal as a blocker of a preview or a dry run."""

    def meet(actions: Harness) -> str:
        (blocker,) = actions.ok(action, body)["blockers"]
        return f"{blocker['code']}: {blocker['message']}"

    return meet


def sold_in_a_deal(*lines: Body) -> Met:
    """Meet the refusal on each line of an opportunity."""

    def meet(actions: Harness) -> str:
        body = actions.ok(deals.ACTION, deals.deal(*lines))
        (message,) = {line["message"] for line in body["lines"]}
        return str(message)

    return meet


def amended_in_a_deal(*lines: Body) -> Met:
    """Meet the refusal when an opportunity is sent again with other lines beside its first one."""

    def meet(actions: Harness) -> str:
        actions.ok(deals.ACTION, deals.deal(lines[0]))
        return sold_in_a_deal(*lines)(actions)

    return meet


def checked(**settings: Any) -> Met:  # noqa: ANN401 - any setting
    """Meet the refusal as a check that has not passed."""

    def meet(actions: Harness) -> str:
        asked = {} if settings else {"planIds": [UNKNOWN["plan"]]}
        body = actions.with_settings(**settings).ok("check-connection", asked)
        (failed,) = [check for check in body["checks"] if not check["passed"]]
        return f"{failed['problem']} {failed['remedy']}"

    return meet


def by_default(actions: Harness) -> str:
    """Meet the refusal of the plan that the deployment downgrades to."""
    reply = actions.with_settings(grace_plan_id=UNKNOWN["plan"]).post("downgrade-subscription", BY_RECORD)
    return str(reply.body["errorMessage"])


TO_STARTER = BY_RECORD | {"planId": "plan-starter", "billingPeriod": "MONTHLY"}
OTHER = {"salesforceRecordId": OTHER_LINE}
WAYS: list[tuple[str, str, Met]] = [
    ("plan", "planId", refused("create-subscription", NEW | OTHER | PLAN)),
    ("plan", "planId", refused("create-subscription-with-return-data", NEW | OTHER | PLAN)),
    ("plan", "planId", refused("downgrade-subscription", BY_RECORD | PLAN)),
    ("plan", "the stack's parameter GracePlanId", by_default),
    ("plan", "planId", refused("renew-subscription", BY_RECORD | PLAN)),
    ("plan", "planId", blocked("renew-subscription", BY_RECORD | PLAN | DRY)),
    ("plan", "planId", blocked("preview-subscription", PREVIEW | PLAN)),
    ("plan", "lineItems[0].stiggId", sold_in_a_deal(deals.plan(deals.NEW_APP, UNKNOWN["plan"]))),
    ("plan", "planIds", checked()),
    ("plan", "the stack's parameter GracePlanId", checked(grace_plan_id=UNKNOWN["plan"])),
    ("addon", "addons", refused("create-subscription", NEW | OTHER | ADDONS)),
    ("addon", "addons", refused("create-subscription-with-return-data", NEW | OTHER | ADDONS)),
    ("addon", "addons", refused("update-subscription", BY_RECORD | ADDONS)),
    ("addon", "addons", refused("renew-subscription", BY_RECORD | ADDONS)),
    ("addon", "addons", refused("renew-subscription", BY_RECORD | ADDONS | {"strategy": "replace"})),
    ("addon", "addons", blocked("renew-subscription", BY_RECORD | ADDONS | DRY)),
    ("addon", "addons", refused("downgrade-subscription", TO_STARTER | ADDONS)),
    ("addon", "addons", blocked("preview-subscription", PREVIEW | ADDONS)),
    (
        "addon",
        "lineItems[2].stiggId",
        sold_in_a_deal(
            deals.plan(deals.NEW_APP),
            deals.addon(deals.SEATS, planLineItemId=deals.NEW_APP),
            deals.addon(deals.NEW_SEATS, UNKNOWN["addon"], planLineItemId=deals.NEW_APP),
        ),
    ),
    (
        "addon",
        "lineItems[1].stiggId",
        amended_in_a_deal(
            deals.plan(deals.NEW_APP), deals.addon(deals.SEATS, UNKNOWN["addon"], planLineItemId=deals.NEW_APP)
        ),
    ),
    ("feature", "entitlements", refused("create-subscription", NEW | OTHER | LIMITS)),
    ("feature", "charges", refused("create-subscription-with-return-data", NEW | OTHER | CHARGES)),
    ("feature", "entitlements", refused("update-subscription", BY_RECORD | LIMITS)),
    ("feature", "entitlements", refused("renew-subscription", BY_RECORD | LIMITS)),
    ("feature", "entitlements", refused("downgrade-subscription", TO_STARTER | LIMITS)),
    ("feature", "charges", blocked("renew-subscription", BY_RECORD | CHARGES | DRY)),
    ("feature", "charges", blocked("preview-subscription", PREVIEW | CHARGES)),
    (
        "feature",
        "lineItems[1].stiggId",
        sold_in_a_deal(
            deals.plan(deals.NEW_APP),
            deals.entitlement(deals.NEW_LIMIT, planLineItemId=deals.NEW_APP) | {"stiggId": UNKNOWN["feature"]},
        ),
    ),
    ("currency", "currencyId", refused("create-credit-grant", grant(currencyId=UNKNOWN["currency"]))),
    ("currency", "entitlements", refused("create-subscription", NEW | OTHER | CREDITS)),
    ("currency", "entitlements", refused("update-subscription", BY_RECORD | CREDITS)),
    ("currency", "entitlements", refused("renew-subscription", BY_RECORD | CREDITS)),
    (
        "currency",
        "lineItems[1].stiggId",
        sold_in_a_deal(
            deals.plan(deals.NEW_APP),
            deals.credit(deals.NEW_LIMIT, planLineItemId=deals.NEW_APP) | {"stiggId": UNKNOWN["currency"]},
        ),
    ),
    (
        "currency",
        "lineItems[0].stiggId",
        sold_in_a_deal(deals.bonus(deals.NEW_BONUS) | {"stiggId": UNKNOWN["currency"]}),
    ),
]
"""What is unknown, the name that the caller has for it, and the action that meets it."""


@pytest.mark.parametrize(("kind", "field", "meet"), WAYS)
def test_unknown_ids(actions: Harness, kind: str, field: str, meet: Met) -> None:
    """An unknown plan, add-on, feature or currency is explained in the same words, whichever action met it."""
    sold(actions)
    message = meet(actions)

    assert message == f"{CODES[kind]}: {SENTENCES[kind]} {REMEDIES[kind].format(field)}"


@pytest.mark.parametrize(("kind", "field", "meet"), [way for way in WAYS if way[0] == "plan"])
def test_without_the_catalog(actions: Harness, kind: str, field: str, meet: Met) -> None:
    """If the catalog cannot be read, the refusal goes out without similar ids."""
    sold(actions)
    actions.emulator.fault("GET", "/plans$", "status", 503)
    sentence = SENTENCES[kind].partition(" Ids similar")[0]

    assert meet(actions) == f"{CODES[kind]}: {sentence} {REMEDIES[kind].format(field)}"


@pytest.mark.parametrize(("action", "body"), [("create-subscription", NEW | PLAN), ("renew-subscription", BY_RECORD)])
def test_details(actions: Harness, action: str, body: Body) -> None:
    """The answer names the field of the unknown id, and the same request succeeds when it is corrected."""
    sold(actions)
    reply = actions.post(action, body | PLAN)

    assert reply.body["details"] == [{"field": "planId", "problem": "is not the id of a known plan"}]
    assert (reply.status, reply.body["stiggErrorCode"]) == (404, "PlanNotFound")
    assert actions.ok(action, body | {"planId": "plan-starter"})["success"]


def test_one_more_read(actions: Harness) -> None:
    """A refusal costs one more read, of the catalog; without a refusal the catalog is not read."""
    sold(actions)
    before = len(actions.emulator.state()["calls"])
    actions.post("create-subscription", subscription(**OTHER, **PLAN))
    calls = [(call["method"], call["path"]) for call in actions.emulator.state()["calls"]]

    assert [call for call in calls[:before] if call[1] in {"/api/v1/plans", "/api/v1/addons"}] == []
    assert calls[before:] == [("POST", "/api/v1/subscriptions"), ("GET", "/api/v1/plans")]


@pytest.mark.parametrize(
    "meet",
    [
        refused("create-subscription", NEW | OTHER | {"customerId": "cust-unknown", "customerName": None}),
        blocked("preview-subscription", PREVIEW | {"customerId": "cust-unknown"}),
    ],
)
def test_other_refusals(actions: Harness, meet: Met) -> None:
    """What no catalog lists is explained in the same words too, by Stigg's own."""
    assert meet(actions) == (
        "CUSTOMER_NOT_FOUND: Stigg's development environment has no such customer: Customer not found: cust-unknown. "
        "Correct the id, or call create-customer first."
    )
