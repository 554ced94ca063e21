"""The results of a call by line, from which the removed lines are described."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.models.renew_subscription import RenewalResult
from stigg_actions.opportunities.left_alone import LeftAlone
from stigg_actions.opportunities.sold import Sold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.models.subscription_data import Change
    from stigg_actions.opportunities.parts import Ended, Part
    from stigg_actions.opportunities.situation import Situation


class Aftermath(NamedTuple):
    """A deal, and how each of its parts ended, by the id of the part's line."""

    situation: Situation
    ended: Mapping[str, tuple[Part, Ended]]

    def taker(self, line_id: str) -> str | None:
        """Return the line of the deal that replaces a removed one."""
        now = self.situation.deal.line_ids
        later = {new for new, old in self.situation.taken.items() if old == line_id}
        later |= {new for new, noted in self.situation.after.lines.items() if noted.took_over == line_id and new in now}
        return min(later, default=None)

    def of(self, line_id: str) -> Ended:
        """Return how the part of a line ended."""
        return self.ended[line_id][1] if line_id in self.ended else None

    def part(self, plan_line_id: str) -> Part | None:
        """Return the part that now has a plan line's subscription, if the deal has it."""
        home = self.taker(plan_line_id) or self.situation.known.home(plan_line_id)
        return self.ended[home][0] if home in self.ended else None

    def subscription_id(self, line_id: str) -> str | None:
        """Return the subscription that a plan's line has after this call."""
        ended = self.of(line_id)
        if isinstance(ended, LeftAlone):
            return ended.found.id if ended.found else None
        return ended.answer.subscription_id if isinstance(ended, Sold) else None

    def replaced(self, subscription_id: str) -> tuple[str, str] | None:
        """Return the subscription that replaced another one in this call, and its line."""
        for line_id, (_, ended) in self.ended.items():
            if isinstance(ended, Sold) and ended.answer.replaced_subscription_id == subscription_id:
                return ended.answer.subscription_id, line_id
        return None

    def change(self, plan_line_id: str, field: str) -> Change | None:
        """Return the change of one field that this call made to a plan's subscription."""
        ended = self.of(plan_line_id)
        if not isinstance(ended, Sold) or not isinstance(ended.answer, RenewalResult) or ended.answer.replayed:
            return None
        return next((change for change in ended.answer.changes if change.field == field), None)
