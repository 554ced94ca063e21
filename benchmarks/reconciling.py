"""How many subscriptions a run of reconcile compares, on the local stack:  make bench-reconcile.

5,000 subscriptions with their mappings, some of which were changed in Stigg's app; Stigg answers at once, and then as
late as a distant one may. Printed are the seconds of a round, those of one page, and what follows from them for 100,000
subscriptions under the limits of the schedule, of a run, and of Stigg. Times are of this machine, on which one Python
process plays all of AWS and another one all of Stigg.
"""

import json
import math
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import batched
from typing import Any

import boto3
from botocore.config import Config

from local.stack import LocalStack, local_stack
from local.stack.deployment import SALESFORCE_ORG_ID
from stigg_actions.clock import Deadline, SystemClock
from stigg_actions.models.reconcile import Reconcile
from stigg_actions.reconciliation.reconcile import SECONDS_BETWEEN_PAGES
from stigg_actions.salesforce_ids import record_id
from stigg_actions.storage import mapping_items
from stigg_actions.storage.dynamodb import Database, Item
from stigg_actions.storage.mapping import (
    CustomerState,
    LiveSubscription,
    MappedSubscription,
    RecordState,
    ResourceState,
    SubscriptionState,
)

SUBSCRIPTIONS, CHANGED, LARGE, PAGE = 5_000, 50, 100_000, 100
LATENCIES = (0.0, 0.25, 0.5, 1.0)
EVERY_SECONDS = 300
"""The schedule of the template."""


def main() -> None:
    """Measure a round that finds nothing for each latency, then one that mends; print what follows."""
    with local_stack() as stack:
        _stop_the_schedule(stack)
        _fill(stack)
        _reconcile(stack)  # the function starts
        print(f"{SUBSCRIPTIONS:,} subscriptions, {SUBSCRIPTIONS // PAGE} pages; a round that finds nothing\n")
        print(f"{'Stigg answers after, s':>23} {'round, s':>9} {'a page, s':>10} {f'{LARGE:,} take, minutes':>24}")
        for latency in LATENCIES:
            _measure(stack, latency)
        _measure_mending(stack)


def _measure(stack: LocalStack, latency: float) -> None:
    stack.stigg.clear_faults()
    if latency:
        stack.stigg.fault("GET", "/subscriptions", "latency", latency)
    seconds, answer = _reconcile(stack)
    if answer["subscriptionsCompared"] != SUBSCRIPTIONS or not answer["complete"] or answer["mended"]:
        raise RuntimeError(answer)
    a_page = seconds * PAGE / SUBSCRIPTIONS
    print(f"{latency:23.2f} {seconds:9.1f} {a_page:10.3f} {_minutes(a_page):24.0f}")


def _measure_mending(stack: LocalStack) -> None:
    stack.stigg.clear_faults()
    for number in range(CHANGED):
        body = {"cancellationTime": "IMMEDIATE"}
        stack.stigg.by_hand("POST", f"/api/v1/subscriptions/sub-{number * 97}/cancel", body)
    seconds, answer = _reconcile(stack)
    mended = sum(one["mended"] for one in answer["mended"])
    print(f"\na round that mends {mended} of {CHANGED} mappings: {seconds:.1f} s")


def _minutes(a_page: float) -> float:
    """Return how long a round of a large account takes: runs of so many seconds, one for each turn of the schedule."""
    work = LARGE / PAGE * max(a_page, SECONDS_BETWEEN_PAGES)
    full_runs = math.floor(work / Reconcile.longest_seconds)
    return (full_runs * EVERY_SECONDS + work - full_runs * Reconcile.longest_seconds) / 60


def _reconcile(stack: LocalStack) -> tuple[float, dict[str, Any]]:
    patient = Config(read_timeout=Reconcile.longest_seconds, retries={"total_max_attempts": 1})
    client = boto3.client("lambda", **{**stack.ministack.client_settings(), "config": patient})
    began = time.monotonic()
    with closing(client):
        answer = client.invoke(FunctionName=stack.endpoints.functions["reconcile"], Payload="{}")
        body = json.loads(answer["Payload"].read())
    return time.monotonic() - began, body


def _stop_the_schedule(stack: LocalStack) -> None:
    """Let no other run come in between: it would share the round."""
    events = boto3.client("events", **stack.ministack.client_settings())
    for rule in events.list_rules()["Rules"]:
        events.disable_rule(Name=rule["Name"])


def _fill(stack: LocalStack) -> None:
    """Make customers and subscriptions in Stigg, as by hand, and their mappings, as the actions would have."""
    for number in range(SUBSCRIPTIONS):
        stack.stigg.by_hand("POST", "/api/v1/customers", {"id": f"cust-{number}", "name": f"Customer {number}"})
        stack.stigg.by_hand("POST", "/api/v1/subscriptions", _subscription(number))
    client = boto3.client("dynamodb", **stack.ministack.client_settings())
    database = Database(client, Deadline.after(SystemClock(), 600))
    table = stack.deployment.outputs["SubscriptionMappingsTableName"]
    for some in batched(_items(), 25, strict=False):
        database.write(table, some)


def _subscription(number: int) -> dict[str, Any]:
    return {
        "id": f"sub-{number}",
        "customerId": f"cust-{number}",
        "planId": "plan-growth",
        "billingPeriod": "MONTHLY",
        "paymentCollectionMethod": "NONE",
        "addons": [{"id": "addon-seats", "quantity": 5}],
        "metadata": {"salesforceOrgId": SALESFORCE_ORG_ID, "salesforceRecordId": _record(number), "tier": "gold"},
    }


def _items() -> Iterator[Item]:
    for number in range(SUBSCRIPTIONS):
        one, customer, record = f"sub-{number}", f"cust-{number}", _record(number)
        current = MappedSubscription(one, "plan-growth", "ACTIVE", "provision-bench")
        live = LiveSubscription(one, "plan-growth", None, SALESFORCE_ORG_ID, record)
        owner = (SALESFORCE_ORG_ID, record)
        yield mapping_items.customer_item(CustomerState(customer, version=1))
        yield mapping_items.resource_item(ResourceState(customer, version=1, live={one: live}))
        yield mapping_items.record_item(RecordState(*owner, customer, version=1, current=current))
        yield mapping_items.subscription_item(SubscriptionState(one, customer, "plan-growth", None, *owner))


def _record(number: int) -> str:
    return record_id(f"00k0000000{number:05}")


if __name__ == "__main__":
    main()
