"""Submitting batches: all is checked first, nothing is lost, the same batch is the same batch."""

import json
import math
from copy import replace
from typing import Any, cast

import pytest

from local.stack.template import functions
from scripts.action_models import models
from stigg_actions.batches.actions import BATCH_ACTIONS
from stigg_actions.batches.batch import BatchId
from stigg_actions.batches.queue import BatchQueue, Message
from stigg_actions.clock import Deadline
from stigg_actions.errors import StiggUnavailable
from stigg_actions.models.base import KeyedRequest
from stigg_actions.models.batches import MOST_REQUESTS
from tests.support.batch_requests import GET, SUBMIT, counts, customers, entry, get, submit
from tests.support.clocks import StillClock
from tests.support.fakes import FakeClock
from tests.support.faulty_dynamodb import FaultyDynamoDB, died_after, died_before, lost_request
from tests.support.harness import ORG, OTHER_ORG, Harness
from tests.support.network import CrashError
from tests.support.queues import FussySqs, TwoMinutes
from tests.support.some import some

A_DAY, A_MONTH = 24 * 60 * 60 + 1, 30 * 24 * 60 * 60 + 1
NOBODY = entry("create-subscription", customerId="cust-nobody", planId="plan-growth")
THIRD_ORG = "00D000000000003EAA"


@pytest.fixture
def clock() -> FakeClock:
    """A clock that nobody has to wait for."""
    return FakeClock()


@pytest.fixture
def waiting(actions: Harness) -> Harness:
    """A deployment whose worker does nothing by itself."""
    actions.clock.meanwhile = list
    return actions


def queued(actions: Harness) -> int:
    """Return how many messages wait in the queue."""
    answer = actions.sqs.get_queue_attributes(
        QueueUrl=actions.settings.batch_queue_url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def test_bad_ones_alone(waiting: Harness) -> None:
    """Bad requests are answered at once, each by itself; the good ones are queued and run."""
    requests: list[Any] = customers(4)
    requests[1] = entry("create-customer", customerId="cust-1", email="none")
    requests[2] = entry("create-custmer", customerId="cust-2")
    batch = submit(waiting, requests)

    assert (batch["outcome"], counts(batch)) == ("running", (4, 0, 2, 2))
    assert [(one["index"], one["details"][0]["field"]) for one in batch["results"]] == [(1, "email"), (2, "action")]
    assert "did you mean create-customer?" in batch["results"][1]["errorMessage"]
    waiting.event_source().run()

    assert (get(waiting, batch)["outcome"], counts(get(waiting, batch))) == ("completed", (4, 2, 2, 0))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ("text", "action"),
        (None, "action"),
        (17, "action"),
        ([], "action"),
        ({}, "action"),
        ({"action": 5, "request": {}}, "action"),
        ({"action": "submit-batch", "request": {}}, "action"),
        ({"action": "get-subscription", "request": {"salesforceRecordId": "00k000000000001"}}, "action"),
        ({"action": "create-customer"}, "body"),
        ({"action": "create-customer", "request": None}, "body"),
        ({"action": "create-customer", "request": "{"}, "body"),
        ({"action": "create-customer", "request": "[]"}, "body"),
        ({"action": "create-customer", "request": {"customerId": "c", "nmae": "N"}}, "nmae"),
        ({"action": "create-customer", "request": {"customerId": "c"}, "body": {}}, "body"),
        ({"action": "create-customer", "request": {"customerId": "c", "name": "x" * 200_000}}, "body"),
    ],
)
def test_any_bad_request(waiting: Harness, wrong: Any, field: str) -> None:  # noqa: ANN401 - any JSON
    """Whatever is wrong with one request, its result names the field, and the others go their way."""
    batch = submit(waiting, [wrong, *customers(1)])

    (result,) = batch["results"]
    assert (result["index"], result["success"], result["errorCode"]) == (0, False, "INVALID_REQUEST")
    assert field in [detail["field"] for detail in result["details"]]
    assert queued(waiting) == 1


def test_org_of_a_request(actions: Harness) -> None:
    """A request of an org that is not served fails alone; the batch's own org is every request's that names none."""
    served = actions.with_settings(allowed_org_ids=frozenset({ORG, THIRD_ORG})).with_queues()
    requests = [
        *customers(1),
        entry("create-customer", customerId="cust-a", salesforceOrgId=OTHER_ORG),
        entry("create-customer", customerId="cust-b", salesforceOrgId=ORG),
    ]
    batch = submit(served, requests, salesforceOrgId=THIRD_ORG, waitSeconds=20)
    sent = [item["payload"]["S"] for item in served.tables.items(served.tables.batches) if "payload" in item]

    assert [one["errorCode"] for one in batch["results"] if not one["success"]] == ["ORG_NOT_ALLOWED"]
    assert sorted(json.loads(text)["salesforceOrgId"] for text in sent) == [ORG, THIRD_ORG]


def test_all_bad(waiting: Harness) -> None:
    """A batch of bad requests is completed at once."""
    batch = submit(waiting, ["a", "b"])

    assert (batch["outcome"], counts(batch), queued(waiting)) == ("completed", (2, 0, 2, 0), 0)
    assert batch["completedAt"]


def test_waiting_for_the_batch(actions: Harness) -> None:
    """With waitSeconds the results come inline, in the order of the requests."""
    batch = submit(actions, [*customers(12), NOBODY], waitSeconds=20)

    assert (batch["outcome"], counts(batch)) == ("completed", (13, 12, 1, 0))
    assert [one["index"] for one in batch["results"]] == list(range(13))
    assert [one.get("outcome") for one in batch["results"]] == ["created"] * 12 + [None]
    assert batch["results"][12]["errorCode"] == "CUSTOMER_NOT_FOUND"
    assert json.loads(batch["results"][3]["answerText"])["customerId"] == batch["results"][3]["customerId"] == "cust-3"


def test_waiting_in_vain(waiting: Harness) -> None:
    """A batch that is not completed in time is answered as running, with an estimate."""
    batch = submit(waiting, customers(8), waitSeconds=1)

    assert (batch["outcome"], batch["estimatedSeconds"]) == ("running", 2)
    assert get(waiting, batch, waitSeconds=1)["outcome"] == "running"


@pytest.mark.parametrize(("asked", "left", "waited"), [(20, 60, 20), (20, 12, 6), (5, 12, 5), (20, 5, 0)])
def test_how_long_a_batch_is_waited_for(waiting: Harness, asked: int, left: float, waited: float) -> None:
    """The wait leaves three seconds to read the results, beside those that every answer needs."""
    batch = submit(waiting, customers(1))
    clock = StillClock()

    body = replace(waiting, clock=clock).invoke(
        GET, {"batchId": batch["batchId"], "waitSeconds": asked}, TwoMinutes(clock, left)
    )

    assert body["outcome"] == "running"
    assert clock.skipped == pytest.approx(waited)


def test_estimate(waiting: Harness) -> None:
    """What is left takes as long as what was done, for each request."""
    began = int(waiting.clock.now())
    batch = submit(waiting, customers(30))
    waiting.event_source().deliver()
    waiting.clock.skip(5)
    estimated = get(waiting, batch)["estimatedSeconds"]

    assert 9 <= estimated <= math.ceil(2 * (waiting.clock.now() - began))  # twenty, at the pace of the first ten


def test_the_same_batch(waiting: Harness) -> None:
    """The same requests again are the same batch, however the call differs; nothing is queued twice."""
    first = submit(waiting, customers(3), correlationId="flow-1")
    again = submit(waiting, json.dumps(customers(3)), correlationId="flow-2", faultOnError=False)

    assert (again["batchId"], again["replayed"], first["replayed"]) == (first["batchId"], True, False)
    assert queued(waiting) == 3


def test_correlation_of_a_request_makes_no_other_batch(waiting: Harness) -> None:
    """How a request of the batch is called makes no difference either."""
    one, other = (
        submit(waiting, [entry("create-customer", customerId="c", correlationId=name)]) for name in ("a", "b")
    )

    assert one["batchId"] == other["batchId"]


def test_another_batch(waiting: Harness) -> None:
    """Other requests, another order, or another org are another batch."""
    served = waiting.with_settings(allowed_org_ids=frozenset({ORG, OTHER_ORG}))
    batches = [
        submit(served, customers(2)),
        submit(served, customers(2)[::-1]),
        submit(served, customers(3)),
        submit(served, customers(2), salesforceOrgId=OTHER_ORG),
        submit(served, customers(2), idempotencyKey="a"),
        submit(served, customers(2), idempotencyKey="b"),
    ]

    assert len({batch["batchId"] for batch in batches}) == len(batches)


def test_a_day_later(actions: Harness) -> None:
    """Without a key the same requests a day later are wanted anew; under a key they are the same batch for a month."""
    derived, keyed = submit(actions, customers(2)), submit(actions, customers(2), idempotencyKey="a")
    actions.clock.skip(A_DAY)

    assert BatchId.read(submit(actions, customers(2))["batchId"]) == BatchId(derived["batchId"][:-2], 2)
    assert submit(actions, customers(2), idempotencyKey="a")["batchId"] == keyed["batchId"]
    actions.clock.skip(A_MONTH)

    assert submit(actions, customers(2), idempotencyKey="a")["batchId"] == f"{keyed['batchId'][:-2]}-2"
    assert actions.post(GET, {"batchId": keyed["batchId"]}).body["errorCode"] == "BATCH_NOT_FOUND"


def test_the_key_of_another_batch(waiting: Harness) -> None:
    """One key, other requests: a conflict, and nothing is queued."""
    submit(waiting, customers(2), idempotencyKey="a")
    reply = waiting.post(SUBMIT, {"requests": customers(3), "idempotencyKey": "a"})

    assert (reply.status, reply.body["errorCode"], queued(waiting)) == (409, "IDEMPOTENCY_CONFLICT", 2)


def test_pages(actions: Harness) -> None:
    """A batch of more than 200 requests comes in pages, in any order, and is completed with the last of them."""
    fields = {"idempotencyKey": "year-end", "pages": 3}
    second = submit(actions, customers(2, "b"), page=2, **fields)

    assert (second["outcome"], second["missingPages"], second["total"]) == ("running", [1, 3], 2)
    submit(actions, [*customers(2, "a"), "bad"], page=1, **fields)
    actions.event_source().run()

    assert get(actions, second)["outcome"] == "running"
    last = submit(actions, customers(1, "c"), page=3, waitSeconds=20, **fields)

    assert (last["batchId"], last["outcome"], counts(last)) == (second["batchId"], "completed", (6, 5, 1, 0))
    assert "missingPages" not in last
    assert [one["index"] for one in last["results"]] == [0, 1, 2, 200, 201, 400]
    assert submit(actions, customers(1, "c"), page=3, **fields)["replayed"]


@pytest.mark.parametrize("changed", [{"page": 1}, {"page": 2, "pages": 4}])
def test_pages_that_do_not_fit(waiting: Harness, changed: dict[str, int]) -> None:
    """A page that was another, or of another number of pages, is a conflict."""
    fields: dict[str, Any] = {"idempotencyKey": "year-end", "page": 1, "pages": 3}
    submit(waiting, customers(2), **fields)
    reply = waiting.post(SUBMIT, {"requests": customers(3), **fields, **changed})

    assert (reply.status, reply.body["errorCode"]) == (409, "IDEMPOTENCY_CONFLICT")


def test_too_many(waiting: Harness) -> None:
    """A page holds 200 requests; one more is refused, and the remedy named."""
    assert submit(waiting, customers(MOST_REQUESTS))["total"] == MOST_REQUESTS
    reply = waiting.post(SUBMIT, {"requests": customers(MOST_REQUESTS + 1)})

    assert (reply.status, reply.body["details"][0]["field"]) == (400, "requests")
    assert "further pages" in reply.body["errorMessage"]


def test_large(waiting: Harness) -> None:
    """Requests may be large each, and the batch as large as Lambda takes."""
    requests = [
        entry("create-customer", customerId=f"c-{i}", metadata={"a": "x" * 5000, "b": "x" * 5000}) for i in range(200)
    ]

    assert submit(waiting, requests)["left"] == 200
    too_much = [entry("trigger-workflow", triggerId="t", payload={"a": "x" * 100_000}) for _ in range(45)]
    reply = waiting.post(SUBMIT, {"requests": too_much})

    assert (reply.status, reply.body["details"][0]["problem"][:30]) == (400, "is longer than 4194304 bytes, ")


def test_what_is_kept(waiting: Harness) -> None:
    """All of a batch expires after 30 days."""
    batch = submit(waiting, [*customers(2), "bad"])
    expiries = [int(item["expires_at"]["N"]) for item in waiting.tables.items(waiting.tables.batches)]

    assert len(expiries) == 4  # the batch, two requests, one result
    assert all(abs(expiry - waiting.clock.now() - A_MONTH) < 60 for expiry in some(expiries))
    assert batch["expiresAt"] > batch["submittedAt"]


# Submitting is a series of calls; it can die around any of them, and the repeat completes what it began.
DEATHS: list[dict[str, list[Any]]] = [
    {operation: [None] * passed + [death]}
    for operation, most in {"update_item": 2, "batch_write_item": 1, "put_item": 2, "send_message_batch": 2}.items()
    for passed in range(most)
    for death in (died_before, died_after)
]


@pytest.mark.parametrize("death", DEATHS, ids=range(len(DEATHS)))
def test_killed_and_repeated(waiting: Harness, death: dict[str, list[Any]]) -> None:
    """Killed around any call and submitted again, there is one batch, and every request has run once."""
    requests = [*customers(11), "bad", "bad too"]
    faults = {operation: list(faults) for operation, faults in death.items()}
    dying = waiting.container(
        dynamodb=FaultyDynamoDB(waiting.tables.client, **faults), sqs=FaultyDynamoDB(waiting.sqs, **faults)
    )
    with pytest.raises(CrashError):
        waiting.post(SUBMIT, {"requests": requests}, dying)
    batch = submit(waiting, requests)
    waiting.event_source().run()

    assert counts(get(waiting, batch)) == (13, 11, 2, 0)
    assert len({item["batch_key"]["S"] for item in waiting.tables.items(waiting.tables.batches)} - {"pace"}) == 1
    assert len([path for method, path in waiting.writes_to_stigg() if method == "POST"]) == 11


def test_queue_takes_some(waiting: Harness) -> None:
    """Messages that SQS does not take are sent again, and those of one customer arrive in their order."""
    container = waiting.container(sqs=FussySqs(waiting.sqs, times=3))
    of_one = [entry("create-customer", customerId="cust-a", name=f"No. {number}") for number in range(4)]
    mixed = [request for pair in zip(of_one, customers(4), strict=True) for request in pair]
    reply = waiting.post(SUBMIT, {"requests": mixed}, container)
    indexes = [json.loads(record["body"])["index"] for record in waiting.event_source().receive()]

    assert reply.body["left"] == len(mixed)
    assert sorted(indexes) == list(range(8))
    assert [index for index in indexes if index % 2 == 0] == [0, 2, 4, 6]


def _silent(client: Any, times: int) -> FaultyDynamoDB:  # noqa: ANN401 - any client
    return FaultyDynamoDB(client, send_message_batch=[lost_request] * times)


@pytest.mark.parametrize("sqs", [FussySqs, _silent])
def test_queue_takes_nothing(waiting: Harness, clock: FakeClock, sqs: Any) -> None:  # noqa: ANN401 - a client
    """A queue that takes nothing is asked several times, and then told as safe to repeat."""
    client = sqs(waiting.sqs, 9)
    queue = BatchQueue(lambda: client, waiting.settings.batch_queue_url, Deadline.after(clock, 20))

    with pytest.raises(StiggUnavailable, match=r"QUEUE_UNAVAILABLE.*no request runs twice"):
        queue.send([Message(BatchId("batch-1"), 0, "group")])
    assert len(clock.waited) == 6


def test_queue_with_little_time(waiting: Harness, clock: FakeClock) -> None:
    """With little time left, a queue that does not take all is not asked again and again."""
    deadline = Deadline.after(clock, 2)
    queue = BatchQueue(lambda: cast("Any", FussySqs(waiting.sqs, 9)), waiting.settings.batch_queue_url, deadline)

    with pytest.raises(StiggUnavailable, match="QUEUE_UNAVAILABLE"):
        queue.send([Message(BatchId("batch-1"), 0, "group")])
    assert clock.waited == []


def test_every_write_can_be_batched() -> None:
    """A batch can name every action whose requests take a key, but for itself, and whole opportunities."""
    writes = {action for action in functions() if issubclass(models(action)[0], KeyedRequest)}

    assert {name: one.request_class() for name, one in BATCH_ACTIONS.items()} == {
        action: models(action)[0] for action in writes - {SUBMIT} | {"provision-opportunity"}
    }
