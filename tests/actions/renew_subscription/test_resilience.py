"""renew-subscription that is killed, raced, refused or left without an answer."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.faulty_dynamodb import FaultyDynamoDB
from tests.support.harness import Harness, Reply
from tests.support.renewals import (
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
    renewal,
    running,
    sent,
)
from tests.support.requests import LINE, RENEWAL_LINE, current, grant, in_stigg, sold, sold_in_the_app, upcoming
from tests.support.some import some

AMENDED = {"addons": SEATS, "entitlements": ENTITLEMENTS}
"""What Stigg shows, and what it does not."""
REPLACED = {"planId": "plan-starter", "addons": SEATS}
TO_THE_NEW_LINE = {"newSalesforceRecordId": RENEWAL_LINE}
BOTH_WAYS = pytest.mark.parametrize(("wanted", "pattern"), [(AMENDED, PATCH), (REPLACED, POST)])
MOVES = [{}, TO_THE_NEW_LINE]


def writes(actions: Harness) -> int:
    """How many writes of subscriptions Stigg has answered with success."""
    return sum("/subscriptions" in path for _, path in actions.writes_to_stigg())


def renewals_in_the_ledger(actions: Harness) -> list[str]:
    """Return the statuses of the renewals in the ledger."""
    return [status for kind, status in actions.operations() if kind == "renew"]


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("after", [False, True])
@BOTH_WAYS
def test_a_killed_renewal_is_carried_on(
    actions: Harness, wanted: dict[str, Any], pattern: str, move: dict[str, Any], *, after: bool
) -> None:
    """Killed before or after its PATCH or POST, the repeat ends with one effect, true mappings and the reasons."""
    less = [{**ENTITLEMENTS[0], "usageLimit": 40}]
    old = sold(actions, entitlements=less)
    before, request = writes(actions), renewal(**wanted, **move)
    crash(actions, request, pattern, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, request)

    new, record, amended = body["subscriptionId"], move.get("newSalesforceRecordId", LINE), pattern == PATCH
    assert (writes(actions) - before, body["replayed"], body["addons"]) == (1, False, SEATS)
    assert running(actions) == [new] == [current(actions, record)] == actions.live("cust-acme")
    assert body["outcome"] == ("updated" if amended else "replaced")
    assert body["reasons"] == [IN_PLACE if amended else ANOTHER_PLAN]
    assert (new == old, body.get("replacedSubscriptionId")) == (amended, None if amended else old)
    assert actions.terms(new).items() >= {"entitlements": less, **wanted}.items()
    left = ["moved" if amended else "closed"] if move else ["renewed"]
    assert actions.history(LINE) == ["created", *left]
    assert actions.history(record)[-1] == "renewed"
    assert body["salesforceRecordId"] == in_stigg(actions, new)["metadata"]["salesforceRecordId"] == record


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("wanted", [{"addons": SEATS}, {"entitlements": ENTITLEMENTS}, {"billingPeriod": "ANNUALLY"}])
def test_a_killed_amendment_is_carried_on(actions: Harness, wanted: dict[str, Any], *, after: bool) -> None:
    """An amendment is made once, whether or not Stigg returns all that it changed; the history has it."""
    subscription_id = sold(actions)
    crash(actions, renewal(**wanted), PATCH, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, renewal(**wanted))

    assert (body["decision"], body["outcome"], body["subscriptionId"]) == ("amend", "updated", subscription_id)
    assert body["reasons"] == [AS_WANTED if after and "addons" in wanted else IN_PLACE]
    assert sum(method == "PATCH" for method, _ in actions.writes_to_stigg()) == 1
    assert {name: actions.terms(subscription_id).get(name) for name in wanted} == wanted
    assert actions.history(LINE) == ["created", "renewed"]


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("after", [False, True])
@BOTH_WAYS
def test_another_write_settles_a_killed_renewal(
    actions: Harness, wanted: dict[str, Any], pattern: str, move: dict[str, Any], *, after: bool
) -> None:
    """Another write finds what a killed process did, or after 90 s that it did nothing; the repeat then replays it."""
    old = sold(actions)
    request = renewal(**wanted, **move)
    crash(actions, request, pattern, after=after)
    actions.clock.skip(31 if after else 91)

    body = actions.ok("create-credit-grant", grant())

    record = move.get("newSalesforceRecordId", LINE) if after else LINE
    assert (body["outcome"], renewals_in_the_ledger(actions)) == ("created", ["SUCCEEDED" if after else "FAILED"])
    assert [current(actions, record)] == running(actions) == actions.live("cust-acme")
    assert after or running(actions) == [old]
    assert [event for event in actions.history(record) if event == "renewed"] == ["renewed"] * after
    repeated = actions.ok(ACTION, request)
    assert (repeated["replayed"], repeated["addons"]) == (after, SEATS)


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_amendment_of_what_nobody_knows(actions: Harness, *, after: bool) -> None:
    """A killed amendment is found by what Stigg shows, though Stigg does not return the limits of its entitlements."""
    subscription_id = sold_in_the_app(actions, entitlements=ENTITLEMENTS)
    before, request = writes(actions), by_id(subscription_id, addons=SEATS, **TO_THE_NEW_LINE)
    crash(actions, request, PATCH, after=after)
    actions.clock.skip(91)

    actions.ok("create-credit-grant", grant())

    assert ("renew", "SUCCEEDED" if after else "FAILED") in actions.operations()
    assert (writes(actions) - before, current(actions, RENEWAL_LINE)) == (after, subscription_id if after else None)


def test_a_killed_renewal_of_what_was_sold_in_the_app(actions: Harness) -> None:
    """A killed replacement of a subscription that the tables do not know is found and reported as one."""
    old = sold_in_the_app(actions)
    request = by_id(old, planId="plan-starter", billingPeriod="MONTHLY", **TO_THE_NEW_LINE)
    crash(actions, request, POST, after=True)
    actions.clock.skip(11)

    body = actions.ok(ACTION, request)

    assert (body["outcome"], body["replacedSubscriptionId"], body["reasons"][0]) == ("replaced", old, ANOTHER_PLAN)
    assert running(actions) == [current(actions, RENEWAL_LINE)] == actions.live("cust-acme")


@BOTH_WAYS
def test_a_killed_renewal_whose_end_has_passed(actions: Harness, wanted: dict[str, Any], pattern: str) -> None:
    """A killed renewal with an end is found after that end, when the request would no longer be valid."""
    sold(actions)
    crash(actions, renewal(**wanted, cancellationDate="2099-12-31"), pattern, after=True)
    actions.clock.skip(80 * 365 * A_DAY)

    actions.ok("create-credit-grant", grant())

    assert renewals_in_the_ledger(actions) == ["SUCCEEDED"]
    assert [current(actions)] == running(actions)


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


@pytest.mark.parametrize(("fault", "times"), [("cutAfter", 1), ("cutAfter", None), ("garbage", 1), ("garbage", None)])
@pytest.mark.parametrize(("wanted", "method"), [({"addons": SEATS}, "PATCH"), (AMENDED, "PATCH"), (REPLACED, "POST")])
def test_lost_answers_are_found_out(
    actions: Harness, wanted: dict[str, Any], method: str, fault: str, times: int | None
) -> None:
    """When answers are lost after the effect, the same call finds it, and answers as without the loss."""
    sold(actions)
    rehearsed = actions.ok(ACTION, renewal(**wanted, dryRun=True))
    actions.emulator.fault(method, "/subscriptions($|/sub)", fault, times=times)

    body = actions.ok(ACTION, renewal(**wanted))

    explained = ("decision", "reasons", "changes")
    assert (body["outcome"], body["addons"]) == ("updated" if method == "PATCH" else "replaced", SEATS)
    assert [body[name] for name in explained] == [rehearsed[name] for name in explained]
    assert [body["subscriptionId"]] == running(actions) == actions.live("cust-acme") == [current(actions)]
    assert actions.history(LINE) == ["created", "renewed"]


@BOTH_WAYS
def test_an_unknown_outcome_is_settled_by_the_repeat(actions: Harness, wanted: dict[str, Any], pattern: str) -> None:
    """While Stigg cannot be read after the write the outcome is unknown; the repeat finds it."""
    sold(actions)
    crash(actions, renewal(**wanted), pattern, after=True)
    actions.emulator.fault("GET", "/subscriptions/", "status", 503)
    actions.clock.skip(11)

    unknown = actions.post(ACTION, renewal(**wanted))
    actions.emulator.clear_faults()
    body = actions.ok(ACTION, renewal(**wanted))

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert running(actions) == actions.live("cust-acme") == [body["subscriptionId"]]
    assert actions.history(LINE) == ["created", "renewed"]


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
    requests = [renewal(salesforceRecordId=LINE[: (15, 18)[number % 2]], **wanted) for number in range(10)]

    replies = actions.at_once(*[(ACTION, request) for request in requests])

    assert {(reply.status, reply.body.get("subscriptionId")) for reply in replies} == {(200, current(actions))}
    assert sum(not reply.body["replayed"] for reply in replies) == 1
    assert (writes(actions) - before, running(actions)) == (1, [current(actions)])
    assert actions.history(LINE) == ["created", "renewed"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"planId": "plan-starter"}, {"addons": MORE_SEATS}),
        ({"planId": "plan-starter"}, {"planId": "plan-enterprise"}),
        ({"strategy": "replace"}, {"strategy": "replace", "addons": SEATS}),
        ({"addons": SEATS}, {"entitlements": ENTITLEMENTS}),
    ],
)
def test_two_renewals_at_once(actions: Harness, first: dict[str, Any], second: dict[str, Any]) -> None:
    """Two different renewals are applied one after the other; the record is mapped to the subscription that runs."""
    sold(actions)

    replies = actions.at_once((ACTION, renewal(**first)), (ACTION, renewal(**second)))

    assert [reply.status for reply in replies] == [200, 200]
    assert running(actions) == [current(actions)] == actions.live("cust-acme")
    terms = sent(actions, str(current(actions)))
    names = (first | second).keys() - {"strategy"}
    assert [name for name in names if terms[name] not in [case[name] for case in (first, second) if name in case]] == []
    assert actions.history(LINE) == ["created", "renewed", "renewed"]


def test_two_renewals_to_two_lines_at_once(actions: Harness) -> None:
    """One of two moves succeeds; the other finds that the record has no subscription."""
    subscription_id = sold(actions)
    records = (RENEWAL_LINE, "00k000000000004AAA")
    calls = [(ACTION, renewal(addons=SEATS, newSalesforceRecordId=record)) for record in records]

    replies = actions.at_once(*calls)

    assert sorted(reply.status for reply in replies) == [200, 404]
    assert sorted(filter(None, (current(actions, record) for record in (LINE, *records)))) == [subscription_id]
    assert running(actions) == [subscription_id]


@pytest.mark.parametrize("wanted", [AMENDED, REPLACED])
def test_a_renewal_and_a_cancellation_at_once(actions: Harness, wanted: dict[str, Any]) -> None:
    """Renewed and canceled at once, the later of the two wins, and the mapping says what runs."""
    sold(actions)
    cancel = {"salesforceRecordId": LINE, "cancelWhen": "now"}

    renewed, canceled = actions.at_once((ACTION, renewal(**wanted)), ("cancel-subscription", cancel))

    assert (renewed.status, canceled.status) == (200, 200)
    assert running(actions) in ([], [current(actions)])
    assert actions.live("cust-acme") == running(actions)


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


def while_another_renewal(actions: Harness, other: dict[str, Any]) -> Reply:
    """Renew, and let another renewal of the record come between the two reads that this one begins with."""

    def after_the_other(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - what is read
        actions.ok(ACTION, other)
        return call()

    client = FaultyDynamoDB(actions.tables.client, batch_get_item=[None, after_the_other])
    return actions.post(
        ACTION, renewal(minimumSpend={"amount": 20, "currency": "USD"}), actions.container(dynamodb=client)
    )


def test_a_record_that_loses_its_subscription_meanwhile(actions: Harness) -> None:
    """A record whose subscription passes to another record between two reads gets that error, and no change is made."""
    sold(actions)

    reply = while_another_renewal(actions, renewal(**AMENDED, newSalesforceRecordId=RENEWAL_LINE))

    assert (reply.status, reply.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert running(actions) == actions.live("cust-acme") == [current(actions, RENEWAL_LINE)]
    assert all(one["sent"].get("minimumSpend") is None for one in some(actions.emulator.state()["subscriptions"]))


def test_a_record_that_gets_another_subscription_meanwhile(actions: Harness) -> None:
    """A record whose subscription is replaced between two reads: the renewal goes on with the one that it has now."""
    old = sold(actions)

    reply = while_another_renewal(actions, renewal(**REPLACED))

    (new,) = running(actions)
    assert (reply.status, reply.body["subscriptionId"], new == old) == (200, new, False)
    assert in_stigg(actions, new)["minimumSpend"] == {"amount": 20, "currency": "usd"}
    assert in_stigg(actions, old)["minimumSpend"] is None
