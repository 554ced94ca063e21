"""Perform a write of a subscription, or report what it would do if the request has ``dryRun``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from stigg_actions.exactly_once.perform import perform

if TYPE_CHECKING:
    from stigg_actions.models.base import Answer
    from stigg_actions.models.subscription_reference import SubscriptionRequest
    from stigg_actions.writes._subscription_base import OfSubscription


def perform_or_rehearse[Request: SubscriptionRequest, Result: Answer](
    write: OfSubscription[Request, Result], *, dry_run: bool
) -> Result:
    """Perform a write, or return what it would do. A dry run is loaded on demand. Raises what the write raises."""
    if not dry_run:
        return perform(write)
    result: Result = import_module("stigg_actions.writes._rehearsal").rehearse(write)
    return result
