"""provision-opportunity: a line's subscription is replaced in the Stigg app, or one made there is to be a line's."""

from typing import Any

import pytest

from tests.support.deals import (
    ACTION,
    APP,
    NEW_APP,
    SEATS,
    SPACE,
    addon,
    by_line,
    deal,
    of,
    plan,
    running,
    space,
    writes,
)
from tests.support.harness import Harness
from tests.support.requests import ACCOUNT, OTHER_ACCOUNT, current, in_stigg

BY_HAND = "sub-by-hand"
ELSEWHERE = "00k000000000099AAA"
EDITED = deal(plan(), addon(quantity=7))


def made_by_hand(actions: Harness, subscription_id: str = BY_HAND, **terms: Any) -> str:  # noqa: ANN401 - any term
    """Let a person provision for the account's customer in the Stigg app."""
    body = {"planId": "plan-growth", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE", **terms}
    actions.emulator.by_hand("POST", "/api/v1/subscriptions", {"id": subscription_id, "customerId": ACCOUNT, **body})
    return subscription_id


def test_an_edited_line_takes_what_replaced_its_own(actions: Harness) -> None:
    """A line that is edited after its subscription was replaced in the app amends the one that is there now."""
    sold = of(actions.ok(ACTION, deal(plan(), addon())), APP)["subscriptionId"]
    made_by_hand(actions)

    body = actions.ok(ACTION, EDITED)

    assert by_line(body) == {APP: "amended", SEATS: "amended"}
    assert (of(body, APP)["subscriptionId"], current(actions)) == (BY_HAND, BY_HAND)
    assert in_stigg(actions, BY_HAND)["addons"] == [{"id": "addon-seats", "quantity": 7}]
    assert of(body, APP)["message"].startswith(f"Took over {BY_HAND}, which replaced {sold} in Stigg.")
    assert (running(actions), by_line(actions.ok(ACTION, EDITED))) == (
        ["plan-growth"], {APP: "unchanged", SEATS: "unchanged"},
    )  # fmt: skip


def test_another_plan_replaced_it(actions: Harness) -> None:
    """Where the app's subscription has another plan, a new one takes its place for an edited line."""
    actions.ok(ACTION, deal(plan(), addon()))
    made_by_hand(actions, planId="plan-starter")

    body = actions.ok(ACTION, EDITED)

    assert (of(body, APP)["outcome"], of(body, APP)["replacedSubscriptionId"]) == ("replaced", BY_HAND)
    assert running(actions) == ["plan-growth"]
    assert current(actions) == of(body, APP)["subscriptionId"]


def test_a_retry_leaves_it(actions: Harness) -> None:
    """A deal that is only sent again leaves what the app has put there, and takes it over if asked."""
    sold = of(actions.ok(ACTION, deal(plan())), APP)["subscriptionId"]
    made_by_hand(actions, planId="plan-starter")
    before = writes(actions)

    body = actions.ok(ACTION, deal(plan()))

    assert (by_line(body), writes(actions)) == ({APP: "superseded"}, before)
    assert sold in of(body, APP)["message"]

    reapplied = actions.ok(ACTION, {**deal(plan()), "reapply": True})

    assert (by_line(reapplied), running(actions)) == ({APP: "replaced"}, ["plan-growth"])


@pytest.mark.parametrize("heard", [False, True])
def test_what_replaced_it_has_ended_too(actions: Harness, *, heard: bool) -> None:
    """Where what replaced a line's subscription has ended as well, an edited line is sold again."""
    actions.ok(ACTION, deal(plan()))
    made_by_hand(actions)
    actions.emulator.by_hand("POST", f"/api/v1/subscriptions/{BY_HAND}/cancel", {"cancellationTime": "IMMEDIATE"})
    if heard:
        actions.invoke("reconcile", {"customerId": ACCOUNT})

    body = actions.ok(ACTION, EDITED)

    assert of(body, APP)["outcome"] in {
        "created",
        "replaced",
    }  # in the place of what ended, as far as that was heard of
    assert (of(body, APP)["active"], running(actions)) == (True, ["plan-growth"])
    assert current(actions) == of(body, APP)["subscriptionId"]


def test_several_could_be_meant(actions: Harness) -> None:
    """Where several could have replaced it, the line fails and names them; subscriptionId says which it is."""
    actions.ok(ACTION, deal(plan()))
    made_by_hand(actions)
    trial = {"trialOverrideConfiguration": {"isTrial": True, "trialEndDate": "2099-01-01T00:00:00Z"}}
    made_by_hand(actions, "sub-trial", planId="plan-starter", **trial)

    failed = actions.ok(ACTION, EDITED)
    named = actions.ok(ACTION, deal(plan(subscriptionId=BY_HAND), addon(quantity=7)))

    line = of(failed, APP)
    assert (line["outcome"], line["errorCode"]) == ("failed", "INVALID_REQUEST")
    assert all(one in line["message"] for one in ("lineItems[0].subscriptionId", BY_HAND, "sub-trial"))
    assert (by_line(named), current(actions)) == ({APP: "amended", SEATS: "amended"}, BY_HAND)


def test_what_another_record_has_is_not_taken(actions: Harness) -> None:
    """A subscription that was provisioned for another record, in the place of the line's, stays that record's."""
    actions.ok(ACTION, deal(plan(), startDate="2026-01-01"))
    later = {"salesforceRecordId": APP, "newSalesforceRecordId": ELSEWHERE, "planId": "plan-starter"}
    new = actions.ok("renew-subscription", {**later, "startDate": "2099-01-01"})["subscriptionId"]
    actions.emulator.set_clock("2099-01-02T00:00:00Z")
    before = writes(actions)

    bodies = [actions.ok(ACTION, request) for request in (deal(plan(), startDate="2026-01-01"), EDITED)]

    assert [of(body, APP)["outcome"] for body in bodies] == ["superseded", "superseded"]
    assert all(one in of(bodies[1], APP)["message"] for one in (new, ELSEWHERE))
    assert (writes(actions), running(actions)) == (before, ["plan-starter"])


def test_a_line_for_what_the_app_has(actions: Harness) -> None:
    """A new line may name a subscription that was made in the app: it is the line's then, and nothing is sold."""
    actions.ok("create-customer", {"salesforceAccountId": ACCOUNT, "name": "Acme"})
    made_by_hand(actions)

    body = actions.ok(ACTION, deal(plan(subscriptionId=BY_HAND)))
    again = actions.ok(ACTION, deal(plan(subscriptionId=BY_HAND)))
    without = actions.ok(ACTION, deal(plan()))

    assert (of(body, APP)["subscriptionId"], current(actions), running(actions)) == (BY_HAND, BY_HAND, ["plan-growth"])
    assert by_line(again) == by_line(without) == {APP: "unchanged"}
    assert in_stigg(actions, BY_HAND)["metadata"]["salesforceRecordId"] == APP


def test_a_line_for_what_a_removed_line_has(actions: Harness) -> None:
    """A new line may name what a removed one has, even if its plan is another one."""
    sold = of(actions.ok(ACTION, deal(plan())), APP)["subscriptionId"]

    body = actions.ok(ACTION, deal(plan(NEW_APP, "plan-starter", subscriptionId=sold)))

    assert by_line(body) == {NEW_APP: "replaced", APP: "removed"}
    assert of(body, NEW_APP)["replacedSubscriptionId"] == sold
    assert running(actions) == ["plan-starter"]


NAMED: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("nowhere", plan(subscriptionId="sub-nowhere"), ("sub-nowhere", "does not exist")),
    ("another resource", space(subscriptionId=BY_HAND), (BY_HAND, "no resource")),
    ("over", plan(subscriptionId="sub-over"), ("sub-over", "CANCELED")),
    (
        "another record",
        space(subscriptionId="sub-elsewhere", resourceId="site-9"),
        (ELSEWHERE, "newSalesforceRecordId"),
    ),
]


@pytest.mark.parametrize(("line", "expected"), [one[1:] for one in NAMED], ids=[one[0] for one in NAMED])
def test_what_a_line_cannot_have(actions: Harness, line: dict[str, Any], expected: tuple[str, ...]) -> None:
    """A line cannot have what Stigg does not know, what has ended, or what is another resource's or record's."""
    actions.ok("create-customer", {"salesforceAccountId": ACCOUNT, "name": "Acme"})
    made_by_hand(actions, "sub-over")
    made_by_hand(actions)
    made_by_hand(actions, "sub-elsewhere", planId="plan-workspace", resourceId="site-9")
    moved = {"subscriptionId": "sub-elsewhere", "newSalesforceRecordId": ELSEWHERE}
    actions.ok("renew-subscription", moved)
    before = writes(actions)

    reply = actions.post(ACTION, deal({**line, "salesforceLineItemId": APP}))

    assert (reply.status, [detail["field"] for detail in reply.body["details"]]) == (
        400, ["lineItems[0].subscriptionId"],
    )  # fmt: skip
    assert [one for one in expected if one not in reply.body["errorMessage"]] == []
    assert writes(actions) == before


def test_what_another_customer_has(actions: Harness) -> None:
    """A subscription of another customer's refuses the whole deal."""
    actions.ok("create-customer", {"salesforceAccountId": ACCOUNT, "name": "Acme"})
    made_by_hand(actions)

    reply = actions.post(ACTION, deal(plan(subscriptionId=BY_HAND), salesforceAccountId=OTHER_ACCOUNT))

    assert (reply.status, reply.body["errorCode"]) == (409, "CUSTOMER_MISMATCH")
    assert all(one in reply.body["errorMessage"] for one in (BY_HAND, ACCOUNT, OTHER_ACCOUNT))
    assert [one["id"] for one in actions.emulator.state()["customers"]] == [ACCOUNT]


def test_a_line_with_a_subscription_of_its_own(actions: Harness) -> None:
    """A line whose own subscription runs cannot be given another one beside it."""
    actions.ok(ACTION, deal(space()))
    made_by_hand(actions, planId="plan-workspace", resourceId="site-2")

    body = actions.ok(ACTION, deal(space(subscriptionId=BY_HAND, resourceId="site-2")))

    assert by_line(body) == {SPACE: "failed"}
    assert of(body, SPACE)["errorCode"] == "RECORD_IN_USE"
    assert running(actions) == ["plan-workspace", "plan-workspace"]
