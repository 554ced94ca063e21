"""Mappings that do not agree with Stigg: found by comparing, mended on what stands when it is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from stigg_actions import repairs
from stigg_actions.dynamodb import ConditionFailedError
from stigg_actions.errors import InProgress
from stigg_actions.mappings import Changes, HistoryEntry, RecordState
from stigg_actions.operations import iso
from stigg_actions.rebuilding import is_listed, relist
from stigg_actions.settling import settle_again
from stigg_actions.standing import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.mappings import MappedSubscription, SubscriptionState
    from stigg_actions.standing import Standing
    from stigg_actions.stigg.wire import Subscription

type Problem = Literal["missing", "status", "paid", "displaced", "unlisted"]

CHANGED_OUTSIDE = "changedOutside"
"""The event of the history for a change that was not made through the actions."""


@dataclass(frozen=True, slots=True)
class Drift:
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
    owners = {one.id: owner for one in compared if (owner := _owner(one, states.get(one.id), deps)) is not None}
    records = deps.records.states(set(owners.values()))
    for one in compared:
        if one.id in owners:
            problem = _problem(one, records.get(owners[one.id]))
            if problem is not None:
                yield Drift(one, *owners[one.id], problem)
            elif rebuild and not is_listed(one, owners[one.id], deps):
                yield Drift(one, *owners[one.id], "unlisted")


def mend(drift: Drift, deps: Deps) -> bool:
    """Make a mapping true again; False if somebody else is at it, or nothing is amiss any more."""
    if drift.problem == "unlisted":
        return relist(drift.subscription, (drift.org_id, drift.record_id), deps)
    fresh = deps.stigg.find_subscription(drift.subscription.id)
    if fresh is None:
        return False
    standing = deps.ledger.standing(drift.names, None)
    if standing.customer is not None and standing.customer.lease is not None:
        return False
    try:
        return _mend(replace(drift, subscription=fresh), standing, deps)
    except (ConditionFailedError, InProgress):
        return False


def _owner(subscription: Subscription, state: SubscriptionState | None, deps: Deps) -> tuple[str, str] | None:
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
    if _is(record.pending, subscription) and subscription.is_active:
        return "paid"
    mapped = _mapped(record, subscription)
    if mapped is None:
        return "displaced" if repairs.may_take_over(record, subscription) else None
    return "status" if mapped.status != subscription.status else None


def _mapped(record: RecordState, subscription: Subscription) -> MappedSubscription | None:
    return next((one for one in (record.current, record.upcoming) if _is(one, subscription)), None)


def _is(mapped: MappedSubscription | None, subscription: Subscription) -> bool:
    return mapped is not None and mapped.subscription_id == subscription.id


def _mend(drift: Drift, standing: Standing, deps: Deps) -> bool:
    problem = _problem(drift.subscription, standing.record)
    if problem in {"missing", "displaced"}:
        return repairs.restore(drift.subscription, org_id=drift.org_id, record_id=drift.record_id, deps=deps)
    if problem == "paid" and standing.record is not None and standing.record.pending is not None:
        return settle_again(standing.record.pending.operation_key, deps)
    if problem == "status" and standing.record is not None:
        changes = _corrected(drift, standing, standing.record, deps)
        deps.records.correct(changes, changes.customer)
        return True
    return False


def _corrected(drift: Drift, standing: Standing, record: RecordState, deps: Deps) -> Changes:
    """Return what a status that was changed outside changes here."""
    one, at = drift.subscription, iso(deps.clock.now())
    key = str(_mapped(record, one).operation_key)  # type: ignore[union-attr]  # it has drifted, so it is mapped
    resource = standing.resource
    if resource is not None and one.has_ended:
        resource = replace(resource, live={name: live for name, live in resource.live.items() if name != one.id})
    return Changes(
        standing.customer,  # type: ignore[arg-type]  # named, so it was read
        resource=resource,
        records=(_with_status(record, one),),
        history=(HistoryEntry(record.org_id, record.record_id, at, CHANGED_OUTSIDE, one.id, key),),
    )


def _with_status(record: RecordState, one: Subscription) -> RecordState:
    """Return a record whose subscription has the status that Stigg shows; one that never starts is none."""
    current, upcoming = record.current, record.upcoming
    if _is(current, one) and current is not None:
        return replace(record, current=replace(current, status=one.status))
    return replace(record, upcoming=None if one.has_ended or upcoming is None else replace(upcoming, status=one.status))
