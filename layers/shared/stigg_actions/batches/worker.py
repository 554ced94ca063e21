"""Run the requests of batches, each by the function of its own action and those of one customer in their order.

A message that SQS delivers twice runs once: a request that has its result is only marked as done. If a run's result was
not recorded, the request is sent to its action again, whose ledger returns the result. A request runs only while its
message and the later ones of its customer are hidden for longer than the run can take, so that two workers never run
requests of one customer, and the messages of a worker that was killed are visible again a minute later. A request that
cannot run now returns to the queue with its customer's other requests. After the last try its failure becomes its
result, and its message moves to the queue of given-up messages, from which it can be sent again.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.batches.action_invoker import ActionInvoker
from stigg_actions.batches.actions import BATCH_ACTIONS, TRIGGER_WORKFLOW
from stigg_actions.batches.queue import Message
from stigg_actions.batches.rate_limiter import RateLimiter
from stigg_actions.batches.requests import Place, result_item
from stigg_actions.batches.store import BatchStore
from stigg_actions.clock import Clock, Deadline
from stigg_actions.errors import ActionError, OutcomeUnknown
from stigg_actions.observability import record_batched
from stigg_actions.sqs_fifo import FifoProcessor, Hold
from stigg_actions.storage.dynamodb import ConditionFailedError, Item

TRIES = 10
"""Deliveries after which a request is given up. The queue gives up later, if a request could never be started."""

SECONDS_FOR_A_CALL = 32.0
"""The longest time that an action and the recording of its result take."""

HELD_BEYOND_SECONDS = 13.0
"""How much longer messages are hidden than the longest run takes."""

_FIRST_DELAY_SECONDS = 5
_LONGEST_DELAY_SECONDS = 300


class PutOffError(Exception):
    """Returns a request to the queue for some seconds."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(f"{reason}; again in {seconds:.0f} s")
        self.seconds = seconds


class Worker(NamedTuple):
    """Runs requests within the time of one invocation."""

    store: BatchStore
    functions: ActionInvoker
    pace: RateLimiter
    deliveries: FifoProcessor
    clock: Clock
    deadline: Deadline

    def run(self, record: Mapping[str, Any], hold: Hold) -> None:
        """Run the request of one SQS record, unless it has its result. ``hold`` hides it from other workers.

        Raises:
            PutOffError: the request cannot run now.
            LostError: another worker has the message.
            StiggUnavailable: a table does not answer.
        """
        message = Message.read(record)
        request, result = self.store.request(message.batch_id, message.index)
        if request is None or "forgotten_at" in request:
            return  # the batch has expired, or its customer was forgotten
        is_final = result is not None and not result.get("given_up")
        success = result["success"] if result and is_final else self._carry_out(message, request, record, hold)
        self._mark(message, success=success)

    def _carry_out(self, message: Message, request: Item, record: Mapping[str, Any], hold: Hold) -> bool:
        """Run a request, record its result, and return whether it succeeded in this or another run."""
        tries = int(record["attributes"]["ApproximateReceiveCount"])
        action = request["action"]
        self._wait_for_its_turn(action, hold)
        reply = self._reply(action, request)
        answer = reply or _no_answer(request)
        give_up = not _is_final(answer)
        if give_up and tries < TRIES:
            at_once = action == TRIGGER_WORKFLOW and reply is not None
            raise PutOffError(
                _delay(answer, tries, at_once=at_once), f"{action} answered {answer.get('errorCode', 'in part')}"
            )
        result = result_item(
            Place(message.batch_id, message.index, action, request.get("record_id")), answer, given_up=give_up
        )
        if not self.store.record(result):
            return True
        record_batched(str(message.batch_id), message.index, answer, given_up=give_up)
        if give_up:
            self.deliveries.give_up(message, record)
        return bool(answer["success"])

    def _reply(self, action: str, request: Item) -> Mapping[str, Any] | None:
        """Return the answer of an action or the error of a refused call; None if the action gave no answer."""
        try:
            return self.functions.call(action, request["payload"])
        except ActionError as refusal:
            return refusal.envelope(_correlation_id(request))

    def _wait_for_its_turn(self, action: str, hold: Hold) -> None:
        if self.deadline.seconds_left() < SECONDS_FOR_A_CALL:
            raise PutOffError(0, "No time is left")
        seconds = self.pace.seconds_until_next(BATCH_ACTIONS[action].limited_as)
        if self.deadline.seconds_left() < seconds + SECONDS_FOR_A_CALL:
            raise PutOffError(seconds, "The turn is too late for this run")
        hold(seconds + SECONDS_FOR_A_CALL + HELD_BEYOND_SECONDS)
        if seconds > 0:
            self.clock.wait(seconds)

    def _mark(self, message: Message, *, success: bool) -> None:
        try:
            self.store.done(message.batch_id, message.index, success=success)
        except ConditionFailedError:  # the batch has expired
            return


def _is_final(answer: Mapping[str, Any]) -> bool:
    """Whether a retry would not change the result: the request succeeded or was refused.

    A success with ``retryable`` is an opportunity of which a part is still to be done.
    """
    if answer["success"]:
        return not answer.get("retryable")
    return not answer["retryable"] and answer["errorCode"] not in _FOR_AN_OPERATOR


_FOR_AN_OPERATOR = {"STIGG_KEY_REJECTED", "NOT_CONFIGURED", "STORAGE_REFUSED"}
"""Refusals that an operator can remove, so that a retry may succeed."""


def _delay(answer: Mapping[str, Any], tries: int, *, at_once: bool) -> float:
    """Return the seconds until a request is tried again.

    A workflow with an unknown outcome is requested again ``at_once``: this does not run it and shows whether its
    outcome can be known.
    """
    if at_once and answer["errorCode"] == "OUTCOME_UNKNOWN":
        return float(answer.get("retryAfterSeconds", 0))
    delay = min(_FIRST_DELAY_SECONDS * 2 ** (tries - 1), _LONGEST_DELAY_SECONDS)
    return float(max(delay, answer.get("retryAfterSeconds", 0)))


def _no_answer(request: Item) -> dict[str, Any]:
    """Return the error for a request whose function crashed, timed out or could not be invoked."""
    problem = "The action gave no answer and may have acted. It is safe to send the same request again."
    return OutcomeUnknown("OUTCOME_UNKNOWN", problem).envelope(_correlation_id(request))


def _correlation_id(request: Item) -> str:
    return str(decimal_json.loads(request["payload"])["correlationId"])
