"""The write behind both create-subscription actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions import customers
from stigg_actions.errors import ActionError, NotFound, OutcomeUnknown, Refused
from stigg_actions.ledger import Names
from stigg_actions.models.subscriptions import CreateSubscription, SubscriptionResult
from stigg_actions.stigg import open_invoice
from stigg_actions.writes import provision_mapping as mapping
from stigg_actions.writes.base import Effect
from stigg_actions.writes.customer_writes import OfCustomer
from stigg_actions.writes.provision_answer import answer_for, awaiting_payment, is_as_asked

if TYPE_CHECKING:
    from stigg_actions.ledger import Ticket
    from stigg_actions.mappings import Changes, CustomerState, LatestOperation, LiveSubscription, RecordState
    from stigg_actions.operations import Operation
    from stigg_actions.stigg.wire import Subscription


class ProvisionWrite(OfCustomer[CreateSubscription, SubscriptionResult]):
    """A subscription provisioned under an id of ours, in place of the one that the customer had before."""

    kind = "provision"
    result = SubscriptionResult
    follows_payment = True

    @property
    def names(self) -> Names:
        """The customer, the record that the subscription belongs to, and the account."""
        request = self.request
        return Names(self.org_id, request.customer_id, request.salesforce_record_id, request.salesforce_account_id)

    @property
    def creates_customer(self) -> bool:  # type: ignore[override]  # depends on the request
        """Whether the customer's name or e-mail is given, so that it is created or updated first."""
        return self.request.customer_name is not None or self.request.customer_email is not None

    def latest(self, customer: CustomerState | None, record: RecordState | None) -> LatestOperation | None:
        """Return the operation that last provisioned for this record, or else for this resource of the customer."""
        if self.request.salesforce_record_id:
            return record.latest if record else None
        return customer.latest.get(mapping.resource_subject(self.request.resource_id)) if customer else None

    def send(self, ticket: Ticket) -> Effect[SubscriptionResult]:
        """Provision; a duplicate of our own id is the effect of an earlier try."""
        if self.creates_customer:
            customers.upsert(self.deps.stigg, self._wanted_customer(ticket))
        body = self._body(ticket)
        try:
            provisioned = self.deps.stigg.provision_subscription(body=body, idempotency_key=ticket.operation.effect_id)
        except (Refused, NotFound) as refusal:
            found = self.look_up(ticket) if customers.is_duplicate(refusal) else None
            if found is not None:
                return found
            raise self._explained(refusal, body) from None
        if provisioned.subscription is None:
            return Effect(awaiting_payment(provisioned, self.request, body["customerId"], self._url(ticket)))
        return self._effect(ticket, provisioned.subscription, scheduled=bool(provisioned.is_scheduled))

    def look_up(self, ticket: Ticket) -> Effect[SubscriptionResult] | None:
        """Find the subscription by the id that this attempt gave it.

        Raises:
            Refused: the id is another's, or its checkout has expired.
        """
        try:
            found = self.deps.stigg.get_subscription(mapping.subscription_id(ticket.operation))
        except NotFound:
            return None
        request = self.request
        ours = (ticket.operation.customer_id, request.plan_id, request.resource_id)
        if (found.customer_id, found.plan_id, found.resource_id) != ours:
            raise Refused("REFUSED_BY_STIGG", f"The subscription {found.id} exists and is another's; use another key.")
        if found.has_ended and ticket.operation.awaits_payment:
            raise Refused("PAYMENT_EXPIRED", "The payment page has expired; send the request again for a new one.")
        return self._effect(ticket, found)

    def already_so(self, ticket: Ticket, before: Operation) -> Effect[SubscriptionResult] | None:
        """Read the subscription that this request made before: live, as asked and not changed since, it stands."""
        latest = self.latest(ticket.customer, ticket.record)
        if latest is None or latest.operation_key != self.key:
            return None
        try:
            found = self.deps.stigg.get_subscription((before.answer or {})["subscriptionId"])
        except NotFound:
            return None
        if found.has_ended or not is_as_asked(found, self.request):
            return None
        return Effect(answer_for(found, outcome="unchanged", customer_url=self._url(ticket)))

    def changes(self, ticket: Ticket, effect: Effect[SubscriptionResult]) -> Changes | None:
        """Map the record to the subscription, and close the mapping of the one that it replaced."""
        return mapping.changes(self, ticket, effect)

    def _effect(self, ticket: Ticket, found: Subscription, *, scheduled: bool = False) -> Effect[SubscriptionResult]:
        ended = () if found.has_ended else self._ended_predecessors(ticket, found)
        replaced = next((one.subscription_id for one, by_us in ended if by_us), None)
        outcome = "replaced" if replaced else "created"
        if scheduled or found.status == "NOT_STARTED":
            outcome = "scheduled"
        elif found.status == "PAYMENT_PENDING":
            outcome = "paymentRequired"
        answer = answer_for(found, outcome=outcome, customer_url=self._url(ticket), replaced=replaced)
        return Effect(answer, tuple(one for one, _ in ended))

    def _ended_predecessors(self, ticket: Ticket, found: Subscription) -> tuple[tuple[LiveSubscription, bool], ...]:
        """Read what the customer had on this resource: which of it has ended, and whether by being replaced.

        Raises:
            OutcomeUnknown: it could not be read; the subscription is there, but the mapping would not be true.
        """
        if ticket.customer is None:
            return ()
        before = [
            live
            for live in ticket.customer.live.values()
            if live.resource_id == found.resource_id and live.subscription_id != found.id
        ]
        try:
            return tuple((live, reason == "UPGRADE_OR_DOWNGRADE") for live in before if (reason := self._ended(live)))
        except ActionError as error:
            raise OutcomeUnknown(
                "OUTCOME_UNKNOWN",
                f"The subscription was provisioned, but what it replaced could not be read ({error.code}). "
                "Send the same request again.",
            ) from None

    def _ended(self, live: LiveSubscription) -> str | None:
        """Return why a subscription has ended, None if it has not."""
        try:
            subscription = self.deps.stigg.get_subscription(live.subscription_id)
        except NotFound:
            return "NOT_FOUND"
        return (subscription.cancel_reason or subscription.status) if subscription.has_ended else None

    def _body(self, ticket: Ticket) -> dict[str, Any]:
        terms = self.request.terms()
        salesforce_id = self.request.salesforce_id or self.request.salesforce_account_id
        return {
            "id": mapping.subscription_id(ticket.operation),
            "customerId": ticket.operation.customer_id,
            **terms,
            **({"salesforceId": salesforce_id} if salesforce_id else {}),
            "metadata": {**(self.request.metadata or {}), **self.marks(ticket)},
        }

    def _explained(self, refusal: ActionError, body: dict[str, Any]) -> ActionError:
        return open_invoice.explain(
            refusal, self.deps.stigg, customer_id=body["customerId"], resource_id=self.request.resource_id
        )

    def _wanted_customer(self, ticket: Ticket) -> customers.WantedCustomer:
        given = {"name": self.request.customer_name, "email": self.request.customer_email}
        return self.wanted_customer(ticket, {name: value for name, value in given.items() if value is not None})

    def _url(self, ticket: Ticket) -> str | None:
        return self.customer_url(self.customer_id(ticket.operation.customer_id))
