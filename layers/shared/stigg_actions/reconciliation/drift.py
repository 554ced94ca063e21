"""Find mappings that differ from Stigg, and correct them."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from stigg_actions.errors import InProgress
from stigg_actions.exactly_once.settle import settle_again
from stigg_actions.reconciliation import correct, restore
from stigg_actions.reconciliation.agreement import agrees, is_of, mapped_in
from stigg_actions.reconciliation.relist import is_listed, relist
from stigg_actions.storage.dynamodb import ConditionFailedError
from stigg_actions.storage.mapping import is_unmapped
from stigg_actions.storage.snapshot import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import RecordState, SubscriptionState
    from stigg_actions.storage.snapshot import Snapshot

type Problem = Literal["missing", "status", "paid", "lapsed", "displaced", "unlisted", "conflict"]


class Drift(NamedTuple):
    """A subscription whose mapping differs from Stigg, and the record that it belongs to."""

    subscription: Subscription
    org_id: str
    record_id: str
    problem: Problem

    @property
    def target(self) -> Target:
        """The items to read to correct the mapping."""
        return Target(
            self.org_id,
            customer_id=self.subscription.customer_id,
            record_id=self.record_id,
            resource_id=self.subscription.resource_id,
            of_resource=True,
            subscription_id=self.subscription.id,
        )


def drifts(subscriptions: Iterable[Subscription], deps: Deps, *, rebuild: bool = False) -> Iterator[Drift]:
    """Compare subscriptions with their mappings, read in two calls, and for a rebuild with their customers' lists.

    One that ended after its record was given another one has no mapping, so it is compared with the list each time.
    """
    compared = list(subscriptions)
    states = deps.records.subscriptions([subscription.id for subscription in compared])
    named = ((subscription.id, owner_of(subscription, states.get(subscription.id), deps)) for subscription in compared)
    owners = {subscription_id: owner for subscription_id, owner in named if owner is not None}
    records = deps.records.states(set(owners.values()))
    for subscription in compared:
        owner, state = owners.get(subscription.id), states.get(subscription.id)
        former = state.released_from if state else None
        if owner is not None:
            problem = _problem(subscription, records.get(owner), state)
            if problem is not None:
                yield Drift(subscription, *owner, problem)
            elif rebuild and not is_listed(subscription, owner, deps):
                yield Drift(subscription, *owner, "unlisted")
        elif former and subscription.has_ended and not is_listed(subscription, None, deps):
            yield Drift(subscription, deps.settings.default_org_id, former, "unlisted")


def repair(drift: Drift, deps: Deps, *, noticed_by: str | None = None) -> bool:
    """Correct a mapping; return False if a write is under way, the drift is gone, or it is a conflict.

    ``noticed_by`` is the origin that the history names, if it is not the operation that wrote the mapping.
    """
    if drift.problem == "unlisted":
        return relist(drift.subscription, (drift.org_id, drift.record_id), deps)
    reread = _reread(drift, deps)
    if reread is None:
        return False
    try:
        return _correct(*reread, deps, noticed_by)
    except (ConditionFailedError, InProgress):
        return False


def is_conflict(drift: Drift, deps: Deps) -> bool:
    """Whether a live subscription still names a record that has another one, and no write is under way.

    The program cannot tell which of the two to keep: a person has to cancel one.
    """
    reread = _reread(drift, deps)
    if reread is None:
        return False
    present, snapshot = reread
    return _problem(present.subscription, snapshot.record, snapshot.subscription) == "conflict"


def _reread(drift: Drift, deps: Deps) -> tuple[Drift, Snapshot] | None:
    """Read the tables and then Stigg, which must not be older; return None while a write is under way."""
    snapshot = deps.ledger.snapshot(drift.target, None)
    if snapshot.customer is not None and snapshot.customer.lease is not None:
        return None
    fresh = deps.stigg.find_subscription(drift.subscription.id)
    return None if fresh is None else (replace(drift, subscription=fresh), snapshot)


def owner_of(subscription: Subscription, state: SubscriptionState | None, deps: Deps) -> tuple[str, str] | None:
    """Return org and record of a subscription, from the tables or else from its metadata in Stigg."""
    if state is not None and state.org_id is not None and state.record_id is not None:
        return state.org_id, state.record_id
    if state is not None and state.released_from is not None:
        return None
    org_id = subscription.metadata.get("salesforceOrgId", "")
    record_id = restore.marked_record(subscription, org_id)
    known = org_id in deps.settings.allowed_org_ids and record_id is not None
    return (org_id, str(record_id)) if known else None


def _problem(subscription: Subscription, record: RecordState | None, known: SubscriptionState | None) -> Problem | None:
    if record is None or is_unmapped(record):
        return None if subscription.has_ended else "missing"
    if any(is_of(page, subscription) for page in record.awaited):
        return _problem_of_page(subscription)
    mapped = mapped_in(record, subscription)
    if mapped is not None:
        return None if agrees(mapped, subscription) else "status"
    if subscription.has_ended:
        return None
    return "displaced" if restore.may_take_over(record, subscription, known) else "conflict"


def _problem_of_page(subscription: Subscription) -> Problem | None:
    if subscription.has_ended:
        return "lapsed"
    return None if subscription.status == "PAYMENT_PENDING" else "paid"


def _correct(drift: Drift, snapshot: Snapshot, deps: Deps, noticed_by: str | None) -> bool:
    subscription, record = drift.subscription, snapshot.record
    problem = _problem(subscription, record, snapshot.subscription)
    if problem in {"missing", "displaced"}:
        return restore.restore_mapping(subscription, org_id=drift.org_id, record_id=drift.record_id, deps=deps)
    if record is None:
        return False
    page = next((page for page in record.awaited if is_of(page, subscription)), None)
    if problem == "paid" and page is not None:
        return settle_again(page.operation_key, deps)
    mapped = mapped_in(record, subscription)
    if problem == "status" and mapped is not None:
        correct.write(snapshot, mapped, subscription, deps, noticed_by=noticed_by)
    elif problem == "lapsed":
        correct.write_lapsed(snapshot, subscription, deps)
    return problem in {"status", "lapsed"}
