"""Answer get-subscription: find a subscription by record or by id, in the tables and in Stigg."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.errors import NotFound
from stigg_actions.queries import subscription_view
from stigg_actions.reconciliation import restore
from stigg_actions.storage.mapping import is_unmapped
from stigg_actions.storage.mapping_store import Record
from stigg_actions.storage.snapshot import Target

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.models.get_subscription import FoundSubscription, GetSubscription
    from stigg_actions.reconciliation.restore import Search
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import SubscriptionState


class Lookup:
    """One look-up of a subscription. A missing mapping is restored from the marks in Stigg."""

    def __init__(self, request: GetSubscription, deps: Deps) -> None:
        self._request = request
        self._deps = deps
        self._org_id = request.salesforce_org_id or deps.settings.default_org_id

    def answer(self) -> FoundSubscription:
        """Return the subscription with its mapping and history.

        Raises:
            NotFound: the subscription does not exist in Stigg, or the record has none.
            ActionError: what Stigg's client raises; InProgress if other writes keep the mapping from being restored.
        """
        if self._request.salesforce_record_id is not None:
            found = self._by_record(self._request.salesforce_record_id)
            return self._with_ramp(found, self._deps.ledger.subscription(found.subscription_id))
        state = self._deps.ledger.subscription(str(self._request.subscription_id))
        return self._with_ramp(self._by_id(str(self._request.subscription_id), state), state)

    def _with_ramp(self, found: FoundSubscription, state: SubscriptionState | None) -> FoundSubscription:
        """Return a result with the ramp of its subscription, if that has one."""
        if state is None or state.ramp is None or found.subscription is None:
            return found
        from stigg_actions.queries import ramp_view  # noqa: PLC0415 - few subscriptions have a ramp

        return found.model_copy(update={"ramp": ramp_view.segments_of(state, found.subscription, self._deps)})

    def _by_record(self, record_id: str) -> FoundSubscription:
        record, repaired = self._deps.records.read(self._org_id, record_id), False
        if is_unmapped(record.state):
            repaired = self._repair(record_id)
            record = self._deps.records.read(self._org_id, record_id)
        return self._of(record_id, record, repaired=repaired)

    def _of(self, record_id: str, record: Record, *, repaired: bool) -> FoundSubscription:
        state = record.state
        paid = self._paid(record)
        if paid is not None:
            return subscription_view.found(paid, record)
        if state is not None and state.current is not None:
            live = self._deps.stigg.get_subscription(state.current.subscription_id)
            return subscription_view.found(live, record, repaired=repaired)
        if state is not None and state.pending is not None:
            return subscription_view.awaiting_payment(state.pending, record)
        raise self._replaced(record_id, record)

    def _paid(self, record: Record) -> Subscription | None:
        """Return the subscription that awaited payment, if it has been paid on the newest page or an older one."""
        pages = record.state.awaited if record.state else ()
        subscriptions = (self._deps.stigg.find_subscription(page.subscription_id) for page in pages)
        return next((paid for paid in subscriptions if paid is not None and not paid.has_ended), None)

    def _by_id(self, subscription_id: str, state: SubscriptionState | None) -> FoundSubscription:
        subscription = self._deps.stigg.get_subscription(subscription_id)
        org_id, record_id = self._owner(state, subscription)
        if record_id is None:
            return subscription_view.found(subscription, Record())
        record, repaired = self._deps.records.read(org_id, record_id), False
        is_lost = state is None or state.record_id is None or is_unmapped(record.state)
        if is_lost and not subscription.was_replaced:
            repaired = restore.restore_mapping(subscription, org_id=org_id, record_id=record_id, deps=self._deps)
            record = self._deps.records.read(org_id, record_id)
        return subscription_view.found(subscription, record, repaired=repaired)

    def _owner(self, state: SubscriptionState | None, subscription: Subscription) -> tuple[str, str | None]:
        """Return org and record of a subscription, from the tables or else from its metadata in Stigg."""
        if state is not None and state.record_id is not None:
            return state.org_id or self._org_id, state.record_id
        return self._org_id, restore.marked_record(subscription, self._org_id)

    def _repair(self, record_id: str) -> bool:
        account_id, customer_id = self._request.salesforce_account_id, self._request.customer_id
        if customer_id is None and account_id is not None:
            account = Target(self._org_id, account_id=account_id)
            customer_id = self._deps.ledger.snapshot(account, None).linked_customer_id
        search = restore.search(self._deps, org_id=self._org_id, record_id=record_id, customer_id=customer_id)
        if search.found is None or search.found.was_replaced:
            raise self._nowhere(record_id, search, customer_id)
        return restore.restore_mapping(search.found, org_id=self._org_id, record_id=record_id, deps=self._deps)

    def _replaced(self, record_id: str, record: Record) -> NotFound:
        closing = next((line for line in reversed(record.history) if line.replaced_by_subscription_id), None)
        if is_unmapped(record.state):
            return self._not_found(
                record_id, "has no subscription: the subscription that names it in Stigg is mapped to another record"
            )
        event = "another subscription replaced it"
        if closing is not None:
            event = f"subscription {closing.replaced_by_subscription_id} replaced {closing.subscription_id}"
        return self._not_found(record_id, f"no longer has a subscription: {event}")

    def _nowhere(self, record_id: str, search: Search, customer_id: str | None) -> NotFound:
        whose = "live subscription" if customer_id is None else f"subscription of customer {customer_id}"
        problem = f"has no subscription: it has no mapping, and no {whose} in Stigg names it"
        if search.found is not None:
            problem = f"no longer has a subscription: another subscription replaced {search.found.id}"
        elif not search.complete:
            problem += f" among the first {search.searched}, after which the search stopped"
        remedy = (
            "Give customerId to search all subscriptions of a customer, or give subscriptionId"
            if customer_id is None
            else ""
        )
        return self._not_found(record_id, problem, remedy or "Give subscriptionId")

    def _not_found(self, record_id: str, problem: str, remedy: str = "Give subscriptionId") -> NotFound:
        environment = self._deps.settings.environment
        return NotFound(
            "MAPPING_NOT_FOUND",
            f"In the {environment} environment the Salesforce record {record_id} of org {self._org_id} {problem}. "
            f"{remedy}, or provision for the record.",
        )
