"""Changing a subscription that exists: how it is named, and what is answered."""

from typing import Annotated, Literal, Self

from pydantic import model_validator

from stigg_actions.models.base import KeyedRequest, Model, RecordReference, field_problem
from stigg_actions.models.subscription_data import ScheduledChange, SubscriptionAnswer
from stigg_actions.models.values import RESERVED_METADATA, EndMoment, Flag, JsonText, Metadata, StiggId, Text, choice


class SubscriptionReference(RecordReference):
    """The subscription, named by Stigg's id or by the Salesforce record that it was provisioned for; exactly one."""

    subscription_id: StiggId | None = None
    """Stigg subscription id. Left out: the subscription of salesforceRecordId."""

    @model_validator(mode="after")
    def _name_the_subscription(self) -> Self:
        if (self.subscription_id is None) == (self.salesforce_record_id is None):
            raise field_problem("subscriptionId", "give it, or salesforceRecordId in its place, but not both")
        return self


class SubscriptionRequest(SubscriptionReference, KeyedRequest):
    """A request that changes one subscription."""


class CancelSubscription(SubscriptionRequest):
    """The request of cancel-subscription."""

    cancel_when: Annotated[
        Literal["now", "endOfBillingPeriod", "onDate"], choice("now", "endOfBillingPeriod", "onDate")
    ]
    """When to cancel: now, endOfBillingPeriod or onDate (with endDate)."""
    end_date: EndMoment | None = None
    """With onDate: the date on which it ends."""
    fallback: Flag = False
    """True: where Stigg does not allow what is asked, do the nearest that it allows, and say so."""
    revoke_entitlements: Flag = False
    """True: revoke all entitlements, whatever the product says about canceled customers."""
    prorate: Flag | None = None
    """True: credit the rest of the billing period."""

    @model_validator(mode="after")
    def _date_with_on_date(self) -> Self:
        if self.cancel_when == "onDate" and self.end_date is None:
            raise field_problem("endDate", "is required with cancelWhen onDate")
        if self.cancel_when != "onDate" and self.end_date is not None:
            raise field_problem("endDate", "is only for cancelWhen onDate")
        return self


class RescheduleCancellation(SubscriptionRequest):
    """The request of reschedule-cancellation."""

    cancellation_date: EndMoment | None = None
    """Date on which the subscription is to end."""
    clear: Flag = False
    """True: take the cancellation back; the subscription goes on."""

    @model_validator(mode="after")
    def _date_or_clear(self) -> Self:
        if (self.cancellation_date is None) == (not self.clear):
            raise field_problem("cancellationDate", "give it, or clear true in its place, but not both")
        return self


class SetSubscriptionMetadata(SubscriptionRequest):
    """The request of set-subscription-metadata."""

    metadata: Metadata | None = None
    """Metadata to set, key by key."""
    remove_keys: Annotated[list[Text] | None, JsonText] = None
    """Keys of metadata to remove."""
    mode: Annotated[Literal["merge", "replace"], choice("merge", "replace")] = "merge"
    """merge (the default) keeps keys that are not named, replace removes them."""

    @model_validator(mode="after")
    def _something_to_do(self) -> Self:
        if not self.metadata and not self.remove_keys and self.mode == "merge":
            raise field_problem("metadata", "is required, or removeKeys, or mode replace")
        return self

    @model_validator(mode="after")
    def _removable(self) -> Self:
        removed = set(self.remove_keys or ())
        both = sorted(removed & set(self.metadata or ()))
        if both:
            raise field_problem("removeKeys", f"names {', '.join(both)}, which metadata sets")
        ours = sorted(removed & RESERVED_METADATA)
        if ours:
            raise field_problem("removeKeys", f"names {', '.join(ours)}, which the actions set themselves")
        return self


class Change(Model):
    """One thing that changed, before and after, as text."""

    field: str
    """What changed, such as addons.addon-seats."""
    before: str | None = None
    """What it was; absent if there was none."""
    after: str | None = None
    """What it is; absent if there is none."""


class ChangedSubscription(SubscriptionAnswer):
    """The answer of the actions that change a subscription in place."""

    outcome: Literal["updated", "unchanged", "scheduled", "canceled", "paymentRequired", "superseded"]
    """updated, unchanged (it was so already), scheduled (takes effect later), canceled (it has ended), paymentRequired
    (takes effect once it is paid) or superseded (something newer than asOf was done; nothing changed)."""
    changes: list[Change]
    """What changed."""
    scheduled_changes: list[ScheduledChange]
    """What waits for its time or for a payment, this change or another."""
    fallback_used: str | None = None
    """What was done instead, where Stigg did not allow what was asked."""
