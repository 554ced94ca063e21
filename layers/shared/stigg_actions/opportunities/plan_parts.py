"""Provision, renew, move or leave one plan of an opportunity with its add-ons and entitlements."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from stigg_actions.errors import RequestInvalid
from stigg_actions.opportunities import discounts, line_records, moved_away, removed_parts, requests, trials
from stigg_actions.opportunities.performing import carried_out
from stigg_actions.opportunities.repeats import Repeat
from stigg_actions.opportunities.sold import Sold
from stigg_actions.opportunities.wanted import Wanted
from stigg_actions.writes.create_subscription import CreateSubscriptionWrite
from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.models.renew_subscription import RenewalResult, RenewSubscription
    from stigg_actions.opportunities.left_alone import LeftAlone
    from stigg_actions.opportunities.lines import Line, PlanPart
    from stigg_actions.opportunities.situation import Situation
    from stigg_actions.storage.mapping import MappedSubscription, RecordState
    from stigg_actions.storage.opportunity_lines import NotedLine


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
        self.wanted = Wanted(
            situation.request, part, tuple(line_records.refused_addons(situation, part)), situation.now
        )
        self.new = self.wanted.subscription()
        self.wish = self.wanted.wish(self.ended.values())
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
    def is_repeated(self) -> bool:
        """Whether the last deal with this line requested the same."""
        record = self._record
        return record is not None and record.sold == self.wish

    def gives_an_end(self, end: str | None) -> bool:
        """Whether the subscription would get a new cancellation date (ISO)."""
        has_it = self.current is not None and self.current.cancellation_date == end
        return not self.is_repeated and not has_it

    @property
    def gone(self) -> list[NotedLine]:
        """What is removed from the subscription besides the earlier content of changed lines."""
        return removed_parts.to_end(self.ended)

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
        return discounts.kept(situation.request, self._last_given, self.wanted.coupon, situation.now)

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
        return Sold(carried_out(CreateSubscriptionWrite(request, deps, wish=self.wish), self.situation.request))

    def left_alone_as_new(self, deps: Deps) -> LeftAlone | None:
        """Return the result of a line whose subscription moved away or has ended since it was sold, or None."""
        return moved_away.left_alone(self, deps) or self._left_alone(self._twin(), deps)

    def adopt(self, subscription_id: str, note: str, deps: Deps) -> Sold:
        """Move a subscription without a record to the line, and renew it to the requested terms."""
        named = {"subscriptionId": subscription_id, "newSalesforceRecordId": self.line.id}
        return Sold(self._perform(self.wanted.renewal(named, self.last_given({}), self.gone), deps), note)

    def _renew(self, customer_id: str, current: MappedSubscription, deps: Deps) -> Sold | LeftAlone:
        left = self._left_alone(self.source, deps)
        if left is not None:
            return self._handed_over(left, deps)
        if self.line.item.resource_id != current.resource_id:
            raise self._of_another_resource(current)
        try:
            return Sold(self._perform(self._renewal(), deps), self.taken_over)
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
            lambda terms: self.wanted.renewal(named, self.last_given(terms), self.gone),
        )
        return repeat.left_alone(deps)

    def _handed_over(self, left: LeftAlone, deps: Deps) -> Sold | LeftAlone:
        """Move a subscription to the line that takes it over, with unchanged terms, unless the request is too old."""
        if self.taken_over is None or left.found is None or left.found.has_ended:
            return left
        moved = self._perform(requests.moved(self.situation.request, self._names), deps)
        return Sold(moved) if moved.outcome == "superseded" else left.with_note(self.taken_over)

    def _perform(self, request: RenewSubscription, deps: Deps) -> RenewalResult:
        try:
            return carried_out(self.write(request, deps), self.situation.request)
        except RequestInvalid as error:
            raise self.wanted.names.of_caller(error) from None

    def _renewal(self) -> RenewSubscription:
        former = line_records.former_items(self.situation.after, self.part, self._plan_ids)
        return self.wanted.renewal(self._names, self.last_given(self._last_given), [*former, *self.gone])

    @property
    def _last_given(self) -> Mapping[str, Any]:
        """The terms that the line's subscription was last given."""
        return self.situation.known.terms(self.current) if self.current else {}

    @property
    def _plan_ids(self) -> set[str]:
        """The line, and the lines that had its subscription before."""
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

    def _of_another_resource(self, current: MappedSubscription) -> RequestInvalid:
        resource = current.resource_id or "no resource"
        problem = (
            f"cannot change, because the line's subscription is for {resource}; use another line for another resource"
        )
        return RequestInvalid([self.line.problem("resourceId", problem)])


def _adoption() -> Any:  # noqa: ANN401 - a module that few calls need, so cold starts do not load it
    return import_module("stigg_actions.opportunities.replaced_in_app")
