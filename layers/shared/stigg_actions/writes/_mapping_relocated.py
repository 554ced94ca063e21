"""Update the mappings after a subscription moved to another resource or customer."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from stigg_actions.stigg.schemas import ENDED
from stigg_actions.storage.mapping import LiveSubscription
from stigg_actions.writes._mapping_changed import changed_mappings

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.exactly_once.write import Effect
    from stigg_actions.models.subscription_data import SubscriptionAnswer
    from stigg_actions.storage.mapping import Changes, MappedSubscription, RecordState, ResourceState, SubscriptionState
    from stigg_actions.storage.snapshot import Run


def relocated_mappings(run: Run, effect: Effect[SubscriptionAnswer], *, event: str, deps: Deps) -> Changes:
    """Return the changes to the subscription, its record and the history, and to the lists of both places.

    The operation becomes the latest of both lists, so that an older request for either is superseded.
    """
    changes, answer = changed_mappings(run, effect, event=event, now=deps.clock.now()), effect.answer
    (state,) = changes.subscriptions
    changes = replace(
        changes,
        records=tuple(_moved(record, answer) for record in changes.records),
        subscriptions=(replace(state, customer_id=answer.customer_id, resource_id=answer.resource_id),),
    )
    source = changes.resource
    if source is None or (source.customer_id, source.resource_id) == (answer.customer_id, answer.resource_id):
        return changes
    destination = deps.ledger.resource(answer.customer_id, answer.resource_id)
    arrived = replace(_with(destination, answer, state), latest=source.latest)
    return replace(changes, resource=source.without(answer.subscription_id), other_resources=(arrived,))


def _moved(record: RecordState, answer: SubscriptionAnswer) -> RecordState:
    def moved(mapped: MappedSubscription | None) -> MappedSubscription | None:
        is_moved = mapped is not None and mapped.subscription_id == answer.subscription_id
        return replace(mapped, resource_id=answer.resource_id) if mapped and is_moved else mapped

    return replace(
        record, customer_id=answer.customer_id, current=moved(record.current), upcoming=moved(record.upcoming)
    )


def _with(resource: ResourceState, answer: SubscriptionAnswer, state: SubscriptionState) -> ResourceState:
    """Return a resource with the subscription that moved there, unless that has ended since."""
    if answer.status in ENDED:
        return resource
    moved = LiveSubscription(answer.subscription_id, answer.plan_id, answer.resource_id, state.org_id, state.record_id)
    return replace(resource, live={**resource.live, moved.subscription_id: moved})
