"""The worker of batches: each request once and in its order, whatever dies, comes twice, or has to wait."""

import json
import random
from collections import Counter
from copy import replace
from typing import Any, cast

import pytest

from stigg_actions.batches.action_invoker import ActionInvoker
from stigg_actions.batches.worker import TRIES
from stigg_actions.clock import SystemClock
from tests.support.batch_requests import customers, entry
from tests.support.clocks import NotingClock
from tests.support.contracts import CONTRACT, contract
from tests.support.crashes import listening_container
from tests.support.deals import APP, WHOLE, deal
from tests.support.faulty_dynamodb import FaultyDynamoDB, died_after, died_before, lost_answer, lost_request, refused
from tests.support.harness import Harness
from tests.support.network import CrashError
from tests.support.queues import HidingSqs, InProcessLambda
from tests.support.requests import ACCOUNT, LINE, OTHER_LINE, RENEWAL_LINE, grant, sold_in_the_app, subscription, usage
from tests.support.some import some

SUBMIT, GET = "submit-batch", "get-batch"
IMPORT = {"customerId": "cust-initech", "planId": "plan-enterprise", "startDate": "2020-01-01"}
THIRD_LINE = "00k000000000004AAA"
ROUTE_OF_CUSTOMERS = "^/api/v1/customers$"


@pytest.fixture
def waiting(actions: Harness) -> Harness:
    """A deployment whose worker does nothing by itself."""
    actions.clock.meanwhile = list
    return actions


def submit(actions: Harness, requests: list[Any], **fields: Any) -> str:  # noqa: ANN401 - any JSON
    """Submit a batch; return its id."""
    return str(actions.ok(SUBMIT, {"requests": requests, **fields})["batchId"])


def get(actions: Harness, batch_id: str) -> dict[str, Any]:
    """Ask for a batch."""
    return actions.ok(GET, {"batchId": batch_id})


def outcomes_of(actions: Harness, batch_id: str) -> list[str]:
    """Return outcome or error code of each request, in their order."""
    return [one.get("outcome") or one["errorCode"] for one in get(actions, batch_id)["results"]]


def seats(number: int, **changes: object) -> dict[str, Any]:
    """Amend the subscription of the line to so many seats."""
    return entry(
        "update-subscription",
        **{"salesforceRecordId": LINE, "addons": [{"id": "addon-seats", "quantity": number}], **changes},
    )


@pytest.fixture
def heard(waiting: Harness) -> list[dict[str, Any]]:
    """The changes that Stigg hears of subscriptions."""
    changes: list[dict[str, Any]] = []
    waiting.__dict__["warm"] = listening_container(waiting, "PATCH .*/subscriptions/", changes)
    return changes


def quantities(heard: list[dict[str, Any]]) -> list[int]:
    """Return the quantities of seats that the subscription was changed to, in their order."""
    return [change["addons"][0]["quantity"] for change in heard]


def test_any_action(waiting: Harness) -> None:
    """Requests of several actions in one batch come to what they would one by one."""
    waiting.stigg_app("POST", "/api/v1/customers", {"id": "cust-beta", "name": "Beta"})
    of_the_app = sold_in_the_app(waiting, customerId="cust-beta")
    requests = [
        entry("create-customer", customerId="cust-acme", name="Acme", salesforceAccountId=ACCOUNT),
        entry("create_subscription", **subscription()),
        entry(
            "create-subscription-with-return-data",
            **subscription(salesforceRecordId=OTHER_LINE, planId="plan-workspace", resourceId="w"),
        ),
        seats(3),
        entry("set-subscription-metadata", salesforceRecordId=LINE, metadata={"tier": "gold"}),
        entry("reschedule-cancellation", salesforceRecordId=LINE, cancellationDate="2099-12-31"),
        entry("cancel-scheduled-update", salesforceRecordId=LINE),
        entry("mark-invoice-paid", salesforceRecordId=LINE),
        entry("renew-subscription", salesforceRecordId=LINE, addons=[{"id": "addon-seats", "quantity": 9}]),
        entry("migrate-subscription", salesforceRecordId=LINE, migrateWhen="now"),
        entry("transfer-subscription", salesforceRecordId=LINE, destinationResourceId="site-2"),
        entry("delegate-subscription", salesforceRecordId=LINE, destinationCustomerId="cust-acme"),
        entry("adopt-subscription", salesforceRecordId=RENEWAL_LINE, subscriptionId=of_the_app),
        entry("import-customer", customerId="cust-initech", name="Initech"),
        entry("import-subscription", salesforceRecordId=THIRD_LINE, **IMPORT),
        entry("create-credit-grant", **grant()),
        entry("void-credit-grant", salesforceRecordId=LINE),
        entry("report-usage", **usage()),
        entry("trigger-workflow", triggerId="notify-customer", salesforceRecordId=LINE),
        entry("downgrade-subscription", salesforceRecordId=LINE),
        entry("cancel-subscription", salesforceRecordId=OTHER_LINE, cancelWhen="now"),
        entry("provision-contract", **contract()),
        entry("archive-contract", salesforceRecordId=CONTRACT),
        entry("archive-customer", customerId="cust-acme", cancelSubscriptions=True),
    ]
    batch = waiting.invoke(SUBMIT, {"requests": requests})["batchId"]  # of an operator, who may import
    waiting.event_source().run()

    assert outcomes_of(waiting, batch) == [
        *("created", "created", "created", "updated", "updated", "updated"),
        *("unchanged", "unchanged", "updated", "unchanged", "updated", "unchanged"),
        *("adopted", "imported", "imported", "created", "voided", "reported", "triggered", "replaced", "canceled"),
        *("created", "archived", "archived"),
    ]
    results = get(waiting, batch)["results"]
    assert (results[1]["salesforceRecordId"], results[15]["grantId"][:4]) == (LINE, "cred")
    assert results[2]["subscriptionId"].startswith("sub-")


def test_correlation(waiting: Harness) -> None:
    """A request's call carries its own correlation id, or its place in the batch."""
    batch = submit(waiting, [*customers(1), entry("create-customer", customerId="c", correlationId="mine")])
    source = waiting.event_source()
    source.run()

    assert sorted(event["correlationId"] for _, event in source.aws_lambda.invoked) == [f"{batch}:0", "mine"]
    assert all(event["faultOnError"] is False for _, event in some(source.aws_lambda.invoked))


# A customer named in many ways, in one batch.
IN_MANY_WAYS = [
    entry("create-customer", customerId="cust-acme", name="Acme", salesforceAccountId=ACCOUNT),
    entry("create-subscription", **subscription(customerId=None, salesforceAccountId=ACCOUNT)),
    seats(1),
    seats(2, salesforceRecordId=LINE[:15]),
    seats(3),
    entry("create-credit-grant", **grant()),
    seats(4),
]


@pytest.mark.parametrize("seed", range(3))
def test_order(waiting: Harness, heard: list[dict[str, Any]], seed: int) -> None:
    """What is one customer's is done in order, however it is named, whatever else is in the batch."""
    others = iter(customers(20, "other"))
    requests: list[Any] = []
    shuffle = random.Random(seed)  # noqa: S311 - no secret
    for request in IN_MANY_WAYS:
        requests += [request, *(next(others) for _ in range(shuffle.randrange(3)))]
    batch = submit(waiting, requests)
    waiting.event_source().run()

    assert get(waiting, batch)["failed"] == 0, outcomes_of(waiting, batch)
    assert quantities(heard) == [1, 2, 3, 4]


def test_order_from_batch_to_batch(waiting: Harness) -> None:
    """Two batches that name a known customer differently share its queue: by record, subscription, account and id."""
    waiting.ok("create-customer", {"customerId": "cust-acme", "name": "Acme", "salesforceAccountId": ACCOUNT})
    sold = waiting.ok("create-subscription-with-return-data", subscription())["subscriptionId"]
    for request in (
        seats(1),
        seats(1, salesforceRecordId=None, subscriptionId=sold),
        entry("create-credit-grant", **grant(customerId=None, salesforceAccountId=ACCOUNT)),
        entry("create-credit-grant", **grant(idempotencyKey="a")),
    ):
        request["request"] = {name: value for name, value in request["request"].items() if value is not None}
        submit(waiting, [request])
    groups = {record["attributes"]["MessageGroupId"] for record in waiting.event_source().receive()}

    assert len(groups) == 1


def test_delivered_twice(waiting: Harness) -> None:
    """A message that comes again finds its result, and nothing is run; the counts stay right."""
    batch = submit(waiting, [*customers(3), entry("trigger-workflow", triggerId="notify-customer")])
    source = waiting.event_source()
    records = source.deliver(keep=True)
    source.handle(records)

    assert len(source.aws_lambda.invoked) == 4
    assert (get(waiting, batch)["outcome"], get(waiting, batch)["succeeded"]) == ("completed", 4)


def test_delivered_to_two_at_once(waiting: Harness) -> None:
    """Two workers that get the same messages at once have one effect each."""
    requests = [
        *customers(2),
        entry("create-credit-grant", **grant(customerId="cust-0")),
        entry("trigger-workflow", triggerId="notify-customer"),
    ]
    batch = submit(waiting, requests)
    source = waiting.event_source()
    records = source.receive()

    def meanwhile(action: str, event: Any) -> Any:  # noqa: ANN401 - any JSON
        """Another worker runs everything while this one is about to call its first action."""
        if not other.aws_lambda.invoked:
            other.handle(records, keep=True)
        return waiting.invoke(action, event)

    other = waiting.event_source()
    replace(source, aws_lambda=InProcessLambda(meanwhile)).handle(records)
    state = waiting.emulator.state()

    assert (get(waiting, batch)["succeeded"], get(waiting, batch)["left"]) == (4, 0)
    assert (len(state["customers"]), len(state["grants"]), len(state["workflowRuns"])) == (2, 1, 1)


DEATHS: list[tuple[str, Any]] = [
    ("invoke", died_before),
    ("invoke", died_after),
    ("put_item", died_before),  # the pace, and the result
    ("put_item", died_after),
    ("update_item", died_before),
    ("update_item", died_after),
]


@pytest.mark.parametrize(("operation", "death"), DEATHS)
@pytest.mark.parametrize("number", range(4))
def test_killed(
    waiting: Harness,
    heard: list[dict[str, Any]],
    operation: str,
    death: Any,  # noqa: ANN401 - a fault
    number: int,
) -> None:
    """A worker that is killed around any call leaves what another one completes: every effect once, in order."""
    waiting.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    waiting.ok("create-subscription", subscription())
    batch = submit(waiting, [seats(1), seats(2), entry("create-credit-grant", **grant()), seats(3)])
    source = waiting.event_source()
    records = source.receive()
    faults: dict[str, list[Any]] = {operation: [None] * number + [death]}
    dying = replace(
        source,
        aws_lambda=FaultyDynamoDB(source.aws_lambda, **faults),
        dynamodb=cast("Any", FaultyDynamoDB(waiting.tables.client, **faults)),
    )
    with pytest.raises(CrashError):
        dying.handle(records)
    source.handle(records)

    assert (get(waiting, batch)["outcome"], get(waiting, batch)["succeeded"]) == ("completed", 4)
    assert (quantities(heard), len(waiting.emulator.state()["grants"])) == ([1, 2, 3], 1)


def test_what_a_worker_holds(waiting: Harness) -> None:
    """While a request is run, its customer's messages are hidden for longer than that takes, and hardly longer."""
    submit(waiting, [entry("create-customer", customerId="cust-0", name=name) for name in "ab"])
    source = waiting.event_source()
    sqs = HidingSqs(waiting.sqs)

    replace(source, sqs=cast("Any", sqs)).deliver()

    assert sqs.held == [[45, 45], [45, 45]]


def test_a_worker_holds_what_waits_for_its_turn(waiting: Harness) -> None:
    """Messages that wait for their turn are hidden until then, and while they are run."""
    slow = waiting.with_settings(batch_writes_per_minute=1)
    submit(slow, customers(2))
    sqs = HidingSqs(waiting.sqs)

    replace(slow.event_source(), clock=NotingClock(), sqs=cast("Any", sqs)).deliver()

    assert sorted(sqs.held) == [[45], [106]]


def test_a_killed_worker_is_carried_on_by_another(waiting: Harness) -> None:
    """What a worker held that was killed comes back once the time is over for which it was hidden, and not before."""
    batch = submit(waiting, [*customers(1), entry("create-customer", customerId="cust-0", name="Later")])
    source = waiting.event_source()
    brief = BriefSqs(waiting.sqs)
    dying = replace(
        source, sqs=cast("Any", brief), aws_lambda=FaultyDynamoDB(source.aws_lambda, invoke=[None, died_after])
    )
    with pytest.raises(CrashError):
        dying.deliver()
    too_early = source.receive()
    brief.until_over()

    source.run()

    assert too_early == []
    assert (outcomes_of(waiting, batch), get(waiting, batch)["succeeded"]) == (["created", "updated"], 2)


def test_a_slow_worker_runs_nothing_that_another_one_has(waiting: Harness, heard: list[dict[str, Any]]) -> None:
    """A worker whose messages went to another one meanwhile runs none of them any more: the order is kept."""
    waiting.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    waiting.ok("create-subscription", subscription())
    batch = submit(waiting, [seats(1), seats(2), seats(3)])
    source = waiting.event_source()
    brief, taken = BriefSqs(waiting.sqs), []

    def stall(action: str, event: Any) -> Any:  # noqa: ANN401 - any JSON
        """Answer only when another worker has been given the messages."""
        answer = waiting.invoke(action, event)
        brief.until_over()
        taken.extend(source.receive())
        return answer

    slow = replace(source, sqs=cast("Any", brief), aws_lambda=InProcessLambda(stall))
    records = slow.receive()
    failed = slow.handle(records, keep=True)["batchItemFailures"]
    source.handle(taken)

    assert [one["itemIdentifier"] for one in failed] == [record["messageId"] for record in records[1:]]
    assert (len(slow.aws_lambda.invoked), len(source.aws_lambda.invoked)) == (1, 2)
    assert (quantities(heard), get(waiting, batch)["succeeded"], hidden(waiting)) == ([1, 2, 3], 3, 0)


def test_a_queue_that_does_not_answer(waiting: Harness) -> None:
    """What cannot be held is not run: it comes again later."""
    batch = submit(waiting, customers(1))
    source = waiting.event_source()
    records = source.receive()
    silent = FaultyDynamoDB(waiting.sqs, change_message_visibility_batch=[lost_request])

    failed = replace(source, sqs=cast("Any", silent)).handle(records)["batchItemFailures"]
    source.handle(records)

    assert ([one["itemIdentifier"] for one in failed], len(source.aws_lambda.invoked)) == ([records[0]["messageId"]], 1)
    assert outcomes_of(waiting, batch) == ["created"]


class BriefSqs:
    """An SQS client that hides messages for a second where it should for long."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - a client
        self._client = client

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
        """Return any operation."""
        return getattr(self._client, operation)

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: ANN401, N803 - boto3's
        """Hide messages for a second."""
        brief = [{**entry, "VisibilityTimeout": 1} for entry in Entries]
        return self._client.change_message_visibility_batch(QueueUrl=QueueUrl, Entries=brief)

    @staticmethod
    def until_over() -> None:
        """Wait until what is hidden is no longer."""
        SystemClock().wait(1.1)


def test_two_that_were_the_last(waiting: Harness) -> None:
    """A batch that two requests at once complete is completed once, and neither of them fails for it."""

    def another_was_first(call: Any) -> Any:  # noqa: ANN401 - the call that completes it
        call()
        refused("ConditionalCheckFailedException")(call)

    batch = submit(waiting, customers(1))
    source = waiting.event_source()
    faults: dict[str, list[Any]] = {"update_item": [None, another_was_first]}
    raced = replace(source, dynamodb=cast("Any", FaultyDynamoDB(waiting.tables.client, **faults)))
    outcomes_of = raced.handle(source.receive())

    assert outcomes_of["batchItemFailures"] == []
    assert faults == {"update_item": []}
    assert get(waiting, batch)["outcome"] == "completed"


def test_a_workflow_whose_worker_died(waiting: Harness) -> None:
    """A workflow that ran before its worker died does not run again."""
    batch = submit(waiting, [entry("trigger-workflow", triggerId="notify-customer")])
    source = waiting.event_source()
    records = source.receive()
    with pytest.raises(CrashError):
        replace(source, aws_lambda=FaultyDynamoDB(source.aws_lambda, invoke=[died_after])).handle(records)
    source.handle(records)

    assert len(waiting.emulator.state()["workflowRuns"]) == 1
    assert outcomes_of(waiting, batch) == ["triggered"]


def test_two_workflows_of_one_batch(waiting: Harness) -> None:
    """The same workflow twice in a batch runs twice: it is a command."""
    submit(waiting, [entry("trigger-workflow", triggerId="notify-customer")] * 2)
    waiting.event_source().run()

    assert len(waiting.emulator.state()["workflowRuns"]) == 2


def test_the_same_request_twice(waiting: Harness) -> None:
    """The same request twice in a batch takes effect once; the second answer says so."""
    waiting.ok("create-customer", {"customerId": "cust-acme", "name": "Acme"})
    batch = submit(waiting, [entry("create-credit-grant", **grant())] * 2)
    waiting.event_source().run()

    assert len(waiting.emulator.state()["grants"]) == 1
    assert '"replayed":true' in get(waiting, batch)["results"][1]["answerText"].replace(" ", "")


def test_a_failure_keeps_nobody_waiting(waiting: Harness, heard: list[dict[str, Any]]) -> None:
    """A request that Stigg refuses is a result; those after it, of the same customer too, are run."""
    batch = submit(
        waiting, [entry("create-subscription", **subscription(customerName="Acme", planId="plan-none")), *IN_MANY_WAYS]
    )
    waiting.event_source().run()

    assert outcomes_of(waiting, batch)[:3] == ["PLAN_NOT_FOUND", "updated", "created"]
    assert quantities(heard) == [1, 2, 3, 4]


def hidden(actions: Harness) -> int:
    """Return how many messages are hidden until later."""
    answer = actions.sqs.get_queue_attributes(
        QueueUrl=actions.settings.batch_queue_url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessagesNotVisible"])


def again(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return hidden messages as they are delivered again."""
    return [
        {**record, "attributes": {**record["attributes"], "ApproximateReceiveCount": str(_tries(record) + 1)}}
        for record in records
    ]


def _tries(record: dict[str, Any]) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


def test_stigg_down(waiting: Harness) -> None:
    """While Stigg is down, a request goes back to the queue with those behind it, and is run when Stigg is back."""
    batch = submit(
        waiting, [*customers(1), entry("create-customer", customerId="cust-0", name="Later"), *customers(1, "x")]
    )
    waiting.emulator.fault("POST", ROUTE_OF_CUSTOMERS, "status", 503)
    source = waiting.event_source()
    records = source.receive()
    told_to_sqs = source.handle(records)

    assert len(told_to_sqs["batchItemFailures"]) == 3
    assert (get(waiting, batch)["done"], hidden(waiting)) == (0, 3)
    waiting.emulator.clear_faults()
    assert source.handle(again(records)) == {"batchItemFailures": []}
    assert outcomes_of(waiting, batch) == ["created", "updated", "created"]


def test_delays(waiting: Harness) -> None:
    """Each time a request goes back to the queue for longer, and for as long as the action says at least."""
    submit(waiting, customers(1))
    source = waiting.event_source()
    (record,) = source.receive()
    answers = iter([{}, {}, {}, {"retryAfterSeconds": 100}, {"retryAfterSeconds": 1}] + [{}] * 4)

    def refuse(_action: str, _event: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        failed = {
            "success": False,
            "errorCode": "RATE_LIMITED",
            "errorMessage": "-",
            "retryable": True,
            "correlationId": "c",
        }
        return {**failed, **next(answers)}

    sqs = HidingSqs(waiting.sqs)
    refusing = replace(source, aws_lambda=InProcessLambda(refuse), sqs=cast("Any", sqs))
    for _ in range(TRIES - 1):
        refusing.handle([record])
        (record,) = again([record])

    assert sqs.delays == [5, 10, 20, 100, 80, 160, 300, 300, 300]


@pytest.mark.parametrize("status", [503, 401])
def test_given_up(waiting: Harness, status: int) -> None:
    """After the last try a request has its failure as its result, and waits to be sent again; redriven, it is run."""
    batch = submit(waiting, [*customers(1), entry("create-customer", customerId="cust-0", name="Later")])
    waiting.emulator.fault("POST", ROUTE_OF_CUSTOMERS, "status", status)
    source = waiting.event_source()
    records = source.receive()
    for record in records:
        record["attributes"]["ApproximateReceiveCount"] = str(TRIES)

    assert source.handle(records) == {"batchItemFailures": []}
    assert (get(waiting, batch)["outcome"], get(waiting, batch)["failed"]) == ("completed", 2)
    assert len(source.given_up()) == 2
    waiting.emulator.clear_faults()
    source.redrive()
    source.run()

    assert outcomes_of(waiting, batch) == ["created", "updated"]
    assert (get(waiting, batch)["succeeded"], get(waiting, batch)["failed"]) == (2, 0)


def test_a_result_that_stands(waiting: Harness) -> None:
    """What succeeded is not overwritten by a later failure of a second delivery."""
    batch = submit(waiting, customers(1))
    source = waiting.event_source()
    (record,) = source.receive()
    record["attributes"]["ApproximateReceiveCount"] = str(TRIES)

    def fail_after_success(_action: str, _event: Any) -> Any:  # noqa: ANN401 - any JSON
        source.handle([record], keep=True)
        waiting.emulator.fault("POST", ROUTE_OF_CUSTOMERS, "status", 503)
        return {
            "success": False,
            "errorCode": "STIGG_UNAVAILABLE",
            "retryable": True,
            "correlationId": "c",
            "errorMessage": "-",
        }

    replace(source, aws_lambda=InProcessLambda(fail_after_success)).handle([record])

    assert outcomes_of(waiting, batch) == ["created"]
    assert (get(waiting, batch)["succeeded"], get(waiting, batch)["failed"]) == (1, 0)


def test_a_workflow_of_unknown_outcome(waiting: Harness) -> None:
    """A workflow that may have run is not run again: its result says so at once, and that asking again is of no use."""
    batch = submit(waiting, [entry("trigger-workflow", triggerId="notify-customer")])
    waiting.emulator.fault("POST", "/graphql", "cutAfter")
    waiting.event_source().run()

    (result,) = get(waiting, batch)["results"]

    assert (result["errorCode"], result["retryable"]) == ("OUTCOME_UNKNOWN", False)
    assert "It does not run again" in result["errorMessage"]
    assert len(waiting.emulator.state()["workflowRuns"]) == 1


@pytest.mark.parametrize(
    ("fault", "told_in_the_end"),
    [(refused("TooManyRequestsException"), "triggered"), (lost_request, "triggered"), (lost_answer, "triggered")],
)
def test_a_workflow_without_an_answer(waiting: Harness, fault: Any, told_in_the_end: str) -> None:  # noqa: ANN401 - a fault
    """A workflow whose function gave no answer is asked for again later: it runs once, whatever had happened."""
    batch = submit(waiting, [entry("trigger-workflow", triggerId="notify-customer")])
    source = waiting.event_source()
    records = source.receive()
    sqs = HidingSqs(waiting.sqs)
    faulty = replace(source, sqs=cast("Any", sqs), aws_lambda=FaultyDynamoDB(source.aws_lambda, invoke=[fault]))

    faulty.handle(records)
    source.handle(again(records))

    assert (sqs.delays, outcomes_of(waiting, batch)) == ([5], [told_in_the_end])
    assert len(waiting.emulator.state()["workflowRuns"]) == 1


@pytest.mark.parametrize("fault", [lost_request, refused("TooManyRequestsException"), refused("AccessDeniedException")])
def test_a_function_that_cannot_be_called(waiting: Harness, fault: Any) -> None:  # noqa: ANN401 - a fault
    """A call that Lambda does not make, or whose answer is lost, is made again later."""
    batch = submit(waiting, customers(1))
    source = waiting.event_source()
    records = source.receive()
    faulty = replace(source, aws_lambda=FaultyDynamoDB(source.aws_lambda, invoke=[fault]))

    assert len(faulty.handle(records)["batchItemFailures"]) == 1
    source.handle(again(records))
    assert outcomes_of(waiting, batch) == ["created"]


@pytest.mark.parametrize(
    ("code", "told_as", "retryable"),
    [
        ("RequestTooLargeException", "REQUEST_TOO_LARGE", False),
        ("TooManyRequestsException", "RATE_LIMITED", True),
        ("AccessDeniedException", "NOT_CONFIGURED", False),
        ("ResourceNotFoundException", "NOT_CONFIGURED", False),
        ("ServiceException", "OUTCOME_UNKNOWN", True),
    ],
)
@pytest.mark.parametrize("action", ["create-customer", "trigger-workflow"])
def test_what_lambda_refuses(waiting: Harness, action: str, code: str, told_as: str, retryable: bool) -> None:  # noqa: FBT001
    """What Lambda surely did not run is told as that, and only what it may have run as unknown."""
    request = {"customerId": "cust-1"} if action == "create-customer" else {"triggerId": "notify-customer"}
    batch = submit(waiting, [entry(action, **request)])
    source = waiting.event_source()
    (record,) = source.receive()
    record["attributes"]["ApproximateReceiveCount"] = str(TRIES)
    refusing = FaultyDynamoDB(source.aws_lambda, invoke=[refused(code)])
    replace(source, aws_lambda=refusing).handle([record])
    (result,) = get(waiting, batch)["results"]

    assert (result["errorCode"], result["retryable"]) == (told_as, retryable)
    assert json.loads(result["answerText"])["correlationId"] == f"{batch}:0"
    assert waiting.emulator.state()["workflowRuns"] == []


def test_a_workflow_that_lambda_turned_away(waiting: Harness) -> None:
    """A workflow that surely did not run, because too much ran at once, is run later."""
    batch = submit(waiting, [entry("trigger-workflow", triggerId="notify-customer")])
    source = waiting.event_source()
    records = source.receive()
    turned_away = FaultyDynamoDB(source.aws_lambda, invoke=[refused("TooManyRequestsException")])
    replace(source, aws_lambda=turned_away).handle(records)
    source.handle(again(records))

    assert outcomes_of(waiting, batch) == ["triggered"]


def test_long_results_come_in_parts(waiting: Harness) -> None:
    """Results that are too long for one answer of Lambda come in several, each in its place."""
    payload = {"text": '"' * 40_000}
    requests = [entry("trigger-workflow", triggerId="notify-customer", payload=payload) for _ in range(6)]
    batch = submit(waiting, requests)
    waiting.event_source().run()
    answers: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while not answers or token:
        reply = waiting.ok(GET, {"batchId": batch, **token})
        answers.append(reply)
        token = {"nextToken": reply["nextToken"]} if "nextToken" in reply else {}

    assert len(answers) > 1
    assert [result["index"] for answer in answers for result in answer["results"]] == list(range(6))
    assert max(len(json.dumps(json.dumps(answer))) for answer in answers) < 6 * 1024 * 1024


@pytest.mark.parametrize(
    "message", ["Task timed out after 28.00 seconds", "RequestId: 1 Error: Runtime exited", "[]", "7", "{}"]
)
def test_a_function_that_crashes(waiting: Harness, message: str) -> None:
    """A crash is an unknown outcome: tried again, and told as such in the end."""
    batch = submit(waiting, customers(1))
    source = waiting.event_source()
    (record,) = source.receive()
    record["attributes"]["ApproximateReceiveCount"] = str(TRIES)
    replace(source, aws_lambda=CrashingLambda(message)).handle([record])
    (result,) = get(waiting, batch)["results"]

    assert (result["errorCode"], result["retryable"]) == ("OUTCOME_UNKNOWN", True)
    assert json.loads(result["answerText"])["correlationId"] == f"{batch}:0"


class CrashingLambda:
    """A Lambda API whose functions crash."""

    def __init__(self, message: str) -> None:
        self._message = message

    def invoke(self, **_: str) -> dict[str, Any]:
        """Tell of the crash as Lambda does."""
        error = InProcessLambda(lambda *_: {"errorType": "Sandbox.Timedout", "errorMessage": self._message})
        return {**error.invoke(FunctionName="f", Payload="{}"), "FunctionError": "Unhandled"}


def test_a_failure_that_is_raised(waiting: Harness) -> None:
    """A failure that an action raises is its answer."""
    waiting.store_secret({"environment": "production", "apiKey": "server-x"})
    failed = ActionInvoker(cast("Any", InProcessLambda(waiting.invoke)), "").call(
        "create-customer", '{"customerId": "c"}'
    )

    assert failed is not None
    assert (failed["errorCode"], failed["success"]) == ("NOT_CONFIGURED", False)


def test_an_expired_batch(waiting: Harness) -> None:
    """A message whose batch is gone is dropped; one whose batch goes while it is run leaves nothing behind."""
    batch = submit(waiting, customers(2))
    key = batch.rpartition("-")[0]
    waiting.tables.client.delete_item(
        TableName=waiting.tables.batches, Key={"batch_key": {"S": key}, "sk": {"S": "000001#batch"}}
    )
    waiting.tables.client.delete_item(
        TableName=waiting.tables.batches, Key={"batch_key": {"S": key}, "sk": {"S": "000001#request#00000"}}
    )
    source = waiting.event_source()
    source.run()

    assert len(source.aws_lambda.invoked) == 1
    assert (hidden(waiting), waiting.post(GET, {"batchId": batch}).status) == (0, 404)


def test_tables_down(waiting: Harness) -> None:
    """A worker whose table does not answer leaves everything to the next one."""
    batch = submit(waiting, customers(2))
    source = waiting.event_source()
    records = source.receive()
    silent = FaultyDynamoDB(waiting.tables.client, batch_get_item=[lost_request] * 9)

    assert len(replace(source, dynamodb=cast("Any", silent)).handle(records)["batchItemFailures"]) == 2
    source.handle(records)
    assert get(waiting, batch)["succeeded"] == 2


def test_little_time(waiting: Harness) -> None:
    """With less time left than an action may take, requests go back to the queue at once."""
    submit(waiting, customers(2))
    source = waiting.event_source()
    records = source.receive()

    assert len(source.handle(records, seconds=31)["batchItemFailures"]) == 2
    assert (source.aws_lambda.invoked, hidden(waiting)) == ([], 0)


def test_pace(waiting: Harness) -> None:
    """Beyond what a minute allows of one kind, requests wait for their turn; of another kind they do not."""
    slow = waiting.with_settings(batch_writes_per_minute=2)
    submit(slow, [*customers(3), entry("trigger-workflow", triggerId="notify-customer")])
    source = slow.event_source()
    records = source.receive()
    told_to_sqs = source.handle(records, seconds=60)

    assert len(told_to_sqs["batchItemFailures"]) == 1
    assert Counter(action for action, _ in source.aws_lambda.invoked) == {"create-customer": 2, "trigger-workflow": 1}
    assert hidden(waiting) == 1


def test_waiting_for_a_turn(waiting: Harness) -> None:
    """A turn that comes in time is waited for."""
    slow = waiting.with_settings(batch_writes_per_minute=1)
    submit(slow, customers(2))
    waits = NotingClock()
    source = replace(slow.event_source(), clock=waits)
    source.deliver()

    assert [round(seconds) for seconds in waits.waited] == [61]
    assert len(source.aws_lambda.invoked) == 2


def test_opportunities(waiting: Harness) -> None:
    """An opportunity of which a part is still to be done is tried again; what is asked of its lines waits for it."""
    waiting.emulator.fault("POST", "/grants$", "status", 503)
    later = entry("set-subscription-metadata", salesforceRecordId=APP, metadata={"tier": "gold"})
    batch = submit(waiting, [entry("provision-opportunity", **deal(*WHOLE)), later])
    source = waiting.event_source()
    records = source.receive()
    told_to_sqs = source.handle(records)

    assert len(told_to_sqs["batchItemFailures"]) == 2
    assert get(waiting, batch)["done"] == 0
    waiting.emulator.clear_faults()
    assert source.handle(again(records)) == {"batchItemFailures": []}
    assert outcomes_of(waiting, batch) == ["provisioned", "updated"]
    assert len(waiting.emulator.state()["grants"]) == 1
