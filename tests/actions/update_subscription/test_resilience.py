"""update-subscription when it is killed, raced, left without an answer, or overtaken by Stigg's app."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.every_action.test_once import call_at_once
from tests.support.crashes import CrashError, dying_container
from tests.support.harness import Harness, Reply
from tests.support.requests import LINE, grant, in_stigg, mapped_status, sold

ACTION = "update-subscription"
SEATS, SUPPORT = {"id": "addon-seats", "quantity": 5}, {"id": "addon-support", "quantity": 1}
USERS = {"type": "FEATURE", "id": "feature-seats", "usageLimit": 50}
CALLS = {"type": "FEATURE", "id": "feature-api-calls", "usageLimit": 100_000}
SSO = {"type": "FEATURE", "id": "feature-sso"}
USERS_CHARGED = {"id": "feature-seats", "quantity": 50, "type": "FEATURE"}
TOKENS_CHARGED = {"id": "cred-type-tokens", "quantity": 10, "type": "CREDIT"}
GONE = {"status": 404, "body": {"message": "Subscription not found", "code": "SubscriptionNotFound"}}
PATCH = "PATCH .*/subscriptions/"
LATER = "END_OF_BILLING_PERIOD"
TERMS: dict[str, Any] = {
    "addons": [SEATS],
    "charges": [USERS_CHARGED],
    "entitlements": [USERS, CALLS],
    "metadata": {"region": "eu"},
    "billingInformation": {"taxPercentage": 19},
}

# A change of what was sold by these terms, and how the changed term stands in Stigg afterwards
CHANGES: list[tuple[dict[str, Any], str, Any]] = [
    ({"addons": [SUPPORT]}, "addons", [SEATS, SUPPORT]),
    ({"removeAddons": ["addon-seats"]}, "addons", []),
    ({"charges": [TOKENS_CHARGED]}, "charges", [USERS_CHARGED, TOKENS_CHARGED]),
    ({"removeCharges": ["feature-seats"]}, "charges", []),
    ({"entitlements": [SSO]}, "entitlements", [USERS, CALLS, SSO]),
    ({"removeEntitlements": ["feature-seats"]}, "entitlements", [CALLS]),
    ({"entitlements": [SSO], "removeEntitlements": ["feature-seats"]}, "entitlements", [CALLS, SSO]),
    ({"entitlements": [SSO], "mode": "replace"}, "entitlements", [SSO]),
    ({"minimumSpend": {"amount": 500, "currency": "usd"}}, "minimumSpend", {"amount": 500, "currency": "usd"}),
    ({"billingPeriod": "ANNUALLY"}, "billingPeriod", "ANNUALLY"),
    ({"billingInformation": {"invoiceDaysUntilDue": 30}}, "billingInformation",
     {"taxPercentage": 19, "invoiceDaysUntilDue": 30}),
]  # fmt: skip
EVERY_CHANGE = pytest.mark.parametrize(("changes", "field", "becomes"), CHANGES)


def update(**changes: object) -> dict[str, Any]:
    """Change something of the subscription of the line."""
    return {"salesforceRecordId": LINE, **changes}


def patches(actions: Harness) -> int:
    """How often Stigg has changed a subscription in place and said so."""
    calls = actions.emulator.state()["calls"]
    return sum(call["method"] == "PATCH" and call["status"] == 200 for call in calls)


def held(actions: Harness, subscription_id: str, field: str) -> Any:  # noqa: ANN401 - any term
    """Return a term as Stigg keeps it, whether or not it shows it."""
    return in_stigg(actions, subscription_id)["sent"][field]


def crash(actions: Harness, request: dict[str, Any], *, after: bool) -> None:
    """Send a request whose process dies before or after its PATCH."""
    with pytest.raises(CrashError):
        actions.post(ACTION, request, dying_container(actions, PATCH, after=after))


def in_the_app(actions: Harness, subscription_id: str, **changes: Any) -> None:  # noqa: ANN401 - any term
    """Let somebody change the subscription in Stigg's app."""
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", changes)


@EVERY_CHANGE
@pytest.mark.parametrize("after", [False, True])
def test_a_killed_process_is_carried_on(
    actions: Harness, changes: dict[str, Any], field: str, becomes: object, *, after: bool
) -> None:
    """Killed before or after the PATCH, the repeat ends with the change made once, remembered and in the history."""
    subscription_id = sold(actions, **TERMS)
    crash(actions, update(**changes), after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, update(**changes))

    assert (body["outcome"], body["replayed"], patches(actions)) == ("updated", False, 1)
    assert held(actions, subscription_id, field) == becomes
    assert actions.terms(subscription_id)[field] == becomes
    assert actions.history(LINE) == ["created", "updated"]


@EVERY_CHANGE
def test_another_write_settles_a_killed_one(
    actions: Harness, changes: dict[str, Any], field: str, becomes: object
) -> None:
    """Another write of the customer finds what a killed process changed, and records it with its terms."""
    subscription_id = sold(actions, **TERMS)
    crash(actions, update(**changes), after=True)
    actions.clock.skip(31)

    actions.ok("create-credit-grant", grant())

    assert ("update", "SUCCEEDED") in actions.operations()
    assert actions.terms(subscription_id)[field] == becomes
    assert actions.history(LINE) == ["created", "updated"]


@EVERY_CHANGE
@pytest.mark.parametrize("fault", ["cutAfter", "garbage"])
def test_lost_answers_are_settled_by_reading(
    actions: Harness, fault: str, changes: dict[str, Any], field: str, becomes: object
) -> None:
    """When every answer to the PATCH is lost after its effect, reading tells it within the same call."""
    subscription_id = sold(actions, **TERMS)
    actions.emulator.fault("PATCH", "/subscriptions/", fault)

    body = actions.ok(ACTION, update(**changes))

    assert body["outcome"] == "updated"
    assert held(actions, subscription_id, field) == becomes
    assert actions.terms(subscription_id)[field] == becomes


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_billing_cycle_is_started_once(actions: Harness, *, after: bool) -> None:
    """Whether a billing cycle was started is told by the mark alone; it is not started twice."""
    subscription_id = sold(actions)
    actions.emulator.advance(3 * 24 * 3600)
    anchor = in_stigg(actions, subscription_id)["billingCycleAnchor"]
    crash(actions, update(billingCycleAnchor="NOW"), after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, update(billingCycleAnchor="NOW"))

    assert (body["outcome"], patches(actions)) == ("updated", 1)
    assert in_stigg(actions, subscription_id)["billingCycleAnchor"] > anchor


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_deferred_change(actions: Harness, *, after: bool) -> None:
    """A change that was to be deferred is scheduled once, and its terms wait with it."""
    subscription_id = sold(actions, **TERMS)
    deferred = update(charges=[TOKENS_CHARGED], scheduleStrategy=LATER)
    crash(actions, deferred, after=after)
    actions.clock.skip(11)

    body = actions.ok(ACTION, deferred)
    terms_meanwhile = actions.terms(subscription_id)["charges"]
    actions.emulator.advance(31 * 24 * 3600)
    removed = actions.ok(ACTION, update(removeCharges=["feature-seats"]))

    assert (body["outcome"], len(body["scheduledChanges"])) == ("scheduled", 1)
    assert terms_meanwhile == [USERS_CHARGED]
    assert [change["field"] for change in removed["changes"]] == ["charges.feature-seats"]
    assert held(actions, subscription_id, "charges") == [TOKENS_CHARGED]
    assert actions.history(LINE) == ["created", "updateScheduled", "updated"]


@pytest.mark.parametrize("changes", [{"addons": [SUPPORT]}, {"charges": [TOKENS_CHARGED]}])
def test_a_killed_change_that_awaits_payment(actions: Harness, changes: dict[str, Any]) -> None:
    """The repeat of a killed change tells that payment is awaited; once paid, the next finds it in force."""
    paid = {"isInvoicePaid": True}
    subscription_id = sold(actions, paymentCollectionMethod="CHARGE", billingInformation=paid)
    crash(actions, update(**changes), after=True)
    actions.clock.skip(11)

    waiting = actions.ok(ACTION, update(**changes))
    actions.emulator.checkout(subscription_id)
    done = actions.ok(ACTION, update(**changes))

    assert (waiting["outcome"], done["outcome"]) == ("paymentRequired", "updated")
    assert actions.terms(subscription_id).items() >= changes.items()


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


@pytest.mark.parametrize("changes", [{"addons": [SUPPORT]}, {"charges": [TOKENS_CHARGED]}, {"entitlements": [SSO]}])
def test_a_change_that_does_not_show_is_unknown(actions: Harness, changes: dict[str, Any]) -> None:
    """When Stigg accepts a change but does not show it, the outcome is unknown; the repeat finds out and makes it."""
    subscription_id = sold(actions, **TERMS)
    (name,) = changes
    accepted = {"status": 200, "body": {"data": in_stigg(actions, subscription_id)}}
    actions.emulator.fault("PATCH", "/subscriptions/", "status", accepted, times=1)

    unknown = actions.post(ACTION, update(**changes))
    body = actions.ok(ACTION, update(**changes))

    assert (unknown.status, unknown.body["errorCode"], unknown.body["retryable"]) == (504, "OUTCOME_UNKNOWN", True)
    assert "does not show it yet" in unknown.body["errorMessage"]
    assert (body["outcome"], body["replayed"]) == ("updated", False)
    assert held(actions, subscription_id, name) == [*TERMS[name], *changes[name]]


def test_a_request_that_is_lost_on_its_way(actions: Harness) -> None:
    """When no PATCH ever comes through, the outcome is unknown; once Stigg is back, the repeat makes the change."""
    subscription_id = sold(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", "cutBefore")

    unknown = actions.post(ACTION, update(addons=[SEATS]))
    actions.emulator.clear_faults()
    body = actions.ok(ACTION, update(addons=[SEATS]))

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (body["outcome"], held(actions, subscription_id, "addons")) == ("updated", [SEATS])


def test_a_killed_merge_that_the_app_overtook(actions: Harness) -> None:
    """A merge that never came, into a list that the app has changed since, is refused once that is certain."""
    subscription_id = sold(actions, **TERMS)
    crash(actions, update(entitlements=[SSO]), after=False)
    in_the_app(actions, subscription_id, entitlements=[USERS])
    actions.clock.skip(91)

    reply = actions.post(ACTION, update(entitlements=[SSO]))

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "entitlements")
    assert held(actions, subscription_id, "entitlements") == [USERS]
    assert ("update", "FAILED") in actions.operations()


def test_a_killed_change_that_the_app_changed_again(actions: Harness) -> None:
    """By its mark a change is known as done, although the app has changed the list since; nothing is made up of it."""
    subscription_id = sold(actions, **TERMS)
    crash(actions, update(entitlements=[SSO]), after=True)
    in_the_app(actions, subscription_id, entitlements=[USERS])
    actions.clock.skip(11)

    body = actions.ok(ACTION, update(entitlements=[SSO]))

    assert (body["outcome"], body["changes"]) == ("updated", [])
    assert held(actions, subscription_id, "entitlements") == [USERS]
    assert actions.terms(subscription_id)["entitlements"] == TERMS["entitlements"]


def test_the_same_at_once_has_one_effect(actions: Harness) -> None:
    """Ten identical requests at the same moment, with both forms of the record id, get one answer and one effect."""
    sold(actions)
    requests = [update(addons=[SEATS], salesforceRecordId=LINE[: (15, 18)[n % 2]]) for n in range(10)]

    replies = call_at_once(actions, ACTION, requests)

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

    replies = call_at_once(actions, ACTION, [update(**changes) for changes in different])
    found = in_stigg(actions, subscription_id)

    assert [(reply.status, reply.body.get("outcome")) for reply in replies] == [(200, "updated")] * 5
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
    containers = [actions.container() for _ in calls]

    def call(number: int) -> Reply:
        action, request = calls[number]
        return actions.post(action, request, containers[number])

    with ThreadPoolExecutor(2) as pool:
        replies = dict(zip((first, 1 - first), pool.map(call, (first, 1 - first)), strict=True))

    (found,) = actions.emulator.state()["subscriptions"]
    amended, canceled = replies[0], replies[1]
    done = amended.status == 200

    assert (canceled.status, canceled.body["outcome"]) == (200, "canceled")
    assert (found["status"], mapped_status(actions), actions.live("cust-acme")) == ("CANCELED", "CANCELED", [])
    assert done or amended.body["errorCode"] == "REFUSED_BY_STIGG"
    assert found["addons"] == ([SEATS] if done else [])
    assert actions.history(LINE) == ["created", *(["updated"] if done else []), "canceled"]
