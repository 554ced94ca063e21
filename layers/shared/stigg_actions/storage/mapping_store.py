"""Read the mappings of Salesforce records with their history, and restore lost ones."""

from collections.abc import Iterable, Sequence
from copy import replace
from typing import NamedTuple

from stigg_actions.clock import Clock
from stigg_actions.settings import Settings
from stigg_actions.storage import mapping_items
from stigg_actions.storage.conditional_writes import ConditionalWrites
from stigg_actions.storage.dynamodb import Database
from stigg_actions.storage.mapping import (
    Changes,
    CustomerState,
    HistoryEntry,
    RecordState,
    ResourceState,
    SubscriptionState,
)
from stigg_actions.storage.opportunity_lines import OpportunityState, opportunity_key, read_opportunity

LONGEST_HISTORY = 100
"""Maximum lines of history that are read; older ones stay in the table."""


PAGES_WITHOUT_REST, SECONDS_FOR_EACH_FURTHER_PAGE, LONGEST_REST_SECONDS = 10, 30, 3_000
"""After a round of up to this many pages, the next may begin at once. Each further page delays it by some seconds, up
to a maximum from the beginning of one round to the beginning of the next."""


class Round(NamedTuple):
    """The progress of comparing all subscriptions with Stigg: its pages since ``began_at`` (seconds since the epoch).

    ``after``: the cursor of the next page; None: the next one is the first of a new round.
    """

    after: str | None = None
    began_at: int = 0
    pages: int = 0

    def begun(self, now: float) -> "Round":
        """Return the round to continue: this one, or a new one if this one is complete."""
        return Round(began_at=int(now)) if self.after is None else self

    def after_page(self, following: str | None) -> "Round":
        """Return the round after one more page, with the cursor of the page that follows."""
        return Round(following, self.began_at, self.pages + 1)

    def rests(self, now: float) -> bool:
        """Whether a large account was compared so recently that another round would only cost reads."""
        seconds = (self.pages - PAGES_WITHOUT_REST) * SECONDS_FOR_EACH_FURTHER_PAGE
        return self.after is None and now < self.began_at + min(seconds, LONGEST_REST_SECONDS)


class Record(NamedTuple):
    """The state of a record, if it has one, and its latest history, oldest first."""

    state: RecordState | None = None
    history: tuple[HistoryEntry, ...] = ()


class MappingStore:
    """The records of one deployment. Every method raises ``StiggUnavailable`` if DynamoDB is down."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._mappings = settings.mappings_table
        self._clock = clock
        self._puts = ConditionalWrites(database, settings)

    def read(self, org_id: str, record_id: str) -> Record:
        """Read a record with its history: they are one partition, and the record itself comes last in it."""
        key = mapping_items.record_key(org_id, record_id)
        items = self._database.last(self._mappings, partition=("pk", key["pk"]), most=LONGEST_HISTORY + 1)
        lines = [mapping_items.read_history(item) for item in reversed(items) if item["sk"] != key["sk"]]
        state = next((item for item in items if item["sk"] == key["sk"]), None)
        record = mapping_items.read_record(state)
        return Record(record and record.at(self._clock.now()), tuple(lines[-LONGEST_HISTORY:]))

    def subscriptions(self, ids: Sequence[str]) -> dict[str, SubscriptionState]:
        """Read the states of up to 100 subscriptions."""
        keys = [(self._mappings, mapping_items.subscription_key(name)) for name in dict.fromkeys(ids)]
        states = [mapping_items.read_subscription(item) for item in (self._database.read(keys) if keys else ())]
        return {state.subscription_id: state for state in states if state is not None}

    def states(self, owners: Iterable[tuple[str, str]]) -> dict[tuple[str, str], RecordState]:
        """Read the states of up to 100 records that were ever mapped, by org and record id."""
        keys = [(self._mappings, mapping_items.record_key(*owner)) for owner in owners]
        states = [mapping_items.read_record(item) for item in (self._database.read(keys) if keys else ())]
        now = self._clock.now()
        mapped = [state for state in states if state is not None and not state.is_blank]
        return {(state.org_id, state.record_id): state.at(now) for state in mapped}

    def resources(self, customer_id: str, ids: Iterable[str | None]) -> list[ResourceState]:
        """Read a customer's live subscriptions on up to 100 resources; None stands for those on no resource."""
        wanted = list(dict.fromkeys(ids))
        keys = [(self._mappings, mapping_items.resource_key(customer_id, resource_id)) for resource_id in wanted]
        items = self._database.read(keys) if keys else []
        return [
            mapping_items.read_resource(customer_id, resource_id, item)
            for resource_id, item in zip(wanted, items, strict=True)
        ]

    def opportunity(self, org_id: str, opportunity_id: str, account_id: str) -> tuple[OpportunityState, str | None]:
        """Read the lines that an opportunity ever had, and the customer that its account is linked to, if any."""
        keys = [opportunity_key(org_id, opportunity_id), mapping_items.account_key(org_id, account_id)]
        item, account = self._database.read([(self._mappings, key) for key in keys])
        state = read_opportunity(org_id, opportunity_id, item)
        return state, account["customer_id"] if account else None

    def note(self, opportunity: OpportunityState) -> None:
        """Write the lines of an opportunity if its version has not changed. Raises as ``restore``."""
        self._database.transact([self._puts.opportunity(opportunity)])

    def correct(self, changes: Changes, customer: CustomerState) -> None:
        """Write what was changed outside, if the customer's version has not changed. Raises as ``restore``."""
        after = replace(customer, version=customer.version + 1)
        self._database.transact([self._puts.customer(after, customer), *self._puts.changes(changes)])

    def round(self) -> Round:
        """Read the progress of the comparison with Stigg."""
        (item,) = self._database.read([(self._mappings, mapping_items.CURSOR_KEY)])
        kept = item or {}
        return Round(kept.get("after"), int(kept.get("began_at", 0)), int(kept.get("pages", 0)))

    def keep_round(self, so_far: Round) -> None:
        """Store the progress of the comparison with Stigg."""
        self._database.transact([self._puts.anyway({**mapping_items.CURSOR_KEY, **so_far._asdict()})])

    def restore(self, changes: Changes, subscription: SubscriptionState, before: SubscriptionState | None) -> None:
        """Write lost items in one transaction without a lease, if no item has changed since it was read.

        Raises:
            ConditionFailedError: an item has changed. No item was written.
        """
        restored = self._puts.subscription_found(subscription, before)
        self._database.transact([*self._puts.changes(changes), restored])
