"""Let a line end with what it is added to.

A line of an existing subscription ends with it. A new plan or grant ends with the subscription or contract that it
names, or else with all that the customer has, if that ends at the same time.
"""

from __future__ import annotations

from contextlib import suppress
from copy import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.clock import date_text
from stigg_actions.errors import RateLimited, RequestInvalid, StiggUnavailable
from stigg_actions.exactly_once.registry import load_write
from stigg_actions.opportunities import credit_grants, field_names, requests
from stigg_actions.opportunities.earlier_operations import earlier
from stigg_actions.opportunities.performing import carried_out
from stigg_actions.opportunities.sold import Sold
from stigg_actions.stigg.contracts import contracts_of, find_contract
from stigg_actions.storage.operation import Status
from stigg_actions.subscriptions import pricing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stigg_actions.deps import Deps
    from stigg_actions.models.price import Price
    from stigg_actions.models.provision_opportunity import ProvisionOpportunity
    from stigg_actions.opportunities.left_alone import LeftAlone
    from stigg_actions.opportunities.lines import Line
    from stigg_actions.opportunities.plan_parts import PlanWork
    from stigg_actions.opportunities.situation import Situation
    from stigg_actions.stigg.contracts import Contract
    from stigg_actions.stigg.schemas import Subscription


class Companion(NamedTuple):
    """What a line can end with: its name, its customer, and its end if it has one."""

    name: str
    customer_id: str | None
    end: datetime | None


class CoTerminated(NamedTuple):
    """The work for a plan that ends with what it is added to, with the deal as it was sent."""

    request: ProvisionOpportunity
    work: PlanWork

    def do(self, customer_id: str, deps: Deps) -> Sold | LeftAlone:
        """Provision a new subscription up to the end that was found, or change an existing one and keep its end.

        Raises:
            RequestInvalid: there is no single end, or the deal gives another one.
            ActionError: what the work raises.
        """
        work = self.work
        if not work.is_new:
            self._refuse_another_end(deps)
            return work.do(customer_id, deps)
        if not work.line.item.co_terminate:  # only lines of its subscription are to end with it
            return self._up_to(self.request.ends_at).do(customer_id, deps)
        begun = earlier(work, customer_id, deps).same
        left = work.left_alone_as_new(deps) if begun is None else None
        if begun is not None:
            return Sold(carried_out(load_write(begun, deps), self.request))
        return left or self._sold(customer_id, deps)

    def _sold(self, customer_id: str, deps: Deps) -> Sold | LeftAlone:
        end = _end_of_others(self.request, self.work.line, customer_id, deps)
        work = self._up_to(end)
        price = _price(work, customer_id, deps)
        done = work.do(customer_id, deps)
        return replace(done, price=price) if isinstance(done, Sold) else done

    def _up_to(self, end: datetime | None) -> PlanWork:
        """Return the work with an end of the term."""
        work, request = self.work, requests.with_end(self.work.situation.request, end)
        return type(work)(replace(work.situation, request=request), work.part)

    def _refuse_another_end(self, deps: Deps) -> None:
        if self.request.ends_at is None:
            return
        current = self.work.current
        subscription_id = self.work.adopted_id or (current.subscription_id if current else "")
        subscription = deps.stigg.find_subscription(subscription_id)
        if subscription is not None and not subscription.has_ended:
            _refuse_another(self.request, self.work.line, _of_subscription(subscription))


def of_grant(situation: Situation, line: Line, customer_id: str, deps: Deps) -> ProvisionOpportunity:
    """Return the deal with the end of a line's grant: that which it was granted with, or else that of others.

    Raises:
        RequestInvalid: there is no single end, or the deal gives another one.
    """
    granted = credit_grants.operation(situation.after, line.id, deps)
    if granted is not None and granted.status is not Status.FAILED and not granted.is_voided:
        end = (granted.answer or granted.request).get("expireAt")
        return requests.with_end(situation.request, datetime.fromisoformat(end) if isinstance(end, str) else end)
    return requests.with_end(situation.request, _end_of_others(situation.request, line, customer_id, deps))


def _end_of_others(request: ProvisionOpportunity, line: Line, customer_id: str, deps: Deps) -> datetime:
    """Return when a new plan or grant ends: with the one that it names, or with all that the customer has."""
    named = line.item.co_terminate_with
    found = [_named(line, named, customer_id, deps)] if named else list(_of_customer(customer_id, deps))
    ending = [(companion.end, companion) for companion in found if companion.end is not None]
    if not ending:
        what = f"is {named}, which has no end" if named else "is required, because the customer has nothing that ends"
        raise _wrong(line, f"{what}; leave coTerminate out, and give endDate")
    if len({_to_the_second(end) for end, _ in ending}) > 1:
        those = ", ".join(sorted(f"{companion.name} until {date_text(end)}" for end, companion in ending))
        raise _wrong(line, f"is required, because these end at different times: {those}")
    end, companion = ending[0]
    _refuse_another(request, line, companion)
    return end


def _named(line: Line, name: str, customer_id: str, deps: Deps) -> Companion:
    subscription = deps.stigg.find_subscription(name)
    contract = find_contract(deps.stigg, name) if subscription is None else None
    companion = _of_subscription(subscription) if subscription else _of_contract(contract) if contract else None
    if companion is None:
        environment = deps.settings.environment
        raise _wrong(line, f"is {name}, but the {environment} environment has no such subscription or contract")
    if companion.customer_id != customer_id:
        raise _wrong(line, f"is {name}, which belongs to customer {companion.customer_id}, not {customer_id}")
    if (subscription and subscription.has_ended) or (contract and contract.is_archived):
        raise _wrong(line, f"is {name}, which has ended")
    return companion


def _of_customer(customer_id: str, deps: Deps) -> Iterator[Companion]:
    for subscription in deps.stigg.live_subscriptions(customer_id):
        yield _of_subscription(subscription)
    for contract in contracts_of(deps.stigg, customer_id):
        if not contract.is_archived:
            yield _of_contract(contract)


def _of_subscription(subscription: Subscription) -> Companion:
    name = f"subscription {subscription.id} ({subscription.plan_id})"
    return Companion(name, subscription.customer_id, subscription.cancellation_date)


def _of_contract(contract: Contract) -> Companion:
    return Companion(f"contract {contract.contract_id}", contract.customer_external_id, contract.activation_end_date)


def _refuse_another(request: ProvisionOpportunity, line: Line, companion: Companion) -> None:
    """Refuse an end of the deal that is not that of what the line is added to. Parts of a second do not count."""
    given = request.ends_at
    if given is None or (companion.end is not None and _to_the_second(given) == _to_the_second(companion.end)):
        return
    field = field_names.of_request(request, "cancellationDate")
    ends = f"ends on {date_text(companion.end)}" if companion.end else "has no end"
    problem = f"cannot be true with {field} {date_text(given)}, because {companion.name} {ends}; leave one of them out"
    raise RequestInvalid([line.problem("coTerminate", problem)])


def _to_the_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _price(work: PlanWork, customer_id: str, deps: Deps) -> Price | None:
    """Return what Stigg's preview says of a new subscription. A sale does not fail because there is no preview."""
    with suppress(RateLimited, StiggUnavailable):
        return pricing.price(deps.stigg, {"customerId": customer_id, **work.new.terms()}).price
    return None


def _wrong(line: Line, problem: str) -> RequestInvalid:
    return RequestInvalid([line.problem("coTerminateWith", problem)])
