"""Handle a webhook message: correct the mappings from Stigg, and publish the change.

A message may come late, twice or out of order. Only what a fresh read of Stigg shows is written, so any order leads to
the same mappings, and a run that dies is repeated.
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
from stigg_actions.webhooks.event_detail import detail_of
from stigg_actions.webhooks.event_types import area_of, detail_type, tells_failed_payment

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.reconciliation.relist import Owner
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.webhooks.message import WebhookMessage
    from stigg_actions.webhooks.store import WebhookStore


class MessageHandler(NamedTuple):
    """Handles messages within one invocation."""

    deps: Deps
    store: WebhookStore

    def follow(self, message: WebhookMessage) -> None:
        """Correct the mappings of a message's subscription and customer, and store its event.

        Raises:
            LaterError: a write of the customer is under way, or other runs change the same items.
            StiggUnavailable, RateLimited, Misconfigured: Stigg cannot be read or DynamoDB cannot be written.
        """
        known = self.store.is_known(message)
        if known and message.identified:
            return
        named = message.subscription_id
        subscription = self.deps.stigg.find_subscription(named) if named else None
        owner, conflict = (None, False) if subscription is None else self._follow_subscription(message, subscription)
        customer_id = message.customer_id if subscription is None else subscription.customer_id
        of_customer = customer_id is not None and area_of(message.kind) == "customer"
        archived = follow_archiving(str(customer_id), self.deps) if of_customer else None
        if known:
            return
        detail = detail_of(message, subscription, owner, self.deps) | {
            "customerArchived": archived,
            "mappingConflict": conflict or None,
        }
        self.store.keep(message, detail_type(message.kind), detail)
        observability.record_followed(drop_none(detail))

    def _follow_subscription(self, message: WebhookMessage, subscription: Subscription) -> tuple[Owner | None, bool]:
        """Return the record of a subscription, and whether that record has another live one."""
        state = self.deps.ledger.subscription(subscription.id)
        owner = owner_of(subscription, state, self.deps)
        conflict = owner is not None and self._correct(message, subscription)
        if not is_listed(subscription, owner, self.deps) and not relist(subscription, owner, self.deps):
            raise LaterError  # or it is listed by now, as the next delivery will find
        if owner is not None and tells_failed_payment(message.kind):
            self._note_failed_payment(subscription, owner)
        return owner, conflict

    def _correct(self, message: WebhookMessage, subscription: Subscription) -> bool:
        """Correct the record of a subscription. Raises LaterError if it cannot be corrected now.

        Returns:
            Whether its record has another live one, so that a person has to cancel one of them.
        """
        for drift in drifts([subscription], self.deps):
            if drift.problem == "conflict":
                return is_conflict(drift, self.deps)
            if not repair(drift, self.deps, noticed_by=message.key) and list(drifts([subscription], self.deps)):
                raise LaterError
        return False

    def _note_failed_payment(self, subscription: Subscription, owner: Owner) -> None:
        org_id, record_id = owner
        target = Target(org_id, subscription.customer_id, record_id, None, subscription.resource_id, of_resource=True)
        snapshot = self.deps.ledger.snapshot(target, None)
        mapped = mapped_in(snapshot.record, subscription) if snapshot.record else None
        fresh = self.deps.stigg.get_subscription(subscription.id)  # after the snapshot, because it must not be older
        if mapped is None or mapped.payment_failed_at is not None or not fresh.owes:
            return
        if snapshot.customer is not None and snapshot.customer.lease is not None:
            raise LaterError
        try:
            correct.write_payment_failed(snapshot, mapped, subscription, self.deps, iso(self.deps.clock.now()))
        except ConditionFailedError:
            raise LaterError from None
