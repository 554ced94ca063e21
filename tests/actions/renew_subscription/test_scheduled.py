"""renew-subscription with a start in the future: which subscription a record has until then, and from then on."""

from tests.support.days import in_days
from tests.support.harness import Harness
from tests.support.renewals import (
    A_DAY,
    ACTION,
    ASKED_TO_REPLACE,
    IN_PLACE,
    MORE_SEATS,
    SEATS,
    by_id,
    last_line,
    lines,
    renewal,
    running,
)
from tests.support.requests import LINE, RENEWAL_LINE, current, in_stigg, sold, upcoming

FOLLOWER = "A subscription to plan-growth waits to replace it; cancel that one if it is not wanted."
TO_THE_NEW_LINE = {"newSalesforceRecordId": RENEWAL_LINE}
IN_A_MONTH = in_days(31)
A_MONTH = 32 * A_DAY


def pass_time(actions: Harness, seconds: float) -> None:
    """Let time pass, here and in Stigg."""
    actions.clock.skip(seconds)
    actions.emulator.advance(seconds)


def acts_on(actions: Harness) -> str:
    """Return the subscription that a write by the record reaches."""
    body = actions.ok("set-subscription-metadata", {"salesforceRecordId": LINE, "metadata": {"seen": current(actions)}})
    return str(body["subscriptionId"])


def test_a_renewal_ahead(actions: Harness) -> None:
    """With a start in the future the running subscription stays the record's, and writes reach it, until then."""
    old = sold(actions, addons=SEATS)

    body = actions.ok(ACTION, renewal(startDate=IN_A_MONTH, addons=MORE_SEATS))

    new = body["subscriptionId"]
    assert (body["outcome"], body["status"], body["active"]) == ("scheduled", "NOT_STARTED", False)
    assert body["reasons"] == ["startDate: Stigg cannot change the start date of a subscription in place."]
    assert acts_on(actions) == old
    assert (current(actions), upcoming(actions), running(actions)) == (old, new, [old])
    assert actions.history(LINE) == ["created", "renewalScheduled", "metadataSet"]
    assert actions.live("cust-acme") == sorted([old, new])
    pass_time(actions, A_MONTH)
    renewed = actions.ok(ACTION, renewal(billingPeriod="ANNUALLY"))
    assert (renewed["decision"], renewed["subscriptionId"], acts_on(actions)) == ("amend", new, new)
    assert (current(actions), upcoming(actions), running(actions)) == (new, None, [new])


def test_a_renewal_ahead_is_not_scheduled_twice(actions: Harness) -> None:
    """Repeated at once it is replayed; a day later the successor that waits is found as wanted, by record and by id."""
    old = sold(actions)
    first = actions.ok(ACTION, renewal(startDate=IN_A_MONTH))
    replayed = actions.ok(ACTION, renewal(startDate=IN_A_MONTH))
    by_its_id = actions.ok(ACTION, by_id(old, startDate=IN_A_MONTH, billingPeriod="MONTHLY", planId="plan-starter"))
    actions.clock.skip(A_DAY)

    again = actions.ok(ACTION, by_id(old, startDate=IN_A_MONTH, billingPeriod="MONTHLY", planId="plan-starter"))

    assert replayed["replayed"]
    assert (again["outcome"], again["subscriptionId"]) == ("unchanged", by_its_id["subscriptionId"])
    waiting = [one["id"] for one in actions.emulator.state()["subscriptions"] if one["status"] == "NOT_STARTED"]
    assert waiting == [by_its_id["subscriptionId"]] == [upcoming(actions)]
    assert first["subscriptionId"] not in actions.live("cust-acme")


def test_a_renewal_ahead_on_a_new_line(actions: Harness) -> None:
    """The new record has the successor at once, the old record keeps its subscription until then, and can act on it."""
    old = sold(actions)
    request = renewal(startDate=IN_A_MONTH, **TO_THE_NEW_LINE)

    body = actions.ok(ACTION, request)
    again = actions.ok(ACTION, request)

    new, line, new_line = body["subscriptionId"], last_line(actions, LINE), last_line(actions, RENEWAL_LINE)
    assert (body["outcome"], again["replayed"]) == ("scheduled", True)
    assert (current(actions), current(actions, RENEWAL_LINE), upcoming(actions, RENEWAL_LINE)) == (old, new, None)
    assert (actions.history(LINE), actions.history(RENEWAL_LINE)) == (
        ["created", "renewalScheduled"],
        ["renewalScheduled"],
    )
    assert (line["subscription_id"], line["other_record_id"]) == (old, RENEWAL_LINE)
    assert line["replaced_by_subscription_id"] == new
    assert (new_line["subscription_id"], new_line["other_record_id"]) == (new, LINE)
    assert acts_on(actions) == old


def test_what_is_to_follow_stays_with_its_line(actions: Harness) -> None:
    """When the current subscription moves to a new line, what was to follow it stays where it was asked for."""
    old = sold(actions)
    ahead = actions.ok(ACTION, renewal(startDate=IN_A_MONTH))["subscriptionId"]

    body = actions.ok(ACTION, renewal(addons=SEATS, **TO_THE_NEW_LINE))

    assert body["reasons"] == [
        IN_PLACE,
        FOLLOWER,
    ]
    assert (current(actions), upcoming(actions), current(actions, RENEWAL_LINE)) == (None, ahead, old)
    actions.clock.skip(A_MONTH)
    assert current(actions) == ahead


def test_what_is_to_follow_moves_alone(actions: Harness) -> None:
    """Named by its id, the successor moves to another line, and the current subscription stays."""
    old = sold(actions)
    ahead = actions.ok(ACTION, renewal(startDate=IN_A_MONTH))["subscriptionId"]

    actions.ok(ACTION, by_id(ahead, addons=SEATS, **TO_THE_NEW_LINE))

    assert (current(actions), upcoming(actions), current(actions, RENEWAL_LINE)) == (old, None, ahead)


def test_a_replacement_withdraws_what_was_to_follow(actions: Harness) -> None:
    """A replacement at once withdraws the successor; the reasons say so, and the mapping follows."""
    old = sold(actions)
    ahead = actions.ok(ACTION, renewal(startDate=IN_A_MONTH, planId="plan-starter"))["subscriptionId"]

    now = actions.ok(ACTION, renewal(strategy="replace"))

    assert now["reasons"] == [
        ASKED_TO_REPLACE,
        "Changes that still wait are not kept (DOWNGRADE); give them in the request if they are needed.",
    ]
    assert (current(actions), upcoming(actions)) == (now["subscriptionId"], None)
    assert [now["subscriptionId"]] == running(actions) == actions.live("cust-acme")
    assert (now["replacedSubscriptionId"], in_stigg(actions, ahead)["status"]) == (old, "CANCELED")


def test_a_replacement_on_a_new_line_withdraws_what_was_to_follow(actions: Harness) -> None:
    """Replaced on a new record, no record is mapped to what has ended."""
    sold(actions)
    ahead = actions.ok(ACTION, renewal(planId="plan-starter", startDate=IN_A_MONTH))["subscriptionId"]

    body = actions.ok(ACTION, renewal(planId="plan-enterprise", **TO_THE_NEW_LINE))

    new = body["subscriptionId"]
    assert (current(actions), upcoming(actions), current(actions, RENEWAL_LINE)) == (None, None, new)
    assert [new] == running(actions) == actions.live("cust-acme")
    assert in_stigg(actions, ahead)["status"] == "CANCELED"


def test_an_earlier_start_takes_the_place_of_a_later_one(actions: Harness) -> None:
    """An earlier start replaces what was to follow, and the running subscription stays."""
    old = sold(actions)
    actions.ok(ACTION, renewal(planId="plan-starter", startDate=IN_A_MONTH))

    body = actions.ok(ACTION, renewal(planId="plan-enterprise", startDate=in_days(5)))

    new = body["subscriptionId"]
    assert (body["outcome"], current(actions), upcoming(actions)) == ("scheduled", old, new)
    assert actions.live("cust-acme") == sorted([old, new])


def test_an_earlier_start_on_a_new_line_takes_the_place_of_a_later_one(actions: Harness) -> None:
    """What was to follow on the old record gives way to an earlier start on a new one; the running one stays."""
    old = sold(actions)
    ahead = actions.ok(ACTION, renewal(planId="plan-starter", startDate=IN_A_MONTH))["subscriptionId"]

    body = actions.ok(ACTION, renewal(planId="plan-enterprise", startDate=in_days(5), **TO_THE_NEW_LINE))

    assert (current(actions), upcoming(actions)) == (old, None)
    assert current(actions, RENEWAL_LINE) == body["subscriptionId"]
    assert ahead not in actions.live("cust-acme")
    assert sorted((line["event"], line["subscription_id"]) for line in lines(actions, LINE)[2:]) == [
        ("closed", ahead),
        ("renewalScheduled", old),
    ]
    assert {line["other_record_id"] for line in lines(actions, LINE)[2:]} == {RENEWAL_LINE}
