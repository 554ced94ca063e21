"""Stigg's rules for the subscriptions of a contract: custom-priced, one of each product, and one currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions import decimal_json
from stigg_actions.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stigg_actions.models.provision_contract import ContractSubscription
    from stigg_actions.stigg.contracts import Contract
    from stigg_actions.stigg.preview_schemas import Plan
    from stigg_actions.stigg.schemas import Subscription

_CUSTOM = "only a custom-priced subscription can be on a contract"


class Member(NamedTuple):
    """A requested subscription of a contract, with its place in the request.

    ``subscription_id``: the one that it names. ``subscription``: that one, if it is live. ``plan``: as far as it is
    known.
    """

    position: int
    entry: ContractSubscription
    subscription_id: str | None = None
    subscription: Subscription | None = None
    plan: Plan | None = None

    @property
    def naming_field(self) -> str:
        """The field that names the subscription."""
        return "subscriptionId" if self.entry.subscription_id else "salesforceRecordId"

    @property
    def currency(self) -> str | None:
        """The currency of its prices, as far as the subscription or the request shows one."""
        if self.subscription is not None:
            return self.subscription.currency
        money = (self.entry.minimum_spend, self.entry.plan_base_charge_override, *(self.entry.price_overrides or ()))
        return next((item.currency for item in money if item is not None and item.currency), None)

    def problem(self, field: str, problem: str) -> Problem:
        """Return the problem of one of its fields."""
        return Problem(f"subscriptions[{self.position}].{field}", problem)


def of_existing(member: Member, subscription: Subscription, contract: Contract | None) -> Iterator[Problem]:
    """Yield why an existing subscription cannot be on a contract; ``contract`` is that contract, if it exists."""
    own = contract.persisted_id if contract else None
    is_on_it = contract is not None and subscription.id in contract.subscription_ids
    if subscription.contract_id is not None and subscription.contract_id != own and not is_on_it:
        problem = (
            f"names subscription {subscription.id}, which is on another contract ({subscription.contract_id}); take it "
            "off that one first (provision-contract with the other subscriptions of that contract)"
        )
        yield member.problem(member.naming_field, problem)
    yield from _pricing(member, subscription.pricing_type, subscription.payment_collection_method)


def of_new(member: Member) -> Iterator[Problem]:
    """Yield why a new subscription cannot be on a contract."""
    method = member.entry.payment_collection_method or "CHARGE"
    yield from _pricing(member, member.plan.pricing_type if member.plan else None, method)


def together(members: Sequence[Member]) -> Iterator[Problem]:
    """Yield why subscriptions cannot be on one contract."""
    twice = list(_given_twice(members))
    yield from twice or _products(members)
    yield from _currencies(members)


def same_terms(kept: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether terms that were kept are those of a request, whichever types their values have."""
    return _as_text(kept) == _as_text(wanted)


def _pricing(member: Member, pricing_type: str | None, method: str | None) -> Iterator[Problem]:
    """Yield why the price does not fit. What Stigg does not show is left to Stigg."""
    plan = member.subscription.plan_id if member.subscription else member.entry.plan_id
    if pricing_type == "FREE":
        field = "planId" if member.subscription is None else member.naming_field
        yield member.problem(field, f"has the free plan {plan}, but {_CUSTOM}; use a CUSTOM plan")
    elif pricing_type == "PAID" and member.subscription is None and method != "NONE":
        problem = f"must be NONE for the paid plan {plan}, because {_CUSTOM}; or use a CUSTOM plan"
        yield member.problem("paymentCollectionMethod", problem)
    elif pricing_type == "PAID" and method not in {"NONE", None}:
        problem = (
            f"has the paid plan {plan} with paymentCollectionMethod {method}, but {_CUSTOM}; replace it by one with "
            "NONE (create-subscription), or use a CUSTOM plan"
        )
        yield member.problem(member.naming_field, problem)


def _given_twice(members: Sequence[Member]) -> Iterator[Problem]:
    first: dict[str, Member] = {}
    for member in members:
        name = member.subscription.id if member.subscription else ""
        if name and first.setdefault(name, member) is not member:
            problem = f"names subscription {name}, as subscriptions[{first[name].position}] does; give it once"
            yield member.problem(member.naming_field, problem)


def _products(members: Sequence[Member]) -> Iterator[Problem]:
    first: dict[str, Member] = {}
    for member in members:
        if member.plan is not None and first.setdefault(member.plan.product_id, member) is not member:
            other = first[member.plan.product_id].position
            problem = (
                f"is of product {member.plan.product_id}, as subscriptions[{other}] is; a contract has one "
                "subscription of each product, so use a contract of its own"
            )
            yield member.problem("planId" if member.subscription is None else member.naming_field, problem)


def _currencies(members: Sequence[Member]) -> Iterator[Problem]:
    known = [member for member in members if member.currency]
    for member in known[1:]:
        if member.currency != known[0].currency:
            problem = (
                f"has prices in {member.currency}, but subscriptions[{known[0].position}] has {known[0].currency}; a "
                "contract has one currency, so use a contract of its own"
            )
            yield member.problem(member.naming_field, problem)


def _as_text(terms: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in terms.items() if name != "salesforceId"}
    return decimal_json.dumps(kept, sort=True)
