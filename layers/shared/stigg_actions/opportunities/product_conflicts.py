"""Refuse plans of one opportunity that would replace each other in Stigg."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stigg_actions.errors import RequestInvalid
from stigg_actions.subscriptions.plans import find_plans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stigg_actions.errors import Problem
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.stigg.client import Stigg


def refuse_rivals(plans: Iterable[Line], stigg: Stigg) -> None:
    """Refuse two plans of the same product for the same resource. Read only the plans that share a resource.

    A plan that Stigg does not show is refused when it is provisioned. Raises what the client raises.

    Raises:
        RequestInvalid: two plans would replace each other; names both lines.
    """
    by_resource: dict[str | None, list[Line]] = defaultdict(list)
    for line in plans:
        by_resource[line.item.resource_id].append(line)
    together = [line for lines in by_resource.values() if len(lines) > 1 for line in lines]
    found = find_plans(stigg, [str(line.item.stigg_id) for line in together])
    products = {plan_id: plan.product_id for plan_id, plan in found.items() if plan is not None}
    problems = [problem for lines in by_resource.values() for problem in _rivals(lines, products)]
    if problems:
        raise RequestInvalid(problems)


def _rivals(lines: Sequence[Line], products: dict[str, str]) -> Iterator[Problem]:
    first: dict[str, Line] = {}
    for line in lines:
        plan_id = str(line.item.stigg_id)
        other = first.setdefault(products.get(plan_id) or f"plan {plan_id}", line)
        if other is not line:
            problem = (
                f"is {plan_id} of line {line.id}, which would replace {other.item.stigg_id} of line {other.id}: "
                "both are for the same product and resource. Give them different resourceIds, or remove one line"
            )
            yield line.problem("stiggId", problem)
