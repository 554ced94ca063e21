"""The request and the answer of adopt-subscription."""

from typing import Literal

from stigg_actions.models.base import KeyedRequest
from stigg_actions.models.subscription_data import ScheduledChange, SubscriptionAnswer
from stigg_actions.models.values import AccountId, CustomerId, Flag, RecordId, StiggId


class AdoptSubscription(KeyedRequest):
    """The request of adopt-subscription."""

    subscription_id: StiggId
    """Stigg subscription id: a subscription that has not ended."""
    salesforce_record_id: RecordId
    """Id of the Salesforce record that the subscription is to belong to, such as an opportunity line or contract. 15 or
    18 characters."""
    salesforce_account_id: AccountId | None = None
    """Id of the Salesforce account (001...) of the subscription's customer. 15 or 18 characters. It is linked to that
    customer, unless it is linked to another one: then the request is refused."""
    customer_id: CustomerId | None = None
    """Stigg customer that the subscription must belong to. Left out: it may belong to any."""
    replace_mapping: Flag = False
    """True: give the record this subscription even if it has another live one, or the subscription another record. The
    other subscription then runs without a record."""
    dry_run: Flag = False
    """True: show what would be mapped; change nothing."""


class AdoptedSubscription(SubscriptionAnswer):
    """The answer of adopt-subscription."""

    outcome: Literal["adopted", "unchanged", "dryRun", "superseded"]
    """adopted, unchanged (the record had the subscription already), dryRun (nothing was changed; the request would
    adopt the subscription) or superseded (skipped, because a change newer than asOf was made)."""
    scheduled_changes: list[ScheduledChange]
    """Changes that wait for their time or for a payment. They are kept."""
    released_subscription_id: str | None = None
    """Subscription that the record had before, which runs without a record now."""
    previous_record_id: str | None = None
    """Record that the subscription belonged to before."""
