"""Perform the parts of an opportunity one after the other, each as the write of an action."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.clock import RESERVED_FOR_THE_CALL_SECONDS
from stigg_actions.errors import ActionError, NotFound, RateLimited
from stigg_actions.opportunities import requests
from stigg_actions.opportunities.credit_grants import granted_as
from stigg_actions.opportunities.performing import carried_out
from stigg_actions.stigg import refusals
from stigg_actions.writes.create_credit_grant import CreateCreditGrantWrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.models.create_credit_grant import CreateCreditGrant, CreditGrantResult
    from stigg_actions.opportunities.left_alone import LeftAlone
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.opportunities.plan_parts import PlanWork
    from stigg_actions.opportunities.situation import Situation
    from stigg_actions.opportunities.sold import Sold


class Granted(NamedTuple):
    """The result of a grant, with a note if it was made for a removed line."""

    answer: CreditGrantResult
    note: str | None = None


type Done = Granted | LeftAlone | Sold
type Ended = ActionError | Done | None
"""How a part ended: with a result, with an error, or None because it was not started."""


class Part(NamedTuple):
    """A line, the lines of its subscription, and the function that performs the part for a customer.

    ``is_new``: whether it provisions a subscription, which is not there yet. ``of_segment`` returns what becomes of a
    line of another segment of its ramp than the present one.
    """

    line: Line
    attached: tuple[Line, ...]
    do: Callable[[str, Deps], Done]
    is_new: bool = False
    of_segment: Callable[[Line], str | None] = lambda _: None


def parts_of(situation: Situation, works: Iterable[PlanWork]) -> list[Part]:
    """Return the parts, new ones first, so that every call makes progress even with little time.

    Raises:
        RequestInvalid: a line cannot be provisioned as it is.
    """
    plans = [Part(work.line, work.part.attached, _do(situation, work), work.is_new, work.of_segment) for work in works]
    grants = [_grant(situation, line) for line in situation.deal.grants]
    return [*(part for part in plans if part.is_new), *grants, *(part for part in plans if not part.is_new)]


def carry_out(parts: Iterable[Part], customer_id: str, deps: Deps) -> Iterator[tuple[Part, Ended]]:
    """Perform the parts one after the other while there is time; a part that fails does not stop the others.

    A new subscription that meets Stigg's rate limit stops those for the same resource, for which Stigg counts together.
    """
    limited = set()
    for part in parts:
        resource_id = part.line.item.resource_id
        ended = None if part.is_new and resource_id in limited else _ended(part, customer_id, deps)
        if part.is_new and isinstance(ended, RateLimited):
            limited.add(resource_id)
        yield part, ended


def _ended(part: Part, customer_id: str, deps: Deps) -> Ended:
    if deps.deadline.seconds_left() < RESERVED_FOR_THE_CALL_SECONDS:
        return None
    try:
        return part.do(customer_id, deps)
    except NotFound as error:
        return refusals.renamed(error, _fields_of_ids((part.line, *part.attached, *part.line.later)))
    except ActionError as error:
        return error


def _fields_of_ids(lines: Iterable[Line]) -> dict[str, str]:
    """Return the fields of the opportunity that name each id of a part."""
    fields: dict[str, list[str]] = {}
    for line in lines:
        fields.setdefault(str(line.item.stigg_id), []).append(line.problem("stiggId", "").field)
    return {item: " and ".join(names) for item, names in fields.items()}


def _do(situation: Situation, work: PlanWork) -> Callable[[str, Deps], Done]:
    """Return the function that performs the work for a plan."""
    if not work.part.co_terminates:
        return work.do
    from stigg_actions.opportunities.co_terminated import CoTerminated  # noqa: PLC0415 - few deals need it

    return CoTerminated(situation.request, work).do


def _granted(situation: Situation, line: Line, customer_id: str, deps: Deps) -> CreateCreditGrant:
    """Return the request for a line's grant, which may end with what the customer has."""
    request, first = situation.request, granted_as(situation.after.lines, line.id)
    if line.item.co_terminate:
        from stigg_actions.opportunities.co_terminated import of_grant  # noqa: PLC0415 - few deals need it

        request = of_grant(situation, line, customer_id, deps)
    return requests.grant(request, line, first).model_copy(update={"customer_id": customer_id})


def _grant(situation: Situation, line: Line) -> Part:
    """Return the part that grants a line's credits, or finds the grant of the line that it replaces."""
    first = granted_as(situation.after.lines, line.id)
    requests.grant(situation.request, line, first)  # a wrong line is refused before any part is performed
    note = None if first == line.id else f"Took over the grant of line {situation.after.lines[line.id].took_over}."

    def do(customer_id: str, deps: Deps) -> Granted:
        write = CreateCreditGrantWrite(_granted(situation, line, customer_id, deps), deps)
        return Granted(carried_out(write, situation.request), note)

    return Part(line, (), do)
