"""Mappings that do not agree with Stigg: found by comparing, mended on what stands when it is written."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from stigg_actions import correction, repairs
from stigg_actions.agreement import agrees, is_of, mapped_in
from stigg_actions.dynamodb import ConditionFailedError
from stigg_actions.errors import InProgress
from stigg_actions.rebuilding import is_listed, relist
from stigg_actions.settling import settle_again
from stigg_actions.standing import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.mappings import RecordState, SubscriptionState
    from stigg_actions.standing import Standing
    from stigg_actions.stigg.wire import Subscription

type Problem = Literal["missing", "status", "paid", "displaced", "unlisted"]


class Drift(NamedTuple):
    """A subscription whose mapping does not agree with it, and the record that it belongs to."""

    subscription: Subscription
    org_id: str
    record_id: str
    problem: Problem

    @property
    def names(self) -> Names:
        """All that is to be read to mend it."""
        return Names(
            self.org_id,
            customer_id=self.subscription.customer_id,
            record_id=self.record_id,
            resource_id=self.subscription.resource_id,
            of_resource=True,
            subscription_id=self.subscription.id,
        )


def drifts(subscriptions: Iterable[Subscription], deps: Deps, *, rebuild: bool = False) -> Iterator[Drift]:
    """Compare subscriptions with their mappings, which are read in two calls; for a rebuild, with more than that."""
    compared = list(subscriptions)
    states = deps.records.subscriptions([one.id for one in compared])
    owners = {one.id: owner for one in compared if (owner := owner_of(one, states.get(one.id), deps)) is not None}
    records = deps.records.states(set(owners.values()))
    for one in compared:
        if one.id in owners:
            problem = _problem(one, records.get(owners[one.id]))
            if problem is not None:
                yield Drift(one, *owners[one.id], problem)
            elif rebuild and not is_listed(one, owners[one.id], deps):
                yield Drift(one, *owners[one.id], "unlisted")


def mend(drift: Drift, deps: Deps, *, noticed_by: str | None = None) -> bool:
    """Make a mapping true again; False if somebody else is at it, or nothing is amiss any more.

    ``noticed_by``: what the history names as the origin, if it is not the operation that wrote the mapping.
    """
    if drift.problem == "unlisted":
        return relist(drift.subscription, (drift.org_id, drift.record_id), deps)
    standing = deps.ledger.standing(drift.names, None)  # first: what Stigg shows must not be older than this
    if standing.customer is not None and standing.customer.lease is not None:
        return False
    fresh = deps.stigg.find_subscription(drift.subscription.id)
    if fresh is None:
        return False
    try:
        return _mend(replace(drift, subscription=fresh), standing, deps, noticed_by)
    except (ConditionFailedError, InProgress):
        return False


def owner_of(subscription: Subscription, state: SubscriptionState | None, deps: Deps) -> tuple[str, str] | None:
    """Return org and record of a subscription: as they are known here, else as its marks in Stigg tell."""
    if state is not None and state.org_id is not None and state.record_id is not None:
        return state.org_id, state.record_id
    org_id = subscription.metadata.get("salesforceOrgId", "")
    record_id = repairs.marked_record(subscription, org_id)
    known = org_id in deps.settings.allowed_org_ids and record_id is not None
    return (org_id, str(record_id)) if known else None


def _problem(subscription: Subscription, record: RecordState | None) -> Problem | None:
    if record is None:
        return None if subscription.has_ended else "missing"
    if is_of(record.pending, subscription) and subscription.is_active:
        return "paid"
    mapped = mapped_in(record, subscription)
    if mapped is None:
        return "displaced" if repairs.may_take_over(record, subscription) else None
    return None if agrees(mapped, subscription) else "status"


def _mend(drift: Drift, standing: Standing, deps: Deps, noticed_by: str | None) -> bool:
    problem, record = _problem(drift.subscription, standing.record), standing.record
    if problem in {"missing", "displaced"}:
        return repairs.restore(drift.subscription, org_id=drift.org_id, record_id=drift.record_id, deps=deps)
    if problem == "paid" and record is not None and record.pending is not None:
        return settle_again(record.pending.operation_key, deps)
    mapped = mapped_in(record, drift.subscription) if record is not None else None
    if problem == "status" and mapped is not None:
        correction.write(standing, mapped, drift.subscription, deps, noticed_by=noticed_by)
        return True
    return False
