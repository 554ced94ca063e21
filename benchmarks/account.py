"""How long a warm get-customer takes, against the sum of its reads:  make bench-account.

Stigg is the emulator on this machine, which answers each read 50 ms late; the tables are in memory. Printed are the
medians of so many calls: of one read, of the six reads one after another, and of get-customer.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from statistics import median

from local.stigg_emulator.hosting import running_emulator
from stigg_actions.deps import Container
from stigg_actions.stigg.request import StiggRequest
from stigg_actions.stigg.transport import Transport
from tests.support.aws import AwsInProcess
from tests.support.harness import Harness, running_harness
from tests.support.requests import grant, sold
from tests.support.tables import fresh_tables

CALLS, LATENCY = 20, 0.05
ACME = {"customerId": "cust-acme"}
OF_A_CUSTOMER = ("", "/entitlements", "/invoices", "/contracts")
LISTS = ("/api/v1/subscriptions", "/api/v1/credits/grants")


def main() -> None:
    """Fill an account, and measure."""
    with ExitStack() as resources:
        aws = AwsInProcess()
        tables, stigg = resources.enter_context(fresh_tables(aws)), resources.enter_context(running_emulator())
        actions = resources.enter_context(running_harness(aws, tables, stigg))
        sold(actions, paymentCollectionMethod="INVOICE")
        actions.ok("create-credit-grant", grant())
        wire = Transport(stigg.url)
        container = actions.container(wire)
        stigg.fault("GET", "/api/v1/", "latency", LATENCY)
        reads = [_seconds(partial(_read, actions, path, wire)) for path in _paths()]
        whole = _seconds(lambda: _get_customer(actions, container))
    print(f"Stigg answers after {LATENCY * 1000:.0f} ms; medians of {CALLS} calls\n")
    print(f"slowest of its {len(reads)} reads   {max(reads) * 1000:6.0f} ms")
    print(f"sum of its reads          {sum(reads) * 1000:6.0f} ms")
    print(f"get-customer, warm        {whole * 1000:6.0f} ms")


def _paths() -> list[str]:
    return [*(f"/api/v1/customers/cust-acme{tail}" for tail in OF_A_CUSTOMER), *LISTS]


def _read(actions: Harness, path: str, wire: Transport) -> None:
    query = ACME if path in LISTS else {}
    reply = wire.exchange(StiggRequest("GET", path, query=query), api_key=actions.emulator.key, seconds=10)
    if reply.status != 200:
        raise RuntimeError(reply.text)


def _get_customer(actions: Harness, container: Container) -> None:
    body = actions.post("get-customer", ACME, container).body
    if body["outcome"] != "found":
        raise RuntimeError(body)


def _seconds(call: Callable[[], None]) -> float:
    """Return the median duration of a call, after one that warms it up."""
    call()
    durations = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        call()
        durations.append(time.perf_counter() - begun)
    return median(durations)


if __name__ == "__main__":
    main()
