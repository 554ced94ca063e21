"""The parts of an opportunity, each the write of an action of its own, done one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.clock import RESERVED_FOR_THE_CALL_SECONDS
from stigg_actions.errors import ActionError
from stigg_actions.exactly_once.perform import perform
from stigg_actions.opportunities import requests
from stigg_actions.opportunities.credit_grants import granted_as
from stigg_actions.writes.create_credit_grant import CreateCreditGrantWrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.models.create_credit_grant import CreditGrantResult
    from stigg_actions.opportunities.left_alone import LeftAlone
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.opportunities.plan_parts import PlanWork, Sold
    from stigg_actions.opportunities.situation import Situation


class Granted(NamedTuple):
    """What came of a grant, and the removed line that it was for, if another one."""

    answer: CreditGrantResult
    note: str | None = None


type Done = Granted | LeftAlone | Sold
type Ended = ActionError | Done | None
"""How a part ended: with an answer, with an error, or not at all because the time was up."""


class Part(NamedTuple):
    """A line, those that are a part of its subscription, and what does it for a customer, once."""

    line: Line
    attached: tuple[Line, ...]
    do: Callable[[str, Deps], Done]


def parts_of(situation: Situation, works: Iterable[PlanWork]) -> list[Part]:
    """Return the parts, what is not there yet first: so that each call gets further, however little time it has.

    Raises:
        RequestInvalid: a line cannot be what it says.
    """
    plans = [(work.is_new, Part(work.line, work.part.attached, work.do)) for work in works]
    grants = [_grant(situation, line) for line in situation.deal.grants]
    return [*(part for is_new, part in plans if is_new), *grants, *(part for is_new, part in plans if not is_new)]


def carry_out(parts: Iterable[Part], customer_id: str, deps: Deps) -> Iterator[tuple[Part, Ended]]:
    """Do the parts one after the other, as long as there is time for a call; one that fails leaves the others."""
    for part in parts:
        yield part, _ended(part, customer_id, deps)


def _ended(part: Part, customer_id: str, deps: Deps) -> Ended:
    if deps.deadline.seconds_left() < RESERVED_FOR_THE_CALL_SECONDS:
        return None
    try:
        return part.do(customer_id, deps)
    except ActionError as error:
        return error


def _grant(situation: Situation, line: Line) -> Part:
    """Return the part that grants a line's credits, or finds them granted to the line whose place it takes."""
    first = granted_as(situation.after.lines, line.id)
    wanted = requests.grant(situation.request, line, first)
    note = None if first == line.id else f"Took over the grant of line {situation.after.lines[line.id].took_over}."

    def do(customer_id: str, deps: Deps) -> Granted:
        return Granted(
            perform(CreateCreditGrantWrite(wanted.model_copy(update={"customer_id": customer_id}), deps)), note
        )

    return Part(line, (), do)
