"""Provision a plan whose lines give differences: compute the totals from what runs now, and send them once.

The totals are a part of the operation's request, which is stored before anything is sent to Stigg. A repeat of a call
that was cut off finds that operation by the customer's lease, and carries it on with the same totals. The operation is
only started if neither the record nor the subscription was changed after they were read; otherwise they are read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.clock import Backoff
from stigg_actions.decimal_json import plain_number
from stigg_actions.errors import RequestInvalid
from stigg_actions.exactly_once.registry import load_write
from stigg_actions.opportunities import applied_deltas, running_quantities
from stigg_actions.opportunities.earlier_operations import earlier
from stigg_actions.opportunities.performing import carried_out
from stigg_actions.opportunities.plan_parts import PlanWork
from stigg_actions.opportunities.quantity_modes import nominal
from stigg_actions.opportunities.running_quantities import Totals
from stigg_actions.opportunities.situation import look
from stigg_actions.opportunities.sold import Sold
from stigg_actions.storage.operation import fingerprint
from stigg_actions.subscriptions.terms import terms_in_force
from stigg_actions.writes.renew_subscription import RenewSubscriptionWrite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.models.renew_subscription import RenewSubscription
    from stigg_actions.opportunities.left_alone import LeftAlone
    from stigg_actions.opportunities.lines import PlanPart
    from stigg_actions.opportunities.situation import Situation
    from stigg_actions.storage.mapping import LatestOperation, SubscriptionState
    from stigg_actions.storage.opportunity_lines import NotedLine
    from stigg_actions.storage.snapshot import Snapshot

_KEPT = ("paymentCollectionMethod", "trialOverrideConfiguration", "unitQuantity")
"""The terms last given that say whether a subscription is as requested. Its start is not changed by a difference."""


class OutdatedReadError(Exception):
    """The record or the subscription was changed after the totals were computed from it. Nothing was sent."""


class Read(NamedTuple):
    """What totals were computed from: the subscription's state, and the version of the record that has it, if any."""

    state: SubscriptionState | None
    record_version: int | None

    @property
    def latest(self) -> LatestOperation | None:
        """The operation that last changed the subscription."""
        return self.state.latest if self.state else None

    def is_true_of(self, snapshot: Snapshot) -> bool:
        """Whether neither has changed since."""
        now = snapshot.subscription.latest if snapshot.subscription else None
        version = snapshot.record.version if snapshot.record else None
        return now == self.latest and self.record_version in {None, version}


class RenewalOfRead(RenewSubscriptionWrite):
    """Renew a subscription to totals that were computed from what was read of it."""

    def __init__(self, request: RenewSubscription, deps: Deps, wish: str, read: Read) -> None:
        super().__init__(request, deps, wish=wish)
        self._read = read

    def check_owner(self, snapshot: Snapshot) -> None:
        """Refuse to start if the record or the subscription has changed.

        Raises:
            OutdatedReadError: the totals have to be computed again.
        """
        super().check_owner(snapshot)
        if not self._read.is_true_of(snapshot):
            raise OutdatedReadError


class TotalsWork(PlanWork):
    """The work for a plan with totals in place of differences."""

    def __init__(self, work: ChangedPlanWork, totals: Totals, wish: str, read: Read | None = None) -> None:
        self._totals = totals
        self._read = read
        super().__init__(work.situation, totals.part)
        self.ended = work.ended  # the lines without a difference to apply are not among the totals
        self.wanted = self.wanted._replace(running=totals.running)
        self.wish = wish

    @property
    def gone(self) -> list[NotedLine]:
        """What is removed from the subscription."""
        return [*super().gone, *self._totals.removed]

    def write(self, request: RenewSubscription, deps: Deps) -> RenewSubscriptionWrite:
        """Return the write of a renewal, under a key of what its totals were computed from."""
        if self._read is None or request.subscription_id not in {None, self.adopted_id}:
            return super().write(request, deps)
        latest = self._read.latest
        base = [latest.operation_key, latest.intent] if latest else None
        key = fingerprint({"wish": self.wish, "base": base, "request": request.canonical()})
        keyed = request.model_copy(update={"idempotency_key": f"delta-{key}"})
        return RenewalOfRead(keyed, deps, self.wish, self._read)

    def last_given(self, terms: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the terms last given that a renewal is compared with."""
        of_read = self._read.state.terms if self._read and self._read.state else {}
        return {name: value for name, value in {**of_read, **terms}.items() if name in _KEPT}


class ChangedPlanWork(PlanWork):
    """The work for a plan whose lines give differences, or say that there is to be none."""

    def __init__(self, situation: Situation, part: PlanPart) -> None:
        super().__init__(situation, nominal(part))
        self.part = part
        self._due = applied_deltas.due(situation, part, self._applied)
        self._digest = self._digest_of(self.wish)
        self.wish = applied_deltas.wish(self._digest, self._due.after)

    def do(self, customer_id: str, deps: Deps) -> Sold | LeftAlone:
        """Compute the totals and provision, adopt or renew the subscription, once. Raises what the writes raise."""
        work: ChangedPlanWork = self
        backoff = Backoff(deps.deadline)
        while True:
            try:
                return work._done(customer_id, deps)
            except OutdatedReadError:
                backoff.once()
                work = work._read_again(deps)

    def _done(self, customer_id: str, deps: Deps) -> Sold | LeftAlone:
        """Do the work from what was read.

        Raises:
            OutdatedReadError: another call changed what was read.
        """
        before = earlier(self, customer_id, deps)
        request = self.situation.request
        if before.same is not None:
            return Sold(carried_out(load_write(before.same, deps), request), self.taken_over)
        if not request.dry_run and before.settle_other(deps):  # it may have changed quantities, and what was sold
            raise OutdatedReadError
        left = self.left_alone_as_new(deps) if self.is_new else None
        return left or self._with_totals(deps).do(customer_id, deps)

    @property
    def _applied(self) -> applied_deltas.Deltas:
        return applied_deltas.applied(self.source.sold if self.source else None)

    def _digest_of(self, terms: str) -> str:
        """Return the digest of the requested terms, given that of the terms without differences."""
        changes = sorted(
            (*applied_deltas.item_of(line), str(line.item.quantity_mode), plain_number(line.item.quantity))
            for line in self.part.lines
            if line.item.quantity is not None
        )
        return fingerprint({"terms": terms, "changes": changes})

    def _with_totals(self, deps: Deps) -> TotalsWork:
        subscription_id = self.adopted_id or (self.current.subscription_id if self.current else None)
        if subscription_id is None:
            return self._of_new()
        self._refuse_forgotten()
        read = self._read(subscription_id, deps)
        if not self._due.net:
            return TotalsWork(self, running_quantities.of_unchanged(self.part), self.wish, read)
        current = deps.stigg.find_subscription(subscription_id)
        if current is None or current.has_ended:
            problem = f"is delta, but subscription {subscription_id} of the line has ended; give totals"
            raise RequestInvalid([self.line.problem("quantityMode", problem)])
        totals = running_quantities.of_running(self.part, self._due.net, terms_in_force(read.state, current))
        return TotalsWork(self, totals, self.wish, read)

    def _of_new(self) -> TotalsWork:
        """Return the work for a new subscription, which contains only what the lines give now."""
        is_left_alone = self.is_repeated and not self.situation.request.reapply
        new = applied_deltas.wish(self._digest, applied_deltas.wanted(self.part))
        part = running_quantities.of_new(self.part)
        return TotalsWork(self, Totals(part, (), {}), self.wish if is_left_alone else new)

    def _read(self, subscription_id: str, deps: Deps) -> Read:
        """Read the state of a subscription. A line's own is read with the record that has it.

        Raises:
            OutdatedReadError: another call for this line has taken the subscription over.
        """
        state = deps.ledger.subscription(subscription_id)
        if self.adopted_id is None:
            return Read(state, self.source.version if self.source else None)
        if state is not None and state.record_id == self.line.id:
            raise OutdatedReadError
        return Read(state, None)

    def _read_again(self, deps: Deps) -> ChangedPlanWork:
        """Return the work as the tables are now."""
        situation = look(self.situation.request, self.situation.deal, deps)
        part = next(part for part in situation.deal.plans if part.plan.id == self.line.id)
        return ChangedPlanWork(situation, part)

    def _refuse_forgotten(self) -> None:
        """Refuse a difference that may be applied already, because the record was restored without what it had sold."""
        noted, record = self.situation.known.opportunity.lines, self.source
        if record is None or not record.mapped or record.sold is not None:
            return
        for line in self.part.lines:
            if line.item.is_delta and line.id in noted and noted[line.id].delta:
                problem = "is a difference that may have been applied before: the record was restored since"
                raise RequestInvalid([line.problem("quantity", f"{problem}; give the total with quantityMode total")])
