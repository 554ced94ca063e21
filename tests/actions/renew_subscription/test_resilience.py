"""What happens to a renewal that is killed, raced, repeated late or left without an answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.crashes import CrashError, dying_container
from tests.support.faulty_dynamodb import FaultyDynamoDB
from tests.support.harness import Harness, Reply
from tests.support.renewals import ACTION, LIMITS, SEATS, made, renew, renew_by_id, running
from tests.support.requests import LINE, RENEWAL_LINE, grant, in_stigg, sold, sold_in_the_app
from tests.support.some import some

PATCH = "PATCH .*/subscriptions/"
POST = "POST .*/subscriptions$"
AMENDED: dict[str, Any] = {"addons": SEATS}
REPLACED: dict[str, Any] = {"planId": "plan-starter"}
SPEND = {"amount": 20, "currency": "USD"}
DAY = 24 * 3600


def crash(actions: Harness, request: dict[str, Any], *, after: bool) -> None:
    """Send a request whose process dies before or after its write to Stigg."""
    with pytest.raises(CrashError):
        actions.post(ACTION, request, dying_container(actions, f"{PATCH}|{POST}", after=after))


def current(actions: Harness, record_id: str = LINE) -> str | None:
    """Return the subscription that a record is mapped to."""
    record = actions.mapping(record_id)
    return record.current.subscription_id if record and record.current else None


def status_of_renewal(actions: Harness) -> list[str]:
    """Return the statuses of the renewals in the ledger."""
    return [status for kind, status in actions.operations() if kind == "renew"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("terms", [AMENDED, {"entitlements": LIMITS}, {"billingPeriod": "ANNUALLY"}])
def test_a_killed_amendment_is_carried_on(actions: Harness, terms: dict[str, object], *, after: bool) -> None:
    """Killed before or after its PATCH, the repeat ends with the change made once, and told as one."""
    subscription_id = sold(actions)
    crash(actions, renew(**terms), after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, renew(**terms))

    assert (body["decision"], body["outcome"], body["subscriptionId"]) == ("amend", "updated", subscription_id)
    assert sum(method == "PATCH" for method, _ in actions.writes_to_stigg()) == 1
    assert {name: actions.terms(subscription_id).get(name) for name in terms} == terms
    assert actions.history(LINE) == ["created", "renewed"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("new_record", [None, RENEWAL_LINE])
def test_a_killed_replacement_is_carried_on(actions: Harness, new_record: str | None, *, after: bool) -> None:
    """Killed before or after its POST, the repeat ends with one new subscription and true mappings."""
    old = sold(actions, **AMENDED, entitlements=LIMITS)
    request = renew(**REPLACED, newSalesforceRecordId=new_record)
    crash(actions, request, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, request)

    new = body["subscriptionId"]
    assert (body["decision"], body["outcome"], body["replacedSubscriptionId"]) == ("replace", "replaced", old)
    assert made(actions) == [old, new]
    assert running(actions) == actions.live("cust-acme") == [new]
    assert current(actions, new_record or LINE) == new
    assert actions.terms(new)["addons"] == SEATS
    assert actions.terms(new)["entitlements"] == LIMITS
    assert actions.history(LINE) == (["created", "closed"] if new_record else ["created", "renewed"])


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_move_is_carried_on(actions: Harness, *, after: bool) -> None:
    """Killed around the PATCH that amends and moves, the repeat moves it once."""
    subscription_id = sold(actions)
    request = renew(**AMENDED, newSalesforceRecordId=RENEWAL_LINE)
    crash(actions, request, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, request)

    assert (body["outcome"], body["salesforceRecordId"]) == ("updated", RENEWAL_LINE)
    assert (current(actions), current(actions, RENEWAL_LINE)) == (None, subscription_id)
    assert (actions.history(LINE), actions.history(RENEWAL_LINE)) == (["created", "moved"], ["renewed"])
    assert in_stigg(actions, subscription_id)["metadata"]["salesforceRecordId"] == RENEWAL_LINE


@pytest.mark.parametrize(
    ("terms", "after", "seconds", "status"),
    [
        (AMENDED, True, 31, "SUCCEEDED"),
        (AMENDED, False, 91, "FAILED"),
        (REPLACED, True, 31, "SUCCEEDED"),
        (REPLACED, False, 91, "FAILED"),
    ],
)
def test_another_write_settles_a_killed_one(
    actions: Harness, terms: dict[str, object], *, after: bool, seconds: int, status: str
) -> None:
    """Another write of the customer finds what a killed renewal did and records it, or that it did nothing."""
    sold(actions)
    crash(actions, renew(**terms), after=after)
    actions.clock.skip(seconds)

    body = actions.ok("create-credit-grant", grant())

    assert (body["outcome"], status_of_renewal(actions)) == ("created", [status])
    assert [current(actions)] == running(actions) == actions.live("cust-acme")
    assert actions.history(LINE)[1:2] == (["renewed"] if after else [])


def test_an_amendment_of_the_apps_is_found(actions: Harness) -> None:
    """A killed amendment of what was sold in Stigg's app is found, whatever its entitlements grant."""
    subscription_id = sold_in_the_app(actions, entitlements=LIMITS)
    crash(actions, renew_by_id(subscription_id, **AMENDED), after=True)
    actions.clock.skip(91)

    actions.ok("create-credit-grant", grant())

    assert status_of_renewal(actions) == ["SUCCEEDED"]


@pytest.mark.parametrize("terms", [AMENDED, REPLACED])
def test_what_was_done_in_time_is_found_late(actions: Harness, terms: dict[str, object]) -> None:
    """A killed renewal until a date is found when that date has passed, though it could not be asked for any more."""
    sold(actions)
    crash(actions, renew(**terms, cancellationDate="2098-12-31"), after=True)
    actions.clock.skip(80 * 365 * DAY)

    actions.ok("create-credit-grant", grant())

    assert status_of_renewal(actions) == ["SUCCEEDED"]


def test_a_killed_one_whose_subscription_is_gone(actions: Harness) -> None:
    """A subscription that Stigg no longer knows cannot have been renewed by the killed process."""
    subscription_id = sold(actions)
    crash(actions, renew(**AMENDED), after=False)
    actions.clock.skip(91)
    actions.emulator.fault("GET", f"/subscriptions/{subscription_id}$", "status", 404)

    actions.ok("create-credit-grant", grant())

    assert status_of_renewal(actions) == ["FAILED"]


@pytest.mark.parametrize(
    ("terms", "method", "outcome"), [(AMENDED, "PATCH", "updated"), (REPLACED, "POST", "replaced")]
)
@pytest.mark.parametrize("times", [1, None])
def test_lost_answers_are_settled_by_looking(
    actions: Harness, terms: dict[str, object], method: str, outcome: str, times: int | None
) -> None:
    """When answers are lost after the effect, it is found in the same call, which tells what it would have told."""
    sold(actions)
    rehearsed = actions.ok(ACTION, renew(**terms, dryRun=True))
    actions.emulator.fault(method, "/subscriptions($|/sub)", "cutAfter", times=times)

    body = actions.ok(ACTION, renew(**terms))

    assert body["outcome"] == outcome
    assert {name: body[name] for name in ("decision", "reasons", "changes")} == {
        name: rehearsed[name] for name in ("decision", "reasons", "changes")
    }
    assert running(actions) == actions.live("cust-acme") == [body["subscriptionId"]]
    assert actions.history(LINE) == ["created", "renewed"]


@pytest.mark.parametrize(("terms", "method"), [(AMENDED, "PATCH"), (REPLACED, "POST")])
def test_a_garbled_answer(actions: Harness, terms: dict[str, object], method: str) -> None:
    """An answer that cannot be read leaves one effect."""
    sold(actions)
    actions.emulator.fault(method, "/subscriptions", "garbage", times=1)

    body = actions.ok(ACTION, renew(**terms))

    assert running(actions) == actions.live("cust-acme") == [body["subscriptionId"]]
    assert actions.history(LINE) == ["created", "renewed"]


@pytest.mark.parametrize("terms", [AMENDED, REPLACED])
def test_an_unknown_outcome_is_settled_by_the_repeat(actions: Harness, terms: dict[str, object]) -> None:
    """With Stigg out of reach after the write the outcome is unknown; the repeat finds it."""
    sold(actions)
    crash(actions, renew(**terms), after=True)
    actions.emulator.fault("GET", "/subscriptions/", "status", 503)
    actions.clock.skip(11)

    unknown = actions.post(ACTION, renew(**terms))
    actions.emulator.clear_faults()
    body = actions.ok(ACTION, renew(**terms))

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert running(actions) == actions.live("cust-acme") == [body["subscriptionId"]]
    assert actions.history(LINE) == ["created", "renewed"]


def at_once(actions: Harness, calls: list[tuple[str, dict[str, Any]]]) -> list[Reply]:
    """Send requests at the same moment, each from a container of its own."""
    containers = [actions.container() for _ in calls]
    with ThreadPoolExecutor(len(calls)) as pool:
        running_calls = [
            pool.submit(actions.post, action, body, container)
            for (action, body), container in zip(calls, containers, strict=True)
        ]
    return [call.result() for call in running_calls]


@pytest.mark.parametrize("terms", [AMENDED, REPLACED])
def test_the_same_renewal_at_once_has_one_effect(actions: Harness, terms: dict[str, object]) -> None:
    """Identical requests at the same moment get one answer and have one effect."""
    sold(actions)

    answers = at_once(actions, [(ACTION, renew(**terms))] * 6)

    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["subscriptionId"] for answer in answers}) == 1
    assert sum(not answer.body["replayed"] for answer in answers) == 1
    assert actions.history(LINE) == ["created", "renewed"]


def test_two_renewals_at_once_both_apply(actions: Harness) -> None:
    """Two different renewals at the same moment are carried out one after the other."""
    sold(actions)

    answers = at_once(actions, [(ACTION, renew(**REPLACED)), (ACTION, renew(planId="plan-enterprise"))])

    assert [answer.body["outcome"] for answer in answers] == ["replaced", "replaced"]
    assert running(actions) == actions.live("cust-acme") == [current(actions)]
    assert actions.history(LINE) == ["created", "renewed", "renewed"]


def test_a_renewal_and_a_cancellation_at_once(actions: Harness) -> None:
    """Whichever comes first, at most one subscription runs, and the mapping is what runs."""
    sold(actions)
    cancel = {"salesforceRecordId": LINE, "cancelWhen": "now"}

    renewed, canceled = at_once(actions, [(ACTION, renew(**REPLACED)), ("cancel-subscription", cancel)])

    assert {renewed.status, canceled.status} == {200}
    assert running(actions) == actions.live("cust-acme")
    assert len(running(actions)) <= 1


def test_two_moves_at_once(actions: Harness) -> None:
    """Of two moves to different records at once one wins; the other finds that the record has nothing any more."""
    subscription_id = sold(actions)
    others = ("00k000000000004AAA", "00k000000000005AAA")

    answers = at_once(actions, [(ACTION, renew(**AMENDED, newSalesforceRecordId=one)) for one in others])

    assert sorted(answer.status for answer in answers) == [200, 404]
    assert sorted(filter(None, (current(actions, one) for one in (LINE, *others)))) == [subscription_id]


@pytest.mark.parametrize("terms", [AMENDED, REPLACED])
def test_a_day_later_it_is_found_as_it_is(actions: Harness, terms: dict[str, object]) -> None:
    """The same request a day later finds everything as wanted, and does nothing."""
    sold(actions)
    first = actions.ok(ACTION, renew(**terms))
    again = actions.ok(ACTION, renew(**terms))
    actions.clock.skip(25 * 3600)
    writes = actions.writes_to_stigg()

    later = actions.ok(ACTION, renew(**terms))

    assert again["replayed"] is True
    assert (later["decision"], later["outcome"], later["replayed"]) == ("none", "unchanged", False)
    assert later["subscriptionId"] == first["subscriptionId"]
    assert actions.writes_to_stigg() == writes


def while_another_renewal(actions: Harness, other: dict[str, Any]) -> Reply:
    """Renew, and let another renewal of the record come between the two reads that this one begins with."""

    def after_the_other(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - what is read
        actions.ok(ACTION, other)
        return call()

    client = FaultyDynamoDB(actions.tables.client, batch_get_item=[None, after_the_other])
    return actions.post(ACTION, renew(minimumSpend=SPEND), actions.container(dynamodb=client))


def test_a_record_that_loses_its_subscription_meanwhile(actions: Harness) -> None:
    """A record whose subscription passes to another record between two reads is told so; nothing is done."""
    sold(actions)

    reply = while_another_renewal(actions, renew(**AMENDED, newSalesforceRecordId=RENEWAL_LINE))

    assert (reply.status, reply.body["errorCode"]) == (404, "MAPPING_NOT_FOUND")
    assert running(actions) == actions.live("cust-acme") == [current(actions, RENEWAL_LINE)]
    assert all(one["sent"].get("minimumSpend") is None for one in some(actions.emulator.state()["subscriptions"]))


def test_a_record_that_gets_another_subscription_meanwhile(actions: Harness) -> None:
    """A record whose subscription is replaced between two reads: the renewal goes on with the one that it has now."""
    old = sold(actions)

    reply = while_another_renewal(actions, renew(**REPLACED))

    (new,) = running(actions)
    assert (reply.status, reply.body["subscriptionId"], new == old) == (200, new, False)
    assert in_stigg(actions, new)["minimumSpend"] == {"amount": 20, "currency": "usd"}
    assert in_stigg(actions, old)["minimumSpend"] is None
