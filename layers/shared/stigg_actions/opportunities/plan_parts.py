"""Provision, renew, move or leave one plan of an opportunity with its add-ons and entitlements."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import RequestInvalid
from stigg_actions.opportunities import discounts, line_records, moved_away, removed_parts, requests, trials
from stigg_actions.opportunities.performing import carried_out
from stigg_actions.opportunities.ramp_work import called_off, ramp_of
from stigg_actions.opportunities.repeats import Repeat
from stigg_actions.opportunities.sold import Sold
from stigg_actions.opportunities.wanted import Wanted
from stigg_actions.writes.create_subscription import CreateSubscriptionWrite
from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from stigg_actions.deps import Deps
    from stigg_actions.models.renew_subscription import RenewalResult, RenewSubscription
    from stigg_actions.opportunities.left_alone import LeftAlone
    from stigg_actions.opportunities.lines import Line, PlanPart
    from stigg_actions.opportunities.situation import Situation
    from stigg_actions.storage.mapping import MappedSubscription, RecordState
    from stigg_actions.storage.opportunity_lines import NotedLine
    from stigg_actions.storage.ramps import Ramp


class PlanWork:
    """The work for one plan. It is created before any part is performed, so that a wrong line is refused first.

    Raises:
        RequestInvalid: a line cannot be provisioned as it is.
    """

    def __init__(self, situation: Situation, part: PlanPart) -> None:
        self.situation = situation
        self.part = part
        self.ended = removed_parts.of_plan(situation, part, self._plan_ids)
        """The removed add-ons and entitlements that the request ends, by line."""
        state = situation.known.states.get(self.current.subscription_id) if self.current else None
        self.ramp = ramp_of(situation, part, self.current, state, is_new=self.is_new)
        refused = line_records.refused_addons(situation, part)
        self.wanted = self.ramp.wanted if self.ramp else Wanted(situation.request, part, refused, situation.now)
        self.new = self.wanted.subscription()
        self.wish = self.ramp.wish_without(self.ended.values()) if self.ramp else self.wanted.wish(self.ended.values())
        if self.current is not None:
            self._renewal()

    @property
    def line(self) -> Line:
        """The plan's line."""
        return self.part.plan

    @property
    def source(self) -> RecordState | None:
        """The record whose subscription the line has: its own, or that of the removed line that it replaces."""
        return self.situation.known.own(self.source_id)

    @property
    def source_id(self) -> str:
        """The line itself, or the removed line that it replaces."""
        return self.situation.taken.get(self.line.id, self.line.id)

    @property
    def current(self) -> MappedSubscription | None:
        """The subscription that the line has or takes over."""
        return self.source.current if self.source else None

    @property
    def adopted_id(self) -> str | None:
        """The subscription without a record that the line names."""
        return self.situation.adopted.get(self.line.id)

    @property
    def is_new(self) -> bool:
        """Whether the line has no subscription yet."""
        return self.current is None and self.adopted_id is None

    @property
    def end(self) -> datetime | None:
        """The end of its subscription: that of the last segment, or of the opportunity."""
        return self.wanted.request.ends_at

    @property
    def is_repeated(self) -> bool:
        """Whether the last deal with this line requested the same."""
        record = self._record
        return record is not None and record.sold == self.wish

    def of_segment(self, line: Line) -> str | None:
        """Return what becomes of a line of another segment than the present one, None for any other line."""
        return self.ramp.outcome_of(line) if self.ramp else None

    def gives_an_end(self, end: str | None) -> bool:
        """Whether the subscription would get a new cancellation date (ISO)."""
        has_it = self.current is not None and self.current.cancellation_date == end
        return not self.is_repeated and not has_it

    @property
    def gone(self) -> list[NotedLine]:
        """What is removed from the subscription besides the earlier content of changed lines."""
        known, is_kept = self.situation.known, self.situation.request.removed == "keep"
        removed = [line for line in known.removed.values() if is_kept and line.plan_line_id in self._plan_ids]
        return [*removed_parts.to_end(self.ended), *(self.ramp.dropped(removed) if self.ramp else ())]

    def write(self, request: RenewSubscription, deps: Deps) -> RenewSubscriptionWrite:
        """Return the write of a renewal."""
        return RenewSubscriptionWrite(request, deps, wish=self.wish)

    def last_given(self, terms: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the terms last given that a renewal is compared with."""
        return terms

    def do(self, customer_id: str, deps: Deps) -> Sold | LeftAlone:
        """Provision, adopt or renew the subscription, once. Raises what the writes raise."""
        ended = trials.left_alone(self, deps) or self._do(customer_id, deps)
        notes = (trials.sold_anew(self, ended), self._kept_discount)
        return ended.with_note(" ".join(filter(None, notes))) if any(notes) else ended

    @property
    def _kept_discount(self) -> str | None:
        situation = self.situation
        return discounts.kept(self.wanted.request, self._last_given, self.wanted.coupon, situation.now)

    def _do(self, customer_id: str, deps: Deps) -> Sold | LeftAlone:
        if self.adopted_id is not None:
            return self.adopt(
                self.adopted_id, f"The line now has subscription {self.adopted_id}, which it names.", deps
            )
        if self.current is None:
            return self.provision(customer_id, deps)
        return self._renew(customer_id, self.current, deps)

    def provision(self, customer_id: str, deps: Deps) -> Sold | LeftAlone:
        """Provision a new subscription, unless the line's moved away or has ended since it was sold."""
        left = self.left_alone_as_new(deps)
        if left is not None:
            return left
        request = self.new.model_copy(update={"customer_id": customer_id})
        write = CreateSubscriptionWrite(request, deps, wish=self.wish)
        write.ramp = self._ramp_to_store
        return Sold(carried_out(write, self.situation.request))

    def left_alone_as_new(self, deps: Deps) -> LeftAlone | None:
        """Return the result of a line whose subscription moved away or has ended since it was sold, or None."""
        return moved_away.left_alone(self, deps) or self._left_alone(self._twin, deps)

    def adopt(self, subscription_id: str, note: str, deps: Deps) -> Sold:
        """Move a subscription without a record to the line, and renew it to the requested terms."""
        named = {"subscriptionId": subscription_id, "newSalesforceRecordId": self.line.id}
        if self.ramp is not None:
            state = deps.ledger.subscription(subscription_id)
            self.ramp = ramp_of(self.situation, self.part, self.current, state, is_new=self.is_new)
            self.wanted = self.ramp.wanted if self.ramp else self.wanted
        renewal = self.wanted.renewal(named, self.last_given({}), self.gone)
        return Sold(self._perform(renewal, deps, ramp=self._ramp_to_store), note)

    def _renew(self, customer_id: str, current: MappedSubscription, deps: Deps) -> Sold | LeftAlone:
        left = self._left_alone(self.source, deps)
        if left is not None:
            return self._handed_over(left, deps)
        if self.line.item.resource_id != current.resource_id:
            raise self._of_another_resource(current)
        try:
            return Sold(self._perform(self._renewal(), deps, ramp=self._ramp_to_store), self.taken_over)
        except RequestInvalid:
            takeover = import_module("stigg_actions.opportunities.replaced_in_app")  # few calls need it
            instead: Sold | LeftAlone | None = takeover.instead(self, customer_id, current, deps)
            if instead is None:
                raise
            return instead

    def _left_alone(self, record: RecordState | None, deps: Deps) -> LeftAlone | None:
        if record is None:
            return None
        named, situation = {"salesforceRecordId": record.record_id}, self.situation

        def renewal(terms: Mapping[str, Any]) -> RenewSubscription:
            return self.wanted.renewal(named, self.last_given(terms), self.gone)

        return Repeat(situation.request, self.wish, record, situation.known, renewal).left_alone(deps)

    def _handed_over(self, left: LeftAlone, deps: Deps) -> Sold | LeftAlone:
        """Move a subscription to the line that takes it over, with unchanged terms, unless the request is too old."""
        if self.taken_over is None or left.found is None or left.found.has_ended:
            return left
        moved = self._perform(requests.moved(self.situation.request, self._names), deps, ramp=None)
        return Sold(moved) if moved.outcome == "superseded" else left.with_note(self.taken_over)

    def _perform(self, request: RenewSubscription, deps: Deps, *, ramp: Ramp | None) -> RenewalResult:
        try:
            write = self.write(request, deps)
            write.ramp = ramp
            return carried_out(write, self.situation.request)
        except RequestInvalid as error:
            raise self.wanted.names.of_caller(error) from None

    @property
    def _ramp_to_store(self) -> Ramp | None:
        if self.ramp is not None:
            return self.ramp.to_store
        return called_off(self.situation.known, self._plan_ids, self.source)

    def _renewal(self) -> RenewSubscription:
        former = line_records.former_items(self.situation.after, self.part, self._plan_ids)
        return self.wanted.renewal(self._names, self.last_given(self._last_given), [*former, *self.gone])

    @property
    def _last_given(self) -> Mapping[str, Any]:
        """The terms that the line's subscription was last given."""
        return self.situation.known.terms(self.current) if self.current else {}

    @property
    def _plan_ids(self) -> set[str]:
        """The plan's line, and the lines that had its subscription before."""
        return {*self.situation.known.origins(self.line.id), self.source_id}

    @property
    def _names(self) -> dict[str, str]:
        """The request fields that name the subscription's record and its new one."""
        source = self.situation.taken.get(self.line.id)
        if source is None:
            return {"salesforceRecordId": self.line.id}
        return {"salesforceRecordId": source, "newSalesforceRecordId": self.line.id}

    @property
    def taken_over(self) -> str | None:
        """The note for a line that replaces a removed one."""
        source = self.situation.taken.get(self.line.id)
        return None if source is None else f"Took over the subscription of line {source}."

    @property
    def _record(self) -> RecordState | None:
        """The record that shows what was sold: that of the line, of the line that it replaces, or of a twin."""
        return self.source if self.current is not None else self._twin

    @property
    def _twin(self) -> RecordState | None:
        return self.situation.known.twin(self.line.id, self.line.item.resource_id, self.wish)

    def _of_another_resource(self, current: MappedSubscription) -> RequestInvalid:
        resource = current.resource_id or "no resource"
        problem = (
            f"cannot change, because the line's subscription is for {resource}; use another line for another resource"
        )
        return RequestInvalid([self.line.problem("resourceId", problem)])
