"""transfer-subscription, in this process."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionTransferParams

from tests.contract.sdk_shapes import body_problems
from tests.support import crashes
from tests.support.crashes import listening_container
from tests.support.harness import Harness
from tests.support.requests import LINE, OTHER_LINE, grant, in_stigg, sold, sold_in_the_app, subscription

ACTION = "transfer-subscription"
BY_RECORD = {"salesforceRecordId": LINE}
SITE = "site-2"
THERE = BY_RECORD | {"destinationResourceId": SITE}
POST = "POST .*/transfer"
OLD = "2020-01-01T00:00:00Z"


def lists(actions: Harness) -> tuple[list[str], list[str]]:
    """Return what the tables list of the customer on no resource, and on the other one."""
    return actions.live("cust-acme"), actions.live("cust-acme", SITE)


def transfers(actions: Harness) -> int:
    """How often Stigg has moved a subscription."""
    return sum(path.endswith("/transfer") for _, path in actions.writes_to_stigg())


def test_moves(actions: Harness) -> None:
    """Subscription, mapping, lists and history follow the move."""
    subscription_id = sold(actions)

    body = actions.ok(ACTION, THERE)

    record = actions.mapping(LINE)
    assert (body["outcome"], body["subscriptionId"], body["resourceId"]) == ("updated", subscription_id, SITE)
    assert body["changes"] == [{"field": "resourceId", "after": SITE}]
    assert in_stigg(actions, subscription_id)["resourceId"] == SITE
    assert record is not None
    assert record.current is not None
    assert (record.current.subscription_id, record.current.resource_id) == (subscription_id, SITE)
    assert lists(actions) == ([], [subscription_id])
    assert actions.history(LINE) == ["created", "transferred"]


def test_there_already(actions: Harness) -> None:
    """A subscription that is on the resource is unchanged, and that is no event."""
    subscription_id = sold(actions, resourceId=SITE)

    body = actions.ok(ACTION, THERE)

    assert (body["outcome"], body["changes"], transfers(actions)) == ("unchanged", [], 0)
    assert (lists(actions), actions.history(LINE)) == (([], [subscription_id]), ["created"])


def test_moved_in_the_app_before(actions: Harness) -> None:
    """A move that somebody made in the Stigg app is recorded, and is not made again."""
    subscription_id = sold(actions)
    path = f"/api/v1/subscriptions/{subscription_id}/transfer"
    actions.emulator.by_hand("POST", path, {"destinationResourceId": SITE})

    body = actions.ok(ACTION, THERE)

    assert (body["outcome"], lists(actions)) == ("unchanged", ([], [subscription_id]))


def test_the_lists_are_used(actions: Harness) -> None:
    """Afterwards the old resource is free, and a subscription for the new one replaces the moved one."""
    moved = sold(actions)
    actions.ok(ACTION, THERE)

    beside = sold(actions, salesforceRecordId=OTHER_LINE)
    after = actions.ok("create-subscription-with-return-data", subscription(planId="plan-starter", resourceId=SITE))

    assert (after["outcome"], after["replacedSubscriptionId"]) == ("replaced", moved)
    assert lists(actions) == ([beside], [after["subscriptionId"]])


@pytest.mark.parametrize(
    ("action", "change"),
    [
        ("update-subscription", {"addons": [{"id": "addon-seats", "quantity": 3}]}),
        ("reschedule-cancellation", {"cancellationDate": "2099-12-31"}),
        ("renew-subscription", {"planId": "plan-starter"}),
        ("downgrade-subscription", {}),
        ("cancel-subscription", {"cancelWhen": "now"}),
    ],
)
def test_other_actions_afterwards(actions: Harness, action: str, change: dict[str, Any]) -> None:
    """Every action on the record works after the move, and leaves one subscription or none on the new resource."""
    sold(actions)
    actions.ok(ACTION, THERE)

    body = actions.ok(action, BY_RECORD | change)

    assert body["resourceId"] == SITE
    assert lists(actions) == ([], [] if action == "cancel-subscription" else [body["subscriptionId"]])


@pytest.mark.parametrize("place", [None, SITE])
def test_an_older_request_for_either_resource(actions: Harness, place: str | None) -> None:
    """An older request for the old resource or the new one does not undo the move."""
    subscription_id = sold(actions)
    actions.ok(ACTION, THERE)

    request = subscription(salesforceRecordId=None, planId="plan-starter", resourceId=place, asOf=OLD)
    body = actions.ok("create-subscription-with-return-data", request)

    assert (body["outcome"], body["subscriptionId"]) == ("superseded", subscription_id)
    assert lists(actions) == ([], [subscription_id])


def test_there_back_and_there_again(actions: Harness) -> None:
    """The same move after another one is made again; a plain repeat moves nothing."""
    sold(actions, resourceId="site-1")
    back = BY_RECORD | {"destinationResourceId": "site-1"}

    answers = [actions.ok(ACTION, body) for body in (THERE, THERE, back, THERE)]

    assert [body["replayed"] for body in answers] == [False, True, False, False]
    assert transfers(actions) == 3


def test_what_is_sent(actions: Harness) -> None:
    """The resource is sent as the SDK types it."""
    sold(actions)
    sent: list[dict[str, Any]] = []

    actions.post(ACTION, THERE, listening_container(actions, POST, sent))

    assert sent == [{"destinationResourceId": SITE}]
    assert body_problems(SubscriptionTransferParams, sent[0]) == []


def test_an_ended_subscription_is_refused(actions: Harness) -> None:
    """A subscription that has ended is refused before Stigg is asked, with its status."""
    sold(actions)
    actions.ok("cancel-subscription", BY_RECORD | {"cancelWhen": "now"})

    reply = actions.post(ACTION, THERE)

    (problem,) = reply.body["details"]
    assert (reply.status, problem["field"], transfers(actions)) == (400, "salesforceRecordId", 0)
    assert "which is CANCELED" in problem["problem"]


def test_a_scheduled_successor(actions: Harness) -> None:
    """A subscription that is to be replaced on its resource is not moved away; once that is dropped, it is."""
    sold(actions)
    actions.ok("downgrade-subscription", BY_RECORD | {"downgradeWhen": "endOfBillingPeriod"})
    refused = actions.post(ACTION, THERE)
    actions.ok("cancel-scheduled-update", BY_RECORD)

    body = actions.ok(ACTION, THERE)

    assert (refused.status, refused.body["details"][0]["field"]) == (400, "salesforceRecordId")
    assert "cancel-scheduled-update" in refused.body["errorMessage"]
    assert body["outcome"] == "updated"


def test_a_resource_in_use(actions: Harness) -> None:
    """Stigg's refusal of a resource that has a subscription is passed on; nothing moves."""
    own = sold(actions)
    other = sold(actions, salesforceRecordId=OTHER_LINE, resourceId=SITE)

    reply = actions.post(ACTION, THERE)

    assert (reply.status, reply.body["stiggErrorCode"]) == (422, "TooManySubscriptionsPerCustomer")
    assert lists(actions) == ([own], [other])


def test_a_subscription_of_the_app(actions: Harness) -> None:
    """A subscription that was sold in the Stigg app is moved by its id, and listed."""
    subscription_id = sold_in_the_app(actions)

    body = actions.ok(ACTION, {"subscriptionId": subscription_id, "destinationResourceId": SITE})

    assert (body["outcome"], lists(actions)) == ("updated", ([], [subscription_id]))


def test_an_answer_that_does_not_show_it(actions: Harness) -> None:
    """If Stigg accepts a move but does not show it, the outcome is unknown; the repeat finds out."""
    subscription_id = sold(actions)
    accepted = {"status": 200, "body": {"data": in_stigg(actions, subscription_id)}}
    actions.emulator.fault("POST", "/transfer", "status", accepted, times=1)

    unknown = actions.post(ACTION, THERE)
    body = actions.ok(ACTION, THERE)

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (body["outcome"], lists(actions)) == ("updated", ([], [subscription_id]))


def test_a_lost_answer(actions: Harness) -> None:
    """A lost answer is found by reading, within the same call."""
    subscription_id = sold(actions)
    actions.emulator.fault("POST", "/transfer", "cutAfter", times=1)

    assert actions.ok(ACTION, THERE)["outcome"] == "updated"
    assert lists(actions) == ([], [subscription_id])


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_process_is_carried_on(actions: Harness, *, after: bool) -> None:
    """Killed before or after the call to Stigg, the repeat ends with one move, recorded once."""
    subscription_id = sold(actions)
    crashes.crash(actions, ACTION, THERE, POST, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, THERE)

    assert (body["outcome"], body["replayed"], lists(actions)) == ("updated", False, ([], [subscription_id]))
    assert (transfers(actions), actions.history(LINE)) == (1, ["created", "transferred"])


def test_another_write_settles_a_killed_one(actions: Harness) -> None:
    """Another write of the customer finds the move of a killed process, and records it."""
    subscription_id = sold(actions)
    crashes.crash(actions, ACTION, THERE, POST, after=True)
    actions.clock.skip(31)

    actions.ok("create-credit-grant", grant())

    assert lists(actions) == ([], [subscription_id])
    assert actions.history(LINE) == ["created", "transferred"]


def test_a_move_that_ended_before_it_was_recorded(actions: Harness) -> None:
    """A subscription that was moved by a killed process and has ended since is on no list."""
    subscription_id = sold(actions)
    crashes.crash(actions, ACTION, THERE, POST, after=True)
    path = f"/api/v1/subscriptions/{subscription_id}/cancel"
    actions.emulator.by_hand("POST", path, {"cancellationTime": "IMMEDIATE"})
    actions.clock.skip(100)

    actions.invoke("reconcile", {})

    assert lists(actions) == ([], [])
