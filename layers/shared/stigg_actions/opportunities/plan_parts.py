"""One plan of an opportunity with what goes with it: provisioned, renewed, handed over to a new line, or left alone."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.errors import NotFound, RequestInvalid
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.provision_opportunity import ADDON
from stigg_actions.opportunities import line_records, moved_away, requests
from stigg_actions.opportunities.repeats import Repeat
from stigg_actions.opportunities.requests import Wanted
from stigg_actions.writes.create_subscription import CreateSubscriptionWrite
from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.models.create_subscription import SubscriptionResult
    from stigg_actions.models.renew_subscription import RenewalResult, RenewSubscription
    from stigg_actions.opportunities.left_alone import LeftAlone
    from stigg_actions.opportunities.lines import Line, PlanPart
    from stigg_actions.opportunities.situation import Situation
    from stigg_actions.storage.mapping import MappedSubscription, RecordState
    from stigg_actions.storage.opportunity_lines import NotedLine


class Sold(NamedTuple):
    """What came of a plan's subscription, and what there is to say of how it came to its line."""

    answer: RenewalResult | SubscriptionResult
    note: str | None = None


class PlanWork:
    """What is to be done for one plan. Made before anything is done, so that a wrong line is found in time.

    Raises:
        RequestInvalid: a line cannot be what it says.
    """

    def __init__(self, situation: Situation, part: PlanPart) -> None:
        self.situation = situation
        self.part = part
        self.wanted = Wanted(situation.request, part, tuple(self._refused_addons()))
        self.new = self.wanted.subscription()
        self.wish = self.wanted.wish()
        if self.current is not None:
            self._renewal()

    @property
    def line(self) -> Line:
        """The plan's line."""
        return self.part.plan

    @property
    def source(self) -> RecordState | None:
        """The record whose subscription the line has: its own, or that of the removed line whose place it takes."""
        return self.situation.known.own(self.situation.taken.get(self.line.id, self.line.id))

    @property
    def current(self) -> MappedSubscription | None:
        """The subscription that the line has, or takes over."""
        return self.source.current if self.source else None

    @property
    def adopted_id(self) -> str | None:
        """The subscription of no record that the line names."""
        return self.situation.adopted.get(self.line.id)

    @property
    def is_new(self) -> bool:
        """Whether there is no subscription yet."""
        return self.current is None and self.adopted_id is None

    @property
    def is_repeated(self) -> bool:
        """Whether a deal asked the same of the line before, and nothing else since."""
        record = self._record
        return record is not None and record.sold == self.wish

    def gives_an_end(self, end: str | None) -> bool:
        """Whether the subscription would get an end (ISO) that it does not have yet."""
        has_it = self.current is not None and self.current.cancellation_date == end
        return not self.is_repeated and not has_it

    def do(self, customer_id: str, deps: Deps) -> Sold | LeftAlone:
        """Make the subscription be as wanted, once. Raises as the writes do."""
        if self.adopted_id is not None:
            return self.adopt(self.adopted_id, f"The line has subscription {self.adopted_id} now, as it says.", deps)
        if self.current is None:
            return self.provision(customer_id, deps)
        return self._renew(customer_id, self.current, deps)

    def provision(self, customer_id: str, deps: Deps) -> Sold | LeftAlone:
        """Provision a new subscription, unless the line's moved away, or it was sold before and that is over."""
        left = moved_away.left_alone(self, deps) or self._left_alone(self._twin(), deps)
        if left is not None:
            return left
        request = self.new.model_copy(update={"customer_id": customer_id})
        try:
            return Sold(perform(CreateSubscriptionWrite(request, deps, wish=self.wish)))
        except NotFound as error:
            raise self.wanted.names.of_refusal(error) from None

    def adopt(self, subscription_id: str, note: str, deps: Deps) -> Sold:
        """Make a subscription of no record the line's, and bring it to what is wanted."""
        named = {"subscriptionId": subscription_id, "newSalesforceRecordId": self.line.id}
        return Sold(self._perform(self.wanted.renewal(named, {}), deps), note)

    def _renew(self, customer_id: str, current: MappedSubscription, deps: Deps) -> Sold | LeftAlone:
        left = self._left_alone(self.source, deps)
        if left is not None:
            return self._handed_over(left, deps)
        if self.line.item.resource_id != current.resource_id:
            raise self._of_another_resource(current)
        try:
            return Sold(self._perform(self._renewal(), deps), self._taken_over)
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
        """Hand a subscription over to the line that takes it, with its terms as they are."""
        if self._taken_over is None or left.found is None or left.found.has_ended:
            return left
        self._perform(requests.moved(self.situation.request, self._names), deps)
        return left.with_note(self._taken_over)

    def _perform(self, request: RenewSubscription, deps: Deps) -> RenewalResult:
        try:
            return perform(RenewSubscriptionWrite(request, deps, wish=self.wish))
        except RequestInvalid as error:
            raise self.wanted.names.of_caller(error) from None
        except NotFound as error:
            raise self.wanted.names.of_refusal(error) from None

    def _renewal(self) -> RenewSubscription:
        current, situation = self.current, self.situation
        last_given = situation.known.terms(current) if current else {}
        plans = {*situation.known.origins(self.line.id), situation.taken.get(self.line.id, self.line.id)}
        former = line_records.former_items(situation.after, self.part, plans)
        return self.wanted.renewal(self._names, last_given, former)

    @property
    def _names(self) -> dict[str, str]:
        """By which ids the subscription is found, and whose it is from now on."""
        source = self.situation.taken.get(self.line.id)
        if source is None:
            return {"salesforceRecordId": self.line.id}
        return {"salesforceRecordId": source, "newSalesforceRecordId": self.line.id}

    @property
    def _taken_over(self) -> str | None:
        """What there is to say if the line takes the place of a removed one."""
        source = self.situation.taken.get(self.line.id)
        return None if source is None else f"Took over the subscription of line {source}."

    @property
    def _record(self) -> RecordState | None:
        """The record that tells what was sold: that of the line or of the one whose place it takes, else of a twin."""
        return self.source if self.current is not None else self._twin()

    def _twin(self) -> RecordState | None:
        """Return the line's own record, else that of a removed line that was sold just so, and has ended."""
        known, item = self.situation.known, self.line.item
        own = known.own(self.line.id)
        if own is not None and own.sold is not None:
            return own
        ended = [
            record
            for line_id in sorted(known.removed)
            if (record := known.own(line_id)) is not None and record.sold == self.wish and record.current is not None
        ]
        return next((one for one in ended if one.current and one.current.resource_id == item.resource_id), own)

    def _refused_addons(self) -> list[NotedLine]:
        """Return what refused lines had of add-ons that other lines give too: in their sum it stays as it was."""
        lines = self.situation.known.opportunity.lines
        sold = {line.item.stigg_id for line in self.part.attached if line.item.stigg_type == ADDON}
        refused = [lines.get(one.line.id) for one in self.situation.deal.refused if one.plan_line_id == self.line.id]
        return [
            one
            for one in refused
            if one is not None and one.stigg_type == ADDON and one.stigg_id in sold and one.quantity is not None
        ]

    def _of_another_resource(self, current: MappedSubscription) -> RequestInvalid:
        resource = current.resource_id or "no resource"
        told = f"its subscription is for {resource}, which Stigg cannot change; sell another resource on another line"
        return RequestInvalid([self.line.problem("resourceId", told)])


def _adoption() -> Any:  # noqa: ANN401 - a module, which hardly any call needs: no start pays for it
    return import_module("stigg_actions.opportunities.replaced_in_app")
