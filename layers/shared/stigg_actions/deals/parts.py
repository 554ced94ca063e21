"""The parts of an opportunity, each the write of an action of its own, done one after the other."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from stigg_actions.deals import memory, requests
from stigg_actions.deals.memory import Known
from stigg_actions.deals.sorting import Deal, Line, PlanPart
from stigg_actions.deps import Deps
from stigg_actions.errors import ActionError, RequestInvalid
from stigg_actions.mappings import MappedSubscription
from stigg_actions.models.base import CustomerRequest
from stigg_actions.models.credits import CreditGrantResult
from stigg_actions.models.opportunities import ProvisionOpportunity
from stigg_actions.models.renewals import RenewalResult
from stigg_actions.models.subscriptions import SubscriptionResult
from stigg_actions.once import perform
from stigg_actions.waiting import RESERVED_FOR_THE_CALL_SECONDS
from stigg_actions.writes.grant import GrantWrite
from stigg_actions.writes.provision import ProvisionWrite
from stigg_actions.writes.renew import RenewWrite

type Done = CreditGrantResult | RenewalResult | SubscriptionResult
type Ended = Done | ActionError | None
"""How a part ended: with an answer, with an error, or not at all because the time was up."""


class Part(NamedTuple):
    """A line, those that are a part of its subscription, and what does it for a customer, once."""

    line: Line
    attached: tuple[Line, ...]
    do: Callable[[str, Deps], Done]


def parts_of(request: ProvisionOpportunity, deal: Deal, known: Known) -> list[Part]:
    """Return the parts, what is not there yet first: so that each call gets further, however little time it has.

    Raises:
        RequestInvalid: a line cannot be what it says.
    """
    there = {part.plan.id: current for part in deal.plans if (current := known.current(part.plan.id))}
    new = [_provisioned(request, part) for part in deal.plans if part.plan.id not in there]
    grants = [_granted(request, line) for line in deal.grants]
    renewed = [_renewed(request, part, there[part.plan.id], known) for part in deal.plans if part.plan.id in there]
    return [*new, *grants, *renewed]


def carry_out(parts: Iterable[Part], customer_id: str, deps: Deps) -> Iterator[tuple[Part, Ended]]:
    """Do the parts one after the other, as long as there is time for a call; one that fails leaves the others."""
    for part in parts:
        yield part, _ended(part, customer_id, deps)


def _ended(part: Part, customer_id: str, deps: Deps) -> Ended:
    if deps.deadline.seconds_left() < RESERVED_FOR_THE_CALL_SECONDS:
        return None
    try:
        return part.do(customer_id, deps)
    except ActionError as error:
        return error


def _provisioned(request: ProvisionOpportunity, part: PlanPart) -> Part:
    wanted = requests.subscription(request, part)
    return Part(part.plan, part.attached, lambda customer, deps: perform(ProvisionWrite(_for(customer, wanted), deps)))


def _granted(request: ProvisionOpportunity, line: Line) -> Part:
    wanted = requests.grant(request, line)
    return Part(line, (), lambda customer, deps: perform(GrantWrite(_for(customer, wanted), deps)))


def _renewed(request: ProvisionOpportunity, part: PlanPart, current: MappedSubscription, known: Known) -> Part:
    last_given, former = known.terms.get(current.subscription_id, {}), memory.former_items(known, part)
    wanted = requests.renewal(request, part, last_given, former)

    def renew(_customer: str, deps: Deps) -> RenewalResult:
        if part.plan.item.resource_id != current.resource_id:
            raise _of_another_resource(part.plan, current)
        return perform(RenewWrite(wanted, deps))

    return Part(part.plan, part.attached, renew)


def _for[Request: CustomerRequest](customer_id: str, request: Request) -> Request:
    return request.model_copy(update={"customer_id": customer_id})


def _of_another_resource(line: Line, current: MappedSubscription) -> RequestInvalid:
    resource = current.resource_id or "no resource"
    told = f"its subscription is for {resource}, which Stigg cannot change; sell another resource on another line"
    return RequestInvalid([line.problem("resourceId", told)])
