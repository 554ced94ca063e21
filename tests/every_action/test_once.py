"""What happens to a write that is repeated, raced, killed or left without an answer."""

from collections.abc import Callable
from contextlib import closing
from copy import replace
from typing import Any, cast

import pytest

from stigg_actions.deps import Container
from stigg_actions.errors import InProgress
from tests.support import crashes
from tests.support.clocks import NotingClock
from tests.support.contexts import Context
from tests.support.faulty_dynamodb import FaultyDynamoDB, lost_request, refused
from tests.support.harness import Harness
from tests.support.requests import ACCOUNT, LINE, OTHER_LINE, TO_BE_PAID, current, grant, subscription

PROVISION = "create-subscription-with-return-data"
POST_SUBSCRIPTION = "POST .*/subscriptions$"


@pytest.fixture(autouse=True)
def _customer(actions: Harness) -> None:
    """The customer of all requests."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})


def provisioned(actions: Harness) -> list[str]:
    """Ids of all subscriptions that were ever made in Stigg."""
    return [one["id"] for one in actions.emulator.state()["subscriptions"]]


def crash(actions: Harness, *, after: bool, **changes: object) -> None:
    """Send a provisioning whose process dies before or after its POST."""
    crashes.crash(actions, PROVISION, subscription(**changes), POST_SUBSCRIPTION, after=after)


def test_fifty_at_once_have_one_effect(actions: Harness) -> None:
    """Fifty identical requests at the same moment, with both forms of the record id, get one answer and one effect."""
    requests = [subscription(salesforceRecordId=LINE[: (15, 18)[n % 2]]) for n in range(50)]

    replies = actions.at_once(*[(PROVISION, request) for request in requests])

    assert {(reply.status, reply.body.get("subscriptionId")) for reply in replies} == {(200, provisioned(actions)[0])}
    assert len(provisioned(actions)) == 1
    assert sum(not reply.body["replayed"] for reply in replies) == 1


def test_two_different_requests_at_once_both_apply(actions: Harness) -> None:
    """Two different requests for one record are applied one after the other; the mapping is the live one."""
    requests = [subscription(), subscription(planId="plan-starter")]

    replies = actions.at_once(*[(PROVISION, request) for request in requests])

    live = [one["id"] for one in actions.emulator.state()["subscriptions"] if one["status"] == "ACTIVE"]

    assert sorted(reply.body["outcome"] for reply in replies) == ["created", "replaced"]
    assert [current(actions)] == live


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_process_is_carried_on_by_the_repeat(actions: Harness, *, after: bool) -> None:
    """Killed before or after the POST, the repeat ends with one effect and a true mapping."""
    crash(actions, after=after)
    actions.clock.skip(11)

    body = actions.ok(PROVISION, subscription())

    assert provisioned(actions) == [body["subscriptionId"]] == [current(actions)]
    assert ("provision", "SUCCEEDED") in actions.operations()


def test_the_repeat_waits_for_a_first_run_that_may_live(actions: Harness) -> None:
    """For ten seconds a repeat waits for the first run; it then carries on within the same call."""
    crash(actions, after=True)
    actions.clock.skip(9)

    body = actions.ok(PROVISION, subscription())

    assert provisioned(actions) == [body["subscriptionId"]]


def container_on(actions: Harness, dynamodb: FaultyDynamoDB, clock: NotingClock) -> Container:
    """Return a container on a DynamoDB with faults, whose waits are over at once."""
    return replace(actions, clock=cast("Any", clock)).container(dynamodb=dynamodb)


def test_another_write_waits_for_one_that_may_live(actions: Harness) -> None:
    """While the run that holds the customer may still be alive, another write waits, and is told to come back."""
    crash(actions, after=True)

    with pytest.raises(InProgress):
        actions.invoke("create-credit-grant", grant(), context=Context(10))

    assert actions.emulator.state()["grants"] == []


def test_two_who_settle_the_same_do_not_collide(actions: Harness) -> None:
    """Who finds that somebody else has just settled an operation goes on from what stands."""
    crash(actions, after=True)
    actions.clock.skip(31)
    just_settled = refused("TransactionCanceledException", "ConditionalCheckFailed")
    client = FaultyDynamoDB(actions.tables.client, transact_write_items=[just_settled])

    reply = actions.post("create-credit-grant", grant(), actions.container(dynamodb=client))

    assert reply.body["outcome"] == "created"
    assert [status for _, status in actions.operations()] == ["SUCCEEDED"] * 3


def test_a_hurried_repeat_is_told_to_come_back(actions: Harness) -> None:
    """With too little time left to wait, the answer is IN_PROGRESS, retryable, and nothing is sent."""
    crash(actions, after=False)

    with pytest.raises(InProgress) as caught:
        actions.invoke(PROVISION, subscription(), context=Context(10))

    assert caught.value.may_retry is True
    assert provisioned(actions) == []


def test_another_write_finds_and_records_the_effect_of_a_killed_one(actions: Harness) -> None:
    """Another write of the customer settles a killed one first: found in Stigg, it is recorded, then replaced."""
    crash(actions, after=True)
    actions.clock.skip(31)

    body = actions.ok(PROVISION, subscription(planId="plan-starter"))

    (first, second) = sorted(provisioned(actions), key=lambda one: one == body["subscriptionId"])

    assert (body["subscriptionId"], body["replacedSubscriptionId"]) == (second, first)
    assert actions.history(LINE) == ["created", "replaced"]
    assert [status for _, status in actions.operations()] == ["SUCCEEDED"] * 3


def test_another_write_is_held_off_while_absence_proves_nothing(actions: Harness) -> None:
    """While a lost request may still take effect, other writes of the customer are told to come back."""
    crash(actions, after=False)
    actions.clock.skip(40)

    reply = actions.post("create-credit-grant", grant())

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (409, "IN_PROGRESS", True)
    assert 40 <= reply.body["retryAfterSeconds"] <= 50


def test_another_write_goes_on_once_absence_is_proof(actions: Harness) -> None:
    """An effect not there ninety seconds after its start never comes: the operation has failed, others go on."""
    crash(actions, after=False)
    actions.clock.skip(91)

    body = actions.ok("create-credit-grant", grant())
    again = actions.ok(PROVISION, subscription())

    assert body["outcome"] == "created"
    assert again["outcome"] == "created"
    assert len(provisioned(actions)) == 1


def test_a_killed_customer_creation_is_carried_on(actions: Harness) -> None:
    """Killed after its POST, the repeat finds the customer that it made and answers that it was created."""
    request = {"customerId": "cust-new", "name": "New"}
    crashes.crash(actions, "create-customer", request, "POST .*/customers$", after=True)
    actions.clock.skip(11)

    body = actions.ok("create-customer", request)

    assert (body["outcome"], body["replayed"]) == ("created", False)


def test_a_killed_customer_update_is_carried_on(actions: Harness) -> None:
    """Killed after its PATCH, the repeat finds the customer as asked; killed before it, the repeat patches."""
    for name, after in (("Acme A", True), ("Acme B", False)):
        request = {"customerId": "cust-acme", "name": name}
        crashes.crash(actions, "create-customer", request, "PATCH", after=after)
        actions.clock.skip(11)

        body = actions.ok("create-customer", request)

        assert body["outcome"] == "updated"


def test_a_killed_creation_that_never_came_is_found_missing(actions: Harness) -> None:
    """A customer that a killed run did not make is settled as failed by the next write, once absence is proof."""
    request = {"customerId": "cust-new", "name": "New"}
    crashes.crash(actions, "create-customer", request, "POST .*/customers$", after=False)
    actions.clock.skip(91)

    body = actions.ok("create-customer", request | {"name": "Newer"})

    assert body["outcome"] == "created"
    assert sorted(status for _, status in actions.operations()) == ["FAILED", "SUCCEEDED", "SUCCEEDED"]


@pytest.mark.parametrize(
    ("fault", "value", "times"),
    [("cutAfter", None, None), ("cutAfter", None, 1), ("garbage", None, 1), ("statusAfter", 502, 1)],
)
def test_lost_answers_are_settled(actions: Harness, fault: str, value: int | None, times: int | None) -> None:
    """One lost answer to the POST is repeated with its key; if all are lost, the subscription is found by its id."""
    actions.emulator.fault("POST", "/subscriptions$", fault, value, times=times)

    body = actions.ok(PROVISION, subscription())

    assert (body["outcome"], provisioned(actions)) == ("created", [body["subscriptionId"]])


def test_an_unknown_outcome_is_recorded_and_settled_by_the_repeat(actions: Harness) -> None:
    """With Stigg out of reach in mid-write the outcome is unknown; the repeat looks, finds, and answers."""
    actions.emulator.fault("POST", "/subscriptions$", "cutAfter")
    down = {"status": 503, "body": {"message": "Down.", "code": "UnexpectedError", "traceId": "trace-7"}}
    actions.emulator.fault("GET", "/subscriptions/", "status", down)

    unknown = actions.post(PROVISION, subscription())
    still = actions.post(PROVISION, subscription())
    recorded = actions.operations()
    actions.emulator.clear_faults()
    body = actions.ok(PROVISION, subscription())

    assert (unknown.status, unknown.body["errorCode"], unknown.body["retryable"]) == (504, "OUTCOME_UNKNOWN", True)
    assert (still.body["errorCode"], still.body["stiggTraceId"]) == ("OUTCOME_UNKNOWN", "trace-7")
    assert ("provision", "UNKNOWN") in recorded
    assert provisioned(actions) == [body["subscriptionId"]]


def test_an_unknown_outcome_does_not_hold_others_up_once_it_is_found(actions: Harness) -> None:
    """Another write looks for the unknown one at once; it is held off only while Stigg does not answer."""
    actions.emulator.fault("POST", "/subscriptions$", "cutAfter")
    actions.emulator.fault("GET", "/subscriptions/", "status", 503)
    actions.post(PROVISION, subscription())

    held = actions.post("create-credit-grant", grant())
    actions.emulator.clear_faults()
    body = actions.ok("create-credit-grant", grant())

    assert held.body["errorCode"] == "IN_PROGRESS"
    assert body["outcome"] == "created"
    assert current(actions) is not None


def test_a_refusal_found_while_settling_is_a_failure(actions: Harness) -> None:
    """An unknown provisioning whose id turns out to be somebody else's has failed, and others go on."""
    crash(actions, after=True)
    actions.clock.skip(31)
    (made,) = provisioned(actions)
    taken = {"status": 200, "body": {"data": {"id": made, "customerId": "cust-x", "planId": "p", "status": "ACTIVE"}}}
    actions.emulator.fault("GET", f"/subscriptions/{made}$", "status", taken, times=1)

    body = actions.ok("create-credit-grant", grant())

    assert body["outcome"] == "created"
    assert ("provision", "FAILED") in actions.operations()


def test_a_found_subscription_that_has_ended_leaves_the_mapping_alone(actions: Harness) -> None:
    """A subscription made by a killed run and canceled since is answered as it is; the record is mapped to nothing."""
    crash(actions, after=True)
    (made,) = provisioned(actions)
    actions.stigg_app("POST", f"/api/v1/subscriptions/{made}/cancel", {"cancellationTime": "IMMEDIATE"})
    actions.clock.skip(11)

    body = actions.ok(PROVISION, subscription())

    assert (body["subscriptionId"], body["status"], body["active"]) == (made, "CANCELED", False)
    assert actions.mapping(LINE) is None


def test_a_duplicate_of_our_own_id_is_adopted(actions: Harness) -> None:
    """When Stigg says that our id exists, and it is the subscription asked for, that is the effect."""
    crash(actions, after=True)
    actions.clock.skip(11)
    actions.emulator.fault("GET", "/subscriptions/", "status", {"status": 404, "body": {"message": "no"}}, times=1)
    duplicate = {"status": 409, "body": {"message": "exists", "code": "DUPLICATED_ENTITY_NOT_ALLOWED"}}
    actions.emulator.fault("POST", "/subscriptions$", "status", duplicate, times=1)

    body = actions.ok(PROVISION, subscription())

    assert provisioned(actions) == [body["subscriptionId"]]


def test_an_explicit_key_happens_once(actions: Harness) -> None:
    """A key of the caller's own replays whatever came in between, and however late."""
    first = actions.ok(PROVISION, subscription(idempotencyKey="deal-1"))
    actions.ok(PROVISION, subscription(planId="plan-starter"))
    actions.clock.skip(30 * 24 * 3600)

    again = actions.ok(PROVISION, subscription(idempotencyKey="deal-1"))

    assert (again["subscriptionId"], again["replayed"]) == (first["subscriptionId"], True)


def test_an_explicit_key_for_another_request_is_a_conflict(actions: Harness) -> None:
    """The same key with another request is refused; under another kind of action it is another key."""
    actions.ok(PROVISION, subscription(idempotencyKey="deal-1"))

    other = actions.post(PROVISION, subscription(idempotencyKey="deal-1", planId="plan-starter"))
    other_kind = actions.post("create-credit-grant", grant(idempotencyKey="deal-1"))

    assert (other.status, other.body["errorCode"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert other_kind.status == 200


def test_an_explicit_key_may_be_corrected_after_a_failure(actions: Harness) -> None:
    """After a refusal the same key may carry the corrected request."""
    refused = actions.post(PROVISION, subscription(idempotencyKey="deal-2", planId="plan-nowhere"))

    body = actions.ok(PROVISION, subscription(idempotencyKey="deal-2"))

    assert refused.status == 404
    assert body["outcome"] == "created"


def test_writes_of_two_customers_do_not_wait_for_each_other(actions: Harness) -> None:
    """A killed write of one customer does not hold up another customer."""
    actions.ok("create-customer", {"customerId": "cust-other", "name": "Other"})
    crash(actions, after=False)

    body = actions.ok(PROVISION, subscription(customerId="cust-other", salesforceRecordId=OTHER_LINE))

    assert body["outcome"] == "created"


def test_an_unreachable_stigg_surely_changed_nothing(actions: Harness) -> None:
    """Without any connection the answer is STIGG_UNAVAILABLE, the operation has failed, and the repeat works."""
    with closing(actions.unreachable_wire()) as wire:
        reply = actions.post(PROVISION, subscription(), actions.container(wire))

    body = actions.ok(PROVISION, subscription())

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (503, "STIGG_UNAVAILABLE", True)
    assert body["replayed"] is False
    assert len(provisioned(actions)) == 1


def test_a_record_is_provisioned_for_one_customer_at_a_time(actions: Harness) -> None:
    """While a record is provisioned for one customer, another one's request waits, and then learns whose it is."""
    actions.ok("create-customer", {"customerId": "cust-other", "name": "Other"})
    others = subscription(customerId="cust-other")
    held_off = []

    def another_customer_first(call: Callable[[], object]) -> object:
        with pytest.raises(InProgress) as error:
            actions.invoke(PROVISION, others, context=Context(10))
        held_off.append(error.value)
        return call()

    client = FaultyDynamoDB(actions.tables.client, transact_write_items=[None, another_customer_first])

    first = actions.post(PROVISION, subscription(), actions.container(dynamodb=client))
    second = actions.post(PROVISION, others)

    assert (first.status, len(held_off)) == (200, 1)
    assert (second.status, second.body["errorCode"]) == (409, "CUSTOMER_MISMATCH")
    assert len(provisioned(actions)) == 1


def test_a_refusal_after_a_loss_leaves_the_outcome_unknown(actions: Harness) -> None:
    """A grant whose first answer is lost and whose second try is refused is unknown; the repeat finds the one grant."""
    conflict = {"status": 409, "body": {"message": "a request with this key is in progress", "code": "KeyInUse"}}
    actions.emulator.fault("POST", "/credits/grants$", "statusAfter", 502, times=1)
    actions.emulator.fault("POST", "/credits/grants$", "status", conflict, times=1)
    actions.emulator.fault("GET", "/credits/grants$", "status", 503)

    unknown = actions.post("create-credit-grant", grant())
    actions.emulator.clear_faults()
    body = actions.ok("create-credit-grant", grant())

    assert unknown.body["errorCode"] == "OUTCOME_UNKNOWN"
    assert [one["id"] for one in actions.emulator.state()["grants"]] == [body["grantId"]]


def test_a_refusal_of_a_resumed_run_is_not_believed_at_once(actions: Harness) -> None:
    """A refusal of a repeat counts only once the killed run's request can no longer arrive."""
    crash(actions, after=False)
    actions.clock.skip(11)
    refusal = {"status": 409, "body": {"message": "busy", "code": "KeyInUse"}}
    actions.emulator.fault("POST", "/subscriptions$", "status", refusal, times=2)

    early = actions.post(PROVISION, subscription())
    actions.clock.skip(80)
    late = actions.post(PROVISION, subscription())
    body = actions.ok(PROVISION, subscription())

    assert (early.status, early.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (late.status, late.body["errorCode"]) == (422, "REFUSED_BY_STIGG")
    assert provisioned(actions) == [body["subscriptionId"]]


@pytest.mark.parametrize(
    ("action", "request_", "path"),
    [
        ("create-credit-grant", grant(), "/credits/grants$"),
        (PROVISION, subscription(), "/subscriptions$"),
        ("create-customer", {"customerId": "cust-new", "name": "New"}, "/customers$"),
    ],
)
def test_an_outcome_that_stays_unknown_tells_for_how_long(
    actions: Harness, action: str, request_: dict[str, object], path: str
) -> None:
    """Lost and then refused, a change is unknown until the lost try can no longer arrive; each answer says when."""
    actions.emulator.fault("POST", path, "cutBefore", times=1)
    actions.emulator.fault("POST", path, "status", {"status": 422, "body": {"message": "no", "code": "BadUserInput"}})

    first = actions.post(action, request_)
    actions.clock.skip(30)
    second = actions.post(action, request_)
    actions.clock.skip(second.body["retryAfterSeconds"])
    third = actions.post(action, request_)

    assert [one.body["errorCode"] for one in (first, second, third)] == ["OUTCOME_UNKNOWN"] * 2 + ["REFUSED_BY_STIGG"]
    assert 85 <= first.body["retryAfterSeconds"] <= 90
    assert 55 <= second.body["retryAfterSeconds"] <= 60
    assert (first.body["retryable"], second.body["retryable"], third.body["retryable"]) == (True, True, False)


def test_a_change_in_place_that_stays_unknown_tells_for_how_long(actions: Harness) -> None:
    """A PATCH that was lost and then refused says, too, when its outcome will be known."""
    actions.ok(PROVISION, subscription())
    seats = {"salesforceRecordId": LINE, "addons": [{"id": "addon-seats", "quantity": 3}]}
    refusal = {"status": 422, "body": {"message": "no", "code": "BadUserInput"}}
    actions.emulator.fault("PATCH", "/subscriptions/", "cutBefore", times=1)
    actions.emulator.fault("PATCH", "/subscriptions/", "status", refusal)

    first = actions.post("update-subscription", seats)
    second = actions.post("update-subscription", seats)

    for reply in (first, second):
        assert (reply.body["errorCode"], reply.body["retryable"]) == ("OUTCOME_UNKNOWN", True)
        assert 80 <= reply.body["retryAfterSeconds"] <= 90


def test_an_answer_that_is_only_lost_may_be_asked_for_at_once(actions: Harness) -> None:
    """Where the next request can find out at once, the caller is not sent away for a minute and a half."""
    actions.emulator.fault("POST", "/subscriptions$", "cutBefore")

    unknown = actions.post(PROVISION, subscription())
    actions.emulator.clear_faults()
    body = actions.ok(PROVISION, subscription())

    assert (unknown.body["errorCode"], unknown.body["retryable"]) == ("OUTCOME_UNKNOWN", True)
    assert "retryAfterSeconds" not in unknown.body
    assert provisioned(actions) == [body["subscriptionId"]]


def test_a_change_that_is_limited_after_a_loss_tells_when_to_come_back(actions: Harness) -> None:
    """Stigg's own wish for a delay is passed on by an unknown outcome, too."""
    actions.emulator.fault("POST", "/subscriptions$", "cutBefore", times=1)
    limited = {
        "status": 429,
        "headers": {"Retry-After": "37"},
        "body": {"message": "slow", "code": "RateLimitExceeded"},
    }
    actions.emulator.fault("POST", "/subscriptions$", "status", limited)

    body = actions.post(PROVISION, subscription()).body

    assert (body["errorCode"], body["retryable"], body["retryAfterSeconds"]) == ("OUTCOME_UNKNOWN", True, 37)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (
            {"status": 503, "body": {"message": "down", "code": "UnexpectedError", "traceId": "trace-7"}},
            {"stiggErrorCode": "UnexpectedError", "stiggTraceId": "trace-7"},
        ),
        ({"status": 429, "headers": {"Retry-After": "42"}}, {"retryAfterSeconds": 42}),
    ],
)
def test_an_unknown_outcome_passes_on_what_stigg_said(
    actions: Harness, fault: dict[str, object], expected: dict[str, object]
) -> None:
    """An outcome that a resumed run cannot find out carries Stigg's trace id, or the delay that Stigg asked for."""
    crash(actions, after=True)
    actions.clock.skip(11)
    actions.emulator.fault("*", "/subscriptions", "status", fault)

    body = actions.post(PROVISION, subscription()).body

    assert body.items() >= {"errorCode": "OUTCOME_UNKNOWN", **expected}.items()


def test_an_outcome_is_recorded_on_what_stands_by_then(actions: Harness) -> None:
    """While the record keeps changing, the outcome is recorded again and again, each time after a longer wait."""
    changed = [refused("TransactionCanceledException", "None", "ConditionalCheckFailed")] * 3
    client = FaultyDynamoDB(actions.tables.client, transact_write_items=[None, *changed])
    noting = NotingClock()

    reply = actions.post(PROVISION, subscription(), container_on(actions, client, noting))

    assert (reply.status, reply.body["outcome"]) == (200, "created")
    assert [round(seconds, 3) for seconds in noting.waited] == [0.1, 0.15, 0.225]


def test_an_outcome_that_cannot_be_recorded_ends_in_time(actions: Harness) -> None:
    """When the record never stops changing, the caller learns in time that it is done, and that a repeat finds it."""
    changed = [refused("TransactionCanceledException", "None", "ConditionalCheckFailed")] * 100
    client = FaultyDynamoDB(actions.tables.client, transact_write_items=[None, *changed])
    noting = NotingClock()

    unknown = actions.post(PROVISION, subscription(), container_on(actions, client, noting))
    actions.clock.skip(11)
    body = actions.ok(PROVISION, subscription())

    assert (unknown.status, unknown.body["errorCode"], unknown.body["retryable"]) == (504, "OUTCOME_UNKNOWN", True)
    assert "Stigg made the change, but it could not be recorded" in unknown.body["errorMessage"]
    assert 20 < sum(noting.waited) < 25
    assert provisioned(actions) == [body["subscriptionId"]]


def test_a_doubt_tells_what_to_mend(actions: Harness) -> None:
    """Whoever asks for an outcome with a key that has expired is told of the key; once mended, the effect is found."""
    crash(actions, after=True)
    actions.clock.skip(11)
    actions.emulator.set_key(actions.emulator.key, "expired")

    body = actions.post(PROVISION, subscription()).body
    actions.emulator.set_key(actions.emulator.key)
    found = actions.ok(PROVISION, subscription())

    assert body["errorCode"] == "OUTCOME_UNKNOWN"
    assert "STIGG_KEY_REJECTED" in body["errorMessage"]
    assert "apiKey in the secret of the development environment" in body["errorMessage"]
    assert provisioned(actions) == [found["subscriptionId"]]


def test_an_unpaid_page_outlives_a_repeat_that_died(actions: Harness) -> None:
    """A repeat that died while it recorded a payment leaves the page standing for whoever settles it."""
    request = subscription(**TO_BE_PAID)
    first = actions.ok(PROVISION, request)
    actions.emulator.checkout(first["subscriptionId"])
    client = FaultyDynamoDB(actions.tables.client, transact_write_items=[None, lost_request, lost_request])
    died = actions.post(PROVISION, request, actions.container(dynamodb=client))
    gone = {"status": 404, "body": {"message": "not found", "code": "SubscriptionNotFound"}}
    actions.emulator.fault("GET", "/subscriptions/", "status", gone)
    actions.clock.skip(31)
    actions.ok("create-credit-grant", grant())

    again = actions.ok(PROVISION, request)

    assert died.body["errorCode"] == "OUTCOME_UNKNOWN"
    assert (again["checkoutUrl"], again["replayed"]) == (first["checkoutUrl"], True)


def test_an_unpaid_page_is_given_again_by_a_resumed_repeat(actions: Harness) -> None:
    """When the repeat that carries on finds the paid subscription gone again, the page is answered as before."""
    request = subscription(**TO_BE_PAID)
    first = actions.ok(PROVISION, request)
    actions.emulator.checkout(first["subscriptionId"])
    client = FaultyDynamoDB(actions.tables.client, transact_write_items=[None, lost_request, lost_request])
    actions.post(PROVISION, request, actions.container(dynamodb=client))
    gone = {"status": 404, "body": {"message": "not found", "code": "SubscriptionNotFound"}}
    actions.emulator.fault("GET", "/subscriptions/", "status", gone, times=1)
    actions.clock.skip(11)

    again = actions.ok(PROVISION, request)

    assert (again["outcome"], again["checkoutUrl"]) == ("paymentRequired", first["checkoutUrl"])


def test_a_resumed_run_keeps_its_customer(actions: Harness) -> None:
    """A killed write is carried on for its first customer, though its account was linked elsewhere since."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT})
    request = subscription(customerId=None, salesforceAccountId=ACCOUNT)
    crashes.crash(actions, PROVISION, request, POST_SUBSCRIPTION, after=True)
    actions.clock.skip(11)
    moved = {"customerId": "cust-new", "name": "New", "salesforceAccountId": ACCOUNT, "relinkAccount": True}
    actions.ok("create-customer", moved)

    body = actions.ok(PROVISION, request)
    free = actions.ok(PROVISION, subscription(planId="plan-starter"))

    assert body["customerId"] == "cust-acme"
    assert free["outcome"] == "replaced"


def test_a_lease_without_an_operation_is_free(actions: Harness) -> None:
    """A lease whose operation is no longer in the ledger locks nobody out."""
    crash(actions, after=False)
    for item in actions.tables.items(actions.tables.operations):
        if item["kind"]["S"] == "provision":
            key = {name: item[name] for name in ("operation_key", "intent")}
            actions.tables.client.delete_item(TableName=actions.tables.operations, Key=key)

    body = actions.ok("create-credit-grant", grant())

    assert body["outcome"] == "created"


def test_a_customer_unknown_to_stigg_has_no_grants(actions: Harness) -> None:
    """A killed grant whose customer Stigg answers as not found never happened, once absence is proof."""
    crashes.crash(actions, "create-credit-grant", grant(), "POST .*/grants$", after=False)
    actions.clock.skip(91)
    gone = {"status": 404, "body": {"message": "not found", "code": "CustomerNotFound"}}
    actions.emulator.fault("GET", "/credits/grants$", "status", gone, times=1)

    body = actions.ok(PROVISION, subscription())

    assert body["outcome"] == "created"
    assert ("grant", "FAILED") in actions.operations()


def test_a_resumed_run_sends_the_same_body(actions: Harness) -> None:
    """What is sent again under one key is the same to the letter, the correlation id of the first run included."""
    crashes.crash(actions, PROVISION, subscription(correlationId="first-1"), POST_SUBSCRIPTION, after=False)
    actions.clock.skip(11)

    body = actions.ok(PROVISION, subscription(correlationId="second-2"))

    (made,) = actions.emulator.state()["subscriptions"]

    assert body["correlationId"] == "second-2"
    assert made["metadata"]["correlationId"] == "first-1"


def test_a_later_intent_keeps_the_first(actions: Harness) -> None:
    """The first intent of an operation is kept as long as a later one, which is found by it."""
    for request in (subscription(), subscription(planId="plan-starter"), subscription()):
        actions.ok(PROVISION, request)

    items = [item for item in actions.tables.items(actions.tables.operations) if item["kind"]["S"] == "provision"]
    twice = {
        item["intent"]["N"]: int(item["expires_at"]["N"]) for item in items if "plan-growth" in item["request"]["S"]
    }

    assert twice["1"] > twice["2"]


def test_a_run_that_carries_on_and_loses_the_answer_too(actions: Harness) -> None:
    """When the run that carries a killed one on loses Stigg's answer as well, the next one finds the effect."""
    crash(actions, after=False)
    actions.clock.skip(11)
    actions.emulator.fault("POST", "/subscriptions$", "statusAfter", 502)
    actions.emulator.fault("GET", "/subscriptions/", "status", 404, times=1)
    actions.emulator.fault("GET", "/subscriptions/", "status", 503)

    unknown = actions.post(PROVISION, subscription())
    actions.emulator.clear_faults()
    body = actions.ok(PROVISION, subscription())

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert provisioned(actions) == [body["subscriptionId"]]
