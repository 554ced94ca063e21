"""Provisioning a subscription under an id of ours, and finding it again: the effect of several kinds of writes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from stigg_actions.errors import Misconfigured, NotFound, OutcomeUnknown, RateLimited, Refused, StiggUnavailable
from stigg_actions.exactly_once.write import Effect
from stigg_actions.models.create_subscription import SubscriptionResult
from stigg_actions.stigg.client import Stigg
from stigg_actions.stigg.schemas import Provisioned, Subscription
from stigg_actions.storage.mapping import LiveSubscription
from stigg_actions.storage.operation import Operation
from stigg_actions.storage.snapshot import Run
from stigg_actions.writes import _predecessors, customer_upsert
from stigg_actions.writes._metadata import Owner, marks
from stigg_actions.writes._provision_result import answer_for, awaiting_payment


class Wanted(NamedTuple):
    """A subscription as it is wanted: Stigg's terms, whose it is in Salesforce, and metadata beside our marks.

    ``when`` is sent with the terms, but is none: it tells when they come into force, and is not remembered.
    """

    terms: Mapping[str, Any]
    owner: Owner
    metadata: Mapping[str, str] = MappingProxyType({})
    when: Mapping[str, Any] = MappingProxyType({})

    @property
    def plan_id(self) -> str:
        """The plan."""
        return str(self.terms["planId"])

    @property
    def resource_id(self) -> str | None:
        """The resource, if it is for one."""
        return self.terms.get("resourceId")


def subscription_id(operation: Operation) -> str:
    """Return the id that this attempt gives its subscription."""
    return f"sub-{operation.effect_id}"


class Provisioning(NamedTuple):
    """One wanted subscription for the customer of a ticket. The answer names the customer's page, where known.

    ``takes_place_of`` is one that it is to replace, which the mappings need not know.
    """

    stigg: Stigg
    run: Run
    wanted: Wanted
    customer_url: str | None = None
    takes_place_of: LiveSubscription | None = None

    def send(self) -> Effect[SubscriptionResult]:
        """Provision; a duplicate of our own id is the effect of an earlier try. Raises as the client does."""
        try:
            provisioned = self.stigg.provision_subscription(
                body=self._body(), idempotency_key=self.run.operation.effect_id
            )
        except (Refused, NotFound) as refusal:
            found = self._look_up_what_is_there() if customer_upsert.is_duplicate(refusal) else None
            if found is not None:
                return found
            raise
        return self._provisioned(provisioned)

    def find_effect(self) -> Effect[SubscriptionResult] | None:
        """Find the subscription by the id that this attempt gave it.

        Raises:
            Refused: the id is another's.
        """
        found = self.stigg.find_subscription(subscription_id(self.run.operation))
        if found is None:
            return None
        ours = (self._customer_id, self.wanted.plan_id, self.wanted.resource_id)
        if (found.customer_id, found.plan_id, found.resource_id) != ours:
            raise Refused("REFUSED_BY_STIGG", f"The subscription {found.id} exists and is another's; use another key.")
        return self._effect(found)

    def _look_up_what_is_there(self) -> Effect[SubscriptionResult] | None:
        """Find the subscription after Stigg has accepted its id, or said that it has it already.

        Raises:
            OutcomeUnknown: it may be there, but cannot be read.
            Refused: the id is another's.
        """
        try:
            return self.find_effect()
        except (StiggUnavailable, RateLimited, Misconfigured) as error:
            raise OutcomeUnknown(
                "OUTCOME_UNKNOWN",
                f"Stigg knows the subscription, but it could not be read ({error.code}). "
                "Send the same request again to find out.",
                stigg=error.stigg,
            ) from None

    @property
    def _customer_id(self) -> str:
        return self.run.customer.customer_id

    @property
    def _live_before(self) -> dict[str, LiveSubscription]:
        named = {self.takes_place_of.subscription_id: self.takes_place_of} if self.takes_place_of else {}
        return {**named, **(self.run.snapshot.resource.live if self.run.snapshot.resource else {})}

    def _body(self) -> dict[str, Any]:
        return {
            "id": subscription_id(self.run.operation),
            "customerId": self._customer_id,
            **self.wanted.terms,
            **self.wanted.when,
            "metadata": {**self.wanted.metadata, **marks(self.run.operation, self.wanted.owner)},
        }

    def _provisioned(self, provisioned: Provisioned) -> Effect[SubscriptionResult]:
        """Return the effect by the status of the call, which is not that of the subscription."""
        if provisioned.awaits_payment:
            answer = awaiting_payment(provisioned, self.wanted.terms, self._customer_id, self.customer_url)
            return Effect(answer, terms=self.wanted.terms)
        if provisioned.subscription is not None:
            return self._effect(provisioned.subscription, scheduled=bool(provisioned.is_scheduled))
        found = self._look_up_what_is_there()
        if found is None:
            raise OutcomeUnknown("OUTCOME_UNKNOWN", "Stigg accepted the subscription but does not show it yet.")
        return found

    def _effect(self, found: Subscription, *, scheduled: bool = False) -> Effect[SubscriptionResult]:
        ended = [] if found.has_ended else _predecessors.ended(self.stigg, self._live_before, found.id)
        replaced = next((one.live.subscription_id for one in ended if one.was_replaced), None)
        outcome = "replaced" if replaced else "created"
        if scheduled or found.status == "NOT_STARTED":
            outcome = "scheduled"
        elif found.status == "PAYMENT_PENDING":
            outcome = "paymentRequired"
        told = self.run.operation.answer or {}
        page = told.get("checkoutUrl") if found.status == "PAYMENT_PENDING" else None
        answer = answer_for(
            found, outcome=outcome, customer_url=self.customer_url, replaced=replaced, checkout_url=page
        )
        return Effect(answer, tuple(one.live for one in ended), self.wanted.terms)
