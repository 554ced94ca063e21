"""Provision, renew, move or leave one plan of an opportunity with its add-ons and entitlements."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.errors import RequestInvalid
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.provision_opportunity import ADDON
from stigg_actions.opportunities import line_records, moved_away, requests
from stigg_actions.opportunities.ramp_work import Present, RampWork, called_off, ramp_work
from stigg_actions.opportunities.repeats import Repeat
from stigg_actions.opportunities.requests import Wanted
from stigg_actions.writes.create_subscription import CreateSubscriptionWrite
from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite

if TYPE_CHECKING:
    from datetime import datetime

    from stigg_actions.deps import Deps
    from stigg_actions.models.create_subscription import SubscriptionResult
    from stigg_actions.models.renew_subscription import RenewalResult, RenewSubscription
    from stigg_actions.opportunities.left_alone import LeftAlone
    from stigg_actions.opportunities.lines import Line, PlanPart
    from stigg_actions.opportunities.situation import Situation
    from stigg_actions.storage.mapping import MappedSubscription, RecordState, SubscriptionState
    from stigg_actions.storage.opportunity_lines import NotedLine
    from stigg_actions.storage.ramps import Ramp


class Sold(NamedTuple):
    """The result for a plan's subscription, with a note if the line took it over."""

    answer: RenewalResult | SubscriptionResult
    note: str | None = None


class PlanWork:
    """The work for one plan. It is created before any part is performed, so that a wrong line is refused first.

    Raises:
        RequestInvalid: a line cannot be provisioned as it is.
    """

    def __init__(self, situation: Situation, part: PlanPart, now: float) -> None:
        self.situation = situation
        self.part = part
        state = situation.known.states.get(self.current.subscription_id) if self.current else None
        self.ramp = self._ramp_on(state, now)
        self.wanted = self.ramp.wanted if self.ramp else Wanted(situation.request, part, tuple(self._refused_addons()))
        self.new = self.wanted.subscription()
        self.wish = self.ramp.wish if self.ramp else self.wanted.wish()
        if self.current is not None:
            self._renewal()

    @property
    def line(self) -> Line:
        """The plan's line."""
        return self.part.plan

    @property
    def source(self) -> RecordState | None:
        """The record whose subscription the line has: its own, or that of the removed line that it replaces."""
        return self.situation.known.own(self.situation.taken.get(self.line.id, self.line.id))

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

    def do(self, customer_id: str, deps: Deps) -> Sold | LeftAlone:
        """Provision, adopt or renew the subscription, once. Raises what the writes raise."""
        if self.adopted_id is not None:
            return self.adopt(
                self.adopted_id, f"The line now has subscription {self.adopted_id}, which it names.", deps
            )
        if self.current is None:
            return self.provision(customer_id, deps)
        return self._renew(customer_id, self.current, deps)

    def provision(self, customer_id: str, deps: Deps) -> Sold | LeftAlone:
        """Provision a new subscription, unless the line's moved away or has ended since it was sold."""
        left = moved_away.left_alone(self, deps) or self._left_alone(self._twin(), deps)
        if left is not None:
            return left
        request = self.new.model_copy(update={"customer_id": customer_id})
        write = CreateSubscriptionWrite(request, deps, wish=self.wish)
        write.ramp = self._ramp_to_store
        return Sold(perform(write))

    def adopt(self, subscription_id: str, note: str, deps: Deps) -> Sold:
        """Move a subscription without a record to the line, and renew it to the requested terms."""
        named = {"subscriptionId": subscription_id, "newSalesforceRecordId": self.line.id}
        if self.ramp is not None:
            self.ramp = self._ramp_on(deps.ledger.subscription(subscription_id), deps.clock.now())
            self.wanted = self.ramp.wanted if self.ramp else self.wanted
        return Sold(self._perform(self.wanted.renewal(named, {}), deps, ramp=self._ramp_to_store), note)

    def _renew(self, customer_id: str, current: MappedSubscription, deps: Deps) -> Sold | LeftAlone:
        left = self._left_alone(self.source, deps)
        if left is not None:
            return self._handed_over(left, deps)
        if self.line.item.resource_id != current.resource_id:
            raise self._of_another_resource(current)
        try:
            return Sold(self._perform(self._renewal(), deps, ramp=self._ramp_to_store), self._taken_over)
        except RequestInvalid:
            instead: Sold | LeftAlone | None = _adoption().instead(self, customer_id, current, deps)
            if instead is None:
                raise
            return instead

    def _left_alone(self, record: RecordState | None, deps: Deps) -> LeftAlone | None:
        if record is None:
            return None
        named = {"salesforceRecordId": record.record_id}
        repeat = Repeat(
            self.situation.request,
            self.wish,
            record,
            self.situation.known,
            lambda last_given: self.wanted.renewal(named, last_given),
        )
        return repeat.left_alone(deps)

    def _handed_over(self, left: LeftAlone, deps: Deps) -> LeftAlone:
        """Move a subscription to the line that takes it over, with unchanged terms."""
        if self._taken_over is None or left.found is None or left.found.has_ended:
            return left
        self._perform(requests.moved(self.situation.request, self._names), deps, ramp=None)
        return left.with_note(self._taken_over)

    def _perform(self, request: RenewSubscription, deps: Deps, *, ramp: Ramp | None) -> RenewalResult:
        try:
            write = RenewSubscriptionWrite(request, deps, wish=self.wish)
            write.ramp = ramp
            return perform(write)
        except RequestInvalid as error:
            raise self.wanted.names.of_caller(error) from None

    @property
    def _ramp_to_store(self) -> Ramp | None:
        if self.ramp is not None:
            return self.ramp.to_store
        return called_off(self.situation.known, self._plan_ids, self.current)

    def _ramp_on(self, state: SubscriptionState | None, now: float) -> RampWork | None:
        """Return the ramp that the lines request of the subscription that they have, or of a new one."""
        if not self.part.segments:
            return None
        starts_at = self.current.starts_at if self.current else None
        present = None if self.is_new else Present(state, starts_at)
        return ramp_work(self.situation.request, self.part, present, now)

    def _renewal(self) -> RenewSubscription:
        current, situation = self.current, self.situation
        last_given = situation.known.terms(current) if current else {}
        former = line_records.former_items(situation.after, self.part, self._plan_ids)
        return self.wanted.renewal(self._names, last_given, former)

    @property
    def _plan_ids(self) -> set[str]:
        """The plan's line, and the lines that had its subscription before."""
        return {*self.situation.known.origins(self.line.id), self.situation.taken.get(self.line.id, self.line.id)}

    @property
    def _names(self) -> dict[str, str]:
        """The request fields that name the subscription's record and its new one."""
        source = self.situation.taken.get(self.line.id)
        if source is None:
            return {"salesforceRecordId": self.line.id}
        return {"salesforceRecordId": source, "newSalesforceRecordId": self.line.id}

    @property
    def _taken_over(self) -> str | None:
        """The note for a line that replaces a removed one."""
        source = self.situation.taken.get(self.line.id)
        return None if source is None else f"Took over the subscription of line {source}."

    @property
    def _record(self) -> RecordState | None:
        """The record that shows what was sold: that of the line, of the line that it replaces, or of a twin."""
        return self.source if self.current is not None else self._twin()

    def _twin(self) -> RecordState | None:
        """Return the line's own record, or that of a removed line that was sold the same and has ended."""
        known, item = self.situation.known, self.line.item
        own = known.own(self.line.id)
        if own is not None and own.sold is not None:
            return own
        ended = [
            record
            for line_id in sorted(known.removed)
            if (record := known.own(line_id)) is not None and record.sold == self.wish and record.current is not None
        ]
        return next((twin for twin in ended if twin.current and twin.current.resource_id == item.resource_id), own)

    def _refused_addons(self) -> list[NotedLine]:
        """Return the refused add-on lines whose add-on other lines give too. Their quantity still counts in the sum."""
        lines = self.situation.known.opportunity.lines
        sold = {line.item.stigg_id for line in self.part.attached if line.item.stigg_type == ADDON}
        refusals = [refusal for refusal in self.situation.deal.refused if refusal.plan_line_id == self.line.id]
        refused = [lines.get(refusal.line.id) for refusal in refusals]
        return [
            line
            for line in refused
            if line is not None and line.stigg_type == ADDON and line.stigg_id in sold and line.quantity is not None
        ]

    def _of_another_resource(self, current: MappedSubscription) -> RequestInvalid:
        resource = current.resource_id or "no resource"
        problem = (
            f"cannot change, because the line's subscription is for {resource}; use another line for another resource"
        )
        return RequestInvalid([self.line.problem("resourceId", problem)])


def _adoption() -> Any:  # noqa: ANN401 - a module that few calls need, so cold starts do not load it
    return import_module("stigg_actions.opportunities.replaced_in_app")
