"""Following a message: the mappings are made true by what Stigg shows now, and what has happened is told on.

A message may come late, twice, or before those that went before it. Everything that is written is what a fresh read
shows, so any order ends in the same mappings; a run that dies is simply run again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stigg_actions import observability
from stigg_actions.clock import iso
from stigg_actions.reconciliation import correct
from stigg_actions.reconciliation.agreement import mapped_in
from stigg_actions.reconciliation.drift import drifts, is_conflict, owner_of, repair
from stigg_actions.reconciliation.relist import is_listed, relist
from stigg_actions.storage.dynamodb import ConditionFailedError
from stigg_actions.storage.snapshot import Target
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.webhooks.customer_archive import follow_archiving
from stigg_actions.webhooks.errors import LaterError
from stigg_actions.webhooks.event_detail import told
from stigg_actions.webhooks.event_types import area_of, detail_type, tells_failed_payment

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.reconciliation.relist import Owner
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.webhooks.message import WebhookMessage
    from stigg_actions.webhooks.store import WebhookStore


class MessageHandler(NamedTuple):
    """Follows messages, within one invocation."""

    deps: Deps
    store: WebhookStore

    def follow(self, notice: WebhookMessage) -> None:
        """Make the mappings true of what a message is about, and keep what is told of it.

        Raises:
            LaterError: a write of the customer is under way, or others are at the same items.
            StiggUnavailable, RateLimited, Misconfigured: Stigg cannot be read, or DynamoDB not be written.
        """
        known = self.store.is_known(notice)
        if known and notice.identified:
            return
        one = self.deps.stigg.find_subscription(notice.subscription_id) if notice.subscription_id else None
        owner, conflict = self._follow_subscription(notice, one) if one is not None else (None, False)
        customer_id = one.customer_id if one is not None else notice.customer_id
        of_customer = customer_id is not None and area_of(notice.kind) == "customer"
        archived = follow_archiving(str(customer_id), self.deps) if of_customer else None
        if known:
            return
        detail = told(notice, one, owner, self.deps) | {
            "customerArchived": archived,
            "mappingConflict": conflict or None,
        }
        self.store.keep(notice, detail_type(notice.kind), detail)
        observability.record_followed(drop_none(detail))

    def _follow_subscription(self, notice: WebhookMessage, one: Subscription) -> tuple[Owner | None, bool]:
        """Return the record that a subscription belongs to, and whether that has another one that runs."""
        state = self.deps.ledger.subscription(one.id)
        owner = owner_of(one, state, self.deps)
        conflict = owner is not None and self._mend(notice, one)
        if not is_listed(one, owner, self.deps) and not relist(one, owner, self.deps):
            raise LaterError  # or it is listed by now, which the next delivery finds
        if owner is not None and tells_failed_payment(notice.kind):
            self._note_failed_payment(one, owner)
        return owner, conflict

    def _mend(self, notice: WebhookMessage, one: Subscription) -> bool:
        """Correct the record of a subscription; if that cannot be done now, it must be done later.

        Returns:
            Whether its record has another one, which a person has to decide.
        """
        for drift in drifts([one], self.deps):
            if drift.problem == "conflict":
                return is_conflict(drift, self.deps)
            if not repair(drift, self.deps, noticed_by=notice.key) and list(drifts([one], self.deps)):
                raise LaterError
        return False

    def _note_failed_payment(self, one: Subscription, owner: Owner) -> None:
        org_id, record_id = owner
        target = Target(org_id, one.customer_id, record_id, None, one.resource_id, of_resource=True)
        snapshot = self.deps.ledger.snapshot(target, None)
        mapped = mapped_in(snapshot.record, one) if snapshot.record else None
        fresh = self.deps.stigg.get_subscription(one.id)  # after the standing: it must not be older
        if mapped is None or mapped.payment_failed_at is not None or not fresh.owes:
            return
        if snapshot.customer is not None and snapshot.customer.lease is not None:
            raise LaterError
        try:
            correct.write_payment_failed(snapshot, mapped, one, self.deps, iso(self.deps.clock.now()))
        except ConditionFailedError:
            raise LaterError from None
