"""reschedule-cancellation, in this process."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionUpdateParams

from tests.contract.sdk_shapes import body_problems
from tests.support.crashes import CrashError, dying_container, listening_container
from tests.support.harness import Harness
from tests.support.requests import LINE, grant, in_stigg, sold, sold_in_the_app

ACTION = "reschedule-cancellation"
JUNE, JULY = "2099-06-30T23:59:59Z", "2099-07-31T23:59:59Z"


def reschedule(**changes: object) -> dict[str, Any]:
    """Let the subscription of the line end in June 2099; None drops a field."""
    request = {"salesforceRecordId": LINE, "cancellationDate": "2099-06-30", **changes}
    return {name: value for name, value in request.items() if value is not None}


CLEAR = reschedule(cancellationDate=None, clear=True)


def end_of(actions: Harness, subscription_id: str) -> str | None:
    """Return the date on which a subscription ends, as Stigg has it."""
    date = in_stigg(actions, subscription_id)["cancellationDate"]
    return None if date is None else str(date).replace(".000Z", "Z")


def patches(actions: Harness) -> int:
    """How often Stigg has changed something in place."""
    return sum(method == "PATCH" and "/subscriptions/" in path for method, path in actions.writes_to_stigg())


def crash(actions: Harness, request: dict[str, Any], *, after: bool) -> None:
    """Send a request whose process dies before or after its PATCH."""
    with pytest.raises(CrashError):
        actions.post(ACTION, request, dying_container(actions, "PATCH .*/subscriptions/", after=after))


def test_sets_moves_and_clears(actions: Harness) -> None:
    """The date is set, moved and taken back; every answer says what changed, and the history what happened."""
    subscription_id = sold(actions)

    answers = [actions.ok(ACTION, body) for body in (reschedule(), reschedule(cancellationDate="2099-07-31"), CLEAR)]

    assert [body["outcome"] for body in answers] == ["updated"] * 3
    assert [body.get("cancellationDate") for body in answers] == [JUNE, JULY, None]
    assert [body["changes"] for body in answers] == [
        [{"field": "cancellationDate", "after": "2099-06-30T23:59:59.000Z"}],
        [
            {
                "field": "cancellationDate",
                "before": "2099-06-30T23:59:59.000Z",
                "after": "2099-07-31T23:59:59.000Z",
            }
        ],
        [{"field": "cancellationDate", "before": "2099-07-31T23:59:59.000Z"}],
    ]
    assert end_of(actions, subscription_id) is None
    assert actions.history(LINE) == ["created", *["cancellationRescheduled"] * 3]


def test_what_is_so_already_is_unchanged(actions: Harness) -> None:
    """A date that stands already sends nothing, and is no event."""
    sold(actions, cancellationDate="2099-06-30")

    body = actions.ok(ACTION, reschedule())

    assert (body["outcome"], body["changes"], patches(actions)) == ("unchanged", [], 0)
    assert actions.history(LINE) == ["created"]


def test_clearing_nothing_is_unchanged(actions: Harness) -> None:
    """A subscription that does not end by itself needs no clearing."""
    sold(actions)

    assert actions.ok(ACTION, CLEAR)["outcome"] == "unchanged"


def test_what_is_sent(actions: Harness) -> None:
    """A clearing sends null, a date itself, and nothing else; as the SDK types it."""
    sold(actions, cancellationDate="2099-12-31")
    sent: list[dict[str, Any]] = []
    container = listening_container(actions, "PATCH", sent)

    actions.post(ACTION, CLEAR, container)
    actions.post(ACTION, reschedule(), container)

    assert sent == [{"cancellationDate": None}, {"cancellationDate": JUNE}]
    assert [body_problems(SubscriptionUpdateParams, body) for body in sent] == [[], []]


def test_the_same_wish_after_another_is_new(actions: Harness) -> None:
    """To June, to July and to June again moves it three times; a plain repeat moves nothing."""
    subscription_id = sold(actions)
    actions.ok(ACTION, reschedule())
    again = actions.ok(ACTION, reschedule())
    actions.ok(ACTION, reschedule(cancellationDate="2099-07-31"))

    body = actions.ok(ACTION, reschedule())

    assert (again["replayed"], body["replayed"]) == (True, False)
    assert (end_of(actions, subscription_id), patches(actions)) == (JUNE, 3)


@pytest.mark.parametrize(
    ("terms", "date", "problem"),
    [
        ({}, "2020-01-31", "lies in the past; to end it now, use cancel-subscription"),
        ({"startDate": "2098-01-01"}, "2097-12-31", "lies before the start of the subscription; give a later date"),
    ],
)
def test_impossible_dates_are_refused_by_us(
    actions: Harness, terms: dict[str, object], date: str, problem: str
) -> None:
    """A date in the past or before the start never goes to Stigg."""
    sold(actions, **terms)

    reply = actions.post(ACTION, reschedule(cancellationDate=date))

    assert reply.status == 400
    assert reply.body["details"] == [{"field": "cancellationDate", "problem": problem}]
    assert patches(actions) == 0


def test_a_canceled_subscription_cannot_be_resumed(actions: Harness) -> None:
    """What has ended has ended: Stigg's refusal is passed on."""
    sold(actions)
    actions.ok("cancel-subscription", {"salesforceRecordId": LINE, "cancelWhen": "now"})

    reply = actions.post(ACTION, CLEAR)

    assert (reply.status, reply.body["errorCode"]) == (422, "REFUSED_BY_STIGG")


def test_a_subscription_of_the_app_is_named_by_its_id(actions: Harness) -> None:
    """What was sold in Stigg's app can be moved by its id."""
    subscription_id = sold_in_the_app(actions)

    body = actions.ok(ACTION, reschedule(salesforceRecordId=None, subscriptionId=subscription_id))

    assert (body["outcome"], end_of(actions, subscription_id)) == ("updated", JUNE)


def test_an_unknown_subscription_is_named(actions: Harness) -> None:
    """An id that Stigg does not know is not found, by name."""
    reply = actions.post(ACTION, reschedule(salesforceRecordId=None, subscriptionId="sub-nowhere"))

    assert (reply.status, reply.body["errorCode"]) == (404, "SUBSCRIPTION_NOT_FOUND")
    assert "sub-nowhere" in reply.body["errorMessage"]


def test_a_change_that_does_not_show_is_unknown(actions: Harness) -> None:
    """When Stigg accepts the date but does not show it, the outcome is unknown; the repeat finds out."""
    subscription_id = sold(actions)
    accepted = {"status": 200, "body": {"data": in_stigg(actions, subscription_id)}}
    actions.emulator.fault("PATCH", "/subscriptions/", "status", accepted, times=1)

    unknown = actions.post(ACTION, reschedule())
    body = actions.ok(ACTION, reschedule())

    assert (unknown.status, unknown.body["errorCode"], unknown.body["retryable"]) == (504, "OUTCOME_UNKNOWN", True)
    assert "does not show it yet" in unknown.body["errorMessage"]
    assert (body["outcome"], end_of(actions, subscription_id)) == ("updated", JUNE)


def test_lost_answers_are_settled_by_reading(actions: Harness) -> None:
    """When every answer to the PATCH is lost after its effect, reading tells it within the same call."""
    subscription_id = sold(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", "cutAfter")

    body = actions.ok(ACTION, reschedule())

    assert (body["outcome"], end_of(actions, subscription_id)) == ("updated", JUNE)


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_process_is_carried_on(actions: Harness, *, after: bool) -> None:
    """Killed before or after the PATCH, the repeat ends with the date set, once."""
    subscription_id = sold(actions)
    crash(actions, reschedule(), after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, reschedule())

    assert (body["outcome"], body["replayed"], end_of(actions, subscription_id)) == ("updated", False, JUNE)
    assert (patches(actions), actions.history(LINE)) == (1, ["created", "cancellationRescheduled"])


def test_another_write_settles_a_killed_one(actions: Harness) -> None:
    """Another write of the customer finds the date that a killed process set, and records it."""
    sold(actions)
    crash(actions, reschedule(), after=True)
    actions.clock.skip(31)

    actions.ok("create-credit-grant", grant())

    assert ("reschedule", "SUCCEEDED") in actions.operations()
    assert actions.history(LINE) == ["created", "cancellationRescheduled"]


def test_a_killed_one_whose_date_has_passed_holds_nobody_up(actions: Harness) -> None:
    """A date that never came to Stigg, and has passed since, is given up like any other."""
    sold(actions)
    crash(actions, reschedule(), after=False)
    actions.clock.skip(80 * 365 * 24 * 3600)

    body = actions.ok("create-credit-grant", grant())

    assert body["outcome"] == "created"
    assert ("reschedule", "FAILED") in actions.operations()


def test_a_killed_one_whose_subscription_is_gone(actions: Harness) -> None:
    """A subscription that Stigg no longer knows cannot have been changed by the killed process."""
    subscription_id = sold(actions)
    crash(actions, reschedule(), after=False)
    actions.clock.skip(91)
    actions.emulator.fault("GET", f"/subscriptions/{subscription_id}$", "status", 404)

    actions.ok("create-credit-grant", grant())

    assert ("reschedule", "FAILED") in actions.operations()
