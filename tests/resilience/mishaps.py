"""What becomes of calls over the network, other than the death of who makes them."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.support.faulty_dynamodb import lost_answer, lost_request, refused
from tests.support.network import Mishap


def _answered(status: int, text: str) -> Mishap:
    """Make the call, and put another answer in the place of its own."""

    def answer(call: Callable[[], Any]) -> httpx.Response:
        call()
        return httpx.Response(status, text=text)

    return answer


def _cut(error: type[httpx.TransportError]) -> Mishap:
    """Make the call, and lose its answer."""

    def cut(call: Callable[[], Any]) -> None:
        call()
        raise error("lost")

    return cut


def no_connection(call: Callable[[], Any]) -> None:  # noqa: ARG001 - it is not made
    """Do not get through to Stigg."""
    raise httpx.ConnectError("no connection")


def timed_out(call: Callable[[], Any]) -> None:  # noqa: ARG001 - it is not made
    """Send a request of which Stigg does nothing, and wait for its answer in vain."""
    raise httpx.ReadTimeout("no answer")


LOST_ANSWERS: dict[str, Mishap] = {
    "connection cut": _cut(httpx.ReadError),
    "timeout": _cut(httpx.ReadTimeout),
    "500 in JSON": _answered(500, '{"message": "Internal error", "code": "UnexpectedError"}'),
    "502 in HTML": _answered(502, "<html><body>Bad gateway</body></html>"),
    "408": _answered(408, '{"message": "Timeout", "code": "OperationTimeout"}'),
    "truncated JSON": _answered(200, '{"data": {"id": "sub-'),
    "empty": _answered(200, ""),
}
"""The effect is there, and no usable answer."""

STIGG_IS_LOST: dict[str, Mishap] = {
    "answers cut": LOST_ANSWERS["connection cut"],
    "answers in HTML": LOST_ANSWERS["502 in HTML"],
    "requests lost": timed_out,
    "no connection": no_connection,
}
"""What may last: the effect is there, or it is not."""

BRIEF_AWS_FAULTS: dict[str, Mishap] = {
    "conflict": refused("TransactionCanceledException", "None", "TransactionConflict"),
    "throttled": refused("ProvisionedThroughputExceededException"),
    "answer lost": lost_answer,
    "request lost": lost_request,
}
LASTING_AWS_FAULTS: dict[str, Mishap] = {
    "throttled": refused("ThrottlingException"),
    "answers lost": lost_answer,
    "requests lost": lost_request,
}
