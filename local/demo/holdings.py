"""Describe the contents of Stigg, DynamoDB and Salesforce as short lines, to be printed and compared."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Item = Mapping[str, Any]

MOST_ALIKE = 10
"""The most similar lines that are shown one by one."""


@dataclass(frozen=True)
class Holdings:
    """The contents of Stigg, the tables and the org at one moment, and the number of calls to Stigg's API."""

    stigg: tuple[str, ...]
    dynamodb: tuple[str, ...]
    salesforce: tuple[str, ...]
    calls: int


def holdings(
    state: Item,
    mappings: Sequence[Item],
    operations: Sequence[Item],
    webhooks: Sequence[Item],
    salesforce: tuple[str, ...],
) -> Holdings:
    """Describe the emulator's state and the items of the three tables, beside lines that describe the org."""
    return Holdings(
        stigg=tuple(_stigg(state)),
        dynamodb=(
            *(line for item in mappings for line in _mapping(item)),
            *(
                _operation(item) for item in operations if "status" in item
            ),  # an item without a status leads to an operation from a later call
            *map(_webhook, webhooks),
        ),
        salesforce=salesforce,
        calls=len(state["calls"]),
    )


def changes(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    """Return the removed lines (`- ...`) and the new ones (`+ ...`), in alphabetical order."""
    removed, added = Counter(before), Counter(after)
    return (
        *(f"- {line}" for line in together((removed - added).elements())),
        *(f"+ {line}" for line in together((added - removed).elements())),
    )


def together(lines: Iterable[str]) -> list[str]:
    """Sort lines. More than ten that differ only in numbers become one: `197 x customer import-#`."""
    all_lines = list(lines)
    alike = Counter(map(_without_numbers, all_lines))
    many = {line for line, count in alike.items() if count > MOST_ALIKE}
    few = [line for line in all_lines if _without_numbers(line) not in many]
    return sorted([*few, *(f"{alike[line]} x {line}" for line in many)])


def _without_numbers(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _stigg(state: Item) -> Iterator[str]:
    for customer in state["customers"]:
        yield f"customer {customer['id']}, {customer['name']}"
    for subscription in state["subscriptions"]:
        parts = [subscription["planId"], *(f"{addon['id']} x {addon['quantity']}" for addon in subscription["addons"])]
        yield f"subscription {' + '.join(parts)}: {subscription['status']}"
    for contract in state["contracts"]:
        yield f"contract {contract['name']} with {len(contract['subscriptions'])} x subscription: {contract['state']}"
    for grant in state["grants"]:
        yield f"credit grant {grant['amount']} x {grant['currencyId']}: {grant['status']}"
    for promotion in state["promotions"]:
        yield f"promotion of {promotion['featureId']}, {promotion['period']}: {promotion['status']}"
    for invoice in state["invoices"]:
        overdue = ", overdue" if invoice["overdue"] else ""
        yield f"invoice {invoice['total']} {invoice['currency']}: {invoice['state']}{overdue}"
    for report in state["usage"]:
        yield f"usage {report['value']} x {report['featureId']}"
    for run in state["workflowRuns"]:
        yield f"{'test' if run['isTest'] else 'live'} run of {run['triggerId']} with {_names(run['payload'])}"


def _names(payload: Item | None) -> str:
    return ", ".join(sorted(payload or {})) or "no payload"


def _webhook(item: Item) -> str:
    detail = item["told"]
    by_hand = ", changed outside" if detail["changedOutside"] else ""
    return f"event for the bus: {item['detail_type']}, {detail['type']}{by_hand}"


def _mapping(item: Item) -> Iterator[str]:
    """Describe an item of the mappings. Items that lead from a subscription to its record are left out."""
    match item["sk"].split("#")[0]:
        case "account":
            yield f"account {item['account_id']} is {item['customer_id']}"
        case "customer":
            lease = ", a write is under way" if item.get("lease") else ""
            yield f"customer {item['customer_id']} is known{lease}"
        case "resource":
            yield f"customer {item['customer_id']}{_on(item)}: {len(item['live'])} live"
        case "record" if item.get("claim") and "latest" not in item:
            return  # claimed by a write that did not provision
        case "record":
            upcoming = f", then {item['upcoming']['plan_id']}" if item.get("upcoming") else ""
            yield f"record {item['record_id']} has {_mapped(item.get('current'))}{upcoming}"
        case "history":
            yield f"record {item['record_id']} was {item['event']}"


def _on(item: Item) -> str:
    return f" on {item['resource_id']}" if "resource_id" in item else ""


def _mapped(current: Item | None) -> str:
    return f"{current['plan_id']}, {current['status']}" if current else "none"


def _operation(item: Item) -> str:
    return f"operation {item['kind']}, attempt {item['attempt']}: {item['status']}"
