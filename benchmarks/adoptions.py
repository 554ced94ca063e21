"""What a move from Stigg's own app costs, on the local stack:  make bench-adopt (ADOPTIONS=1000).

Subscriptions that were sold in the app, one for each of as many customers, are adopted from one file, as an operator
does it: scripts/stigg-actions adopt. Stigg is 50 ms away and takes 250 changes of subscriptions in any minute. The
file is adopted three times, each time on a stack of its own: undisturbed; with the operator's program killed in the
middle and started again; and with the functions killed that run the batch and that adopt.
"""

import argparse
import csv
import json
import os
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.stack import LocalStack, local_stack
from local.stack.deployment import STACK_NAME
from local.stack.template import ROOT
from local.stack.workers import worker_processes
from stigg_actions.salesforce_ids import record_id

LATENCY_SECONDS = 0.05
MINUTE = 60
A_MINUTE = 240
"""Writes that a batch sends in a minute, of the 250 that Stigg allows (parameter BatchWritesPerMinute)."""
TEN_THOUSAND = 10_000
SECONDS_INTO_A_PAGE = 5
"""A kill comes so long after half of the rows have their results: in the middle of the next page."""

type Kill = Callable[[LocalStack, subprocess.Popen[str]], None]


@dataclass(frozen=True)
class Measured:
    """A run over a file: the seconds it took, what the program printed at its end, and Stigg's state afterwards."""

    seconds: float
    document: dict[str, Any]
    state: dict[str, Any]


def main() -> None:
    """Adopt a file undisturbed and with two kills, and print what each run took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adoptions", description=__doc__)
    parser.add_argument("--adoptions", type=int, default=1_000, help="rows of the file (1000)")
    parser.add_argument("--once", action="store_true", help="the undisturbed run only")
    wanted = parser.parse_args()
    print(f"{wanted.adoptions} adoptions, Stigg {LATENCY_SECONDS * 1000:.0f} ms away, 250 changes a minute\n")
    runs: dict[str, Kill | None] = {"undisturbed": None}
    if not wanted.once:
        runs |= {"program killed": _kill_program, "functions killed": _kill_functions}
    for name, kill in runs.items():
        _print(name, wanted.adoptions, _run(wanted.adoptions, kill))


def _run(rows: int, kill: Kill | None) -> Measured:
    """Sell, adopt and measure on a stack of its own."""
    with local_stack() as stack, tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "lines.csv")
        _sell(stack, rows, file)
        stack.stigg.fault("*", "/api/", "latency", LATENCY_SECONDS)
        began = time.monotonic()
        document = _adopted(stack, file, kill, rows)
        return Measured(time.monotonic() - began, document, stack.stigg.state())


def _sell(stack: LocalStack, rows: int, file: Path) -> None:
    """Sell subscriptions in Stigg's own app, and write the export that names their records."""
    terms = {"planId": "plan-growth", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "NONE"}
    with file.open("w", newline="") as opened:
        lines = csv.writer(opened)
        lines.writerow(("Id", "AccountId", "Stigg_Subscription_ID__c"))
        for row in range(rows):
            customer_id = f"cust-{row}"
            stack.stigg.by_hand("POST", "/api/v1/customers", {"id": customer_id, "name": f"Customer {row}"})
            stack.stigg.by_hand(
                "POST", "/api/v1/subscriptions", {"id": f"sub-{row}", "customerId": customer_id, **terms}
            )
            lines.writerow((record_id(f"00k5g0000{row:06}"), record_id(f"0015g0000{row:06}"), f"sub-{row}"))


def _adopted(stack: LocalStack, file: Path, kill: Kill | None, rows: int) -> dict[str, Any]:
    """Run the program over a file until it has ended by itself; return what it printed."""
    with _program(stack, file) as program:
        if kill is not None:
            _wait_for_the_middle(file, rows, program)
            kill(stack, program)
        printed, _ = program.communicate()
    return dict(json.loads(printed)) if printed else _adopted(stack, file, None, rows)


@contextmanager
def _program(stack: LocalStack, file: Path) -> Iterator[subprocess.Popen[str]]:
    port = str(urlsplit(stack.endpoints.aws).port)
    command = [str(ROOT / "scripts" / "stigg-actions"), "adopt", str(file), "--local", "--port", port, "--json"]
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with subprocess.Popen(  # noqa: S603 - our own program
        command,
        env={**own, "NO_PROXY": "127.0.0.1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as program:
        yield program


def _wait_for_the_middle(file: Path, rows: int, program: subprocess.Popen[str]) -> None:
    """Wait until half of the rows have results, and then into the page that follows."""
    while program.poll() is None and _rows_with_results(file) < rows // 2:
        time.sleep(0.1)
    time.sleep(SECONDS_INTO_A_PAGE)


def _rows_with_results(file: Path) -> int:
    return sum(len(path.read_text().splitlines()) - 1 for path in file.parent.glob("*.results-*.csv"))


def _kill_program(_: LocalStack, program: subprocess.Popen[str]) -> None:
    os.killpg(program.pid, signal.SIGKILL)


def _kill_functions(stack: LocalStack, _: subprocess.Popen[str]) -> None:
    for function in ("run-batch", "adopt-subscription"):
        for process in worker_processes(stack.endpoints, f"{STACK_NAME}-{function}"):
            os.kill(process, signal.SIGKILL)


def _print(name: str, rows: int, run: Measured) -> None:
    """Print what a run took and left in Stigg, and what 10,000 adoptions take at its pace."""
    calls = run.state["calls"]
    refused = sum(call["status"] == 429 for call in calls)
    changes = [call for call in calls if call["method"] == "PATCH" and call["status"] == 200]
    times = sorted(datetime.fromisoformat(call["at"]).timestamp() for call in changes)
    busiest = max(sum(start <= moment < start + MINUTE for moment in times) for start in times)
    by_path = Counter(call["path"] for call in changes)
    pace = _pace(times)
    methods = Counter(call["method"] for call in calls)
    print(f"{name}: {run.seconds:.0f} s; {run.document['succeeded']} succeeded, {run.document['failed']} failed")
    print(f"  calls to Stigg: {len(calls) / rows:.2f} an adoption {dict(sorted(methods.items()))}; refused: {refused}")
    print(f"  marked: {_marked(run.state)}; changed twice: {sum(count > 1 for count in by_path.values())}")
    print(f"  busiest minute: {busiest} changes; pace: {pace:.0f} a minute", flush=True)
    if "killed" not in name:
        projected = run.seconds / MINUTE + (TEN_THOUSAND - rows) / pace
        print(f"  {TEN_THOUSAND:,} at this pace: {projected:.0f} minutes", flush=True)


def _pace(times: list[float]) -> float:
    """Return the changes in a minute, over as many whole minutes' worth of them as there are."""
    changes = (len(times) - 1) // A_MINUTE * A_MINUTE or len(times) - 1
    return changes * MINUTE / (times[changes] - times[0])


def _marked(state: dict[str, Any]) -> int:
    """Count the subscriptions that name their own record."""
    marks = {one["id"]: (one["metadata"] or {}).get("salesforceRecordId") for one in state["subscriptions"]}
    return sum(marks[name] == record_id(f"00k5g0000{int(name[4:]):06}") for name in marks)


if __name__ == "__main__":
    main()
