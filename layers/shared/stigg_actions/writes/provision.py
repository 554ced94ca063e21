"""The write behind both create-subscription actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stigg_actions import customers
from stigg_actions.errors import NotFound, OutcomeUnknown, Refused
from stigg_actions.ledger import Names
from stigg_actions.models.subscriptions import CreateSubscription, SubscriptionResult
from stigg_actions.operations import REPLAY_SECONDS, Move
from stigg_actions.stigg import open_invoice
from stigg_actions.writes import predecessors, provision_mapping
from stigg_actions.writes.base import Effect
from stigg_actions.writes.customer_writes import OfCustomer
from stigg_actions.writes.provision_answer import answer_for, awaiting_payment, is_as_asked

if TYPE_CHECKING:
    from stigg_actions.ledger import Standing, Ticket
    from stigg_actions.mappings import Changes, LatestOperation
    from stigg_actions.operations import Operation
    from stigg_actions.stigg.wire import Provisioned, Subscription


class ProvisionWrite(OfCustomer[CreateSubscription, SubscriptionResult]):
    """A subscription provisioned under an id of ours, in place of the one that the customer had before."""

    kind = "provision"
    result = SubscriptionResult

    @property
    def creates_customer(self) -> bool:
        """Whether the customer's name or e-mail is given, so that it is created or updated first."""
        return self.request.customer_name is not None or self.request.customer_email is not None

    @property
    def names(self) -> Names:
        """The customer, the record that the subscription belongs to, the account, and the resource it is for."""
        request = self.request
        return Names(
            self.org_id,
            request.customer_id,
            request.salesforce_record_id,
            request.salesforce_account_id,
            request.resource_id,
            of_resource=True,
        )

    def latest(self, standing: Standing) -> LatestOperation | None:
        """Return the operation that last provisioned for this record, or else for this resource of the customer."""
        if self.request.salesforce_record_id:
            return standing.record.latest if standing.record else None
        return standing.resource.latest if standing.resource else None

    def send(self, ticket: Ticket) -> Effect[SubscriptionResult]:
        """Provision; a duplicate of our own id is the effect of an earlier try."""
        if self.creates_customer:
            customers.upsert(self.deps.stigg, self._wanted_customer(ticket))
        try:
            provisioned = self.deps.stigg.provision_subscription(
                body=self._body(ticket), idempotency_key=ticket.operation.effect_id
            )
        except (Refused, NotFound) as refusal:
            found = self.look_up(ticket) if customers.is_duplicate(refusal) else None
            if found is not None:
                return found
            raise open_invoice.explain(
                refusal,
                self.deps.stigg,
                customer_id=ticket.customer.customer_id,
                resource_id=self.request.resource_id,
            ) from None
        return self._provisioned(ticket, provisioned)

    def look_up(self, ticket: Ticket) -> Effect[SubscriptionResult] | None:
        """Find the subscription by the id that this attempt gave it.

        Raises:
            Refused: the id is another's.
        """
        try:
            found = self.deps.stigg.get_subscription(provision_mapping.subscription_id(ticket.operation))
        except NotFound:
            return None
        ours = (ticket.customer.customer_id, self.request.plan_id, self.request.resource_id)
        if (found.customer_id, found.plan_id, found.resource_id) != ours:
            raise Refused("REFUSED_BY_STIGG", f"The subscription {found.id} exists and is another's; use another key.")
        return self._effect(ticket, found)

    def already_so(self, ticket: Ticket, before: Operation) -> Effect[SubscriptionResult] | None:
        """Read the subscription that this request made before: live, as asked and not changed since, it stands."""
        latest = self.latest(ticket.standing)
        if latest is None or latest.operation_key != self.key:
            return None
        try:
            found = self.deps.stigg.get_subscription((before.answer or {})["subscriptionId"])
        except NotFound:
            return None
        if found.has_ended or not is_as_asked(found, self.request):
            return None
        return Effect(answer_for(found, outcome="unchanged", customer_url=self._url(ticket)))

    def when_repeated(self, ticket: Ticket) -> Move:
        """Look whether a payment page was paid; one that has ended, or is a day old, gives way to a new one."""
        if not ticket.operation.awaits_payment:
            return Move.REPLAY
        found = self.look_up(ticket)
        if found is None:
            made_at = ticket.operation.finished_at or 0
            return Move.REPLAY if self.deps.clock.now() < made_at + REPLAY_SECONDS else Move.START
        return Move.START if found.answer.status in {"CANCELED", "EXPIRED"} else Move.RESUME

    def changes(self, ticket: Ticket, effect: Effect[SubscriptionResult]) -> Changes | None:
        """Map the record to the subscription, and close the mapping of the one that it replaced."""
        return provision_mapping.changes(
            ticket,
            effect,
            provision_mapping.Owner(
                self.org_id,
                self.request.salesforce_record_id,
                self.request.salesforce_account_id,
                changes_customer=self.creates_customer,
            ),
            terms=self.request.terms(),
            deps=self.deps,
        )

    def _provisioned(self, ticket: Ticket, provisioned: Provisioned) -> Effect[SubscriptionResult]:
        """Return the effect by the status of the call, which is not that of the subscription."""
        if provisioned.awaits_payment:
            return Effect(awaiting_payment(provisioned, self.request, ticket.customer.customer_id, self._url(ticket)))
        if provisioned.subscription is not None:
            return self._effect(ticket, provisioned.subscription, scheduled=bool(provisioned.is_scheduled))
        found = self.look_up(ticket)
        if found is None:
            raise OutcomeUnknown("OUTCOME_UNKNOWN", "Stigg accepted the subscription but does not show it yet.")
        return found

    def _effect(self, ticket: Ticket, found: Subscription, *, scheduled: bool = False) -> Effect[SubscriptionResult]:
        before = ticket.standing.resource
        ended = [] if found.has_ended or before is None else predecessors.ended(self.deps.stigg, before, found.id)
        replaced = next((one.live.subscription_id for one in ended if one.was_replaced), None)
        outcome = "replaced" if replaced else "created"
        if scheduled or found.status == "NOT_STARTED":
            outcome = "scheduled"
        elif found.status == "PAYMENT_PENDING":
            outcome = "paymentRequired"
        page = (ticket.operation.answer or {}).get("checkoutUrl") if found.status == "PAYMENT_PENDING" else None
        answer = answer_for(
            found, outcome=outcome, customer_url=self._url(ticket), replaced=replaced, checkout_url=page
        )
        return Effect(answer, tuple(one.live for one in ended))

    def _body(self, ticket: Ticket) -> dict[str, Any]:
        salesforce_id = self.request.salesforce_id or self.request.salesforce_account_id
        return {
            "id": provision_mapping.subscription_id(ticket.operation),
            "customerId": ticket.customer.customer_id,
            **self.request.terms(),
            **({"salesforceId": salesforce_id} if salesforce_id else {}),
            "metadata": {**(self.request.metadata or {}), **self.marks(ticket)},
        }

    def _wanted_customer(self, ticket: Ticket) -> customers.WantedCustomer:
        given = {"name": self.request.customer_name, "email": self.request.customer_email}
        return self.wanted_customer(ticket, {name: value for name, value in given.items() if value is not None})

    def _url(self, ticket: Ticket) -> str | None:
        return self.customer_url(ticket.customer.customer_id)
