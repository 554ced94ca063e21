"""Faults on demand: slow, lost, garbled or failing answers, chosen by method and path.

`cutAfter`, `garbage`, `statusAfter` and `drip` let the effect happen; `cutBefore`, `status` and `hang` do not.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from local.stigg_emulator.answers import Answer

CODES = {
    401: "Unauthenticated",
    403: "AccessDeniedError",
    404: "NotFound",
    408: "OperationTimeout",
    409: "ObjectAlreadyBeingUsedByAnotherRequestError",
    429: "RateLimitExceeded",
}

GARBAGE = b'{"data": {"id": "'


@dataclass
class Fault:
    """One order to misbehave, so many times or until it is deleted. Setting `released` ends its waits."""

    method: str
    path: re.Pattern[str]
    kind: str
    value: object = None
    times: int | None = None
    released: threading.Event = field(default_factory=threading.Event)

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a request is meant."""
        return self.times != 0 and self.method in {"*", method} and self.path.search(path) is not None

    def wait(self) -> None:
        """Wait as long as the value says, or until released."""
        self.released.wait(float(self.value) if isinstance(self.value, int | float) else None)


class Faults:
    """The faults that are in force, first come first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        with self._lock:
            self._faults.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Find the fault that this request meets, and count it."""
        with self._lock:
            fault = next((fault for fault in self._faults if fault.matches(method, path)), None)
            if fault is not None and fault.times is not None:
                fault.times -= 1
            return fault

    def clear(self) -> None:
        """Delete all faults and let everything go on that one of them holds."""
        with self._lock:
            for fault in self._faults:
                fault.released.set()
            self._faults.clear()


def disturbed(fault: Fault, act: Callable[[], Answer]) -> Answer | None:
    """Answer with the fault in the way; None means that the connection is cut."""
    return HANDLERS[fault.kind](fault, act)


def _latency(fault: Fault, act: Callable[[], Answer]) -> Answer:
    fault.wait()
    return act()


def _hang(fault: Fault, _act: Callable[[], Answer]) -> None:
    fault.wait()


def _cut_before(_fault: Fault, _act: Callable[[], Answer]) -> None:
    """Do nothing and answer nothing."""


def _cut_after(_fault: Fault, act: Callable[[], Answer]) -> None:
    act()


def _status(fault: Fault, _act: Callable[[], Answer]) -> Answer:
    return _chosen(fault.value)


def _status_after(fault: Fault, act: Callable[[], Answer]) -> Answer:
    act()
    return _chosen(fault.value)


def _garbage(fault: Fault, act: Callable[[], Answer]) -> Answer:
    body = fault.value.encode() if isinstance(fault.value, str) else GARBAGE
    return replace(act(), body=body)


def _drip(fault: Fault, act: Callable[[], Answer]) -> Answer:
    seconds = fault.value if isinstance(fault.value, int | float) else 1
    return replace(act(), drip=seconds)


def _chosen(value: object) -> Answer:
    """Build an answer from a status, or from `{status, body, headers}`; a body that is text is sent as it is."""
    chosen: dict[str, Any] = value if isinstance(value, dict) else {"status": value}
    status = int(chosen["status"])
    body = chosen.get("body", {"message": f"Emulated {status}", "code": CODES.get(status, "UnexpectedError")})
    return Answer(status, body.encode() if isinstance(body, str) else body, chosen.get("headers", {}))


HANDLERS: dict[str, Callable[[Fault, Callable[[], Answer]], Answer | None]] = {
    "latency": _latency,
    "hang": _hang,
    "cutBefore": _cut_before,
    "cutAfter": _cut_after,
    "status": _status,
    "statusAfter": _status_after,
    "garbage": _garbage,
    "drip": _drip,
}
KINDS = tuple(HANDLERS)
