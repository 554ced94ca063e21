"""update-subscription, in this process: once, however often it is sent, killed, or lost, and at once with what."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.amendments import (
    ACTION,
    CALLS,
    SEATS,
    SSO,
    SUPPORT,
    TOKENS,
    addons,
    crash,
    more,
    patches,
    sent,
    update,
)
from tests.support.harness import Harness, Reply
from tests.support.requests import LINE, grant, in_stigg, mapped_status, sold

CHARGE = {"id": "feature-api-calls", "quantity": 1000, "type": "FEATURE"}


def at_once(actions: Harness, calls: list[tuple[str, dict[str, Any]]]) -> list[Reply]:
    """Send requests at the same moment, each from a container of its own."""
    with ThreadPoolExecutor(len(calls)) as pool:
        running = [pool.submit(actions.post, action, body, actions.container()) for action, body in calls]
        return [one.result() for one in running]


def test_a_repeat_changes_nothing(actions: Harness) -> None:
    """The same request again, with the short form of the record id too, gets the same answer."""
    subscription_id = sold(actions)
    first = actions.ok(ACTION, update(addons=[SEATS, SUPPORT]))

    again = actions.ok(ACTION, update(addons=[SUPPORT, SEATS], salesforceRecordId=LINE[:15]))

    assert (again["replayed"], again["changes"], patches(actions)) == (True, first["changes"], 1)
    assert addons(actions, subscription_id) == {"addon-seats": 5, "addon-support": 1}


def test_the_same_wish_after_another_is_new(actions: Harness) -> None:
    """To five seats, to nine, and to five again changes it three times."""
    subscription_id = sold(actions)
    for quantity in (5, 9, 5):
        body = actions.ok(ACTION, update(addons=[more(quantity)]))

        assert (body["outcome"], body["replayed"]) == ("updated", False)
    assert (addons(actions, subscription_id), patches(actions)) == ({"addon-seats": 5}, 3)


def test_two_amendments_at_once_both_apply(actions: Harness) -> None:
    """Two different amendments of one record at the same moment, and repeats of both: neither loses the other's."""
    subscription_id = sold(actions)
    requests = [
        update(addons=[SEATS], entitlements=[CALLS]),
        update(addons=[SUPPORT], entitlements=[SSO], salesforceRecordId=LINE[:15]),
    ]

    replies = at_once(actions, [(ACTION, request) for request in requests * 3])

    assert [reply.status for reply in replies] == [200] * 6
    assert addons(actions, subscription_id) == {"addon-seats": 5, "addon-support": 1}
    assert sorted(one["id"] for one in sent(actions, subscription_id)["entitlements"]) == [
        "feature-api-calls",
        "feature-sso",
    ]
    assert sorted(one["id"] for one in actions.terms(subscription_id)["entitlements"]) == [
        "feature-api-calls",
        "feature-sso",
    ]
    assert patches(actions) == 2


def test_amended_and_canceled_at_once(actions: Harness) -> None:
    """An amendment against a cancellation: one comes first; it ends canceled, and the mapping says so."""
    subscription_id = sold(actions)
    cancel = {"salesforceRecordId": LINE, "cancelWhen": "now"}

    amended, canceled = at_once(actions, [(ACTION, update(addons=[SEATS])), ("cancel-subscription", cancel)])

    assert (canceled.status, canceled.body["outcome"]) == (200, "canceled")
    assert amended.body.get("outcome", amended.body.get("errorCode")) in {"updated", "REFUSED_BY_STIGG"}
    assert (in_stigg(actions, subscription_id)["status"], mapped_status(actions)) == ("CANCELED", "CANCELED")


def test_a_canceled_subscription_is_not_amended(actions: Harness) -> None:
    """What has ended is not changed: Stigg's refusal is passed on."""
    sold(actions)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})

    reply = actions.post(ACTION, update(addons=[SEATS]))

    assert (reply.status, reply.body["errorCode"]) == (422, "REFUSED_BY_STIGG")


WISHES = [
    {"addons": [SEATS]},
    {"entitlements": [SSO]},
    {"removeEntitlements": ["feature-api-calls"]},
    {"addons": [SEATS], "entitlements": [SSO], "charges": [CHARGE], "minimumSpend": {"amount": 5, "currency": "usd"}},
    {"cancellationDate": "2099-06-30"},
]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("wish", WISHES)
def test_a_killed_process_is_carried_on(actions: Harness, wish: dict[str, Any], *, after: bool) -> None:
    """Killed before or after the PATCH, the repeat ends with the change made, and remembered, once."""
    subscription_id = sold(actions, addons=[SUPPORT], entitlements=[CALLS])
    crash(actions, update(**wish), after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, update(**wish))

    held, known = sent(actions, subscription_id), actions.terms(subscription_id)
    assert (body["outcome"], body["replayed"], patches(actions)) == ("updated", False, 1)
    assert actions.history(LINE) == ["created", "updated"]
    assert addons(actions, subscription_id)["addon-support"] == 1
    for name in ("addons", "charges", "entitlements", "minimumSpend"):
        assert known.get(name) == held.get(name)


@pytest.mark.parametrize("wish", WISHES)
def test_another_write_settles_a_killed_one(actions: Harness, wish: dict[str, Any]) -> None:
    """Another write of the customer finds what a killed process changed, and records it, terms and all."""
    subscription_id = sold(actions, addons=[SUPPORT], entitlements=[CALLS])
    crash(actions, update(**wish), after=True)
    actions.clock.skip(31)

    actions.ok("create-credit-grant", grant())

    assert ("update", "SUCCEEDED") in actions.operations()
    assert actions.history(LINE) == ["created", "updated"]
    assert actions.terms(subscription_id)["entitlements"] == sent(actions, subscription_id)["entitlements"]


def test_another_write_gives_up_a_killed_one_that_never_came(actions: Harness) -> None:
    """A PATCH that was never sent is given up once it could not come any more; the wish can be made anew."""
    subscription_id = sold(actions)
    crash(actions, update(entitlements=[SSO]), after=False)
    actions.clock.skip(91)

    actions.ok("create-credit-grant", grant())
    given_up = actions.operations()
    body = actions.ok(ACTION, update(entitlements=[SSO]))

    assert ("update", "FAILED") in given_up
    assert (body["outcome"], sent(actions, subscription_id)["entitlements"]) == ("updated", [SSO])


def test_a_killed_one_that_can_no_longer_be_merged(actions: Harness) -> None:
    """When the entitlements were changed outside after the kill, the repeat finds what was done by its mark."""
    subscription_id = sold(actions, entitlements=[CALLS])
    crash(actions, update(entitlements=[SSO]), after=True)
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"entitlements": [CALLS, TOKENS]})
    actions.clock.skip(11)

    body = actions.ok(ACTION, update(entitlements=[SSO]))

    assert (body["outcome"], patches(actions)) == ("updated", 2)
    assert sent(actions, subscription_id)["entitlements"] == [CALLS, TOKENS]


def test_a_killed_one_that_was_never_possible(actions: Harness) -> None:
    """When nothing was sent, and by now nothing can be merged, the repeat is unknown for a while, then refused."""
    subscription_id = sold(actions, entitlements=[CALLS])
    crash(actions, update(entitlements=[SSO]), after=False)
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"entitlements": [CALLS, TOKENS]})
    actions.clock.skip(11)
    unknown = actions.post(ACTION, update(entitlements=[SSO]))
    actions.clock.skip(91)

    refused = actions.post(ACTION, update(entitlements=[SSO]))

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (refused.status, [one["field"] for one in refused.body["details"]]) == (400, ["entitlements"])


def test_a_killed_one_whose_subscription_is_gone(actions: Harness) -> None:
    """A subscription that Stigg no longer knows cannot have been changed by the killed process."""
    subscription_id = sold(actions)
    crash(actions, update(addons=[SEATS]), after=False)
    actions.clock.skip(91)
    actions.emulator.fault("GET", f"/subscriptions/{subscription_id}$", "status", 404)

    actions.ok("create-credit-grant", grant())

    assert ("update", "FAILED") in actions.operations()


@pytest.mark.parametrize("fault", ["cutAfter", "garbage"])
@pytest.mark.parametrize("wish", [{"addons": [SEATS]}, {"entitlements": [SSO]}, {"billingCycleAnchor": "NOW"}])
def test_lost_answers_are_settled_by_reading(actions: Harness, fault: str, wish: dict[str, Any]) -> None:
    """When every answer to the PATCH is lost after its effect, reading tells it within the same call."""
    sold(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", fault)

    body = actions.ok(ACTION, update(**wish))

    assert (body["outcome"], body["changes"]) == ("updated", [])
    assert actions.history(LINE) == ["created", "updated"]


@pytest.mark.parametrize("wish", [{"addons": [SEATS]}, {"minimumSpend": {"amount": 5, "currency": "usd"}}])
def test_a_change_that_does_not_show_is_unknown(actions: Harness, wish: dict[str, Any]) -> None:
    """When Stigg accepts a change but does not show it, the outcome is unknown; the repeat finds out."""
    subscription_id = sold(actions)
    accepted = {"status": 200, "body": {"data": in_stigg(actions, subscription_id)}}
    actions.emulator.fault("PATCH", "/subscriptions/", "status", accepted, times=1)

    unknown = actions.post(ACTION, update(**wish))
    body = actions.ok(ACTION, update(**wish))

    assert (unknown.status, unknown.body["errorCode"], unknown.body["retryable"]) == (504, "OUTCOME_UNKNOWN", True)
    assert "does not show it yet" in unknown.body["errorMessage"]
    assert (body["outcome"], patches(actions)) == ("updated", 2)


@pytest.mark.parametrize("status", [429, 503])
def test_stigg_is_tried_again(actions: Harness, status: int) -> None:
    """A PATCH that meets a rate limit or a fault once is sent again, within the same call."""
    subscription_id = sold(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", "status", status, times=1)

    body = actions.ok(ACTION, update(addons=[SEATS]))

    assert (body["outcome"], addons(actions, subscription_id)) == ("updated", {"addon-seats": 5})


@pytest.mark.parametrize(("status", "expected", "code"), [(429, 429, "RATE_LIMITED"), (503, 504, "OUTCOME_UNKNOWN")])
def test_a_stigg_that_stays_away(actions: Harness, status: int, expected: int, code: str) -> None:
    """A rate limit that stays did nothing, a fault may have; after either the repeat makes the change."""
    subscription_id = sold(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", "status", status)

    reply = actions.post(ACTION, update(entitlements=[SSO]))
    actions.emulator.clear_faults()
    body = actions.ok(ACTION, update(entitlements=[SSO]))

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (expected, code, True)
    assert (body["outcome"], sent(actions, subscription_id)["entitlements"]) == ("updated", [SSO])


def test_an_own_key_happens_once(actions: Harness) -> None:
    """With a key of its own a change is made once, whatever comes between; the key stands for this request alone."""
    subscription_id = sold(actions)
    request = update(addons=[SEATS], idempotencyKey="amendment-1")
    actions.ok(ACTION, request)
    actions.ok(ACTION, update(addons=[more(9)]))

    again = actions.ok(ACTION, request)
    other = actions.post(ACTION, update(addons=[more(2)], idempotencyKey="amendment-1"))

    assert (again["replayed"], addons(actions, subscription_id)) == (True, {"addon-seats": 9})
    assert (other.status, other.body["errorCode"]) == (409, "IDEMPOTENCY_CONFLICT")
