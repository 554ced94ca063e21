"""A DynamoDB client that behaves as AWS does and a stand-in does not: conflicts, throttling, lost answers, tokens."""

from collections.abc import Callable
from functools import partial
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.support.network import CrashError

type Fault = Callable[[Callable[[], Any]], Any]


def refused(code: str, *reasons: str) -> Fault:
    """Refuse a call with an error code and, for a transaction, a reason for each of its items; nothing happens."""

    def raise_error(call: Callable[[], Any]) -> Any:  # noqa: ANN401, ARG001 - the call is not made
        response: Any = {"Error": {"Code": code, "Message": code}}
        if reasons:
            response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
        raise ClientError(response, "TransactWriteItems")

    return raise_error


def still_in_progress(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - nothing is answered
    """Make the call, and answer that it is still being made."""
    call()
    refused("TransactionInProgressException")(call)


def lost_answer(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - nothing is answered
    """Make the call, and lose its answer."""
    call()
    raise ReadTimeoutError(endpoint_url="http://127.0.0.1")


def lost_request(call: Callable[[], Any]) -> Any:  # noqa: ANN401, ARG001 - the call is not made
    """Lose the call itself."""
    raise ReadTimeoutError(endpoint_url="http://127.0.0.1")


def died_before(call: Callable[[], Any]) -> Any:  # noqa: ANN401, ARG001 - the call is not made
    """Die as a process that is killed, before the call."""
    raise CrashError


def died_after(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - nothing is answered
    """Make the call, and die."""
    call()
    raise CrashError


class FaultyDynamoDB:
    """A client whose calls meet faults: for each operation a list, taken in order; None lets a call pass."""

    def __init__(self, client: Any, **faults: list[Fault | None]) -> None:  # noqa: ANN401 - any client
        self._client = client
        self._faults = faults
        self._committed: set[str] = set()

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
        """Return an operation under its next fault."""

        def call(**arguments: Any) -> Any:  # noqa: ANN401 - any operation's arguments
            waiting = self._faults.get(operation, [])
            fault = waiting.pop(0) if waiting else None
            made = partial(self._make, operation, arguments)
            return made() if fault is None else fault(made)

        return call

    def _make(self, operation: str, arguments: dict[str, Any]) -> Any:  # noqa: ANN401 - any operation's answer
        """Make a call; a transaction whose token has been committed has no second effect."""
        token = arguments.get("ClientRequestToken")
        if token in self._committed:
            return {}
        answer = getattr(self._client, operation)(**arguments)
        if token is not None:
            self._committed.add(token)
        return answer


class PressedDynamoDB(FaultyDynamoDB):
    """A client whose first reads of many items are answered with nothing, all of it unprocessed."""

    def __init__(self, client: Any, reads: int) -> None:  # noqa: ANN401 - any client
        super().__init__(client)
        self._reads = reads

    def batch_get_item(self, **arguments: Any) -> Any:  # noqa: ANN401 - as boto3's
        """Read, or leave everything for later."""
        self._reads -= 1
        if self._reads >= 0:
            return {"Responses": {}, "UnprocessedKeys": arguments["RequestItems"]}
        return self._client.batch_get_item(**arguments)
