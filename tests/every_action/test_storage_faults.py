"""DynamoDB in trouble: nothing is sent to Stigg that could not be recorded, and nothing that was done is lost."""

import pytest

from tests.support.faulty_dynamodb import (
    FaultyDynamoDB,
    PressedDynamoDB,
    lost_answer,
    lost_request,
    refused,
    still_in_progress,
)
from tests.support.harness import Harness, Reply
from tests.support.requests import current, subscription

PROVISION = "create-subscription-with-return-data"
CONFLICT = refused("TransactionCanceledException", "None", "TransactionConflict")
THROTTLED = refused("ThrottlingException")


@pytest.fixture(autouse=True)
def _customer(actions: Harness) -> None:
    """The customer of all requests."""
    actions.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})


def post(actions: Harness, **faults: list[object]) -> Reply:
    """Provision through a DynamoDB client with faults."""
    client = FaultyDynamoDB(actions.tables.client, **faults)  # type: ignore[arg-type]
    return actions.post(PROVISION, subscription(), actions.container(dynamodb=client))


def provisioned(actions: Harness) -> list[str]:
    """Ids of all subscriptions that were ever made in Stigg."""
    return [one["id"] for one in actions.emulator.state()["subscriptions"]]


@pytest.mark.parametrize("fault", [CONFLICT, refused("TransactionInProgressException")])
def test_collisions_are_waited_out(actions: Harness, fault: object) -> None:
    """Transactions that collide with another one, at the start and at the finish, are tried again."""
    reply = post(actions, transact_write_items=[fault, None, fault, fault])

    assert (reply.status, reply.body["outcome"]) == (200, "created")
    assert provisioned(actions) == [reply.body["subscriptionId"]]


@pytest.mark.parametrize("fault", [THROTTLED, lost_request])
def test_a_moment_without_dynamodb_goes_unnoticed(actions: Harness, fault: object) -> None:
    """A call that DynamoDB does not answer is made again."""
    reply = post(actions, batch_get_item=[fault], transact_write_items=[fault, None, fault])

    assert (reply.status, reply.body["outcome"]) == (200, "created")


@pytest.mark.parametrize("fault", [lost_answer, still_in_progress])
def test_a_transaction_is_not_refused_for_its_own_effect(actions: Harness, fault: object) -> None:
    """A transaction that was committed, though nobody said so, is the same one when it is sent again."""
    client = FaultyDynamoDB(actions.tables.client, transact_write_items=[fault, None, fault])  # type: ignore[list-item]

    reply = actions.post("trigger-workflow", {"triggerId": "notify-customer"}, actions.container(dynamodb=client))

    assert (reply.status, reply.body["outcome"]) == (200, "triggered")
    assert len(actions.emulator.state()["workflowRuns"]) == 1


@pytest.mark.parametrize(
    "faults",
    [
        {"batch_get_item": [THROTTLED] * 6},
        {"batch_get_item": [lost_request] * 2},
        {"transact_write_items": [THROTTLED] * 6},
        {"transact_write_items": [lost_request] * 2},
        {"transact_write_items": [CONFLICT] * 6},
    ],
)
def test_nothing_is_sent_that_cannot_be_recorded(actions: Harness, faults: dict[str, list[object]]) -> None:
    """When the start cannot be read or recorded, Stigg is not called, and the answer says that nothing changed."""
    reply = post(actions, **{name: list(some) for name, some in faults.items()})

    assert (reply.status, reply.body["errorCode"], reply.body["retryable"]) == (503, "STORAGE_UNAVAILABLE", True)
    assert provisioned(actions) == []


def test_a_ledger_that_cannot_be_searched_stops_a_repeat(actions: Harness) -> None:
    """When a repeat cannot read how its operation stands, nothing is done."""
    post(actions)

    reply = post(actions, query=[THROTTLED] * 6)

    assert (reply.status, reply.body["errorCode"]) == (503, "STORAGE_UNAVAILABLE")


def test_a_start_whose_answer_is_lost_is_carried_on(actions: Harness) -> None:
    """A start that was recorded though its answer was lost: the repeat waits, then carries on, with one effect."""
    lost = post(actions, transact_write_items=[lost_answer] * 2)
    actions.clock.skip(11)

    body = actions.ok(PROVISION, subscription())

    assert lost.body["errorCode"] == "STORAGE_UNAVAILABLE"
    assert provisioned(actions) == [body["subscriptionId"]]


def test_a_finish_that_cannot_be_recorded_is_unknown(actions: Harness) -> None:
    """Done in Stigg but not recorded: the answer is unknown, and the repeat finds and records it."""
    unknown = post(actions, transact_write_items=[None, *[lost_request] * 4])
    actions.clock.skip(11)

    body = actions.ok(PROVISION, subscription())

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert provisioned(actions) == [body["subscriptionId"]] == [current(actions)]


def test_a_finish_whose_answer_is_lost_is_replayed(actions: Harness) -> None:
    """Recorded though the answer was lost: the repeat gets the recorded answer."""
    unknown = post(actions, transact_write_items=[None, *[lost_answer] * 2])

    body = actions.ok(PROVISION, subscription())

    assert unknown.body["errorCode"] == "OUTCOME_UNKNOWN"
    assert body["replayed"] is True


def test_a_run_that_was_taken_over_answers_from_the_ledger(actions: Harness) -> None:
    """A slow run finds at its finish that a repeat took over: it answers what the repeat has recorded."""
    taken_over_by = []

    def let_a_repeat_finish(call: object) -> object:  # noqa: ARG001 - the slow run's finish comes too late
        actions.clock.skip(11)
        taken_over_by.append(actions.ok(PROVISION, subscription()))
        return refused("TransactionCanceledException", "ConditionalCheckFailed")(lambda: None)

    reply = post(actions, transact_write_items=[None, let_a_repeat_finish])

    assert reply.body["replayed"] is True
    assert reply.body["subscriptionId"] == taken_over_by[0]["subscriptionId"]
    assert len(provisioned(actions)) == 1


def test_a_failure_that_cannot_be_recorded_is_told_all_the_same(actions: Harness) -> None:
    """When the refusal of Stigg cannot be recorded, the caller still gets it, and the repeat works later."""
    client = FaultyDynamoDB(actions.tables.client, transact_write_items=[None, *[lost_request] * 2])
    request = subscription(customerId="cust-late")

    refused_ = actions.post(PROVISION, request, actions.container(dynamodb=client))
    actions.ok("create-customer", {"customerId": "cust-late-2", "name": "Late"})

    assert (refused_.status, refused_.body["errorCode"]) == (404, "CUSTOMER_NOT_FOUND")


def test_items_left_unprocessed_are_read_again(actions: Harness) -> None:
    """Reads that DynamoDB answers in part are completed; when it never completes them, nothing is done."""
    pressed = actions.container(dynamodb=PressedDynamoDB(actions.tables.client, reads=2))
    overwhelmed = actions.container(dynamodb=PressedDynamoDB(actions.tables.client, reads=100))

    done = actions.post(PROVISION, subscription(), pressed)
    undone = actions.post(PROVISION, subscription(planId="plan-starter"), overwhelmed)

    assert done.status == 200
    assert (undone.status, undone.body["errorCode"]) == (503, "STORAGE_UNAVAILABLE")
