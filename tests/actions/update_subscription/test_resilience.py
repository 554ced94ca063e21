"""update-subscription that is repeated, killed, raced, left without an answer, or overtaken by Stigg's app."""

from typing import Any

import pytest

from tests.support.amendments import ACTION, SEATS, SSO, SUPPORT, addons, crash, more, patches, sent, update
from tests.support.harness import Harness
from tests.support.requests import LINE, grant, in_stigg, mapped_status, sold

USERS = {"type": "FEATURE", "id": "feature-seats", "usageLimit": 50}
CALLS = {"type": "FEATURE", "id": "feature-api-calls", "usageLimit": 100_000}
USERS_CHARGED = {"id": "feature-seats", "quantity": 50, "type": "FEATURE"}
TOKENS_CHARGED = {"id": "cred-type-tokens", "quantity": 10, "type": "CREDIT"}
GONE = {"status": 404, "body": {"message": "Subscription not found", "code": "SubscriptionNotFound"}}
SPEND = {"amount": 500, "currency": "usd"}
DAY = 24 * 60 * 60
TERMS: dict[str, Any] = {
    "addons": [SEATS],
    "charges": [USERS_CHARGED],
    "entitlements": [USERS, CALLS],
    "metadata": {"region": "eu"},
    "billingInformation": {"taxPercentage": 19},
}

# A change of what was sold on these terms, and the terms that it leads to
CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"addons": [SUPPORT]}, {"addons": [SEATS, SUPPORT]}),
    ({"removeAddons": ["addon-seats"]}, {"addons": []}),
    ({"charges": [TOKENS_CHARGED]}, {"charges": [USERS_CHARGED, TOKENS_CHARGED]}),
    ({"removeCharges": ["feature-seats"]}, {"charges": []}),
    ({"entitlements": [SSO]}, {"entitlements": [USERS, CALLS, SSO]}),
    ({"removeEntitlements": ["feature-seats"]}, {"entitlements": [CALLS]}),
    ({"entitlements": [SSO], "removeEntitlements": ["feature-seats"]}, {"entitlements": [CALLS, SSO]}),
    ({"entitlements": [SSO], "mode": "replace"}, {"entitlements": [SSO]}),
    ({"minimumSpend": SPEND}, {"minimumSpend": SPEND}),
    ({"billingPeriod": "ANNUALLY"}, {"billingPeriod": "ANNUALLY"}),
    (
        {"billingInformation": {"invoiceDaysUntilDue": 30}},
        {"billingInformation": {"taxPercentage": 19, "invoiceDaysUntilDue": 30}},
    ),
    ({"cancellationDate": "2099-06-30"}, {}),
    ({"billingCycleAnchor": "NOW"}, {}),
    (
        {"addons": [SUPPORT], "entitlements": [SSO], "charges": [TOKENS_CHARGED], "minimumSpend": SPEND},
        {
            "addons": [SEATS, SUPPORT],
            "entitlements": [USERS, CALLS, SSO],
            "charges": [USERS_CHARGED, TOKENS_CHARGED],
            "minimumSpend": SPEND,
        },
    ),
]
EVERY_CHANGE = pytest.mark.parametrize(("changes", "becomes"), CHANGES)


def holds(actions: Harness, subscription_id: str, terms: dict[str, Any]) -> bool:
    """Whether a subscription has some terms, in Stigg and as remembered."""
    held, known = sent(actions, subscription_id), actions.terms(subscription_id)
    return held.items() >= terms.items() and known.items() >= terms.items()


def in_the_app(actions: Harness, subscription_id: str, **changes: Any) -> None:  # noqa: ANN401 - any term
    """Let somebody change the subscription in Stigg's app."""
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", changes)


def test_a_repeat_is_replayed(actions: Harness) -> None:
    """A repeat gets the same answer, in any order of its lists, and with either form of the record id."""
    subscription_id = sold(actions)
    first = actions.ok(ACTION, update(addons=[SEATS, SUPPORT]))

    again = actions.ok(ACTION, update(addons=[SUPPORT, SEATS], salesforceRecordId=LINE[:15]))

    assert (first["replayed"], again["replayed"], patches(actions)) == (False, True, 1)
    assert again["changes"] == first["changes"]
    assert addons(actions, subscription_id) == {"addon-seats": 5, "addon-support": 1}


def test_a_day_later_it_is_looked_at_anew(actions: Harness) -> None:
    """After a day the same request means the subscription as it is then: unchanged, or changed again."""
    subscription_id = sold(actions)
    actions.ok(ACTION, update(addons=[SEATS]))
    actions.clock.skip(DAY + 60)
    same = actions.ok(ACTION, update(addons=[SEATS]))
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", {"addons": []})
    actions.clock.skip(DAY + 60)

    body = actions.ok(ACTION, update(addons=[SEATS]))

    assert (same["outcome"], same["replayed"], body["outcome"], body["replayed"]) == (
        "unchanged",
        False,
        "updated",
        False,
    )
    assert patches(actions) == 3


def test_the_same_wish_after_another_is_new(actions: Harness) -> None:
    """To five seats, to nine, and to five again changes it three times."""
    subscription_id = sold(actions)
    for quantity in (5, 9, 5):
        body = actions.ok(ACTION, update(addons=[more(quantity)]))

        assert (body["outcome"], body["replayed"]) == ("updated", False)
    assert (addons(actions, subscription_id), patches(actions)) == ({"addon-seats": 5}, 3)


def test_an_own_key_happens_once(actions: Harness) -> None:
    """A key stands for one change, in any order of its lists; it is made once, and another one is a conflict."""
    subscription_id = sold(actions)
    actions.ok(ACTION, update(addons=[SEATS, SUPPORT], idempotencyKey="amendment-1"))
    actions.ok(ACTION, update(addons=[more(9)]))

    again = actions.ok(ACTION, update(addons=[SUPPORT, SEATS], idempotencyKey="amendment-1"))
    other = actions.post(ACTION, update(addons=[more(2)], idempotencyKey="amendment-1"))

    assert (again["replayed"], addons(actions, subscription_id)) == (True, {"addon-seats": 9, "addon-support": 1})
    assert (other.status, other.body["errorCode"]) == (409, "IDEMPOTENCY_CONFLICT")


@EVERY_CHANGE
@pytest.mark.parametrize("after", [False, True])
def test_a_killed_process_is_carried_on(
    actions: Harness, changes: dict[str, Any], becomes: dict[str, Any], *, after: bool
) -> None:
    """Killed before or after the PATCH, the repeat ends with the change made once, remembered and in the history."""
    subscription_id = sold(actions, **TERMS)
    crash(actions, update(**changes), after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, update(**changes))

    assert (body["outcome"], body["replayed"], patches(actions)) == ("updated", False, 1)
    assert holds(actions, subscription_id, becomes)
    assert actions.history(LINE) == ["created", "updated"]


@EVERY_CHANGE
def test_another_write_settles_a_killed_one(actions: Harness, changes: dict[str, Any], becomes: dict[str, Any]) -> None:
    """Another write of the customer finds what a killed process changed, and records it with its terms."""
    subscription_id = sold(actions, **TERMS)
    crash(actions, update(**changes), after=True)
    actions.clock.skip(31)

    actions.ok("create-credit-grant", grant())

    assert ("update", "SUCCEEDED") in actions.operations()
    assert holds(actions, subscription_id, becomes)
    assert actions.history(LINE) == ["created", "updated"]


@EVERY_CHANGE
@pytest.mark.parametrize("fault", ["cutAfter", "garbage"])
def test_lost_answers_are_settled_by_reading(
    actions: Harness, fault: str, changes: dict[str, Any], becomes: dict[str, Any]
) -> None:
    """When every answer to the PATCH is lost after its effect, the same call finds it by reading."""
    subscription_id = sold(actions, **TERMS)
    actions.emulator.fault("PATCH", "/subscriptions/", fault)

    body = actions.ok(ACTION, update(**changes))

    assert (body["outcome"], body["changes"]) == ("updated", [])
    assert holds(actions, subscription_id, becomes)
    assert actions.history(LINE) == ["created", "updated"]


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_billing_cycle_is_started_once(actions: Harness, *, after: bool) -> None:
    """Whether a billing cycle was started is told by the mark alone; it is not started twice."""
    subscription_id = sold(actions)
    actions.emulator.advance(3 * DAY)
    anchor = in_stigg(actions, subscription_id)["billingCycleAnchor"]
    crash(actions, update(billingCycleAnchor="NOW"), after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, update(billingCycleAnchor="NOW"))

    assert (body["outcome"], patches(actions)) == ("updated", 1)
    assert in_stigg(actions, subscription_id)["billingCycleAnchor"] > anchor


def test_a_killed_one_that_never_came_is_given_up(actions: Harness) -> None:
    """What is not there after a minute and a half never came; the next repeat does it."""
    sold(actions)
    crash(actions, update(addons=[SEATS]), after=False)
    actions.clock.skip(91)
    actions.ok("create-credit-grant", grant())
    given_up = actions.operations()

    body = actions.ok(ACTION, update(addons=[SEATS]))

    assert ("update", "FAILED") in given_up
    assert (body["outcome"], body["replayed"], patches(actions)) == ("updated", False, 1)


def test_a_killed_one_whose_subscription_is_gone(actions: Harness) -> None:
    """A subscription that Stigg no longer knows cannot have been changed by the killed process."""
    subscription_id = sold(actions)
    crash(actions, update(addons=[SEATS]), after=False)
    actions.clock.skip(91)
    actions.emulator.fault("GET", f"/subscriptions/{subscription_id}$", "status", 404)

    actions.ok("create-credit-grant", grant())

    assert ("update", "FAILED") in actions.operations()


def test_a_subscription_that_is_gone_is_not_found(actions: Harness) -> None:
    """A subscription that the tables know and Stigg does not is not found, and nothing is sent."""
    subscription_id = sold(actions)
    actions.emulator.fault("GET", f"/subscriptions/{subscription_id}$", "status", GONE)

    reply = actions.post(ACTION, update(addons=[SEATS]))

    assert (reply.status, reply.body["errorCode"], patches(actions)) == (404, "SUBSCRIPTION_NOT_FOUND", 0)
    assert ("update", "FAILED") in actions.operations()


def test_a_subscription_that_goes_between_reading_and_changing(actions: Harness) -> None:
    """What has been gone since it was read is Stigg's refusal, and a definite failure."""
    sold(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", "status", GONE)

    reply = actions.post(ACTION, update(addons=[SEATS]))

    assert (reply.status, reply.body["errorCode"]) == (404, "SUBSCRIPTION_NOT_FOUND")
    assert ("update", "FAILED") in actions.operations()


def test_a_killed_one_whose_subscription_was_canceled_in_the_app(actions: Harness) -> None:
    """As long as the killed run may come to Stigg, its outcome is unknown; then Stigg's refusal is the outcome."""
    subscription_id = sold(actions)
    crash(actions, update(addons=[SEATS]), after=False)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{subscription_id}/cancel", {"cancellationTime": "IMMEDIATE"})
    actions.clock.skip(11)
    early = actions.post(ACTION, update(addons=[SEATS]))
    actions.clock.skip(91)

    late = actions.post(ACTION, update(addons=[SEATS]))

    assert (early.status, early.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (late.status, late.body["errorCode"]) == (422, "REFUSED_BY_STIGG")


@pytest.mark.parametrize(
    "changes",
    [{"addons": [SUPPORT]}, {"charges": [TOKENS_CHARGED]}, {"entitlements": [SSO]}, {"minimumSpend": SPEND}],
)
def test_a_change_that_does_not_show_is_unknown(actions: Harness, changes: dict[str, Any]) -> None:
    """When Stigg accepts a change but does not show it, the outcome is unknown; the repeat makes it."""
    subscription_id = sold(actions, **TERMS)
    accepted = {"status": 200, "body": {"data": in_stigg(actions, subscription_id)}}
    actions.emulator.fault("PATCH", "/subscriptions/", "status", accepted, times=1)

    unknown = actions.post(ACTION, update(**changes))
    body = actions.ok(ACTION, update(**changes))

    becomes = next(terms for wanted, terms in CHANGES if wanted == changes)
    assert (unknown.status, unknown.body["errorCode"], unknown.body["retryable"]) == (504, "OUTCOME_UNKNOWN", True)
    assert "does not show it yet" in unknown.body["errorMessage"]
    assert (body["outcome"], body["replayed"], patches(actions)) == ("updated", False, 2)
    assert holds(actions, subscription_id, becomes)


@pytest.mark.parametrize("status", [429, 503])
def test_stigg_is_tried_again(actions: Harness, status: int) -> None:
    """A PATCH that meets a rate limit or a fault once is sent again, within the same call."""
    subscription_id = sold(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", "status", status, times=1)

    body = actions.ok(ACTION, update(addons=[SEATS]))

    assert (body["outcome"], addons(actions, subscription_id)) == ("updated", {"addon-seats": 5})


@pytest.mark.parametrize(
    ("fault", "expected", "code"),
    [
        (("status", 429), 429, "RATE_LIMITED"),
        (("status", 503), 504, "OUTCOME_UNKNOWN"),
        (("cutBefore", None), 504, "OUTCOME_UNKNOWN"),
    ],
)
def test_a_stigg_that_stays_away(actions: Harness, fault: tuple[str, int | None], expected: int, code: str) -> None:
    """A rate limit that stays did nothing, another fault may have; after either the repeat makes the change."""
    subscription_id = sold(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", *fault)

    reply = actions.post(ACTION, update(entitlements=[SSO]))
    actions.emulator.clear_faults()
    body = actions.ok(ACTION, update(entitlements=[SSO]))

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (expected, code, True)
    assert (body["outcome"], sent(actions, subscription_id)["entitlements"]) == ("updated", [SSO])


def test_a_killed_merge_that_the_app_overtook(actions: Harness) -> None:
    """A merge that never came, into a list that the app changed, is unknown, and refused once certain."""
    subscription_id = sold(actions, **TERMS)
    crash(actions, update(entitlements=[SSO]), after=False)
    in_the_app(actions, subscription_id, entitlements=[USERS])
    actions.clock.skip(11)
    unknown = actions.post(ACTION, update(entitlements=[SSO]))
    actions.clock.skip(91)

    reply = actions.post(ACTION, update(entitlements=[SSO]))

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (reply.status, reply.body["details"][0]["field"]) == (400, "entitlements")
    assert sent(actions, subscription_id)["entitlements"] == [USERS]
    assert ("update", "FAILED") in actions.operations()


def test_a_killed_change_that_the_app_changed_again(actions: Harness) -> None:
    """By its mark a change is known as done, although the app has changed the list since; nothing is made up of it."""
    subscription_id = sold(actions, **TERMS)
    crash(actions, update(entitlements=[SSO]), after=True)
    in_the_app(actions, subscription_id, entitlements=[USERS])
    actions.clock.skip(11)

    body = actions.ok(ACTION, update(entitlements=[SSO]))

    assert (body["outcome"], body["changes"]) == ("updated", [])
    assert sent(actions, subscription_id)["entitlements"] == [USERS]
    assert actions.terms(subscription_id)["entitlements"] == TERMS["entitlements"]


def test_the_same_at_once_has_one_effect(actions: Harness) -> None:
    """Ten identical requests at the same moment, with both forms of the record id, get one answer and one effect."""
    sold(actions)
    requests = [update(addons=[SEATS], salesforceRecordId=LINE[: (15, 18)[n % 2]]) for n in range(10)]

    replies = actions.at_once(*[(ACTION, request) for request in requests])

    assert [reply.status for reply in replies] == [200] * 10
    assert sum(not reply.body["replayed"] for reply in replies) == 1
    assert (patches(actions), actions.history(LINE)) == (1, ["created", "updated"])


def test_different_amendments_at_once_both_apply(actions: Harness) -> None:
    """Different amendments at the same moment are made one after the other, and none undoes another."""
    subscription_id = sold(actions, **TERMS)
    different: list[dict[str, Any]] = [
        {"addons": [SUPPORT]},
        {"entitlements": [SSO]},
        {"removeEntitlements": ["feature-seats"]},
        {"charges": [TOKENS_CHARGED]},
        {"metadata": {"tier": "gold"}},
    ]

    requests = [update(salesforceRecordId=record, **changes) for record in (LINE, LINE[:15]) for changes in different]

    replies = actions.at_once(*[(ACTION, request) for request in requests])
    found = in_stigg(actions, subscription_id)

    assert {(reply.status, reply.body["outcome"]) for reply in replies} <= {(200, "updated"), (200, "unchanged")}
    assert found["addons"] == [SEATS, SUPPORT]
    assert found["sent"]["entitlements"] == [CALLS, SSO]
    assert found["sent"]["charges"] == [USERS_CHARGED, TOKENS_CHARGED]
    assert found["metadata"].items() >= {"region": "eu", "tier": "gold"}.items()
    assert actions.terms(subscription_id)["entitlements"] == [CALLS, SSO]
    assert (patches(actions), actions.history(LINE)) == (5, ["created", *["updated"] * 5])


@pytest.mark.parametrize("first", [0, 1])
def test_amend_against_cancel_at_once(actions: Harness, first: int) -> None:
    """Whichever comes first, the subscription ends up canceled, there and here; the amendment is done or refused."""
    sold(actions)
    calls = [(ACTION, update(addons=[SEATS])), ("cancel-subscription", update(cancelWhen="now"))]

    replies = actions.at_once(calls[first], calls[1 - first])

    (found,) = actions.emulator.state()["subscriptions"]
    amended, canceled = replies[first], replies[1 - first]
    done = amended.status == 200

    assert (canceled.status, canceled.body["outcome"]) == (200, "canceled")
    assert (found["status"], mapped_status(actions), actions.live("cust-acme")) == ("CANCELED", "CANCELED", [])
    assert done or amended.body["errorCode"] == "REFUSED_BY_STIGG"
    assert found["addons"] == ([SEATS] if done else [])
    assert actions.history(LINE) == ["created", *(["updated"] if done else []), "canceled"]
