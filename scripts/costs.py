"""Compute the AWS costs of a million calls, and write them to docs/deploy.md:  make docs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from local.stack.template import ROOT

DOCUMENT = ROOT / "docs" / "deploy.md"
_REGION = re.compile(r"(<!-- costs -->\n).*?(<!-- end of costs -->)", re.DOTALL)

# US dollars for a million units: list prices of us-east-1, without free tiers. Sources and
# dates are in docs/deploy.md.
API_CALL = Decimal("3.50")
INVOCATION = Decimal("0.20")
GIGABYTE_SECOND_ARM = Decimal("13.3334")
READ_UNIT = Decimal("0.125")
WRITE_UNIT = Decimal("0.625")
LOGGED_KILOBYTE = Decimal("0.50")
TRACE = Decimal("5.00")
EVENT = Decimal("1.00")

# Assumptions that were not measured on AWS.
SECONDS = Decimal("0.5")
"""The duration of a call, which is mostly the wait for Stigg. A function has 1 GB of memory."""
SECONDS_OF_THE_PUBLISHER = Decimal("0.05")
LOGGED_KILOBYTES = 2
"""The function's line and counts, Lambda's own lines, and API Gateway's access log."""
TRACED = Decimal("0.05")
"""X-Ray's default: one call in twenty, besides the first of each second."""


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


def parts(units: Units) -> dict[str, Decimal]:
    """Return the costs of a million calls by item, in US dollars."""
    publisher = INVOCATION + SECONDS_OF_THE_PUBLISHER * GIGABYTE_SECOND_ARM
    return {
        "API Gateway": API_CALL,
        "Lambda": INVOCATION + SECONDS * GIGABYTE_SECOND_ARM,
        "DynamoDB": units.reads * READ_UNIT + units.writes * WRITE_UNIT,
        "logs, traces": LOGGED_KILOBYTES * LOGGED_KILOBYTE + TRACED * TRACE,
        "event": (publisher + EVENT) if units.is_published else Decimal(0),
    }


def rendered(text: str) -> str:
    """Return the document with the table replaced."""
    return _REGION.sub(lambda region: f"{region[1]}{'\n'.join(_table())}\n{region[2]}", text)


def _table() -> Iterator[str]:
    names = list(parts(Units(0, 0)))
    yield f"| a million of | read units | write units | {' | '.join(names)} | **US$** |"
    yield "|---|" + "--:|" * (len(names) + 3)
    for action, units in UNITS.items():
        costs = parts(units)
        cells = [f"{cost:.2f}" for cost in costs.values()]
        yield f"| `{action}` | {units.reads} | {units.writes} | {' | '.join(cells)} | **{sum(costs.values()):.2f}** |"


def main() -> None:
    """Update the document."""
    DOCUMENT.write_text(rendered(DOCUMENT.read_text()))


if __name__ == "__main__":
    main()
