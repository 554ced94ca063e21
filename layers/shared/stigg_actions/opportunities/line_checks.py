"""What is wrong with the lines of an opportunity, each for itself and beside the others. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from stigg_actions.errors import Problem
from stigg_actions.models.provision_opportunity import ADDON, PLAN, ProvisionOpportunity
from stigg_actions.opportunities import amounts
from stigg_actions.opportunities.lines import Line, becomes_grant, candidates, named, overrides_price

_TO_END_IT = {
    PLAN: "cancel-subscription ends a subscription",
    ADDON: "update-subscription (removeAddons) takes an add-on away",
}
_TO_END_A_GRANT = "credits that were granted stay"
_TO_END_AN_ENTITLEMENT = "update-subscription (removeEntitlements) takes an entitlement away"


def unsold(request: ProvisionOpportunity, line: Line) -> Problem:
    """Return what the quantity of a line says that sells nothing, and what to do."""
    quantity = line.item.quantity or 0
    others = _TO_END_A_GRANT if becomes_grant(request, line) else _TO_END_AN_ENTITLEMENT
    whole = "" if quantity == 0 else " Give what there is to be in all, not by how much it is less."
    told = (
        f"is {quantity:f}, so this line sells nothing, and what it became before stays as it was.{whole} "
        f"Leave out a line that is not sold; {_TO_END_IT.get(str(line.item.stigg_type), others)}"
    )
    return line.problem("quantity", told)


def given_twice(lines: Iterable[Line]) -> Iterator[Problem]:
    """Find lines that are given more than once."""
    first: dict[str, Line] = {}
    for line in lines:
        other = first.setdefault(line.id, line)
        if other is not line:
            yield line.problem("salesforceLineItemId", f"is that of lineItems[{other.position}] too; give it once")


def granted_twice(parts: Iterable[Line], plans: Sequence[Line]) -> Iterator[Problem]:
    """Find entitlements of one plan that two lines give: there is no telling which was meant."""
    first: dict[tuple[int, str], Line] = {}
    for line in parts:
        found = candidates(line, plans)
        if line.item.stigg_type != ADDON and len(found) == 1:
            other = first.setdefault((found[0].position, str(line.item.stigg_id)), line)
            if other is not line:
                told = f"{line.item.stigg_id} is what line {other.id} gives to the same plan; put it into one line"
                yield line.problem("stiggId", told)


def plan_problems(line: Line, plans: Sequence[Line]) -> Iterator[Problem]:
    """Find out whether a line could go with no plan, or with several."""
    found = candidates(line, plans)
    if not plans:
        yield line.problem("stiggType", f"is {line.item.stigg_type}, which goes with a Plan line; there is none")
    elif not found:
        told = "no Plan line fits planLineItemId, planId and resourceId of this line; there are"
        yield line.problem(_named_by(line), f"{told} {named(plans)}")
    elif len(found) > 1:
        yield line.problem("planLineItemId", f"is required: this line could go with {named(found)}")


def price_problems(request: ProvisionOpportunity, line: Line) -> Iterator[Problem]:
    """Find out what is missing or wrong of the price that replaces a plan's base charge, which is sent as it is."""
    if not overrides_price(request, line):
        return
    price, currency = line.item.unit_price, request.currency
    if price is None:
        yield line.problem("unitPrice", "is required with overrideBaseCharge")
    if currency is None:
        yield Problem("currency", "is required with overrideBaseCharge")
    elif price is not None and not amounts.is_exact(price, currency):
        most = amounts.decimals(currency) or "no"
        yield line.problem("unitPrice", f"has more decimal places than {currency.upper()}, which has {most}; round it")


def payment_problems(request: ProvisionOpportunity, line: Line) -> Iterator[Problem]:
    """Find out what is missing or wrong of the price of a paid grant, which is sent in all."""
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
        yield line.problem("unitPrice", f"times quantity is less than the smallest amount of {request.currency}")


def _costs_nothing(request: ProvisionOpportunity, line: Line) -> bool:
    """Whether a price comes to nothing in all, because it is rounded."""
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
