"""provision-opportunity: what belongs to another customer is refused before anything is done, and both are named."""

from typing import Any

import pytest

from tests.support.deals import (
    ACTION,
    APP,
    BONUS,
    NEW_APP,
    NEW_BONUS,
    SEATS,
    SPACE,
    addon,
    bonus,
    by_line,
    deal,
    of,
    plan,
    running,
    space,
    training,
    writes,
)
from tests.support.harness import Harness, Reply
from tests.support.requests import ACCOUNT, OTHER_ACCOUNT, in_stigg

CORRECTED: dict[str, Any] = {"salesforceAccountId": OTHER_ACCOUNT}


def refused(actions: Harness, request: dict[str, Any], *names: str) -> str:
    """Return why a deal is refused as a mismatch of customers; nothing may be done, and these are named."""
    before = actions.emulator.state()
    reply = actions.post(ACTION, request)
    after = actions.emulator.state()

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (409, "CUSTOMER_MISMATCH", False)
    assert [name for name in names if name not in reply.body["errorMessage"]] == []
    assert [after[kind] for kind in ("customers", "subscriptions", "grants")] == [
        before[kind] for kind in ("customers", "subscriptions", "grants")
    ]
    return str(reply.body["errorMessage"])


@pytest.mark.parametrize("changes", [{}, {"plan_id": "plan-starter"}])
def test_a_corrected_account(actions: Harness, changes: dict[str, str]) -> None:
    """A line whose subscription runs is not sold to another customer, and that customer is not made."""
    actions.ok(ACTION, deal(plan()))

    message = refused(actions, deal(plan(**changes), **CORRECTED), APP, ACCOUNT, OTHER_ACCOUNT)

    assert "cancel-subscription" in message
    assert running(actions) == ["plan-growth"]


def test_after_the_old_subscription_has_ended(actions: Harness) -> None:
    """A line whose subscription was canceled is free: the deal goes through for the other customer."""
    actions.ok(ACTION, deal(plan()))
    actions.ok("cancel-subscription", {"salesforceRecordId": APP, "cancelWhen": "now"})

    body = actions.ok(ACTION, deal(plan(), addon(), **CORRECTED))

    assert (body["customerId"], by_line(body)) == (OTHER_ACCOUNT, {APP: "created", SEATS: "created"})
    assert in_stigg(actions, of(body, APP)["subscriptionId"])["customerId"] == OTHER_ACCOUNT


def test_after_it_was_canceled_in_the_app(actions: Harness) -> None:
    """What has ended in the Stigg app is in nobody's way, even if nothing was heard of it."""
    sold = of(actions.ok(ACTION, deal(plan())), APP)["subscriptionId"]
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{sold}/cancel", {"cancellationTime": "IMMEDIATE"})

    body = actions.ok(ACTION, deal(plan(), **CORRECTED))

    assert (body["customerId"], by_line(body)) == (OTHER_ACCOUNT, {APP: "created"})


def test_one_line_of_many(actions: Harness) -> None:
    """One line of another customer's refuses the whole deal; the others are not sold either."""
    actions.ok(ACTION, deal(space()))

    refused(actions, deal(plan(), space(), bonus(), **CORRECTED), SPACE, ACCOUNT, OTHER_ACCOUNT)


def test_lines_that_were_made_again(actions: Harness) -> None:
    """A new line cannot take over what a removed one became for another customer."""
    actions.ok(ACTION, deal(plan(), bonus()))

    refused(actions, deal(plan(NEW_APP), **CORRECTED), APP, ACCOUNT, OTHER_ACCOUNT)
    refused(actions, deal(bonus(NEW_BONUS), **CORRECTED), BONUS, ACCOUNT, OTHER_ACCOUNT)


def test_granted_credits(actions: Harness) -> None:
    """Credits that were granted to one customer are not granted to another one for the same line."""
    actions.ok(ACTION, deal(bonus()))

    refused(actions, deal(bonus(), **CORRECTED), BONUS, ACCOUNT, OTHER_ACCOUNT)


def test_credits_that_were_never_granted(actions: Harness) -> None:
    """Credits whose grant was refused are nobody's."""
    wrong = bonus() | {"stiggId": "cred-type-nowhere"}
    assert by_line(actions.ok(ACTION, deal(wrong))) == {BONUS: "failed"}

    body = actions.ok(ACTION, deal(bonus(), **CORRECTED))

    assert (body["customerId"], by_line(body)) == (OTHER_ACCOUNT, {BONUS: "created"})


def test_an_account_of_another_customer(actions: Harness) -> None:
    """An account that is linked to one customer is not provisioned for another one."""
    actions.ok("create-customer", {"customerId": "cust-acme", "salesforceAccountId": ACCOUNT})

    message = refused(actions, deal(customerId="cust-beta"), "cust-acme", "cust-beta", ACCOUNT)

    assert "Leave customerId out" in message
    assert writes(actions) == 0


def test_a_payment_page_of_another_customer(actions: Harness) -> None:
    """A line whose payment page can still be paid belongs to the customer of that."""
    actions.ok(ACTION, deal(plan(), paymentCollectionMethod="CHARGE"))

    refused(actions, deal(plan(), paymentCollectionMethod="CHARGE", **CORRECTED), APP, ACCOUNT, OTHER_ACCOUNT)


def test_the_right_account_again(actions: Harness) -> None:
    """A refused correction leaves no trace: the deal for the right account is unchanged."""
    actions.ok(ACTION, deal(plan(), bonus()))
    replies = [actions.post(ACTION, deal(plan(), bonus(), training(), **CORRECTED)) for _ in range(2)]

    body = actions.ok(ACTION, deal(plan(), bonus()))

    assert {reply.status for reply in replies} == {409}
    assert (body["outcome"], by_line(body)) == ("unchanged", {APP: "unchanged", BONUS: "unchanged"})


def test_faults_on_demand(actions: Harness) -> None:
    """A Flow may ask to get the refusal as an answer."""
    actions.ok(ACTION, deal(plan()))

    reply: Reply = actions.post(ACTION, deal(plan(), faultOnError=False, **CORRECTED))

    assert (reply.status, reply.body["success"], reply.body["errorCode"]) == (200, False, "CUSTOMER_MISMATCH")
