"""Update the mappings after a contract was created with new subscriptions: one after another, in one transaction."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.exactly_once.write import Effect
from stigg_actions.storage.mapping import Changes
from stigg_actions.writes._mapping_history import Occasion
from stigg_actions.writes._mapping_provisioned import ProvisionedMapping
from stigg_actions.writes._provision_result import answer_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from stigg_actions.deps import Deps
    from stigg_actions.models.subscription_data import ProvisionedAnswer
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.mapping import LiveSubscription, ResourceState
    from stigg_actions.storage.snapshot import Run
    from stigg_actions.writes._metadata import Owner


class New(NamedTuple):
    """A subscription that was created with a contract: its owner and the terms that were sent."""

    subscription: Subscription
    owner: Owner
    terms: Mapping[str, Any]


class Displaced(NamedTuple):
    """The subscriptions that ended on the resource of a new one, and the one that Stigg replaced."""

    ended: Sequence[LiveSubscription]
    replaced: str | None


def created_mappings(run: Run, created: Sequence[New], ended: Sequence[Subscription], deps: Deps) -> Changes:
    """Return the changes of all new subscriptions, as if each had been provisioned after the one before.

    ``ended``: the customer's subscriptions that have ended. Those that the tables still list as live are displaced.
    """
    over, noted = {subscription.id for subscription in ended}, (run.operation.noted or {}).get("live", ())
    replaced = {subscription.id for subscription in ended if subscription.was_replaced} & set(noted)
    named = [item.subscription.resource_id for item in created]
    own = deps.records.resources(run.customer.customer_id, named)
    resources = {(item.customer_id, item.resource_id): item for item in own}
    changes = Changes(run.customer)
    for item in created:
        resource = resources[run.customer.customer_id, item.subscription.resource_id]
        displaced = [live for name, live in resource.live.items() if name in over]
        of_this = next((live.subscription_id for live in displaced if live.subscription_id in replaced), None)
        part = _one(run, item, resource, Displaced(displaced, of_this), deps)
        resources |= {_place(after): after for after in (part.resource,) if after is not None}
        for left in part.other_resources:
            resources[_place(left)] = _without_left(resources.get(_place(left), left), left, created)
        changes = _joined(changes, part)
    return replace(changes, other_resources=tuple(resources.values()))


def _one(run: Run, item: New, resource: ResourceState, before: Displaced, deps: Deps) -> Changes:
    """Return the changes of one new subscription, on the resource as those before have left it."""
    subscription, record_id = item.subscription, item.owner.record_id
    target = replace(run.snapshot.target, record_id=record_id, resource_id=subscription.resource_id)
    record = run.snapshot.records.get(str(record_id))
    snapshot = replace(run.snapshot, target=target, record=record, resource=resource)
    outcome = "replaced" if before.replaced else "created"
    outcome = "scheduled" if subscription.status == "NOT_STARTED" else outcome
    answer = answer_for(subscription, outcome=outcome, customer_url=None, replaced=before.replaced)
    effect: Effect[ProvisionedAnswer] = Effect(answer, tuple(before.ended), item.terms)
    return ProvisionedMapping(replace(run, snapshot=snapshot), effect, item.owner, Occasion(), deps).changes()


def _place(resource: ResourceState) -> tuple[str, str | None]:
    return resource.customer_id, resource.resource_id


def _without_left(before: ResourceState, left: ResourceState, created: Sequence[New]) -> ResourceState:
    """Return a list without what a record has left there; ``left`` was read before anything new was added to it."""
    new = {item.subscription.id for item in created}
    return replace(before, live={name: live for name, live in before.live.items() if name in {*left.live, *new}})


def _joined(before: Changes, part: Changes) -> Changes:
    records = {(record.org_id, record.record_id): record for record in (*before.records, *part.records)}
    return replace(
        before,
        records=tuple(records.values()),
        history=(*before.history, *part.history),
        subscriptions=(*before.subscriptions, *part.subscriptions),
        account=before.account or part.account,
    )
