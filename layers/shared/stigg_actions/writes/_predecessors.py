"""Find the subscriptions that ended when a new one was provisioned, as Stigg shows them."""

from collections.abc import Mapping
from typing import NamedTuple

from stigg_actions.errors import ActionError, OutcomeUnknown
from stigg_actions.stigg.client import Stigg
from stigg_actions.storage.mapping import LiveSubscription
from stigg_actions.subscriptions.plans import known_to_differ

_REPLACED = {"UPGRADE_OR_DOWNGRADE", "TRIAL_CONVERTED"}


class Ended(NamedTuple):
    """A subscription that has ended, and whether another one replaced it."""

    live: LiveSubscription
    was_replaced: bool


def ended(stigg: Stigg, before: Mapping[str, LiveSubscription], new_id: str, plan_id: str) -> list[Ended]:
    """Return the subscriptions that were live before a new one with a plan, and have ended.

    Those of a product that is known to be another one are not read: the new subscription cannot have replaced them, and
    a deal of many plans would read each of them after each sale.

    Raises:
        OutcomeUnknown: one of them cannot be read. The new subscription exists, but its mapping would be wrong.
    """
    others = [
        live
        for live in before.values()
        if live.subscription_id != new_id and not known_to_differ(stigg, live.plan_id, plan_id)
    ]
    try:
        reasons = [(live, _end_reason(stigg, live.subscription_id)) for live in others]
    except ActionError as error:
        raise OutcomeUnknown(
            "OUTCOME_UNKNOWN",
            f"The subscription was provisioned, but those that it may have replaced could not be read ({error.code}). "
            "Send the same request again.",
            stigg=error.stigg,
            retry_after_seconds=error.retry_after_seconds,
        ) from None
    return [Ended(live, reason in _REPLACED) for live, reason in reasons if reason is not None]


def _end_reason(stigg: Stigg, subscription_id: str) -> str | None:
    """Return why a subscription has ended, or None if it has not."""
    subscription = stigg.find_subscription(subscription_id)
    if subscription is None:
        return "NOT_FOUND"
    return (subscription.cancel_reason or subscription.status) if subscription.has_ended else None
