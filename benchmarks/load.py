"""Many signed callers at once against the local stack, for a bounded time:  make load.

Each caller provisions line after line: a subscription for a record of its own, asked for twice at once, as a Flow that
is run twice does; now and then it cancels one. Told are latencies and errors; and what must not be: an answer of
success without its effect in Stigg, an effect that was made twice, a mapping that says something else.
"""

import argparse
import json
import statistics
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from local.demo.callers import post
from local.stack import LocalStack, local_stack
from stigg_actions.salesforce_ids import record_id

PROVISION = "create-subscription-with-return-data"
CANCELS_EVERY = 5
NO_ANSWER = {"success": False, "errorCode": "no answer in 30 s"}
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass
class Heard:
    """What callers heard: seconds by action, errors, and the subscription that each record was told."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    told: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    canceled: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, action: str, seconds: float, record: str, body: dict[str, Any]) -> None:
        """Note an answer."""
        with self.lock:
            self.seconds[action].append(seconds)
            if not body.get("success"):
                self.errors[f"{action}: {body.get('errorCode')}"] += 1
            elif action == "cancel-subscription":
                self.canceled.add(record)
            else:
                self.told[record].add(str(body["subscriptionId"]))


def main() -> None:
    """Load the stack, tell what was heard, and fail if anything was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--callers", type=int, default=6, help="callers at once (6)")
    parser.add_argument("--seconds", type=int, default=30, help="for how long (30)")
    wanted = parser.parse_args()
    heard, done = Heard(), threading.Event()
    with local_stack() as stack:
        _call(stack, Heard(), PROVISION, _line(0, 0))  # the function starts
        clock = threading.Thread(target=_let_minutes_pass, args=(stack, done))
        clock.start()
        until = time.monotonic() + wanted.seconds
        with ThreadPoolExecutor(wanted.callers) as callers:
            list(callers.map(lambda caller: _sell(stack, heard, caller, until), range(1, wanted.callers + 1)))
        done.set()
        clock.join()
        _tell(heard, wanted.callers, wanted.seconds)
        problems = _problems(stack, heard)
    print(f"\nlost, doubled or mapped wrongly: {len(problems)}")
    if problems:
        raise SystemExit("\n".join(problems))


def _sell(stack: LocalStack, heard: Heard, caller: int, until: float) -> None:
    number = 0
    with ThreadPoolExecutor(2) as pair:
        while time.monotonic() < until:
            number += 1
            line = _line(caller, number)
            list(pair.map(partial(_call, stack, heard, PROVISION), [line, line]))
            if number % CANCELS_EVERY == 0:
                cancel = {"salesforceRecordId": line["salesforceRecordId"], "cancelWhen": "now"}
                _call(stack, heard, "cancel-subscription", cancel)


def _line(caller: int, number: int) -> dict[str, Any]:
    digits = "".join(_ALPHABET[(number // 62**place) % 62] for place in range(3))
    return {
        "customerId": f"load-{caller}-{number}",
        "customerName": f"Customer {caller}-{number}",
        "salesforceRecordId": record_id(f"00k0000000{caller:02}{digits}"),
        "planId": "plan-growth",
        "billingPeriod": "MONTHLY",
        "paymentCollectionMethod": "NONE",
    }


def _call(stack: LocalStack, heard: Heard, action: str, request: dict[str, Any]) -> None:
    began = time.monotonic()
    try:
        body = post(stack.endpoints, action, json.dumps(request), None).body
    except TimeoutError:
        body = NO_ANSWER
    heard.note(action, time.monotonic() - began, request["salesforceRecordId"], body)


def _let_minutes_pass(stack: LocalStack, done: threading.Event) -> None:
    """Move Stigg's clock on, so that its limits of a minute are not what is measured."""
    while not done.wait(0.5):
        stack.stigg.advance(61)


def _tell(heard: Heard, callers: int, seconds: int) -> None:
    print(f"{callers} callers, two requests each at once, for {seconds} s")
    print(f"{'':42} {'calls':>7} {'a second':>9} {'p50, ms':>9} {'p95':>7} {'p99':>7} {'longest':>8}")
    for action, times in sorted(heard.seconds.items()):
        cuts = [cut * 1000 for cut in statistics.quantiles(times, n=100)]
        told = f"{cuts[49]:9.0f} {cuts[94]:7.0f} {cuts[98]:7.0f} {max(times) * 1000:8.0f}"
        print(f"{action:42} {len(times):7} {len(times) / seconds:9.1f} {told}")
    print("errors:", ", ".join(f"{name} x {count}" for name, count in heard.errors.items()) or "none")


def _problems(stack: LocalStack, heard: Heard) -> list[str]:
    """Compare what callers were told with what Stigg holds, and with what a record is mapped to.

    A record of which nobody was told has at most one subscription.
    """
    held: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in stack.stigg.state()["subscriptions"]:
        held[str((one["metadata"] or {}).get("salesforceRecordId"))].append(one)
    problems = [f"{record}: {len(made)} in Stigg" for record, made in held.items() if len(made) > 1]
    for record, told in heard.told.items():
        ids, status = {one["id"] for one in held[record]}, "CANCELED" if record in heard.canceled else "ACTIVE"
        body = post(stack.endpoints, "get-subscription", json.dumps({"salesforceRecordId": record}), None).body
        mapping = body.get("mapping", {})
        if not ids == told == {mapping.get("subscriptionId")} or mapping.get("status") != status:
            problems.append(f"{record}: told {sorted(told)}, in Stigg {sorted(ids)}, mapped to {mapping}")
    return problems


if __name__ == "__main__":
    main()
