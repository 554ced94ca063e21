"""Answer get-batch, and build the result that shows the progress of a batch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stigg_actions import decimal_json
from stigg_actions.batches.batch import BatchId, Status
from stigg_actions.batches.store import store_of
from stigg_actions.errors import NotFound, Problem, RequestInvalid
from stigg_actions.models.batches import MOST_REQUESTS, BatchProgress, BatchResult
from stigg_actions.storage.operation import fingerprint
from stigg_actions.subscriptions.response_fields import drop_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stigg_actions.batches.batch import Batch
    from stigg_actions.deps import Deps
    from stigg_actions.models.get_batch import GetBatch
    from stigg_actions.storage.dynamodb import Item

LONGEST_RESULTS = 1_500_000
"""The most bytes of results in one answer. Lambda allows 6 MB, in which every quote of this text takes two bytes."""

_LOOK_EVERY_SECONDS = 0.5
_RESERVED_SECONDS = 3.0
_OF_THE_ANSWER = (
    "outcome",
    "errorCode",
    "errorMessage",
    "retryable",
    "details",
    "customerId",
    "subscriptionId",
    "grantId",
)
"""Fields of an action's answer that the batch result repeats."""


def read_progress(request: GetBatch, deps: Deps) -> BatchProgress:
    """Return the progress of a batch and the results of its requests.

    Raises:
        NotFound: the org has no batch with this id, or it is more than 30 days old.
        RequestInvalid: the token belongs to another batch.
    """
    start = _start(request.next_token, request.batch_id)
    batch_id = BatchId.read(request.batch_id)
    batch = store_of(deps).find(batch_id) if batch_id else None
    if batch is None or batch.org_id != (request.salesforce_org_id or deps.settings.default_org_id):
        raise NotFound(
            "BATCH_NOT_FOUND",
            f"There is no batch {request.batch_id} in the {deps.settings.environment} environment. "
            "Batches are kept for 30 days.",
        )
    batch = completed(batch, deps, seconds=request.wait_seconds)
    return shown(batch, deps, start=start, most=request.limit)


def completed(batch: Batch, deps: Deps, *, seconds: float) -> Batch:
    """Wait until a batch is completed, or for the given seconds or the caller's time, and return it."""
    until = deps.clock.now() + min(seconds, deps.deadline.seconds_left() - _RESERVED_SECONDS)
    while batch.status is Status.RUNNING and deps.clock.now() < until:
        deps.clock.wait(min(_LOOK_EVERY_SECONDS, until - deps.clock.now()))
        batch = store_of(deps).find(batch.id) or batch
    return batch


def shown(
    batch: Batch, deps: Deps, *, start: int = 0, most: int = MOST_REQUESTS, replayed: bool = False
) -> BatchProgress:
    """Return the progress of a batch with its results from an index on."""
    page = store_of(deps).results(batch.id, start=start, most=most)
    results = list(_as_fit([_result(item) for item in page.items]))
    next_index = page.next_index if len(results) == len(page.items) else results[-1].index + 1
    running = batch.status is Status.RUNNING
    per_minute = deps.settings.batch_writes_per_minute
    missing = sorted(set(range(1, batch.pages + 1)) - batch.queued)
    optional: dict[str, Any] = {
        "estimated_seconds": batch.estimated_seconds(deps.clock.now(), per_minute=per_minute) if running else None,
        "missing_pages": missing or None,
        "completed_at": _moment(batch.completed_at) if batch.completed_at is not None else None,
        "next_token": _token(next_index, str(batch.id)) if next_index is not None else None,
    }
    return BatchProgress(
        outcome="running" if running else "completed",
        replayed=replayed,
        batch_id=str(batch.id),
        total=batch.total,
        done=batch.done,
        succeeded=batch.done - batch.failed,
        failed=batch.failed,
        left=batch.total - batch.done,
        submitted_at=_moment(batch.submitted_at),
        expires_at=_moment(batch.expires_at),
        results=results,
        **drop_none(optional),
    )


def _as_fit(results: Iterable[BatchResult]) -> Iterator[BatchResult]:
    """Yield as many results as fit into an answer, but at least one."""
    length = 0
    for result in results:
        added = len(decimal_json.dumps(result.to_json_fields()))
        if length and length + added > LONGEST_RESULTS:
            return
        length += added
        yield result


def _result(item: Item) -> BatchResult:
    answer: dict[str, Any] = decimal_json.loads(item["answer"])
    of_the_answer = {name: answer[name] for name in _OF_THE_ANSWER if name in answer and answer[name] != []}
    named = {"salesforceRecordId": item.get("record_id"), "index": int(item["index"]), "action": item["action"]}
    text = {"answerText": item["answer"], "success": item["success"]}
    return BatchResult.model_validate({**of_the_answer, **named, **text})


def _token(index: int, batch_id: str) -> str:
    """Return the token for an index in the results of one batch, of at most ten characters as documented."""
    return f"{index}-{fingerprint({'batchId': batch_id})[:5]}"


def _start(token: str | None, batch_id: str) -> int:
    if token is None:
        return 0
    digits = token.partition("-")[0]
    if not (digits.isascii() and digits.isdigit() and token == _token(int(digits), batch_id)):
        problem = "was not returned by get-batch for this batch; leave it out to start with the first result"
        raise RequestInvalid([Problem("nextToken", problem)])
    return int(digits)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
