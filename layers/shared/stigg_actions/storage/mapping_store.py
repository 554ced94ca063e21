"""The records of Salesforce with their history: read at once, and restored where they were lost."""

from collections.abc import Iterable, Sequence
from copy import replace
from typing import NamedTuple

from stigg_actions.clock import Clock
from stigg_actions.settings import Settings
from stigg_actions.storage import mapping_items
from stigg_actions.storage.conditional_writes import ConditionalWrites
from stigg_actions.storage.dynamodb import Database
from stigg_actions.storage.mapping import Changes, CustomerState, HistoryEntry, RecordState, SubscriptionState
from stigg_actions.storage.opportunity_lines import OpportunityState

LONGEST_HISTORY = 100
"""Lines of history that are read; the older ones stay in the table."""


PAGES_WITHOUT_REST, SECONDS_FOR_EACH_FURTHER_PAGE, LONGEST_REST_SECONDS = 10, 30, 3_000
"""A round of so many pages may follow another at once; each further page puts off the next one by so long, up to the
longest time from the beginning of one to the beginning of the next."""


class Round(NamedTuple):
    """How far the comparison of all subscriptions with Stigg has come: pages since it began (seconds since the epoch).

    ``after``: the cursor of the next page; None: the next one is the first of a new round.
    """

    after: str | None = None
    began_at: int = 0
    pages: int = 0

    def begun(self, now: float) -> "Round":
        """Return the round to go on with: this one, or a new one if this one is complete."""
        return Round(began_at=int(now)) if self.after is None else self

    def after_page(self, following: str | None) -> "Round":
        """Return the round after one more page, with the cursor of the page that follows."""
        return Round(following, self.began_at, self.pages + 1)

    def rests(self, now: float) -> bool:
        """Whether a large account was compared so recently that another round would only cost reads."""
        seconds = (self.pages - PAGES_WITHOUT_REST) * SECONDS_FOR_EACH_FURTHER_PAGE
        return self.after is None and now < self.began_at + min(seconds, LONGEST_REST_SECONDS)


class Record(NamedTuple):
    """What is known of a record, if anything, and the latest of what happened to it, oldest first."""

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
        """Read what is known of up to 100 subscriptions."""
        keys = [(self._mappings, mapping_items.subscription_key(one)) for one in dict.fromkeys(ids)]
        found = [mapping_items.read_subscription(item) for item in (self._database.read(keys) if keys else ())]
        return {state.subscription_id: state for state in found if state is not None}

    def states(self, owners: Iterable[tuple[str, str]]) -> dict[tuple[str, str], RecordState]:
        """Read what is known of up to 100 records that were ever mapped, by org and record id."""
        keys = [(self._mappings, mapping_items.record_key(*owner)) for owner in owners]
        found = [mapping_items.read_record(item) for item in (self._database.read(keys) if keys else ())]
        now = self._clock.now()
        mapped = [state for state in found if state is not None and not state.is_blank]
        return {(state.org_id, state.record_id): state.at(now) for state in mapped}

    def opportunity(self, org_id: str, opportunity_id: str, account_id: str) -> tuple[OpportunityState, str | None]:
        """Read the lines that an opportunity ever had, and the customer that its account is linked to, if any."""
        keys = [mapping_items.opportunity_key(org_id, opportunity_id), mapping_items.account_key(org_id, account_id)]
        item, account = self._database.read([(self._mappings, key) for key in keys])
        state = mapping_items.read_opportunity(org_id, opportunity_id, item)
        return state, account["customer_id"] if account else None

    def note(self, opportunity: OpportunityState) -> None:
        """Write the lines of an opportunity, on the version that was read. Raises as ``restore``."""
        self._database.transact([self._puts.opportunity(opportunity)])

    def correct(self, changes: Changes, customer: CustomerState) -> None:
        """Write what was changed outside, on the version of the customer that was read. Raises as ``restore``."""
        after = replace(customer, version=customer.version + 1)
        self._database.transact([*self._puts.customer(after, customer), *self._puts.changes(changes)])

    def round(self) -> Round:
        """Read how far the comparison with Stigg has come."""
        (item,) = self._database.read([(self._mappings, mapping_items.CURSOR_KEY)])
        kept = item or {}
        return Round(kept.get("after"), int(kept.get("began_at", 0)), int(kept.get("pages", 0)))

    def keep_round(self, so_far: Round) -> None:
        """Keep how far the comparison with Stigg has come."""
        self._database.transact([self._puts.anyway({**mapping_items.CURSOR_KEY, **so_far._asdict()})])

    def restore(self, changes: Changes, subscription: SubscriptionState, before: SubscriptionState | None) -> None:
        """Write what was found lost, in one transaction and without a lease: nothing may have changed since the reads.

        Raises:
            ConditionFailedError: something has; nothing was written.
        """
        found = self._puts.subscription_found(subscription, before)
        self._database.transact([*self._puts.changes(changes), found])
