"""The emulator's whole state, and the lookups that every operation starts with."""

import heapq
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from local.stigg_emulator.answers import StoredAnswers
from local.stigg_emulator.catalog import Catalog, Json
from local.stigg_emulator.clock import Clock
from local.stigg_emulator.errors import Refusal
from local.stigg_emulator.limits import Limits
from local.stigg_emulator.records import (
    LIVE,
    Checkout,
    Contract,
    Customer,
    Grant,
    ImportTask,
    Invoice,
    Promotion,
    Subscription,
    UsageReport,
)

LOCAL_KEY = "server-local-development"


@dataclass(frozen=True)
class Call:
    """One request: the values in its path, its query string and its JSON body."""

    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id in the path."""
        return self.path["id"]


@dataclass
class World:
    """Everything one Stigg environment holds. Whoever changes it holds the gateway's lock."""

    catalog: Catalog
    clock: Clock = field(default_factory=Clock)
    customers: dict[str, Customer] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    promotions: dict[tuple[str, str], Promotion] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    usage: list[UsageReport] = field(default_factory=list)
    workflow_runs: list[Json] = field(default_factory=list)
    calls: list[Json] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=lambda: {LOCAL_KEY: "active"})
    import_tasks: list[ImportTask] = field(default_factory=list)
    import_seconds: float = 0
    agenda: list[tuple[datetime, int, str]] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    answers: StoredAnswers = field(default_factory=StoredAnswers)

    @property
    def now(self) -> datetime:
        """The emulator's time."""
        return self.clock.now()

    def customer(self, customer_id: str, *, status: int = 400) -> Customer:
        """Find a customer; `status` is how to answer when there is none (404 when the path names it)."""
        if customer_id not in self.customers:
            raise Refusal("CustomerNotFound", f"Customer not found: {customer_id}", status)
        return self.customers[customer_id]

    def open_customer(self, customer_id: str) -> Customer:
        """Find a customer that may be sold something: one that is not archived."""
        customer = self.customer(customer_id)
        if customer.archived_at is not None:
            raise Refusal("EntityIsArchivedError", f"Customer is archived: {customer_id}")
        return customer

    def subscription(self, subscription_id: str) -> Subscription:
        """Find the subscription that a path names."""
        if subscription_id not in self.subscriptions:
            raise Refusal("SubscriptionNotFound", f"Subscription not found: {subscription_id}", 404)
        return self.subscriptions[subscription_id]

    def subscriptions_of(self, customer_id: str) -> list[Subscription]:
        """List a customer's live subscriptions, oldest first."""
        return [
            subscription
            for subscription in self.subscriptions.values()
            if subscription.customer_id == customer_id and subscription.status in LIVE
        ]

    def contract_of(self, subscription_id: str) -> Contract | None:
        """Find the contract that a subscription is on."""
        return next((item for item in self.contracts.values() if subscription_id in item.subscription_ids), None)

    def remind(self, subscription: Subscription) -> None:
        """Note the dates on which the subscription changes by itself.

        A note is a hint to look, so one that has become wrong does no harm. At the same moment a start comes
        before an end: a successor must find what it replaces.
        """
        rank = 0 if subscription.status == "NOT_STARTED" else 1
        for moment in due_dates(subscription):
            heapq.heappush(self.agenda, (moment, rank, subscription.id))


def due_dates(subscription: Subscription) -> list[datetime]:
    """List the moments at which the subscription changes by itself."""
    if subscription.status not in LIVE:
        return []
    scheduled = [update.at for update in subscription.future_updates if update.status == "SCHEDULED"]
    dates = [subscription.cancellation_date, *scheduled]
    dates.append(subscription.start if subscription.status == "NOT_STARTED" else subscription.trial_end)
    return [moment for moment in dates if moment is not None]


def new_id(prefix: str) -> str:
    """Choose an id as Stigg does where the caller did not."""
    return f"{prefix}-{uuid.uuid4()}"
