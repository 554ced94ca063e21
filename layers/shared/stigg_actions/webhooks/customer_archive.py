"""Record customers that were archived or restored in Stigg."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from stigg_actions.clock import iso
from stigg_actions.errors import NotFound
from stigg_actions.storage.dynamodb import ConditionFailedError
from stigg_actions.storage.mapping import Changes
from stigg_actions.storage.snapshot import Target
from stigg_actions.webhooks.errors import LaterError

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.storage.mapping import CustomerState


def follow_archiving(customer_id: str, deps: Deps) -> bool | None:
    """Read whether a customer is archived in Stigg, record it, and return it; None if the customer is not known here.

    Raises:
        LaterError: a write of the customer is under way.
    """
    customer = deps.ledger.snapshot(Target(deps.settings.default_org_id, customer_id), None).customer
    if customer is None or customer.version == 0:
        return None
    archived = _is_archived(customer_id, deps)
    if archived != (customer.archived_at is not None):
        _note(customer, deps, at=iso(deps.clock.now()) if archived else None)
    return archived


def _note(customer: CustomerState, deps: Deps, *, at: str | None) -> None:
    if customer.lease is not None:
        raise LaterError
    noted = replace(customer, archived_at=at)
    try:
        deps.records.correct(Changes(noted), noted)
    except ConditionFailedError:
        raise LaterError from None


def _is_archived(customer_id: str, deps: Deps) -> bool:
    try:
        return deps.stigg.get_customer(customer_id).is_archived
    except NotFound:  # Stigg may not show an archived customer
        return True
