"""Build the effect of provisioning a contract from what Stigg shows afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stigg_actions.errors import ActionError, OutcomeUnknown
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.provision_contract import ProvisionedContract
from stigg_actions.stigg import refusals
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.writes._contract import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stigg_actions.deps import Deps
    from stigg_actions.stigg.contracts import Contract
    from stigg_actions.stigg.schemas import Subscription


class Result(NamedTuple):
    """A contract as Stigg answered, with what was there before.

    ``before``: the ids of its subscriptions, None if it did not exist. ``live``: the ids of the customer's
    subscriptions that had not ended. ``new``: the record of each subscription that was created, by id.
    """

    contract: Contract
    customer_id: str
    customer_url: str | None
    before: Sequence[str] | None
    live: Sequence[str]
    new: Mapping[str, str]
    deps: Deps

    def effect(self, outcome: str) -> Effect[ProvisionedContract]:
        """Return the effect.

        Raises:
            OutcomeUnknown: the subscriptions cannot be read; the contract is as requested.
        """
        now = self._now()
        closed = [old for old in now.values() if self.new and old.has_ended]
        replaced = [old.id for old in closed if old.id in self.live and old.was_replaced]
        removed = [name for name in self.before or () if name not in self.contract.subscription_ids]
        optional = {
            "customer_url": self.customer_url,
            "removed_subscription_ids": removed or None,
            "replaced_subscription_ids": replaced or None,
        }
        answer = ProvisionedContract.model_validate(
            {
                **shown(self.contract, self.customer_id),
                "outcome": outcome,
                "subscriptions": self._subscriptions(now),
                **drop_none(optional),
            }
        )
        return Effect(answer, closed=tuple(closed), created=tuple(now[name] for name in self.new))

    def _now(self) -> dict[str, Subscription]:
        """Read the customer's subscriptions, if the contract has or had any."""
        if not (self.contract.subscription_ids or self.new):
            return {}
        stigg, subject = self.deps.stigg, f"contract {self.contract.contract_id}"
        try:
            now = {one.id: one for one in stigg.subscriptions_of(self.customer_id, ended=True)}
        except ActionError as error:
            raise refusals.not_read_back(subject, error) from None
        if not self.new.keys() <= now.keys():
            raise OutcomeUnknown("OUTCOME_UNKNOWN", f"Stigg created {subject} but does not show its subscriptions yet.")
        return now

    def _subscriptions(self, now: Mapping[str, Subscription]) -> list[dict[str, Any]]:
        ids = self.contract.subscription_ids
        known = self.deps.records.subscriptions([name for name in ids[:100] if name not in self.new])
        records = {name: state.record_id for name, state in known.items()} | dict(self.new)
        return [self._subscription(name, now.get(name), records.get(name)) for name in ids]

    def _subscription(self, name: str, now: Subscription | None, record_id: str | None) -> dict[str, Any]:
        change = "created" if name in self.new else "kept" if name in (self.before or ()) else "added"
        details = {"plan_id": now.plan_id, "status": now.status} if now else {}
        return {"subscription_id": name, "change": change, **details, **drop_none({"salesforce_record_id": record_id})}
