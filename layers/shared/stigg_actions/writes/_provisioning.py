"""Provision a subscription under an id derived from its operation, and find it again. Several writes share this."""

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
    """A requested subscription: Stigg's terms, its owner in Salesforce, and metadata besides the marks.

    ``when`` is sent with the terms and says when they come into force. It is not stored.
    """

    terms: Mapping[str, Any]
    owner: Owner
    metadata: Mapping[str, str] = MappingProxyType({})
    when: Mapping[str, Any] = MappingProxyType({})

    @property
    def plan_id(self) -> str:
        """The id of the plan."""
        return str(self.terms["planId"])

    @property
    def resource_id(self) -> str | None:
        """The id of the resource, if the subscription is for one."""
        return self.terms.get("resourceId")


def subscription_id(operation: Operation) -> str:
    """Return the id that this attempt gives its subscription."""
    return f"sub-{operation.effect_id}"


class Provisioning(NamedTuple):
    """One requested subscription for a run's customer.

    ``takes_place_of`` is a subscription that it replaces, which may be missing from the mappings.
    """

    stigg: Stigg
    run: Run
    wanted: Wanted
    customer_url: str | None = None
    takes_place_of: LiveSubscription | None = None

    def send(self) -> Effect[SubscriptionResult]:
        """Provision; a duplicate of this id is the effect of an earlier try. Raises what the client raises."""
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
            Refused: the id belongs to a subscription with another customer, plan or resource.
        """
        subscription = self.stigg.find_subscription(subscription_id(self.run.operation))
        if subscription is None:
            return None
        requested = (self._customer_id, self.wanted.plan_id, self.wanted.resource_id)
        if (subscription.customer_id, subscription.plan_id, subscription.resource_id) != requested:
            problem = f"Subscription {subscription.id} already exists with another customer, plan or resource"
            raise Refused("REFUSED_BY_STIGG", f"{problem}. Use another idempotencyKey.")
        return self._effect(subscription)

    def _look_up_what_is_there(self) -> Effect[SubscriptionResult] | None:
        """Find the subscription after Stigg accepted its id or reported it as a duplicate.

        Raises:
            OutcomeUnknown: it may exist, but cannot be read.
            Refused: the id belongs to a subscription with another customer, plan or resource.
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
        """Return the effect that the reply shows. The reply has a status of its own beside the subscription's."""
        if provisioned.awaits_payment:
            answer = awaiting_payment(provisioned, self.wanted.terms, self._customer_id, self.customer_url)
            return Effect(answer, terms=self.wanted.terms)
        if provisioned.subscription is not None:
            return self._effect(provisioned.subscription, scheduled=bool(provisioned.is_scheduled))
        effect = self._look_up_what_is_there()
        if effect is None:
            raise OutcomeUnknown("OUTCOME_UNKNOWN", "Stigg accepted the subscription but does not show it yet.")
        return effect

    def _effect(self, subscription: Subscription, *, scheduled: bool = False) -> Effect[SubscriptionResult]:
        new = (subscription.id, subscription.plan_id)
        ended = [] if subscription.has_ended else _predecessors.ended(self.stigg, self._live_before, *new)
        replaced = next((old.live.subscription_id for old in ended if old.was_replaced), None)
        outcome = "replaced" if replaced else "created"
        if scheduled or subscription.status == "NOT_STARTED":
            outcome = "scheduled"
        elif subscription.status == "PAYMENT_PENDING":
            outcome = "paymentRequired"
        stored = self.run.operation.answer or {}
        page = stored.get("checkoutUrl") if subscription.status == "PAYMENT_PENDING" else None
        answer = answer_for(
            subscription, outcome=outcome, customer_url=self.customer_url, replaced=replaced, checkout_url=page
        )
        return Effect(answer, tuple(old.live for old in ended), self.wanted.terms)
