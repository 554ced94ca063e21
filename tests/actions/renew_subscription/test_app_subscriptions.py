"""renew-subscription for subscriptions that were sold in Stigg's app: terms that Stigg does not return."""

import pytest

from tests.support.harness import Harness
from tests.support.renewals import (
    ACTION,
    ANOTHER_PLAN,
    ENTITLEMENTS,
    IN_PLACE,
    SEATS,
    by_id,
    decided,
    problems,
    running,
    sent,
)
from tests.support.requests import in_stigg, sold_in_the_app

NOT_OURS = (
    "The subscription was not provisioned by the actions: charges, prices and billing details that Stigg does not "
    "return are only kept if the request gives them."
)


def test_what_was_sold_in_the_app_is_amended_by_id(actions: Harness) -> None:
    """A subscription of Stigg's app is changed in place, and the answer has no record."""
    subscription_id = sold_in_the_app(actions)

    body = actions.ok(ACTION, by_id(subscription_id, addons=SEATS))

    assert decided(body) == ("updated", "amend", [IN_PLACE])
    assert (body["subscriptionId"], "salesforceRecordId" in body) == (subscription_id, False)
    assert sent(actions, subscription_id)["addons"] == SEATS


def test_what_was_sold_in_the_app_is_replaced_by_id(actions: Harness) -> None:
    """A replacement has the terms that Stigg returns, and the reasons name those that it does not."""
    subscription_id = sold_in_the_app(actions, addons=SEATS, metadata={"tier": "gold"})

    body = actions.ok(ACTION, by_id(subscription_id, planId="plan-starter", billingPeriod="MONTHLY"))

    assert decided(body) == ("replaced", "replace", [ANOTHER_PLAN, NOT_OURS])
    assert (body["replacedSubscriptionId"], "salesforceRecordId" in body) == (subscription_id, False)
    assert sent(actions, body["subscriptionId"])["addons"] == body["addons"] == SEATS
    assert running(actions) == [body["subscriptionId"]] == actions.live("cust-acme")
    assert in_stigg(actions, body["subscriptionId"])["metadata"]["tier"] == "gold"


@pytest.mark.parametrize("dry_run", [False, True])
def test_entitlements_are_not_dropped_unknowingly(actions: Harness, *, dry_run: bool) -> None:
    """Refuse to replace a subscription whose entitlement limits are unknown, unless the request gives entitlements."""
    sso = {"type": "FEATURE", "id": "feature-sso"}
    subscription_id = sold_in_the_app(actions, entitlements=[*ENTITLEMENTS, sso])
    request = by_id(subscription_id, planId="plan-starter", billingPeriod="MONTHLY", dryRun=dry_run)

    refused = problems(actions, request)
    body = actions.ok(ACTION, {**request, "mode": "replace", "entitlements": ENTITLEMENTS})

    limits = "because Stigg does not return the limits of feature-seats, feature-sso"
    problem = f"must be given, {limits}; give all that are to stay"
    assert refused == [{"field": "entitlements", "problem": problem}]
    assert (body["outcome"], body["decision"]) == ("dryRun" if dry_run else "replaced", "replace")
    if not dry_run:
        assert sent(actions, body["subscriptionId"])["entitlements"] == ENTITLEMENTS


def test_entitlements_stay_where_nothing_is_dropped(actions: Harness) -> None:
    """An amendment leaves entitlements unchanged whose limits Stigg does not return."""
    subscription_id = sold_in_the_app(actions, entitlements=ENTITLEMENTS)

    actions.ok(ACTION, by_id(subscription_id, addons=SEATS))

    assert sent(actions, subscription_id)["entitlements"] == ENTITLEMENTS
