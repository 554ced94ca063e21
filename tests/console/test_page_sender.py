"""Sending one page: it waits for the batch, reads all results, and answers in the order of the rows."""

import io
import json
from typing import Any

import pytest

from console.errors import RefusedError
from console.files.pages import Page
from console.page_sender import PAGE_LIMITS, PageSender, Sent
from console.stack import Stack
from stigg_actions.models.batches import MOST_REQUESTS
from stigg_actions.models.submit_batch import SubmitBatch
from tests.support.some import some

PAGE = Page(3, ["a", "b", "c"], [{"customerId": name} for name in "abc"])
ORG = {"salesforceOrgId": "00D000000000001EAA"}


def result(index: int, **fields: object) -> dict[str, Any]:
    """Return the result of a request."""
    return {
        "index": index,
        "action": "create-customer",
        "success": True,
        "outcome": f"made-{index}",
        "answerText": "{}",
        **fields,
    }


def batch(outcome: str, *results: dict[str, Any], **fields: object) -> dict[str, Any]:
    """Return the progress of a batch."""
    return {
        "success": True,
        "outcome": outcome,
        "batchId": "batch-1",
        "done": len(results),
        "results": results,
        **fields,
    }


class Script:
    """The Lambda API with these answers in turn; one that is not a success is raised."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self._answers = list(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's own names
        """Give the next answer."""
        self.calls.append((FunctionName, json.loads(Payload)))
        answer = self._answers.pop(0)
        if answer["success"]:
            return {"Payload": io.BytesIO(json.dumps(answer).encode())}
        raised = {"errorType": "Refused", "errorMessage": json.dumps(answer)}
        return {"Payload": io.BytesIO(json.dumps(raised).encode()), "FunctionError": "Unhandled"}


def send(script: Script, seen: list[int] | None = None) -> Sent:
    """Send the page."""
    stack = Stack("s", "here", lambda _: script, lambda _: None)
    follow = seen if seen is not None else []
    return PageSender(stack, "create-customer", ORG).send(PAGE, "key-3", lambda shown: follow.append(shown["done"]))


def test_a_batch_that_takes_long() -> None:
    """A running batch is asked for until it is completed; its results may fill several answers."""
    seen: list[int] = []
    script = Script(
        batch("running", result(1)),
        batch("running", result(1), result(0)),
        batch("completed", result(0), result(1, subscriptionId="sub-1"), nextToken="2-x"),
        batch("completed", result(2, success=False, errorCode="NO", errorMessage="NO: why")),
    )
    sent = send(script, seen)

    assert [(row.record_id, row.outcome) for row in sent.results] == [("a", "made-0"), ("b", "made-1"), ("c", "failed")]
    assert (sent.results[1].subscription_id, sent.results[2].error_code, sent.is_repeat) == ("sub-1", "NO", False)
    assert seen == [1, 2, 2]
    assert [name for name, _ in script.calls] == ["s-submit-batch", *["s-get-batch"] * 3]
    assert script.calls[0][1]["idempotencyKey"] == "key-3"
    assert all(request["salesforceOrgId"] == ORG["salesforceOrgId"] for _, request in some(script.calls))
    assert [request.get("nextToken") for _, request in script.calls] == [None, None, None, "2-x"]


def test_a_repeat() -> None:
    """A page that was sent before is a repeat."""
    assert send(Script(batch("completed", result(0), result(1), result(2), replayed=True))).is_repeat


def test_results_that_are_missing() -> None:
    """A completed batch without all results is an error, because a row would have no line."""
    with pytest.raises(RefusedError, match="has 2 of 3 results"):
        send(Script(batch("completed", result(0), result(2))))


@pytest.mark.parametrize(
    ("code", "said"), [("IDEMPOTENCY_CONFLICT", "Page 3 was sent before"), ("ORG_NOT_ALLOWED", "ORG_NOT_ALLOWED: no")]
)
def test_a_page_that_is_refused(code: str, said: str) -> None:
    """A refusal of the page is passed on; a page whose requests have changed their meaning has its own remedy."""
    refusal = {"success": False, "errorCode": code, "errorMessage": f"{code}: no", "retryable": False}

    with pytest.raises(RefusedError, match=said) as refused:
        send(Script(refusal))
    assert refused.value.as_json() == refusal


def test_limits_of_a_page() -> None:
    """A page has as many requests as submit-batch takes, and is shorter than the longest body."""
    assert PAGE_LIMITS.rows == MOST_REQUESTS
    assert 0 < PAGE_LIMITS.length + MOST_REQUESTS * 200 < SubmitBatch.longest_body
