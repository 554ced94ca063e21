"""renew-subscription that is repeated, raced, killed, refused, left without an answer, or waits for a payment."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.harness import Harness, Reply
from tests.support.renewing import (
    A_DAY,
    ACTION,
    ANOTHER_PLAN,
    AS_WANTED,
    ENTITLEMENTS,
    IN_PLACE,
    MORE_SEATS,
    PATCH,
    POST,
    SEATS,
    by_id,
    crash,
    current,
    lose_card,
    renewal,
    running,
    sent,
    sold_by_card,
    upcoming,
)
from tests.support.requests import LINE, PAGE, RENEWAL_LINE, grant, in_stigg, sold, sold_in_the_app

AMENDED = {"addons": SEATS, "entitlements": ENTITLEMENTS}
"""What Stigg shows, and what it does not."""
REPLACED = {"planId": "plan-starter", "addons": SEATS}
TO_THE_NEW_LINE = {"newSalesforceRecordId": RENEWAL_LINE}
BOTH_WAYS = pytest.mark.parametrize(("wanted", "pattern"), [(AMENDED, PATCH), (REPLACED, POST)])
MOVES = [{}, TO_THE_NEW_LINE]


def writes(actions: Harness) -> int:
    """How many writes of subscriptions Stigg has answered with success."""
    return sum("/subscriptions" in path for _, path in actions.writes_to_stigg())


def at_once(actions: Harness, calls: list[tuple[str, dict[str, Any]]]) -> list[Reply]:
    """Send requests at the same moment, each from a container of its own."""
    containers = [actions.container() for _ in calls]
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call, container: actions.post(call[0], call[1], container), calls, containers))


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("after", [False, True])
@BOTH_WAYS
def test_a_killed_renewal_is_carried_on(
    actions: Harness, wanted: dict[str, Any], pattern: str, move: dict[str, Any], *, after: bool
) -> None:
    """Killed before or after its PATCH or POST, the repeat ends with one effect, a true mapping and the reasons."""
    old = sold(actions)
    before, request = writes(actions), renewal(**wanted, **move)
    crash(actions, request, pattern, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, request)

    record = move.get("newSalesforceRecordId", LINE)
    assert (writes(actions) - before, body["replayed"], body["addons"]) == (1, False, SEATS)
    assert running(actions) == [body["subscriptionId"]] == [current(actions, record)] == actions.live("cust-acme")
    assert body["reasons"] == [IN_PLACE if pattern == PATCH else ANOTHER_PLAN]
    assert (body["subscriptionId"] == old, actions.history(record)[-1]) == (pattern == PATCH, "renewed")
    assert actions.terms(body["subscriptionId"])["addons"] == SEATS
    assert body.get("replacedSubscriptionId") == (None if pattern == PATCH else old)


def test_a_killed_renewal_that_shows_in_full(actions: Harness) -> None:
    """Where all that was changed can be read back, the repeat finds it done, and the history has it."""
    sold(actions)
    crash(actions, renewal(addons=SEATS), PATCH, after=True)
    actions.clock.skip(11)

    body = actions.ok(ACTION, renewal(addons=SEATS))

    assert (body["outcome"], body["decision"], body["reasons"]) == ("updated", "amend", [AS_WANTED])
    assert actions.history(LINE) == ["created", "renewed"]


@pytest.mark.parametrize("move", MOVES)
@BOTH_WAYS
def test_another_write_settles_a_killed_renewal(
    actions: Harness, wanted: dict[str, Any], pattern: str, move: dict[str, Any]
) -> None:
    """Another write of the customer finds what a killed process did, and maps it; the repeat is a replay."""
    sold(actions)
    request = renewal(**wanted, **move)
    crash(actions, request, pattern, after=True)
    actions.clock.skip(31)

    actions.ok("create-credit-grant", grant())

    assert ("renew", "SUCCEEDED") in actions.operations()
    assert [current(actions, move.get("newSalesforceRecordId", LINE))] == running(actions)
    assert actions.ok(ACTION, request)["replayed"]


@BOTH_WAYS
def test_a_renewal_that_never_came_is_given_up(actions: Harness, wanted: dict[str, Any], pattern: str) -> None:
    """A killed renewal of which Stigg shows nothing for 90 s never happened; the repeat does it."""
    sold(actions)
    crash(actions, renewal(**wanted), pattern, after=False)
    actions.clock.skip(91)
    actions.ok("create-credit-grant", grant())
    given_up = actions.operations()

    body = actions.ok(ACTION, renewal(**wanted))

    assert ("renew", "FAILED") in given_up
    assert (body["success"], body["addons"]) == (True, SEATS)


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_amendment_of_what_nobody_knows(actions: Harness, *, after: bool) -> None:
    """A killed amendment is found by what Stigg shows, though nobody knows how much its entitlements grant."""
    subscription_id = sold_in_the_app(actions, entitlements=ENTITLEMENTS)
    before, request = writes(actions), by_id(subscription_id, addons=SEATS, **TO_THE_NEW_LINE)
    crash(actions, request, PATCH, after=after)
    actions.clock.skip(91)

    actions.ok("create-credit-grant", grant())

    assert ("renew", "SUCCEEDED" if after else "FAILED") in actions.operations()
    assert (writes(actions) - before, current(actions, RENEWAL_LINE)) == (after, subscription_id if after else None)


def test_a_killed_renewal_of_what_was_sold_in_the_app(actions: Harness) -> None:
    """A killed replacement of a subscription that the tables do not know is found, and told as a replacement."""
    old = sold_in_the_app(actions)
    request = by_id(old, planId="plan-starter", billingPeriod="MONTHLY", **TO_THE_NEW_LINE)
    crash(actions, request, POST, after=True)
    actions.clock.skip(11)

    body = actions.ok(ACTION, request)

    assert (body["outcome"], body["replacedSubscriptionId"], body["reasons"][0]) == ("replaced", old, ANOTHER_PLAN)
    assert running(actions) == [current(actions, RENEWAL_LINE)] == actions.live("cust-acme")


def test_a_killed_renewal_whose_end_has_passed(actions: Harness) -> None:
    """A killed replacement is found by its id, whatever the time by then; one that never came holds nobody up."""
    old = sold(actions)
    crash(actions, renewal(**REPLACED, cancellationDate="2099-12-31"), POST, after=True)
    actions.clock.skip(80 * 365 * A_DAY)

    actions.ok("create-credit-grant", grant())

    assert (("renew", "SUCCEEDED") in actions.operations(), current(actions) in {old, None}) == (True, False)


def test_a_killed_renewal_whose_subscription_is_gone(actions: Harness) -> None:
    """A subscription that Stigg no longer knows cannot have been renewed by the killed process."""
    subscription_id = sold(actions)
    crash(actions, renewal(addons=SEATS), PATCH, after=False)
    actions.clock.skip(91)
    actions.emulator.fault("GET", f"/subscriptions/{subscription_id}$", "status", 404)

    actions.ok("create-credit-grant", grant())

    assert ("renew", "FAILED") in actions.operations()


def test_a_killed_renewal_ahead_is_carried_on(actions: Harness) -> None:
    """Killed after its POST, a renewal that starts later is mapped as what is to follow."""
    old = sold(actions)
    request = renewal(startDate="2098-01-01")
    crash(actions, request, POST, after=True)
    actions.clock.skip(11)

    body = actions.ok(ACTION, request)

    assert (body["outcome"], current(actions), upcoming(actions)) == ("scheduled", old, body["subscriptionId"])


@pytest.mark.parametrize("fault", ["cutAfter", "garbage"])
@pytest.mark.parametrize(
    ("wanted", "path", "method"), [(AMENDED, "/subscriptions/", "PATCH"), (REPLACED, "/subscriptions$", "POST")]
)
def test_lost_answers_are_found_out(
    actions: Harness, wanted: dict[str, Any], path: str, method: str, fault: str
) -> None:
    """When every answer is lost after its effect, reading tells it within the same call; there is one effect."""
    sold(actions)
    actions.emulator.fault(method, path, fault)

    body = actions.ok(ACTION, renewal(**wanted))

    assert running(actions) == [body["subscriptionId"]] == [current(actions)]
    assert body["addons"] == SEATS


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize(
    ("wanted", "path", "method"), [(AMENDED, "/subscriptions/", "PATCH"), (REPLACED, "/subscriptions$", "POST")]
)
def test_a_passing_trouble_is_waited_out(
    actions: Harness, wanted: dict[str, Any], path: str, method: str, status: int
) -> None:
    """Too many calls, or an error of Stigg's own, is tried again within the call."""
    sold(actions)
    actions.emulator.fault(method, path, "status", status, times=1)

    body = actions.ok(ACTION, renewal(**wanted))

    assert (body["addons"], running(actions)) == (SEATS, [current(actions)])


def test_a_refusal_leaves_everything_as_it_is(actions: Harness) -> None:
    """What Stigg refuses changes neither subscription nor mapping; corrected, it goes through."""
    old = sold(actions)
    unknown = actions.post(ACTION, renewal(planId="plan-nowhere", **TO_THE_NEW_LINE))
    in_place = actions.post(ACTION, renewal(addons=[{"id": "addon-nowhere", "quantity": 1}]))

    assert (unknown.status, unknown.body["errorCode"]) == (404, "PLAN_NOT_FOUND")
    assert (in_place.status, in_place.body["errorCode"]) == (404, "ADDON_NOT_FOUND")
    assert (current(actions), current(actions, RENEWAL_LINE), running(actions)) == (old, None, [old])
    assert actions.ok(ACTION, renewal(planId="plan-starter", **TO_THE_NEW_LINE))["outcome"] == "replaced"


@pytest.mark.parametrize("wanted", [AMENDED, REPLACED])
def test_the_same_renewal_at_once_happens_once(actions: Harness, wanted: dict[str, Any]) -> None:
    """Ten identical renewals at the same moment have one effect, and one answer."""
    sold(actions)
    before = writes(actions)

    replies = at_once(
        actions, [(ACTION, renewal(salesforceRecordId=LINE[: (15, 18)[n % 2]], **wanted)) for n in range(10)]
    )

    assert {(reply.status, reply.body.get("subscriptionId")) for reply in replies} == {(200, current(actions))}
    assert (writes(actions) - before, running(actions)) == (1, [current(actions)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"planId": "plan-starter"}, {"addons": MORE_SEATS}),
        ({"strategy": "replace"}, {"strategy": "replace", "addons": SEATS}),
        ({"addons": SEATS}, {"entitlements": ENTITLEMENTS}),
    ],
)
def test_two_renewals_at_once(actions: Harness, one: dict[str, Any], other: dict[str, Any]) -> None:
    """Two different renewals are applied one after the other; one subscription runs, and the record is mapped to it."""
    sold(actions)

    replies = at_once(actions, [(ACTION, renewal(**one)), (ACTION, renewal(**other))])

    assert [reply.status for reply in replies] == [200, 200]
    assert running(actions) == [current(actions)] == actions.live("cust-acme")
    wanted = {name: value for name, value in (one | other).items() if name != "strategy"}
    assert {name: sent(actions, str(current(actions)))[name] for name in wanted} == wanted


def test_two_renewals_to_two_lines_at_once(actions: Harness) -> None:
    """The line has one subscription: one renewal moves it, the other finds that it is gone."""
    sold(actions)
    wishes = [renewal(addons=SEATS, newSalesforceRecordId=record) for record in (RENEWAL_LINE, "00k000000000004AAA")]

    replies = at_once(actions, [(ACTION, wish) for wish in wishes])

    assert sorted(reply.status for reply in replies) == [200, 404]
    assert len(running(actions)) == 1


@pytest.mark.parametrize("wanted", [AMENDED, REPLACED])
def test_a_renewal_and_a_cancellation_at_once(actions: Harness, wanted: dict[str, Any]) -> None:
    """Renewed and canceled at once, the later of the two wins, and the mapping says what runs."""
    sold(actions)
    cancel = {"salesforceRecordId": LINE, "cancelWhen": "now"}

    renewed, canceled = at_once(actions, [(ACTION, renewal(**wanted)), ("cancel-subscription", cancel)])

    assert (renewed.status, canceled.status) == (200, 200)
    assert running(actions) in ([], [current(actions)])
    assert actions.live("cust-acme") == running(actions)


def test_a_replacement_that_must_be_paid_first(actions: Harness) -> None:
    """Without a card the old subscription goes on, and a page is answered; paid, the repeat renews."""
    old = sold_by_card(actions)
    lose_card(actions)
    wish = renewal(**REPLACED, **TO_THE_NEW_LINE, checkoutOptions=PAGE)

    asked = actions.ok(ACTION, wish)
    waiting = actions.ok(ACTION, wish)
    before = (current(actions), current(actions, RENEWAL_LINE), running(actions))
    actions.emulator.checkout(asked["subscriptionId"])
    paid = actions.ok(ACTION, wish)

    assert (asked["outcome"], asked["active"], asked["decision"]) == ("paymentRequired", False, "replace")
    assert (waiting["checkoutUrl"], waiting["replayed"]) == (asked["checkoutUrl"], True)
    assert before == (old, None, [old])
    assert (paid["outcome"], paid["subscriptionId"], paid["reasons"]) == (
        "replaced", asked["subscriptionId"], [ANOTHER_PLAN],
    )  # fmt: skip
    assert (current(actions), current(actions, RENEWAL_LINE)) == (None, paid["subscriptionId"])
    assert (actions.history(LINE)[-1], actions.history(RENEWAL_LINE)) == ("closed", ["paymentRequired", "renewed"])


def test_a_page_that_was_not_paid_gives_way(actions: Harness) -> None:
    """A day later an unpaid page gives way to a new one, and the old subscription still goes on."""
    old = sold_by_card(actions)
    lose_card(actions)
    asked = actions.ok(ACTION, renewal(**REPLACED, checkoutOptions=PAGE))
    actions.clock.skip(A_DAY)

    again = actions.ok(ACTION, renewal(**REPLACED, checkoutOptions=PAGE))

    assert (again["outcome"], again["replayed"]) == ("paymentRequired", False)
    assert again["checkoutUrl"] != asked["checkoutUrl"]
    assert (current(actions), running(actions)) == (old, [old])


def test_an_amendment_that_must_be_paid_first(actions: Harness) -> None:
    """Without a card a change in place waits; a repeat says so again, and once it is paid, that it is in force."""
    subscription_id = sold_by_card(actions)
    lose_card(actions)
    wish = renewal(addons=SEATS)

    asked = actions.ok(ACTION, wish)
    waiting = actions.ok(ACTION, wish)
    actions.stigg_app("PATCH", "/api/v1/customers/cust-acme", {"passthrough": {"stripe": {"paymentMethodId": "pm_2"}}})
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": SEATS})
    paid = actions.ok(ACTION, wish)

    assert (asked["outcome"], asked["decision"], asked["addons"]) == ("paymentRequired", "amend", [])
    assert [change["status"] for change in asked["scheduledChanges"]] == ["PENDING_PAYMENT"]
    assert (waiting["outcome"], waiting["replayed"]) == ("paymentRequired", True)
    assert (paid["outcome"], paid["addons"], in_stigg(actions, subscription_id)["addons"]) == ("updated", SEATS, SEATS)
    assert actions.history(LINE) == ["created", "renewalAwaitsPayment", "renewed"]


def test_a_change_for_later(actions: Harness) -> None:
    """Put off to the end of the period, a change in place is scheduled, and the history says so."""
    sold(actions)

    body = actions.ok(ACTION, renewal(addons=SEATS, scheduleStrategy="END_OF_BILLING_PERIOD"))

    assert (body["outcome"], body["decision"], body["addons"]) == ("scheduled", "amend", [])
    assert [change["change"] for change in body["scheduledChanges"]] == ["ADDON"]
    assert actions.history(LINE) == ["created", "renewalScheduled"]


def test_a_key_of_the_callers_own(actions: Harness) -> None:
    """Under a key of the caller's own a renewal is replayed after the move, and another one is refused."""
    sold(actions)
    wish = renewal(addons=SEATS, idempotencyKey="renewal-2027", **TO_THE_NEW_LINE)
    actions.ok(ACTION, wish)
    actions.ok("update-subscription", {"salesforceRecordId": RENEWAL_LINE, "addons": MORE_SEATS})

    again = actions.ok(ACTION, wish)
    other = actions.post(ACTION, wish | {"addons": MORE_SEATS})

    assert again["replayed"]
    assert (other.status, other.body["errorCode"]) == (409, "IDEMPOTENCY_CONFLICT")
