"""Answer merge-customers: link an account to another customer, and move the subscriptions there, one by one.

Every step is an operation of its own or a condition on the tables, so a call may be repeated or die at any point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stigg_actions.clock import Backoff
from stigg_actions.errors import ActionError, Conflict, StiggReply
from stigg_actions.exactly_once.perform import perform
from stigg_actions.models.archive_customer import ArchiveCustomer
from stigg_actions.models.delegate_subscription import DelegateSubscription
from stigg_actions.models.merge_customers import MergedCustomers, SubscriptionToMove
from stigg_actions.stigg import refusals
from stigg_actions.storage.dynamodb import ConditionFailedError
from stigg_actions.storage.mapping import AccountLink, Changes, CustomerState
from stigg_actions.storage.snapshot import Target
from stigg_actions.subscriptions.response_fields import drop_none
from stigg_actions.writes.archive_customer import ArchiveCustomerWrite
from stigg_actions.writes.delegate_subscription import DelegateSubscriptionWrite

if TYPE_CHECKING:
    from stigg_actions.deps import Deps
    from stigg_actions.models.merge_customers import MergeCustomers
    from stigg_actions.stigg.customer_schemas import Customer
    from stigg_actions.stigg.schemas import Subscription

_SECONDS_FOR_A_STEP = 8.0
"""A subscription is moved with four calls to Stigg; one that is slow or limited takes seconds."""


def merge(request: MergeCustomers, deps: Deps) -> MergedCustomers:
    """Merge a customer into another one as far as time allows, and return what was done and what is left.

    Raises:
        NotFound: Stigg does not have one of the customers.
        Refused: CUSTOMER_ARCHIVED, if the customer that is to remain is archived.
        Conflict: CUSTOMER_MISMATCH, if the account is linked to a third customer.
    """
    return _Merge(request, deps).result()


class _Merge:
    """The work of one call."""

    def __init__(self, request: MergeCustomers, deps: Deps) -> None:
        self._request = request
        self._deps = deps
        self._org_id = request.salesforce_org_id or deps.settings.default_org_id

    def result(self) -> MergedCustomers:
        request, stigg = self._request, self._deps.stigg
        self._refuse_archived(stigg.get_customer(request.into_customer_id))
        former = stigg.get_customer(request.from_customer_id)
        linked = self._link_account()
        live = list(stigg.subscriptions_of(request.from_customer_id, ended=False)) if request.move_subscriptions else []
        moved = [self._step(one) for one in live if self._has_time()]
        left = len(moved) < len(live) or any(one.outcome == "failed" for one in moved)
        archived = (not left and self._archive()) or former.is_archived
        complete = not left and (archived or not request.move_subscriptions)
        outcome = "dryRun" if request.dry_run else "merged" if complete else "incomplete"
        return MergedCustomers(
            outcome=outcome,
            customer_id=request.into_customer_id,
            complete=complete and not request.dry_run,
            account_linked=linked,
            archived=archived,
            subscriptions=moved,
        )

    def _refuse_archived(self, customer: Customer) -> None:
        """Refuse to merge into an archived customer, for which Stigg changes nothing."""
        if customer.is_archived:
            environment = self._deps.settings.environment
            raise refusals.customer_archived(customer.id, StiggReply(status=200), environment=environment)

    def _has_time(self) -> bool:
        return self._deps.deadline.seconds_left() > _SECONDS_FOR_A_STEP

    def _link_account(self) -> bool:
        """Link the account to the customer that remains; return whether it is linked. A dry run links nothing."""
        account_id, waits = self._request.salesforce_account_id, Backoff(self._deps.deadline)
        while account_id is not None:
            target = Target(self._org_id, self._request.into_customer_id, account_id=account_id)
            snapshot = self._deps.ledger.snapshot(target, None)
            self._refuse_third(snapshot.linked_customer_id)
            if snapshot.linked_customer_id == self._request.into_customer_id or self._request.dry_run:
                return snapshot.linked_customer_id == self._request.into_customer_id
            customer = snapshot.customer or CustomerState(self._request.into_customer_id)
            link = AccountLink(self._org_id, account_id, before=snapshot.linked_customer_id)
            try:
                self._deps.records.correct(Changes(customer, account=link), customer)
            except ConditionFailedError:
                waits.once()
        return False

    def _refuse_third(self, linked: str | None) -> None:
        """Refuse an account that is linked to neither of the customers."""
        request = self._request
        if linked not in {None, request.from_customer_id, request.into_customer_id}:
            raise Conflict(
                "CUSTOMER_MISMATCH",
                f"The Salesforce account {request.salesforce_account_id} is linked to customer {linked}. This request "
                f"merges {request.from_customer_id} into {request.into_customer_id}. Correct the ids.",
            )

    def _step(self, one: Subscription) -> SubscriptionToMove:
        """Move a subscription, unless this is a dry run; return what came of it."""
        state = self._deps.ledger.subscription(one.id)
        named = {"subscription_id": one.id, "plan_id": one.plan_id, "salesforce_record_id": state and state.record_id}
        return SubscriptionToMove.model_validate(drop_none({**named, **self._moved(one)}))

    def _moved(self, one: Subscription) -> dict[str, str]:
        if self._request.dry_run:
            return {"outcome": "wouldMove"}
        body = {"subscriptionId": one.id, "destinationCustomerId": self._request.into_customer_id}
        try:
            perform(DelegateSubscriptionWrite(DelegateSubscription.model_validate(self._in_org(body)), self._deps))
        except ActionError as error:
            return {"outcome": "failed", "error_code": error.code, "error_message": error.message}
        return {"outcome": "moved"}

    def _archive(self) -> bool:
        """Archive the customer that was merged, once nothing of it is live; return whether it is archived.

        If it is archived already, this settles the operation of a call that died before it could record that.
        """
        if self._request.dry_run or not self._request.move_subscriptions:
            return False
        body = self._in_org({"customerId": self._request.from_customer_id})
        return perform(ArchiveCustomerWrite(ArchiveCustomer.model_validate(body), self._deps)).archived

    def _in_org(self, body: dict[str, str]) -> dict[str, str]:
        return {**body, "salesforceOrgId": self._org_id}
