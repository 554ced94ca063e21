"""House rules of the queue of batches and of the events out, checked on the expanded template."""

import json
from typing import Any

import pytest

from local.stack.template import BATCH_QUEUE, OPERATIONS, functions, template
from stigg_actions.batches.actions import BATCH_ACTIONS
from stigg_actions.batches.rate_limiter import WINDOW_SECONDS
from stigg_actions.batches.worker import HELD_BEYOND_SECONDS, SECONDS_FOR_A_CALL, TRIES
from tests.support.expanded import as_list, of_type, properties, role_statements
from tests.support.some import some

SOURCES = {name: made["Properties"] for name, made in of_type("AWS::Lambda::EventSourceMapping").items()}
GIVEN_UP = "BatchGivenUpQueue"


def test_order_is_kept() -> None:
    """Both queues are FIFO, and a message is the same one whatever group it is in."""
    for queue in (BATCH_QUEUE, GIVEN_UP):
        assert properties(queue)["FifoQueue"] is True
        assert "DeduplicationScope" not in properties(queue)


def test_queues_keep_secrets_and_time() -> None:
    """Messages are encrypted and wait for two weeks."""
    for queue in (BATCH_QUEUE, GIVEN_UP):
        assert properties(queue)["MessageRetentionPeriod"] == 14 * 24 * 60 * 60


def test_a_killed_worker_holds_nobody_for_long() -> None:
    """What a worker was given comes back within three minutes of its death, and never while it may be alive."""
    timeout = properties("RunBatchFunction")["Timeout"]
    hidden = properties(BATCH_QUEUE)["VisibilityTimeout"]
    longest_hold = WINDOW_SECONDS + SECONDS_FOR_A_CALL + HELD_BEYOND_SECONDS

    assert timeout + 30 <= hidden <= 180
    assert longest_hold <= hidden
    assert SECONDS_FOR_A_CALL + HELD_BEYOND_SECONDS <= 60


def test_the_worker_gives_up_before_the_queue_does() -> None:
    """A request gets its failure as its result before the queue takes its message away."""
    redrive = properties(BATCH_QUEUE)["RedrivePolicy"]

    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [GIVEN_UP, "Arn"]}
    assert redrive["maxReceiveCount"] > TRIES


def test_the_queue_feeds_the_worker() -> None:
    """The worker gets as many messages at once as the stack allows, tells which failed, and has one other beside it."""
    source = SOURCES["BatchQueueSource"]

    assert source["FunctionName"] == {"Ref": "RunBatchFunction"}
    assert source["EventSourceArn"] == {"Fn::GetAtt": [BATCH_QUEUE, "Arn"]}
    width = template()["Parameters"]["BatchWidth"]
    assert (source["BatchSize"], source["FunctionResponseTypes"]) == (
        {"Ref": "BatchWidth"},
        ["ReportBatchItemFailures"],
    )
    assert (width["MinValue"], width["MaxValue"], width["Default"]) == (1, 10, 10)  # SQS hands out ten of a FIFO queue
    assert source["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_the_worker_invokes_the_batched_actions() -> None:
    """The worker may invoke the function of each action that a batch can name, and no other."""
    (invoke,) = (right for right in role_statements("RunBatchFunction") if right["Action"] == "lambda:InvokeFunction")

    assert sorted(arn["Fn::GetAtt"][0] for arn in invoke["Resource"]) == sorted(
        functions()[name] for name in BATCH_ACTIONS
    )


def test_only_the_publisher_publishes() -> None:
    """No action puts events on the bus; the publisher does, and does nothing else."""
    for function in some(functions().values()):
        assert not [right for right in role_statements(function) if "events:" in str(right["Action"])]
    actions = {action for right in role_statements("PublishEventsFunction") for action in as_list(right["Action"])}

    assert actions == {
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "events:PutEvents",
        "sqs:SendMessage",
    }


@pytest.mark.parametrize(
    ("source", "table", "before", "after"),
    [
        ("OperationsSource", OPERATIONS, ["STARTED", "UNKNOWN"], ["SUCCEEDED", "FAILED"]),
        ("BatchesSource", "BatchesTable", ["RUNNING"], ["COMPLETED"]),
    ],
)
def test_streams_feed_the_publisher(source: str, table: str, before: list[str], after: list[str]) -> None:
    """A table's stream tells what has just been settled; what cannot be published is kept and alarms."""
    made: dict[str, Any] = SOURCES[source]
    (wanted,) = made["FilterCriteria"]["Filters"]
    images = json.loads(wanted["Pattern"])["dynamodb"]

    assert made["FunctionName"] == {"Ref": "PublishEventsFunction"}
    assert made["EventSourceArn"] == {"Fn::GetAtt": [table, "StreamArn"]}
    assert properties(table)["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert (images["OldImage"]["status"]["S"], images["NewImage"]["status"]["S"]) == (before, after)
    assert (made["StartingPosition"], made["BisectBatchOnFunctionError"]) == ("TRIM_HORIZON", True)
    assert made["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["FailedEventsQueue", "Arn"]}
