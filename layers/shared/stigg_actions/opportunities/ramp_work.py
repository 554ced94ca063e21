"""The ramp that the lines of a plan request, joined with what is stored of it, and what to request of Stigg now."""

from __future__ import annotations

from copy import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.models.charges import merge_addons
from stigg_actions.models.provision_opportunity import ADDON, ENTITLEMENT, PLAN
from stigg_actions.opportunities.lines import PlanPart
from stigg_actions.opportunities.ramp_limits import refuse_other_terms
from stigg_actions.opportunities.wanted import Wanted
from stigg_actions.storage.operation import fingerprint
from stigg_actions.storage.opportunity_lines import NotedLine
from stigg_actions.storage.ramps import Ramp, Segment, stored_ramp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stigg_actions.models.create_subscription import CreateSubscription
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.line_history import Known
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.opportunities.situation import Situation
    from stigg_actions.storage.mapping import MappedSubscription, RecordState, SubscriptionState

_OF_A_SEGMENT = ("unitQuantity", "planBaseChargeOverride", "addons", "entitlements")
"""The terms in which segments may differ."""

_LISTS = {"addons": ADDON, "entitlements": ENTITLEMENT}

_as_text = partial(decimal_json.dumps, sort=True)


class Present(NamedTuple):
    """The subscription that the plan has already, as stored, and when it starts (seconds) if it has yet to start."""

    state: SubscriptionState | None
    starts_at: int | None = None


class RampWork(NamedTuple):
    """A requested ramp: what to store, what to request of the subscription now, and the digest of the whole.

    ``kept``: how many earlier segments stay before those of the lines. ``stored``: the ramp before.
    """

    part: PlanPart
    ramp: Ramp
    wanted: Wanted
    wish: str
    kept: int
    stored: Ramp | None

    @property
    def to_store(self) -> Ramp | None:
        """The ramp to store, or None for a single segment, which is the term of its subscription."""
        return self.ramp if len(self.ramp.segments) > 1 or self.stored else None

    def wish_without(self, ended: Iterable[NotedLine]) -> str:
        """Return the digest of the ramp and of the removed lines to end."""
        removed = sorted({(line.stigg_type, line.stigg_id) for line in ended})
        return fingerprint({"ramp": self.wish, "removed": removed}) if removed else self.wish

    def dropped(self, removed: Iterable[NotedLine]) -> list[NotedLine]:
        """Return what the present segment had and no longer has, but not what only ``removed`` lines gave."""
        before = self.stored.segments[self.stored.in_force] if self.stored else None
        now = self.ramp.segments[self.ramp.in_force]
        if before is None or before.starts_at != now.starts_at:
            return []
        kept = {line.stigg_id for line in removed}
        return [
            NotedLine(stigg_type, stigg_id)
            for name, stigg_type in _LISTS.items()
            for stigg_id in sorted(_ids(before.terms, name) - _ids(now.terms, name) - kept)
        ]

    def outcome_of(self, line: Line) -> Literal["unchanged", "scheduled"] | None:
        """Return what becomes of a line that is not a part of the present segment, None for one that is."""
        lines = [(segment.plan, *segment.attached) for segment in self.part.segments]
        places = [place + self.kept for place, of_segment in enumerate(lines) if line in of_segment]
        if self.ramp.in_force in places:
            return None
        is_new = any(place > self.ramp.in_force and self._is_changed(place) for place in places)
        return "scheduled" if is_new else "unchanged"

    def _is_changed(self, place: int) -> bool:
        segment, before = self.ramp.segments[place], self.stored
        same = [old for old in before.segments if old.starts_at == segment.starts_at] if before else []
        is_last = place == len(self.ramp.segments) - 1
        same_end = before is not None and (not is_last or before.ends_at == self.ramp.ends_at)
        return not (same and same_end and _as_text(same[0].terms) == _as_text(segment.terms))


def ramp_of(
    situation: Situation,
    part: PlanPart,
    current: MappedSubscription | None,
    state: SubscriptionState | None,
    *,
    is_new: bool,
) -> RampWork | None:
    """Return the ramp that lines request of the subscription that they have, or of a new one; None without dates.

    Raises:
        RequestInvalid: a later segment changes what no step changes.
    """
    if not part.segments:
        return None
    present = None if is_new else Present(state, current.starts_at if current else None)
    work = ramp_work(situation.request, part, present, situation.now)
    if work.wanted.only_its_end and current is not None:
        refuse_other_terms(situation.request, part.plan, current, state.terms if state else {})
    return work


def ramp_work(request: ProvisionOpportunity, part: PlanPart, present: Present | None, now: float) -> RampWork:
    """Return the ramp of a plan whose lines have dates. Raises RequestInvalid if a segment cannot be sold as it is."""
    first, last = part.segments[0], part.segments[-1]
    term = {"start_date": first.start, "end_date": last.end, "term_months": None}
    own = request.model_copy(update=term)
    wanted = [
        Wanted(own, PlanPart(segment.plan, segment.attached), now=now, record_id=part.plan.id)
        for segment in part.segments
    ]
    starts = [int(segment.start.timestamp() if segment.start else now) for segment in part.segments]
    given = [Segment(start, _terms(one.subscription())) for start, one in zip(starts, wanted, strict=True)]
    stored = stored_ramp(present.state) if present else None
    ramp = _joined(given, stored, present, now)
    kept = len(ramp.segments) - len(given)
    asked = wanted[max(0, ramp.in_force - kept)]
    if kept:  # the subscription has begun before
        asked = replace(asked, request=own.model_copy(update={"start_date": None}), only_its_end=ramp.in_force < kept)
    end = None if last.end is None else int(last.end.timestamp())
    return RampWork(part, replace(ramp, ends_at=end), asked, _wish(starts, wanted), kept, stored)


def called_off(known: Known, plan_ids: set[str], source: RecordState | None) -> Ramp | None:
    """Return the ramp that calls off the stored one, if its lines lost their dates or were removed from the deal."""
    current = source.current if source else None
    stored = stored_ramp(known.states.get(current.subscription_id)) if current else None
    if source is None or stored is None or stored.is_over:
        return None
    removed = [line for line in known.removed.values() if line.stigg_type == PLAN and line.plan_line_id in plan_ids]
    is_of_the_deal = stored.wish is not None and stored.wish == source.sold
    return Ramp((), based_on=stored.mark) if removed or is_of_the_deal else None


def _joined(given: Sequence[Segment], stored: Ramp | None, present: Present | None, now: float) -> Ramp:
    """Return the segments of the lines after the earlier ones that stay, with the one that is in force."""
    first, mark = given[0].starts_at, stored.mark if stored else None
    if present is None:
        return Ramp((given[0]._replace(applied_at=int(now)), *given[1:]))
    if stored is not None and not stored.is_over:
        kept = [segment for segment in stored.segments if segment.starts_at < first]
        anchor, before = stored.segments[stored.in_force].starts_at, stored.segments
    else:
        anchor, before = max(int(now), present.starts_at or 0), ()
        kept = [Segment(0, applied_at=int(now))] if first > anchor else []
    segments = [*kept, *given]
    in_force = max((place for place, segment in enumerate(segments) if segment.starts_at <= anchor), default=0)
    applied = {segment.starts_at: segment.applied_at for segment in before}
    dated = [
        segment._replace(applied_at=applied.get(segment.starts_at, int(now) if place == in_force else None))
        if place <= in_force
        else segment
        for place, segment in enumerate(segments)
    ]
    return Ramp(tuple(dated), in_force=in_force, based_on=mark)


def _wish(starts: Sequence[int], wanted: Sequence[Wanted]) -> str:
    """Return the digest of what is requested; that of a single segment is the digest of its subscription."""
    wishes = [one.wish() for one in wanted]
    return wishes[0] if len(wishes) == 1 else fingerprint({"ramp": [*map(list, zip(starts, wishes, strict=True))]})


def _terms(subscription: CreateSubscription) -> dict[str, Any]:
    """Return the terms of a segment, as a renewal takes them."""
    fields = subscription.to_json_fields()
    terms = {name: fields[name] for name in _OF_A_SEGMENT if name in fields}
    addons = [addon.to_json_fields() for addon in merge_addons(subscription.addons or [])]
    return {**terms, **({"addons": addons} if addons else {})}


def _ids(terms: Mapping[str, Any], name: str) -> set[str]:
    return {str(item["id"]) for item in terms.get(name, ())}
