"""What the quantity of a line means: the total that its subscription has then, or a difference to what runs now."""

from collections.abc import Iterable, Iterator, Sequence
from copy import replace
from decimal import Decimal

from stigg_actions.errors import Problem
from stigg_actions.models.provision_opportunity import ADDON, ProvisionOpportunity
from stigg_actions.opportunities.lines import Line, PlanPart, becomes_grant, candidates


def with_modes(request: ProvisionOpportunity, line: Line) -> Line:
    """Return a line with its own quantity mode and co-termination, or else the request's.

    A grant has no mode: it adds credits once.
    """
    item = line.item
    mode = None if becomes_grant(request, line) else item.quantity_mode or request.quantity_mode
    with_others = item.co_terminate_with is not None or request.co_terminate
    ends = with_others if item.co_terminate is None else item.co_terminate
    return replace(line, item=item.model_copy(update={"quantity_mode": mode, "co_terminate": ends}))


def is_changed(line: Line) -> bool:
    """Whether the line's total is not its quantity: it gives a difference, or says that there is to be none."""
    return line.item.is_delta or line.item.is_none_in_total


def has_changes(part: PlanPart, sold: str | None) -> bool:
    """Whether a plan has lines whose totals are not their quantities, or was ``sold`` with such lines before."""
    return any(map(is_changed, part.lines)) or " " in (sold or "")


def nominal(part: PlanPart) -> PlanPart:
    """Return a plan with 1 in place of the quantities that are no totals, to check everything else."""
    return PlanPart(_nominal(part.plan), tuple(map(_nominal, part.attached)))


def with_quantity(line: Line, quantity: Decimal | int | None) -> Line:
    """Return a line with a total."""
    return replace(line, item=line.item.model_copy(update={"quantity": quantity, "quantity_mode": None}))


def mixed_modes(parts: Iterable[Line], plans: Sequence[Line]) -> Iterator[Problem]:
    """Yield a problem for each add-on of a plan that is given as a total and as a difference."""
    first: dict[tuple[int, str], Line] = {}
    for line in parts:
        matching = candidates(line, plans)
        if line.item.stigg_type == ADDON and len(matching) == 1:
            other = first.setdefault((matching[0].position, str(line.item.stigg_id)), line)
            if other.item.is_delta != line.item.is_delta:
                problem = f"differs from that of line {other.id} for the same add-on; give both the same mode"
                yield line.problem("quantityMode", problem)


def _nominal(line: Line) -> Line:
    return with_quantity(line, 1) if is_changed(line) else line
