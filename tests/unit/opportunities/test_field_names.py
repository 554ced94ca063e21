"""Whatever is wrong with a part of a deal is reported under the names that the caller sent."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from stigg_actions.errors import Problem, RequestInvalid
from stigg_actions.models.provision_opportunity import OpportunityLine, ProvisionOpportunity
from stigg_actions.opportunities import requests
from stigg_actions.opportunities.field_names import OF_AN_ITEM, OF_THE_LINE, OF_THE_REQUEST, Names, of_customer
from stigg_actions.opportunities.line_sorting import sort_lines
from stigg_actions.opportunities.lines import Line
from stigg_actions.opportunities.wanted import Wanted
from tests.support.deals import addon, bonus, credit, deal, entitlement, plan

OF_A_LINE = {str(field.alias) for field in OpportunityLine.model_fields.values()}
OF_A_DEAL = {str(field.alias) for field in ProvisionOpportunity.model_fields.values()}
EVERYTHING = deal(
    plan(unitPrice=1, resourceId="site-1") | {"quantity": 3},
    addon(),
    entitlement(resetPeriod="MONTH", hasSoftLimit=True),
    credit(hasSoftLimit=True),
    entitlement("00k000000000009AAA", hasUnlimitedUsage=True) | {"stiggId": "feature-api-calls"},
    bonus(grantType="PAID", unitPrice=2, priority=1, name="Tokens", resourceId="site-1"),
    startDate="2026-01-01",
    endDate="2099-12-31",
    overrideBaseCharge=True,
    asOf="2026-01-01T00:00:00Z",
    checkoutOptions={"successUrl": "https://a.example/paid", "cancelUrl": "https://a.example/back"},
    salesforceOrgId="00D000000000001",
    customerId="cust-acme",
)
KEYS = {"idempotencyKey", "mode"}
"""What the parts are given that has no field of the caller's: constants."""


def request() -> ProvisionOpportunity:
    """Return a deal that gives every field there is."""
    return ProvisionOpportunity.model_validate(EVERYTHING)


def fields(body: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield the path of every field of a request, lists and objects included."""
    if path:
        yield path
    if isinstance(body, dict):
        for name, value in body.items():
            yield from fields(value, f"{path}.{name}" if path else name)
    elif isinstance(body, list):
        for index, value in enumerate(body):
            yield from fields(value, f"{path}[{index}]")


def parts() -> list[tuple[Names, dict[str, Any]]]:
    """Return the names and the request of each part of a deal, and of a renewal of its plan."""
    one = request()
    sorted_deal = sort_lines(one)
    wanted = Wanted(one, sorted_deal.plans[0])
    named = {"subscriptionId": "sub-1", "newSalesforceRecordId": "00k000000000099AAA"}
    (grant_line,) = sorted_deal.grants
    grant = requests.grant(one, grant_line, grant_line.id)
    return [
        (wanted.names, wanted.subscription().to_json_fields()),
        (wanted.names, wanted.renewal(named, {"startDate": "2025-01-01T00:00:00Z"}).to_json_fields()),
        (wanted.names, wanted.renewal({"salesforceRecordId": "00k000000000001AAA"}, {}).to_json_fields()),
        (Names(one, grant_line), grant.to_json_fields()),
    ]


INNER = [(names, path) for names, body in parts() for path in fields(body) if path not in KEYS]


@pytest.mark.parametrize(("names", "path"), INNER, ids=[path for _, path in INNER])
def test_every_field(names: Names, path: str) -> None:
    """A problem of any field that a part is given is reported under a field of the line, or of the deal."""
    (problem,) = names.of_caller(RequestInvalid([Problem(path, "is wrong")])).details
    of_line = re.fullmatch(r"lineItems\[(\d+)\]\.(\w+)", problem.field)

    assert problem.problem.startswith("is wrong")
    assert (of_line and of_line[2] in OF_A_LINE) or problem.field in OF_A_DEAL


def test_the_lines_of_items() -> None:
    """A problem of an add-on or an entitlement names the line that it comes from, wherever that stands."""
    (names, _), *_ = parts()
    problems = [
        Problem(path, "x")
        for path in ("addons[0].quantity", "entitlements[0].usageLimit", "entitlements[1].amount", "entitlements[2].id")
    ]

    assert [problem.field for problem in names.of_caller(RequestInvalid(problems)).details] == [
        "lineItems[1].quantity",
        "lineItems[2].quantity",
        "lineItems[3].quantity",
        "lineItems[4].stiggId",
    ]


def test_what_has_no_field() -> None:
    """What a part has of its own, such as a strategy, is a matter of the whole line; a list is one of the lines."""
    (names, _), *_ = parts()
    problems = [Problem("strategy", "no"), Problem("removeAddons", "no. Do this"), Problem("entitlements[0]", "no")]

    assert [problem.field for problem in names.of_caller(RequestInvalid(problems)).details] == [
        "lineItems[0]",
        "lineItems",
        "lineItems[2].stiggId",
    ]


@pytest.mark.parametrize(
    ("inner", "own"),
    [("name", "customerName"), ("email", "customerEmail"), ("billingCurrency", "currency"), ("other", "other")],
)
def test_the_customer(inner: str, own: str) -> None:
    """What is wrong with the customer is reported under the names of the deal."""
    (problem,) = of_customer(request(), RequestInvalid([Problem(inner, "is wrong")])).details

    assert problem == Problem(own, "is wrong")


def test_the_end_of_a_term_in_months() -> None:
    """An end that was given in months is a matter of the months."""
    in_months = ProvisionOpportunity.model_validate({**EVERYTHING, "endDate": None, "termMonths": 12})
    line = Line(0, in_months.line_items[0])

    (problem,) = Names(in_months, line).of_caller(RequestInvalid([Problem("cancellationDate", "x")])).details

    assert problem.field == "termMonths"


def test_all_names_are_fields() -> None:
    """Nothing is reported under a name that no caller can send."""
    assert set(OF_THE_LINE.values()) | set(OF_AN_ITEM.values()) <= OF_A_LINE
    assert set(OF_THE_REQUEST.values()) <= OF_A_DEAL


def test_the_dates_of_a_line() -> None:
    """A problem of a term is reported under the dates of the line, if it has some, and else under those of the deal."""
    dated = ProvisionOpportunity.model_validate(deal(plan(startDate="2026-01-01", termMonths=12)))
    (part,) = sort_lines(dated).plans
    problems = RequestInvalid([Problem("cancellationDate", "x"), Problem("startDate", "x")])

    assert [problem.field for problem in Names(dated, part.plan).of_caller(problems).details] == [
        "lineItems[0].endDate",
        "lineItems[0].startDate",
    ]
