"""What batches cost, on the local stack:  make bench.

200 requests, with Stigg 50 ms away: as one batch, and one by one over the API as a Flow would send them. Then 1,000
requests in five pages, against the limits that Stigg has: 250 calls of a kind in any minute. Times are of this machine,
on which one Python process plays all of AWS; what counts are the ratios, the calls, and how near the limit.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from local.demo.callers import Answer, post
from local.stack import LocalStack, local_stack
from local.stack.deployment import STACK_NAME
from local.stack.workers import worker_processes

LATENCY_SECONDS = 0.05
SMALL, LARGE, PAGE = 200, 1_000, 200
MINUTE = 60


def main() -> None:
    """Measure, and print a table of each."""
    with local_stack() as stack:
        _warm_up(stack)
        small(stack)
    with local_stack() as stack:
        large(stack)


def small(stack: LocalStack) -> None:
    """Print what 200 requests cost as one batch and one by one."""
    print(f"{SMALL} customers, Stigg {LATENCY_SECONDS * 1000:.0f} ms away")
    print(f"{'':12} {'seconds':>8} {'calls to Stigg':>15} {'failed':>7} {'peak memory of one function, MiB':>34}")
    for name, send in (("one batch", _one_batch), ("one by one", _one_by_one)):
        stack.stigg.reset()
        stack.stigg.fault("*", "/api/", "latency", LATENCY_SECONDS)
        with _measured(stack, name):
            send(stack)


def large(stack: LocalStack) -> None:
    """Print how 1,000 requests are paced."""
    began = time.monotonic()
    for page in range(1, LARGE // PAGE + 1):
        answer = _call(stack, "submit-batch", _page(page))
    answer = _completed(stack, answer)
    calls = [call for call in stack.stigg.state()["calls"] if call["method"] == "POST"]
    moments = sorted(datetime.fromisoformat(call["at"]).timestamp() for call in calls if call["status"] != 429)
    busiest = max(sum(start <= moment < start + MINUTE for moment in moments) for start in moments)
    print(f"\n{LARGE} customers in {LARGE // PAGE} pages, Stigg's limit is 250 a minute")
    print(
        f"  completed in {time.monotonic() - began:.0f} s: {answer['succeeded']} succeeded, {answer['failed']} failed"
    )
    print(f"  busiest minute: {busiest} calls; refused by Stigg (429): {len(calls) - len(moments)}")
    print(f"  from the first call to the last: {len(moments) * MINUTE / (moments[-1] - moments[0]):.0f} a minute")


def _page(page: int) -> dict[str, Any]:
    first = (page - 1) * PAGE
    return {
        "requests": [_request(number) for number in range(first, first + PAGE)],
        "idempotencyKey": "bench",
        "page": page,
        "pages": LARGE // PAGE,
    }


def _request(number: int) -> dict[str, Any]:
    return {"action": "create-customer", "request": {"customerId": f"cust-{number}", "name": f"Customer {number}"}}


def _one_batch(stack: LocalStack) -> None:
    requests = [_request(number) for number in range(SMALL)]
    _completed(stack, _call(stack, "submit-batch", {"requests": requests, "waitSeconds": 20}))


def _one_by_one(stack: LocalStack) -> None:
    for number in range(SMALL, 2 * SMALL):
        _call(stack, "create-customer", _request(number)["request"])


def _completed(stack: LocalStack, answer: dict[str, Any]) -> dict[str, Any]:
    while answer["outcome"] == "running":
        answer = _call(stack, "get-batch", {"batchId": answer["batchId"], "waitSeconds": 5, "limit": 1})
    return answer


def _call(stack: LocalStack, action: str, request: dict[str, Any]) -> dict[str, Any]:
    answer: Answer = post(stack.endpoints, action, json.dumps(request), None)
    if answer.status != 200:
        raise RuntimeError(answer.body)
    return answer.body


def _warm_up(stack: LocalStack) -> None:
    """Let the functions start, which is no part of what is measured."""
    requests = [{"action": "create-customer", "request": {"customerId": f"warm-{number}"}} for number in range(30)]
    _call(stack, "submit-batch", {"requests": requests, "waitSeconds": 20})


@contextmanager
def _measured(stack: LocalStack, name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds = time.monotonic() - began
    calls = stack.stigg.state()["calls"]
    failed = sum(call["status"] >= 400 for call in calls)
    print(f"{name:12} {seconds:8.1f} {len(calls):15} {failed:7} {_peak_memory(stack):34}")


def _peak_memory(stack: LocalStack) -> int:
    """The most memory that any process of worker, submission or action has had, in MiB."""
    functions = ("run-batch", "submit-batch", "create-customer")
    pids = [pid for name in functions for pid in worker_processes(stack.endpoints, f"{STACK_NAME}-{name}")]
    peaks = [
        int(line.split()[1])
        for pid in pids
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    ]
    return max(peaks) // 1024


if __name__ == "__main__":
    main()
