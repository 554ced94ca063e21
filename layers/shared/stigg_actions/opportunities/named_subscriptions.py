"""The subscriptions that plan lines name by id, in place of what they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.errors import RequestInvalid
from stigg_actions.opportunities.owners import mismatch
from stigg_actions.reconciliation import restore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.opportunities.line_history import Known
    from stigg_actions.opportunities.lines import Deal, Line
    from stigg_actions.stigg.schemas import Subscription


class Named(NamedTuple):
    """What plan lines name: the removed line that has the subscription, or the subscription if no line has it."""

    of_removed: Mapping[str, str]
    of_none: Mapping[str, str]

    @property
    def all(self) -> set[str]:
        """The lines that name one."""
        return {*self.of_removed, *self.of_none}


def named_subscriptions(known: Known, deal: Deal, deps: Deps) -> Named:
    """Return what plan lines name that they do not have; Stigg is asked of those alone.

    Raises:
        Conflict: CUSTOMER_MISMATCH, it is another customer's.
        RequestInvalid: Stigg does not have it, it has ended, or it is another record's or resource's.
    """
    holders = {one.subscription_id: line_id for line_id, record in known.records.items() for one in record.mapped}
    of_removed, of_none = {}, {}
    for line in [part.plan for part in deal.plans]:
        wanted = line.item.subscription_id
        holder = holders.get(str(wanted))
        if wanted is None or holder == line.id:
            continue
        if holder in known.removed:
            of_removed[line.id] = str(holder)
        else:
            _check(known, line, wanted, deps)
            of_none[line.id] = wanted
    return Named(of_removed, of_none)


def _check(known: Known, line: Line, subscription_id: str, deps: Deps) -> None:
    found = deps.stigg.find_subscription(subscription_id)
    if found is None:
        raise _wrong(line, f"is {subscription_id}, which Stigg's {deps.settings.environment} environment does not have")
    if found.customer_id != known.customer_id:
        told = f"Line {line.id} names subscription {found.id}, which belongs to customer {found.customer_id}."
        raise mismatch(told, known.customer_id, found.customer_id)
    if found.has_ended:
        raise _wrong(line, f"is {found.id}, which is {found.status}; leave it out to sell a new one")
    if found.resource_id != line.item.resource_id:
        raise _wrong(line, f"is {found.id}, which is for {found.resource_id or 'no resource'}; give that resourceId")
    owner = owner_of(found, known.opportunity.org_id, deps)
    if owner not in {None, line.id}:
        told = f"is {found.id}, which belongs to record {owner}; renew-subscription (newSalesforceRecordId) moves it"
        raise _wrong(line, told)


def owner_of(found: Subscription, org_id: str, deps: Deps) -> str | None:
    """Return the record that a subscription belongs to, as the tables tell, else its marks in Stigg."""
    state = deps.ledger.subscription(found.id)
    return (state.record_id if state else None) or restore.marked_record(found, org_id)


def _wrong(line: Line, told: str) -> RequestInvalid:
    return RequestInvalid([line.problem("subscriptionId", told)])
