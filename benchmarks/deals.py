"""How long a big deal takes:  make bench-deals.

200 lines over 20 plans of different products, and 200 plans, sent every minute until the deal is complete. Stigg is the
emulator on this machine, which answers each call 50 ms late and sells a customer 30 plans a minute; the tables are in
memory. Printed are, for each call of the action, its seconds, its calls to Stigg, and how many lines it completed.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local.stigg_emulator.catalog import DEFAULT_PATH
from local.stigg_emulator.hosting import HostedEmulator, running_emulator
from tests.support.aws import AwsInProcess
from tests.support.deals import ACTION, Body, deal
from tests.support.harness import Harness, running_harness
from tests.support.tables import fresh_tables

LATENCY = 0.05
LINES = 200
PLANS = (20, 200)
ADDONS, FEATURES = 4, 5


def main() -> None:
    """Measure a deal of each number of plans."""
    print(f"Stigg answers after {LATENCY * 1000:.0f} ms; {LINES} lines\n")
    print(f"{'plans':>5} {'call':>5} {'seconds':>8} {'calls to Stigg':>15} {'outcome':>10} {'lines completed':>16}")
    for plans in PLANS:
        with ExitStack() as resources:
            aws = AwsInProcess()
            tables, stigg = resources.enter_context(fresh_tables(aws)), resources.enter_context(_emulator(plans))
            actions = resources.enter_context(running_harness(aws, tables, stigg))
            for method in ("GET", "POST", "PUT", "PATCH"):
                stigg.fault(method, "/api/v1/", "latency", LATENCY)
            _measure(actions, plans)


def _measure(actions: Harness, plans: int) -> None:
    """Send the deal until it is complete, a minute after each partial answer."""
    request, call, outcome = deal(*_lines(plans)), 0, ""
    while outcome not in {"provisioned", "unchanged"}:
        call, before, begun = call + 1, _calls(actions), actions.clock.now()  # which passes where the action waits
        body = actions.post(ACTION, request).body
        seconds, outcome = actions.clock.now() - begun, body["outcome"]
        done = len(body["lines"]) - body["notStartedCount"] - body["failedCount"]
        if {line.get("errorCode") for line in body["lines"]} - {None, "RATE_LIMITED"}:
            raise RuntimeError(body)
        actions.emulator.advance(60)
        print(f"{plans:5} {call:5} {seconds:8.1f} {_calls(actions) - before:15} {outcome:>10} {done:16}")


def _calls(actions: Harness) -> int:
    return len(actions.emulator.state()["calls"])


def _lines(plans: int) -> Iterator[Body]:
    """Yield the lines: each plan with its share of add-ons and entitlements."""
    parts = [("Add-on", f"addon-{number}") for number in range(ADDONS)]
    parts += [("Entitlement", f"feature-{number}") for number in range(FEATURES)]
    for number in range(LINES):
        plan, part = divmod(number, LINES // plans)
        stigg_type, stigg_id = parts[part - 1] if part else ("Plan", f"plan-{plan}")
        line = {"salesforceLineItemId": _line_id(number), "stiggType": stigg_type, "stiggId": stigg_id, "quantity": 3}
        yield line if part == 0 else {**line, "planLineItemId": _line_id(plan * (LINES // plans))}


def _line_id(number: int) -> str:
    return f"00k{number:012}AAA"


@contextmanager
def _emulator(plans: int) -> Iterator[HostedEmulator]:
    """Run an emulator whose catalog has that many plans, each of a product of its own, with the same add-ons."""
    catalog = json.loads(DEFAULT_PATH.read_text(encoding="utf-8"))
    (plan,) = [item for item in catalog["plans"] if item["id"] == "plan-growth"]
    product, addon, feature = catalog["products"][0], catalog["addons"][0], catalog["features"][0]
    addons = [addon | {"id": f"addon-{number}"} for number in range(ADDONS)]
    numbers = range(plans)
    made = [
        plan | {"id": f"plan-{n}", "productId": f"product-{n}", "addons": [one["id"] for one in addons]}
        for n in numbers
    ]
    catalog["products"] += [product | {"id": f"product-{number}"} for number in numbers]
    catalog |= {"plans": [*catalog["plans"], *made], "addons": [*catalog["addons"], *addons]}
    catalog["features"] += [feature | {"id": f"feature-{number}"} for number in range(FEATURES)]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(json.dumps(catalog))
        file.flush()
        with running_emulator(catalog=Path(file.name)) as emulator:
            yield emulator


if __name__ == "__main__":
    main()
