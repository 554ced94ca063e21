"""Update the mappings after a subscription was provisioned."""

from __future__ import annotations

from contextlib import suppress
from copy import replace
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.clock import iso
from stigg_actions.errors import ActionError
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.ledger import latest
from stigg_actions.storage.mapping import (
    AccountLink,
    Changes,
    LatestOperation,
    LiveSubscription,
    MappedSubscription,
    RecordState,
    ResourceState,
    SubscriptionState,
)
from stigg_actions.writes._mapped import mapped
from stigg_actions.writes._mapping_closed import closed_records
from stigg_actions.writes._mapping_history import ProvisionedHistory
from stigg_actions.writes._scheduled_cancellation import is_scheduled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.models.subscription_data import ProvisionedAnswer
    from stigg_actions.storage.snapshot import Run
    from stigg_actions.writes._mapping_history import Occasion
    from stigg_actions.writes._metadata import Owner


class ProvisionedMapping(NamedTuple):
    """The mappings after a subscription was provisioned for an owner, computed from the run's snapshot."""

    run: Run
    effect: Effect[ProvisionedAnswer]
    owner: Owner
    occasion: Occasion
    deps: Deps

    def changes(self) -> Changes:
        """Return the record's new mapping, the resource's live subscriptions, and the closed mappings.

        A subscription that has ended when it is read changes no mapping.
        """
        before = self.run.customer
        customer = replace(before, latest=self._done) if self.occasion.changes_customer else before
        if self._answer.status in ENDED:
            return Changes(customer)
        closed = list(closed_records(self.run, self.effect.ended, self.owner, self.deps))
        history = ProvisionedHistory(self.run, self._answer, self.owner, self.occasion, iso(self.deps.clock.now()))
        return Changes(
            customer=customer,
            resource=self._resource(),
            other_resources=tuple(self._left_behind()),
            records=(*self._record(), *(mapping.record for mapping in closed)),
            history=tuple(history.entries(closed, self._called_off())),
            subscriptions=tuple(self._states()),
            account=self._account(),
        )

    @property
    def _answer(self) -> ProvisionedAnswer:
        return self.effect.answer

    @property
    def _done(self) -> LatestOperation:
        return latest(self.run.operation, self.deps.clock.now())

    @property
    def _gone(self) -> set[str]:
        return {subscription.subscription_id for subscription in self.effect.ended}

    @property
    def _live(self) -> LiveSubscription | None:
        """The new subscription, unless it does not exist before it is paid."""
        answer, owner = self._answer, self.owner
        if answer.status == "PAYMENT_REQUIRED":
            return None
        org_id = owner.org_id if owner.record_id else None
        return LiveSubscription(answer.subscription_id, answer.plan_id, answer.resource_id, org_id, owner.record_id)

    def _states(self) -> Iterator[SubscriptionState]:
        """Yield the state of the subscription that the request named, and that of the new one."""
        named, live = self.effect.subject or self.run.snapshot.subscription, self._live
        if named is not None and (live is None or named.subscription_id != live.subscription_id):
            follower = live.subscription_id if live else named.followed_by
            yield replace(named, latest=self._done, followed_by=follower)
        if live is not None:
            yield SubscriptionState(
                live.subscription_id,
                self._answer.customer_id,
                live.plan_id,
                live.resource_id,
                live.org_id,
                live.record_id,
                terms=self.effect.terms or {},
                before_downgrade=self.occasion.before_downgrade,
                latest=self._done,
            )

    def _resource(self) -> ResourceState:
        before = self.run.snapshot.resource or ResourceState(self.run.customer.customer_id)
        kept = {name: live for name, live in before.live.items() if name not in self._gone}
        new = {self._live.subscription_id: self._live} if self._live else {}
        return replace(before, live={**kept, **new}, latest=self._done)

    def _left_behind(self) -> Iterator[ResourceState]:
        """Yield the list of another resource or customer, without the subscription that the record had there, if ended.

        Nothing else would remove it from that list: from now on the record names another subscription.
        """
        record, answer = self.run.snapshot.record, self._answer
        if record is None or not self._is_for(record) or answer.outcome == "paymentRequired":
            return
        left = record.current
        if left is None or (record.customer_id, left.resource_id) == (answer.customer_id, answer.resource_id):
            return
        resource = self.deps.ledger.resource(record.customer_id, left.resource_id)
        if left.subscription_id in resource.live and self._has_ended(left.subscription_id):
            yield resource.without(left.subscription_id)

    def _has_ended(self, subscription_id: str) -> bool:
        """Whether Stigg shows a subscription as ended; False if it cannot be read now."""
        with suppress(ActionError):
            subscription = self.deps.stigg.find_subscription(subscription_id)
            return subscription is None or subscription.has_ended
        return False

    def _is_for(self, record: RecordState) -> bool:
        return (record.org_id, record.record_id) == (self.owner.org_id, self.owner.record_id)

    def _record(self) -> list[RecordState]:
        """Map the owner's record to the new subscription: as its next one if the current one runs on."""
        if self.owner.record_id is None:
            return []
        empty = RecordState(self.owner.org_id, self.owner.record_id, self._answer.customer_id)
        before, new = self._record_before() or empty, self._mapped()
        if self._answer.outcome == "paymentRequired":
            free = replace(before, customer_id=self._answer.customer_id, claim=None)
            return [free.awaiting(replace(new, asked_at=int(self.deps.clock.now()))).settled_by(self._done)]
        paid = before.without_page(self._answer.subscription_id)
        settled = replace(paid, customer_id=self._answer.customer_id, claim=None, moved_to=None).settled_by(self._done)
        over = {*self._gone, self._answer.subscription_id}
        if new.starts_at is not None and self._runs_on(before, over):
            return [replace(settled, upcoming=new)]
        kept = before.upcoming if before.upcoming and before.upcoming.subscription_id not in over else None
        return [replace(settled, current=new, upcoming=kept)]

    def _called_off(self) -> list[str]:
        """Return the ids of the record's subscriptions that ended before they started."""
        record, now = self.run.snapshot.record, self.deps.clock.now()
        if record is None or not self._is_for(record):
            return []
        gone = [entry for entry in record.mapped if entry.subscription_id in self._gone]
        return [entry.subscription_id for entry in gone if is_scheduled(entry, now=now)]

    def _record_before(self) -> RecordState | None:
        """Return the owner's record from the snapshot, or read it if the request named another record."""
        target = self.run.snapshot.target
        if (target.org_id, target.record_id) == (self.owner.org_id, self.owner.record_id):
            return self.run.snapshot.record
        return self.deps.ledger.record(self.owner.org_id, str(self.owner.record_id))

    def _mapped(self) -> MappedSubscription:
        return mapped(self._answer, self.run.operation.operation_key, self._answer.checkout_url)

    def _runs_on(self, record: RecordState, over: set[str]) -> bool:
        """Whether the record's current subscription runs until the new one starts."""
        live = self.run.snapshot.resource.live if self.run.snapshot.resource else {}
        return record.current is not None and record.current.subscription_id in live.keys() - over

    def _account(self) -> AccountLink | None:
        """Return the account to link to the customer, if no customer is linked to it yet."""
        unlinked = self.owner.account_id and self.run.snapshot.linked_customer_id is None
        return AccountLink(self.owner.org_id, str(self.owner.account_id)) if unlinked else None
