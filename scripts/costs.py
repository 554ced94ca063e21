"""Compute the AWS costs of calls and of a month, and write them to docs/deploy.md:  make docs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from local.stack.template import ROOT
from scripts import monthly_costs, prices
from scripts.monthly_costs import LOGGED_GIGABYTES, SECONDS_A_MONTH, Item

DOCUMENT = ROOT / "docs" / "deploy.md"

# Assumptions that were not measured on AWS.
SECONDS = Decimal("0.5")
"""The duration of a call, which is mostly the wait for Stigg. A function has 1 GB of memory."""
SECONDS_OF_THE_PUBLISHER = Decimal("0.05")
TRACED_OF_THE_OTHERS = Decimal("0.05")
"""X-Ray traces the first request of each second, and this share of the others."""
CALLS_A_MONTH = 1_000_000
"""The calls that the table of a million is about: all in one month, at random moments."""
CENT = Decimal("0.01")
TRAFFICS = (100_000, 1_000_000, 10_000_000, 100_000_000)
"""Calls a month for which the share of traced calls is shown."""


@dataclass(frozen=True)
class Units:
    """The DynamoDB request units of one call, which tests/budgets/test_costs.py checks."""

    reads: int
    writes: int

    @property
    def is_published(self) -> bool:
        """Whether the call is a write, which is published as an event."""
        return self.writes > 0


UNITS = {
    "create-customer": Units(3, 13),
    "create-subscription": Units(4, 25),
    "update-subscription": Units(6, 23),
    "cancel-subscription": Units(6, 23),
    "cancel-scheduled-update": Units(6, 28),
    "migrate-subscription": Units(6, 23),
    "mark-invoice-paid": Units(6, 25),
    "transfer-subscription": Units(7, 25),
    "delegate-subscription": Units(9, 29),
    "adopt-subscription": Units(7, 25),
    "import-customer": Units(3, 13),
    "import-subscription": Units(5, 27),
    "create-credit-grant": Units(3, 14),
    "archive-customer": Units(6, 22),
    "provision-contract": Units(5, 27),
    "archive-contract": Units(8, 25),
    "void-credit-grant": Units(5, 19),
    "report-usage": Units(2, 10),
    "grant-promotional-entitlement": Units(3, 15),
    "revoke-promotional-entitlement": Units(3, 17),
    "provision-opportunity": Units(11, 44),
    "trigger-workflow": Units(0, 7),
    "get-subscription": Units(2, 0),
}


COMPANIES: dict[str, dict[str, int]] = {
    "small": {"provision-opportunity": 20, "update-subscription": 10, "get-subscription": 200},
    "middle": {"provision-opportunity": 400, "update-subscription": 200, "get-subscription": 4_000},
    "large": {"provision-opportunity": 8_000, "update-subscription": 4_000, "get-subscription": 80_000},
}
"""Calls a month of three companies: deals won, amendments, and screens that are opened. Estimates, not measurements."""
EVENTS_OF_A_WRITE = 2
"""Events that go into Salesforce for each write: its own, and that of Stigg's webhook."""


def traced(calls_a_month: int) -> Decimal:
    """Return the share of calls that X-Ray traces, if they come at random moments of a month."""
    a_second = Decimal(calls_a_month) / SECONDS_A_MONTH
    first = (1 - (-a_second).exp()) / a_second
    return first + TRACED_OF_THE_OTHERS * (1 - first)


def parts(units: Units, calls_a_month: int = CALLS_A_MONTH) -> dict[str, Decimal]:
    """Return the costs of a million calls by item, in US dollars, if the stack gets so many calls a month."""
    traces = traced(calls_a_month) * prices.TRACE.dollars
    event = monthly_costs.a_million_runs(SECONDS_OF_THE_PUBLISHER) + prices.EVENT.dollars + traces
    return {
        "API Gateway": prices.API_CALL.dollars,
        "Lambda": monthly_costs.a_million_runs(SECONDS),
        "DynamoDB": units.reads * prices.READ_UNIT.dollars + units.writes * prices.WRITE_UNIT.dollars,
        "logs": LOGGED_GIGABYTES * prices.LOGGED_GIGABYTE.dollars,
        "traces": traces,
        "event": event if units.is_published else Decimal(0),
    }


def company(calls: Mapping[str, int]) -> dict[str, Decimal]:
    """Return what a company with these calls a month pays in a month by item, in US dollars."""
    in_all = sum(calls.values())
    metrics = monthly_costs.METRICS_OF_A_ROUTE + monthly_costs.METRICS_OF_AN_ACTION + monthly_costs.METRICS_OF_A_FAILURE
    events = EVENTS_OF_A_WRITE * sum(number for action, number in calls.items() if UNITS[action].is_published)
    sent = sum(monthly_costs.written_back().values()) + prices.EVENT.dollars
    of_calls = [number * sum(parts(UNITS[action], in_all).values()) for action, number in calls.items()]
    return {
        "a stack without calls": sum((item.dollars for item in monthly_costs.idle().values()), Decimal(0)),
        "metrics of these actions": len(calls) * metrics * prices.METRIC.dollars,
        "the secret of the Salesforce org": prices.SECRET.dollars,
        "the calls": sum(of_calls, Decimal(0)) / monthly_costs.MILLION,
        "events into Salesforce": events * sent / monthly_costs.MILLION,
    }


def rendered(text: str) -> str:
    """Return the document with the tables replaced."""
    tables = {
        "costs": _calls(),
        "costs of traces": _traces(),
        "costs of snapshots": _items("with `SnapStart`", monthly_costs.snapshots()),
        "costs of a month": _months(),
        "costs of events into Salesforce": _events(),
        "costs of companies": _companies(),
        "prices": _prices(),
    }
    for name, table in tables.items():
        text = _replaced(text, name, "\n".join(table))
    return text


def _replaced(text: str, name: str, table: str) -> str:
    place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    return place.sub(lambda region: f"{region[1]}{table}\n{region[2]}", text)


def _calls() -> Iterator[str]:
    names = list(parts(Units(0, 0)))
    yield f"| a million of | read units | write units | {' | '.join(names)} | **US$** |"
    yield "|---|" + "--:|" * (len(names) + 3)
    for action, units in UNITS.items():
        costs = parts(units)
        cells = [f"{cost:.2f}" for cost in costs.values()]
        yield f"| `{action}` | {units.reads} | {units.writes} | {' | '.join(cells)} | **{sum(costs.values()):.2f}** |"


def _traces() -> Iterator[str]:
    yield "| calls a month | traced | US$ for a million calls |"
    yield "|--:|--:|--:|"
    for calls in TRAFFICS:
        share = traced(calls)
        yield f"| {calls:,} | {share * 100:.0f} % | {share * prices.TRACE.dollars:.2f} |"


def _months() -> Iterator[str]:
    idle = monthly_costs.idle()
    yield from _items("a month", idle)
    yield f"| **a stack without calls** | | | **{sum(item.dollars for item in idle.values()):.2f}** |"
    yield from list(_items("", monthly_costs.in_use()))[2:]


def _items(title: str, items: Mapping[str, Item]) -> Iterator[str]:
    yield f"| {title} | number | price of one | US$ |"
    yield "|---|--:|--:|--:|"
    for name, item in items.items():
        price = f"{item.price:.2f}" if item.price >= CENT else f"{item.price.normalize():f}"
        yield f"| {name} | {item.number:,} | {price} | {item.dollars:.2f} |"


def _events() -> Iterator[str]:
    costs = monthly_costs.written_back()
    yield f"| a million | {' | '.join(costs)} | **US$** |"
    yield "|---|" + "--:|" * (len(costs) + 1)
    cells = " | ".join(f"{cost:.2f}" for cost in costs.values())
    yield f"| events into Salesforce | {cells} | **{sum(costs.values()):.2f}** |"


def _companies() -> Iterator[str]:
    yield f"| a month | {' | '.join(COMPANIES)} |"
    yield "|---|" + "--:|" * len(COMPANIES)
    for action in UNITS:
        numbers = [calls.get(action, 0) for calls in COMPANIES.values()]
        if any(numbers):
            yield f"| calls of `{action}` | {' | '.join(f'{number:,}' for number in numbers)} |"
    costs = [company(calls) for calls in COMPANIES.values()]
    for item in costs[0]:
        yield f"| {item}, US$ | {' | '.join(f'{one[item]:.2f}' for one in costs)} |"
    yield f"| **US$** | {' | '.join(f'**{sum(one.values()):.2f}**' for one in costs)} |"


def _prices() -> Iterator[str]:
    yield f"| price in {prices.REGION} | for | as of |"
    yield "|---|---|---|"
    for price in prices.all_prices():
        yield f"| ${price.dollars} | {price.unit} | {price.source} |"


def main() -> None:
    """Update the document."""
    DOCUMENT.write_text(rendered(DOCUMENT.read_text()))


if __name__ == "__main__":
    main()
