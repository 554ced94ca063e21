"""Check the lines of an opportunity, each by itself and against the others."""

from collections.abc import Iterable, Iterator, Sequence

from stigg_actions.errors import Problem
from stigg_actions.models.provision_opportunity import ADDON, PLAN, ProvisionOpportunity
from stigg_actions.opportunities import amounts, ramp_lines
from stigg_actions.opportunities.lines import Line, becomes_grant, candidates, named, overrides_price

_TO_END_IT = {
    PLAN: "To end a subscription, use cancel-subscription",
    ADDON: "To remove an add-on, use update-subscription with removeAddons",
}
_TO_END_A_GRANT = "Credits that were granted stay"
_TO_END_AN_ENTITLEMENT = "To remove an entitlement, use update-subscription with removeEntitlements"


def unsold(request: ProvisionOpportunity, line: Line) -> Problem:
    """Return the problem of a line whose quantity is zero or negative, with the remedy."""
    quantity = line.item.quantity or 0
    others = _TO_END_A_GRANT if becomes_grant(request, line) else _TO_END_AN_ENTITLEMENT
    whole = "" if quantity == 0 else " Give the total quantity, not the difference, or quantityMode delta."
    problem = (
        f"is {quantity:f}, so this line sells nothing, and what it created before stays unchanged.{whole} "
        f"Remove a line that is not sold. {_TO_END_IT.get(str(line.item.stigg_type), others)}"
    )
    return line.problem("quantity", problem)


def given_twice(lines: Iterable[Line]) -> Iterator[Problem]:
    """Yield a problem for each line id that occurs more than once."""
    first: dict[str, Line] = {}
    for line in lines:
        other = first.setdefault(line.id, line)
        if other is not line:
            yield line.problem(
                "salesforceLineItemId", f"is also the id of lineItems[{other.position}]; give each line once"
            )


def granted_twice(request: ProvisionOpportunity, parts: Iterable[Line], plans: Sequence[Line]) -> Iterator[Problem]:
    """Yield a problem for each entitlement that two lines give to the same plan, and to the same segment of it."""
    first: dict[tuple[int, int, str], Line] = {}
    for line in parts:
        matching = candidates(line, plans)
        if line.item.stigg_type != ADDON and len(matching) == 1:
            covered = ramp_lines.places(request, matching[0], line)
            keys = [(matching[0].position, place, str(line.item.stigg_id)) for place in covered]
            others = {first.setdefault(key, line) for key in keys} - {line}
            if others:
                twice = f"which line {min(other.id for other in others)} also gives to the same plan"
                yield line.problem("stiggId", f"is {line.item.stigg_id}, {twice}; use one line for it")


def plan_problems(line: Line, plans: Sequence[Line]) -> Iterator[Problem]:
    """Yield a problem if a line matches no plan or several."""
    matching = candidates(line, plans)
    if not plans:
        yield line.problem("stiggType", f"is {line.item.stigg_type}, which needs a Plan line, but the request has none")
    elif not matching:
        problem = "no Plan line matches the planLineItemId, planId and resourceId of this line; the Plan lines are"
        yield line.problem(_named_by(line), f"{problem} {named(plans)}")
    elif len(matching) > 1:
        yield line.problem(
            "planLineItemId", f"is required, because several Plan lines match this line: {named(matching)}"
        )


def price_problems(request: ProvisionOpportunity, line: Line) -> Iterator[Problem]:
    """Yield the problems of a price that replaces a plan's base charge. It is sent without rounding."""
    if not overrides_price(request, line):
        return
    price, currency = line.item.unit_price, request.currency
    if price is None:
        yield line.problem("unitPrice", "is required with overrideBaseCharge")
    if currency is None:
        yield Problem("currency", "is required with overrideBaseCharge")
    elif price is not None and not amounts.is_exact(price, currency):
        yield line.problem("unitPrice", amounts.too_many_decimals(currency))


def payment_problems(request: ProvisionOpportunity, line: Line) -> Iterator[Problem]:
    """Yield the problems of the price of a paid grant. Its total is sent, rounded."""
    item = line.item
    if item.grant_type != "PAID":
        return
    if item.unit_price is None:
        yield line.problem("unitPrice", "is required for a PAID grant")
    if request.currency is None:
        yield Problem("currency", "is required for a PAID grant")
    if request.payment_collection_method is None:
        yield Problem("paymentCollectionMethod", "is required for a PAID grant")
    if _costs_nothing(request, line):
        yield line.problem(
            "unitPrice", f"multiplied by quantity is less than the smallest amount of {request.currency}"
        )


def end_problems(lines: Iterable[Line], grants: Sequence[Line]) -> Iterator[Problem]:
    """Yield a problem for each line that names what it ends with, but ends with its own subscription."""
    for line in lines:
        item = line.item
        if item.co_terminate_with is None or line in grants:
            continue
        if item.stigg_type != PLAN:
            problem = "is only for a new Plan line or a grant; this line ends with the subscription of its plan"
            yield line.problem("coTerminateWith", problem)
        elif item.subscription_id is not None:
            yield line.problem("coTerminateWith", "contradicts subscriptionId: that subscription keeps its end")


def _costs_nothing(request: ProvisionOpportunity, line: Line) -> bool:
    """Whether a total price is rounded to zero."""
    price, quantity, currency = line.item.unit_price, line.item.quantity, request.currency
    if not (price and quantity and currency):
        return False
    return not amounts.total(price, quantity, currency)


def _named_by(line: Line) -> str:
    """Return the field by which a line names its plan."""
    item = line.item
    if item.plan_line_item_id is not None:
        return "planLineItemId"
    return "resourceId" if item.plan_id is None else "planId"
