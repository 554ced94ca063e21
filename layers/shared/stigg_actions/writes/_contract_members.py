"""Find the subscriptions that a request names for a contract, and refuse those that Stigg would not accept.

Stigg refuses them too, all or nothing, but does not say which one, and what to do about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stigg_actions.errors import NotFound, Problem, RequestInvalid
from stigg_actions.stigg import refusals
from stigg_actions.stigg.schemas import ENDED
from stigg_actions.writes import _contract_rules as rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stigg_actions.deps import Deps
    from stigg_actions.models.provision_contract import ContractSubscription
    from stigg_actions.stigg.contracts import Contract
    from stigg_actions.stigg.preview_schemas import Plan
    from stigg_actions.stigg.schemas import Subscription
    from stigg_actions.storage.snapshot import Snapshot
    from stigg_actions.writes._contract_terms import WantedContract

_ONLY_WITH_A_NEW_CONTRACT = (
    "would be new, but Stigg creates subscriptions only together with a new contract; create this one with "
    "create-subscription and leave out its terms here"
)


def existing_id(entry: ContractSubscription, snapshot: Snapshot) -> str | None:
    """Return the subscription that an entry names: of its record the current one, or the next if that has ended."""
    record = snapshot.records.get(str(entry.salesforce_record_id))
    mapped = record.mapped if record else ()
    going = [item.subscription_id for item in mapped if item.status not in ENDED]
    return entry.subscription_id or next(iter(going), mapped[0].subscription_id if mapped else None)


class Members(NamedTuple):
    """The requested subscriptions of a contract, with what Stigg and the tables have.

    ``live``: the customer's subscriptions that have not ended. ``contract``: the contract, if it exists.
    """

    wanted: WantedContract
    live: Mapping[str, Subscription]
    contract: Contract | None
    snapshot: Snapshot
    deps: Deps

    def check(self) -> None:
        """Refuse subscriptions that cannot be on the contract.

        Raises:
            RequestInvalid: naming each of them, with the remedy.
            NotFound: a new subscription has an unknown plan.
        """
        members = [self._member(position, entry) for position, entry in enumerate(self._entries)]
        problems = [problem for member in members for problem in self._problems(member)]
        problems = problems or list(rules.together(members))
        if problems:
            raise RequestInvalid(problems)

    @property
    def _entries(self) -> list[ContractSubscription]:
        return list(self.wanted.request.subscriptions or ())

    def _member(self, position: int, entry: ContractSubscription) -> rules.Member:
        if entry.is_new and not self._exists(entry):
            return rules.Member(position, entry, plan=self._plan(position, str(entry.plan_id)))
        subscription_id = existing_id(entry, self.snapshot)
        subscription = self.live.get(subscription_id or "")
        plan = self.deps.stigg.find_plan(subscription.plan_id) if subscription and len(self._entries) > 1 else None
        return rules.Member(position, entry, subscription_id, subscription, plan)

    def _exists(self, entry: ContractSubscription) -> bool:
        """Whether a subscription that is given with its plan was created before, for a contract that exists."""
        mapped = self.live.get(existing_id(entry, self.snapshot) or "")
        return self.contract is not None and mapped is not None and mapped.plan_id == entry.plan_id

    def _plan(self, position: int, plan_id: str) -> Plan:
        try:
            return self.deps.stigg.get_plan(plan_id)
        except NotFound as unknown:
            raise refusals.renamed(unknown, {plan_id: f"subscriptions[{position}].planId"}) from None

    def _problems(self, member: rules.Member) -> Iterator[Problem]:
        if member.subscription is not None:
            yield from rules.of_existing(member, member.subscription, self.contract)
            yield from self._other_terms(member, member.subscription.id) if member.entry.is_new else ()
        elif member.entry.is_new and self.contract is not None:
            yield member.problem("planId", _ONLY_WITH_A_NEW_CONTRACT)
        elif member.entry.is_new:
            yield from rules.of_new(member)
        else:
            yield self._not_live(member)

    def _other_terms(self, member: rules.Member, subscription_id: str) -> Iterator[Problem]:
        """Yield a problem for a subscription that was created with other terms than those that are given now."""
        state = self.deps.records.subscriptions([subscription_id]).get(subscription_id)
        wanted = self.wanted.new_terms(member.entry)
        if state is not None and state.terms and not rules.same_terms(state.terms, wanted):
            problem = (
                f"names plan {member.entry.plan_id} with terms that subscription {subscription_id} of this record does "
                "not have; change it with update-subscription, and leave out its terms here"
            )
            yield member.problem("planId", problem)

    def _not_live(self, member: rules.Member) -> Problem:
        """Return why a subscription that is named cannot be on the contract."""
        if member.subscription_id is None:
            problem = "has no subscription; correct the id, or add planId and the terms of a new one"
            return member.problem("salesforceRecordId", problem)
        name = f"subscription {member.subscription_id}"
        found = self.deps.stigg.find_subscription(member.subscription_id)
        if found is None:
            return member.problem(member.naming_field, f"names {name}, which does not exist in Stigg; correct the id")
        if found.customer_id != self.snapshot.target.customer_id:
            problem = f"names {name}, which belongs to another customer than the contract; name one of this customer"
            return member.problem(member.naming_field, problem)
        problem = f"names {name}, which has ended ({found.status}); leave it out, or name its successor"
        return member.problem(member.naming_field, problem)
