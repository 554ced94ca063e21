"""set-subscription-metadata, in this process."""

from typing import Any

import pytest
from stigg.types.v1 import SubscriptionUpdateParams

from stigg_actions.models.values import RESERVED_METADATA
from tests.contract.sdk_shapes import body_problems
from tests.support import crashes
from tests.support.crashes import listening_container
from tests.support.harness import Harness
from tests.support.requests import LINE, grant, in_stigg, sold, sold_in_the_app

ACTION = "set-subscription-metadata"
SOLD_WITH = {"tier": "silver", "region": "eu"}


def metadata(**changes: object) -> dict[str, Any]:
    """Make the tier of the line's subscription gold; None drops a field."""
    request = {"salesforceRecordId": LINE, "metadata": {"tier": "gold"}, **changes}
    return {name: value for name, value in request.items() if value is not None}


def of_callers(actions: Harness, subscription_id: str) -> dict[str, str]:
    """Return a subscription's metadata in Stigg, without the keys of our own."""
    found = in_stigg(actions, subscription_id)["metadata"]
    return {name: value for name, value in found.items() if name not in RESERVED_METADATA}


def marks(actions: Harness, subscription_id: str) -> dict[str, str]:
    """Return the keys of our own in a subscription's metadata."""
    found = in_stigg(actions, subscription_id)["metadata"]
    return {name: value for name, value in found.items() if name in RESERVED_METADATA}


def crash(actions: Harness, *, after: bool) -> None:
    """Send a request whose process dies before or after its PATCH."""
    crashes.crash(actions, ACTION, metadata(), "PATCH .*/subscriptions/", after=after)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {"tier": "gold", "region": "eu"}),
        ({"metadata": [{"key": "seats", "value": 20.0}]}, {"tier": "silver", "region": "eu", "seats": "20"}),
        ({"metadata": {"trial": False}, "removeKeys": ["tier"]}, {"region": "eu", "trial": "false"}),
        ({"metadata": None, "removeKeys": '["tier", "region"]'}, {}),
        ({"mode": "Replace"}, {"tier": "gold"}),
        ({"metadata": None, "mode": "replace"}, {}),
    ],
)
def test_merges_removes_and_replaces(actions: Harness, asked: dict[str, object], expected: dict[str, str]) -> None:
    """Keys are merged, removed or replaced as asked; the keys by which the actions find things again stay."""
    subscription_id = sold(actions, metadata=SOLD_WITH)
    before = marks(actions, subscription_id)

    body = actions.ok(ACTION, metadata(**asked))

    assert body["outcome"] == "updated"
    assert of_callers(actions, subscription_id) == expected
    assert marks(actions, subscription_id) == before != {}
    assert actions.history(LINE) == ["created", "metadataSet"]


def test_says_what_changed(actions: Harness) -> None:
    """Each key that changed is told, before and after."""
    sold(actions, metadata=SOLD_WITH)

    body = actions.ok(ACTION, metadata(metadata={"tier": "gold", "seats": 3}, removeKeys=["region"]))

    assert body["changes"] == [
        {"field": "metadata.region", "before": "eu"},
        {"field": "metadata.seats", "after": "3"},
        {"field": "metadata.tier", "before": "silver", "after": "gold"},
    ]


def test_what_is_sent(actions: Harness) -> None:
    """The whole metadata is sent, because Stigg replaces it, and nothing else; as the SDK types it."""
    subscription_id = sold(actions, metadata=SOLD_WITH)
    sent: list[dict[str, Any]] = []

    actions.post(ACTION, metadata(), listening_container(actions, "PATCH", sent))

    assert sent == [{"metadata": in_stigg(actions, subscription_id)["metadata"]}]
    assert body_problems(SubscriptionUpdateParams, sent[0]) == []


def test_what_is_so_already_is_unchanged(actions: Harness) -> None:
    """Metadata that is as asked, and keys that are not there, send nothing."""
    sold(actions, metadata=SOLD_WITH)

    body = actions.ok(ACTION, metadata(metadata={"tier": "silver"}, removeKeys=["channel"]))

    assert (body["outcome"], body["changes"]) == ("unchanged", [])
    assert "PATCH" not in [method for method, _ in actions.writes_to_stigg()]


def test_a_subscription_of_the_app_is_named_by_its_id(actions: Harness) -> None:
    """What was sold in Stigg's app can be marked by its id."""
    subscription_id = sold_in_the_app(actions)

    body = actions.ok(ACTION, metadata(salesforceRecordId=None, subscriptionId=subscription_id))

    assert (body["outcome"], of_callers(actions, subscription_id)) == ("updated", {"tier": "gold"})


def test_an_unknown_subscription_is_named(actions: Harness) -> None:
    """An id that Stigg does not know is not found, by name."""
    reply = actions.post(ACTION, metadata(salesforceRecordId=None, subscriptionId="sub-nowhere"))

    assert (reply.status, reply.body["errorCode"]) == (404, "SUBSCRIPTION_NOT_FOUND")
    assert "sub-nowhere" in reply.body["errorMessage"]


def test_writers_at_once_lose_nothing(actions: Harness) -> None:
    """Eight writers of different keys at the same moment, half by record and half by id: all keys are there."""
    subscription_id = sold(actions, metadata=SOLD_WITH)
    named: list[dict[str, object]] = [{}, {"salesforceRecordId": None, "subscriptionId": subscription_id}]
    requests = [metadata(metadata={f"key-{n}": n}, **named[n % 2]) for n in range(8)]

    replies = actions.at_once(*[(ACTION, request) for request in requests])

    assert {(reply.status, reply.body["outcome"]) for reply in replies} == {(200, "updated")}
    assert of_callers(actions, subscription_id) == {**SOLD_WITH, **{f"key-{n}": str(n) for n in range(8)}}


def test_the_same_wish_after_another_is_new(actions: Harness) -> None:
    """Gold, silver and gold again ends as gold; a plain repeat is answered again."""
    subscription_id = sold(actions, metadata=SOLD_WITH)
    actions.ok(ACTION, metadata())
    again = actions.ok(ACTION, metadata())
    actions.ok(ACTION, metadata(metadata={"tier": "silver"}))

    body = actions.ok(ACTION, metadata())

    assert (again["replayed"], body["replayed"]) == (True, False)
    assert of_callers(actions, subscription_id)["tier"] == "gold"


def test_a_provisioning_after_it_is_carried_out(actions: Harness) -> None:
    """Provisioned again as before, the record gets a new subscription without the metadata that was set since."""
    sold(actions, metadata=SOLD_WITH)
    actions.ok(ACTION, metadata())

    subscription_id = sold(actions, metadata=SOLD_WITH)

    assert of_callers(actions, subscription_id) == SOLD_WITH


def test_lost_answers_are_settled_by_reading(actions: Harness) -> None:
    """When every answer to the PATCH is lost after its effect, reading tells it within the same call."""
    sold(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", "cutAfter")

    assert actions.ok(ACTION, metadata())["outcome"] == "updated"


def test_an_unreadable_outcome_is_unknown(actions: Harness) -> None:
    """With Stigg out of reach after the PATCH the outcome is unknown, and the repeat finds it."""
    sold(actions)
    actions.emulator.fault("PATCH", "/subscriptions/", "cutAfter")
    first_read = {"status": 200, "body": {"data": in_stigg(actions, sold(actions))}}
    actions.emulator.fault("GET", "/subscriptions/", "status", first_read, times=1)
    actions.emulator.fault("GET", "/subscriptions/", "status", 503)

    unknown = actions.post(ACTION, metadata())
    actions.emulator.clear_faults()
    body = actions.ok(ACTION, metadata())

    assert (unknown.status, unknown.body["errorCode"]) == (504, "OUTCOME_UNKNOWN")
    assert (body["outcome"], body["replayed"]) == ("updated", False)


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_process_is_carried_on(actions: Harness, *, after: bool) -> None:
    """Killed before or after the PATCH, the repeat computes it anew: what came in between is kept."""
    subscription_id = sold(actions, metadata=SOLD_WITH)
    crash(actions, after=after)
    found = in_stigg(actions, subscription_id)["metadata"]
    changed = {"metadata": {**found, "region": "us"}}
    actions.stigg_app("PATCH", f"/api/v1/subscriptions/{subscription_id}", changed)
    actions.clock.skip(11)

    body = actions.ok(ACTION, metadata())

    assert body["outcome"] == "updated"
    assert of_callers(actions, subscription_id) == {"tier": "gold", "region": "us"}


def test_another_write_settles_a_killed_one(actions: Harness) -> None:
    """Another write of the customer finds the metadata of a killed process, and records it."""
    sold(actions)
    crash(actions, after=True)
    actions.clock.skip(31)

    actions.ok("create-credit-grant", grant())

    assert ("metadata", "SUCCEEDED") in actions.operations()
    assert actions.history(LINE) == ["created", "metadataSet"]
