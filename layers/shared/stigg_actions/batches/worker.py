"""Running the requests of batches: each by the function of its own action, those of one customer in their order.

What SQS delivers twice is run once: a request that has its result is only marked as done. What was run without its
result being recorded is sent to its action again, whose ledger answers what was done. A request is only run while its
message, and those of its customer behind it, are held for longer than the run can take: so no two workers run what is
one customer's, and what a worker held that was killed is free a minute later. A request that cannot be run now
goes back to the queue with all of its customer's; after the last try it gets its failure as its result, and its message
goes to the queue of what was given up, from which it can be sent again.
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
"""Deliveries after which a request is given up. The queue itself gives up later, what nobody could even begin."""

SECONDS_FOR_A_CALL = 32.0
"""What an action takes at most, and recording what came of it."""

HELD_BEYOND_SECONDS = 13.0
"""Messages are held so much longer than the run of the first of them takes at most."""

_FIRST_DELAY_SECONDS = 5
_LONGEST_DELAY_SECONDS = 300


class PutOffError(Exception):
    """A request goes back to the queue for so many seconds."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(f"{reason}; again in {seconds:.0f} s")
        self.seconds = seconds


class Worker(NamedTuple):
    """Runs requests, within the time of one invocation."""

    store: BatchStore
    functions: ActionInvoker
    pace: RateLimiter
    deliveries: FifoProcessor
    clock: Clock
    deadline: Deadline

    def run(self, record: Mapping[str, Any], hold: Hold) -> None:
        """Run the request of one record of SQS, unless it has its result; ``hold`` keeps it from other workers.

        Raises:
            PutOffError: it cannot be run now.
            LostError: another worker has it.
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
        """Run a request, record its result, and return whether it succeeded, now or in another run of it."""
        tries = int(record["attributes"]["ApproximateReceiveCount"])
        action = request["action"]
        self._wait_for_its_turn(action, hold)
        told = self._told(action, request)
        answer = told or _no_answer(request)
        give_up = not _is_final(answer)
        if give_up and tries < TRIES:
            at_once = action == TRIGGER_WORKFLOW and told is not None
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

    def _told(self, action: str, request: Item) -> Mapping[str, Any] | None:
        """Return the answer of an action, None if it gave none; what Lambda refuses is answered as the action would."""
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
    """Whether asking again is of no use: it is done, or refused.

    A success that says ``retryable`` is an opportunity of which a part is still to be done.
    """
    if answer["success"]:
        return not answer.get("retryable")
    return not answer["retryable"] and answer["errorCode"] not in _FOR_AN_OPERATOR


_FOR_AN_OPERATOR = {"STIGG_KEY_REJECTED", "NOT_CONFIGURED", "STORAGE_REFUSED"}
"""Refusals that are not the request's fault: it is tried again, for the cause may be mended meanwhile."""


def _delay(answer: Mapping[str, Any], tries: int, *, at_once: bool) -> float:
    """Return the seconds until a request is tried again.

    A workflow of unknown outcome is asked for again ``at_once``: that runs nothing, and tells whether it can be known.
    """
    if at_once and answer["errorCode"] == "OUTCOME_UNKNOWN":
        return float(answer.get("retryAfterSeconds", 0))
    delay = min(_FIRST_DELAY_SECONDS * 2 ** (tries - 1), _LONGEST_DELAY_SECONDS)
    return float(max(delay, answer.get("retryAfterSeconds", 0)))


def _no_answer(request: Item) -> dict[str, Any]:
    """Return the answer to a request whose function crashed, ran out of time or could not be called."""
    problem = "The action gave no answer and may have acted; sending the same request again is safe."
    return OutcomeUnknown("OUTCOME_UNKNOWN", problem).envelope(_correlation_id(request))


def _correlation_id(request: Item) -> str:
    return str(decimal_json.loads(request["payload"])["correlationId"])
