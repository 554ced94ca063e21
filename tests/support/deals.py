"""Opportunities for the tests of provision-opportunity, and what they look at."""

from typing import Any

from tests.support.harness import Harness
from tests.support.requests import ACCOUNT

ACTION = "provision-opportunity"
OPPORTUNITY = "006000000000001AAA"
APP, SPACE, SEATS, LIMIT, TOKENS, BONUS, TRAINING = (f"00k00000000000{number}AAA" for number in range(1, 8))
"""Lines: two plans, an add-on, an entitlement and credits of the first, a grant, and one that is not Stigg's."""
NEW_APP, NEW_SEATS, NEW_LIMIT, NEW_BONUS, OTHER_BONUS = (f"00k0000000000{number}AAA" for number in range(11, 16))
"""Lines that come when a quote is synced again: a plan, an add-on, an entitlement, and two grants."""

type Body = dict[str, Any]


def _line(line: str, stigg_type: str, stigg_id: str, **fields: Any) -> Body:  # noqa: ANN401 - any field of a line
    given = {"salesforceLineItemId": line, "stiggType": stigg_type, "stiggId": stigg_id, **fields}
    return {name: value for name, value in given.items() if value is not None}


def plan(line: str = APP, plan_id: str = "plan-growth", **changes: Any) -> Body:  # noqa: ANN401 - any field
    """A line with a plan."""
    return _line(line, "Plan", plan_id, quantity=1.0, **changes)


def addon(line: str = SEATS, addon_id: str = "addon-seats", quantity: float = 5, **changes: Any) -> Body:  # noqa: ANN401
    """A line with an add-on."""
    return _line(line, "Add-on", addon_id, quantity=quantity, **changes)


def entitlement(line: str = LIMIT, quantity: float = 80, **changes: Any) -> Body:  # noqa: ANN401 - any field
    """A line with a limit of seats."""
    return _line(line, "Entitlement", "feature-seats", quantity=quantity, **changes)


def credit(line: str = TOKENS, quantity: float = 1000, **changes: Any) -> Body:  # noqa: ANN401 - any field
    """A line with credits, each month."""
    return _line(line, "Credit entitlement", "cred-type-tokens", quantity=quantity, **changes)


def bonus(line: str = BONUS, quantity: float = 500, **changes: Any) -> Body:  # noqa: ANN401 - any field
    """A line with credits that are granted once."""
    return credit(line, quantity, creditsAs="grant", **changes)


def training(line: str = TRAINING) -> Body:
    """A line that is not Stigg's, with a discount on top."""
    return {"salesforceLineItemId": line, "stiggType": "", "quantity": 0.5, "unitPrice": -200.0}


def of_app(line: Body) -> Body:
    """Say that a line goes with the first plan."""
    return {**line, "planLineItemId": APP}


def space(**changes: Any) -> Body:  # noqa: ANN401 - any field
    """A line with the second plan, of another product, for a workspace."""
    return plan(SPACE, "plan-workspace", **{"resourceId": "site-1", **changes})


def deal(*lines: Body, **changes: Any) -> Body:  # noqa: ANN401 - any field of a request
    """An opportunity of these lines, or of one plan; None drops a field."""
    request = {
        "salesforceOpportunityId": OPPORTUNITY,
        "salesforceAccountId": ACCOUNT,
        "customerName": "Acme",
        "customerEmail": "buyer@acme.example",
        "currency": "USD",
        "billingPeriod": "Monthly",
        "paymentCollectionMethod": "NONE",
        "lineItems": list(lines) or [plan()],
        **changes,
    }
    return {name: value for name, value in request.items() if value is not None}


WHOLE = (
    plan(), space(), of_app(addon()), of_app(entitlement()), of_app(credit()), bonus(), training(),
)  # fmt: skip
"""Two plans, an add-on, an entitlement and credits of the first, a grant, and a line that is not Stigg's."""


def by_line(body: Body) -> dict[str, str]:
    """Return the outcome of each line of an answer."""
    return {line["salesforceLineItemId"]: line["outcome"] for line in body["lines"]}


def of(body: Body, line_id: str) -> Body:
    """Return what an answer tells of one line."""
    (found,) = [line for line in body["lines"] if line["salesforceLineItemId"] == line_id]
    return dict(found)


def running(actions: Harness) -> list[str]:
    """Return the plans of the subscriptions that run in Stigg."""
    return sorted(one["planId"] for one in actions.emulator.state()["subscriptions"] if one["status"] == "ACTIVE")


def writes(actions: Harness) -> int:
    """How many writes of subscriptions and grants Stigg has answered with success."""
    return sum("/customers" not in path for _, path in actions.writes_to_stigg())
