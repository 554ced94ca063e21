"""Stigg's operations, by their names in Stigg's API."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from stigg_actions.errors import ActionError
from stigg_actions.stigg import refusals
from stigg_actions.stigg.base_client import BaseClient
from stigg_actions.stigg.customer_schemas import (
    CreditGrant,
    Customer,
    Granted,
    Measurement,
    Measurements,
    PromotionalEntitlement,
)
from stigg_actions.stigg.pages import Part
from stigg_actions.stigg.preview_schemas import CatalogItem, Collection, Plan, Preview
from stigg_actions.stigg.request import StiggRequest, in_path
from stigg_actions.stigg.schemas import Named, Provisioned, Subscription, WorkflowRun
from stigg_actions.stigg.session import parse

_LIVE = "ACTIVE,IN_TRIAL,PAYMENT_PENDING"
_NOT_ENDED = f"{_LIVE},NOT_STARTED"
_TRIGGER_WORKFLOW = """mutation TriggerWorkflow($input: TriggerWorkflowInput!) {
  triggerWorkflow(input: $input) { success response }
}"""


class Stigg(BaseClient):
    """Stigg's API, for one invocation. Every method raises as ``Session.send``. Amounts are decimals."""

    def provision_customer(self, *, body: Mapping[str, Any], idempotency_key: str) -> Customer:
        """Create a customer: POST /api/v1/customers. An id that exists is refused as a duplicate."""
        return self.write(Customer, "POST", "/api/v1/customers", body, f"customer {body['id']}", idempotency_key)

    def get_customer(self, customer_id: str) -> Customer:
        """Read a customer: GET /api/v1/customers/{id}."""
        return self.read(Customer, f"/api/v1/customers/{in_path(customer_id)}", f"customer {customer_id}")

    def update_customer(self, customer_id: str, *, body: Mapping[str, Any]) -> Customer:
        """Change the given fields of a customer: PATCH /api/v1/customers/{id}. Metadata is replaced as a whole."""
        path = f"/api/v1/customers/{in_path(customer_id)}"
        return self.write(Customer, "PATCH", path, body, f"customer {customer_id}")

    def archive_customer(self, customer_id: str, *, idempotency_key: str) -> Customer:
        """Archive a customer, which ends its subscriptions: POST /api/v1/customers/{id}/archive."""
        return self._archiving(customer_id, "archive", idempotency_key)

    def unarchive_customer(self, customer_id: str, *, idempotency_key: str) -> Customer:
        """Restore an archived customer: POST /api/v1/customers/{id}/unarchive."""
        return self._archiving(customer_id, "unarchive", idempotency_key)

    def _archiving(self, customer_id: str, what: Literal["archive", "unarchive"], key: str) -> Customer:
        """Send an operation without fields: Stigg answers 401 to a POST that is not JSON."""
        path = f"/api/v1/customers/{in_path(customer_id)}/{what}"
        return self.write(Customer, "POST", path, {}, f"customer {customer_id}", key)

    def provision_subscription(self, *, body: Mapping[str, Any], idempotency_key: str) -> Provisioned:
        """Provision a subscription under the id in the body: POST /api/v1/subscriptions."""
        subject = f"plan {body['planId']} for customer {body['customerId']}"
        return self.write(Provisioned, "POST", "/api/v1/subscriptions", body, subject, idempotency_key)

    def get_subscription(self, subscription_id: str) -> Subscription:
        """Read a subscription: GET /api/v1/subscriptions/{id}."""
        path = f"/api/v1/subscriptions/{in_path(subscription_id)}"
        return self.read(Subscription, path, f"subscription {subscription_id}")

    def find_subscription(self, subscription_id: str) -> Subscription | None:
        """Read a subscription; None if it does not exist in Stigg."""
        path = f"/api/v1/subscriptions/{in_path(subscription_id)}"
        return self.find(Subscription, path, f"subscription {subscription_id}")

    def read_back(self, subscription_id: str) -> Subscription:
        """Read a subscription that Stigg has just changed.

        Raises:
            OutcomeUnknown: the subscription cannot be read; the change may be in force.
        """
        try:
            return self.get_subscription(subscription_id)
        except ActionError as error:
            raise refusals.not_read_back(f"subscription {subscription_id}", error) from None

    def update_subscription(self, subscription_id: str, *, body: Mapping[str, Any]) -> Subscription:
        """Change the given fields of a subscription: PATCH /api/v1/subscriptions/{id}. Lists are replaced whole."""
        path = f"/api/v1/subscriptions/{in_path(subscription_id)}"
        return self.write(Subscription, "PATCH", path, body, f"subscription {subscription_id}")

    def cancel_subscription(
        self, subscription_id: str, *, body: Mapping[str, Any], idempotency_key: str
    ) -> Subscription:
        """Cancel a subscription: POST /api/v1/subscriptions/{id}/cancel."""
        path = f"/api/v1/subscriptions/{in_path(subscription_id)}/cancel"
        return self.write(Subscription, "POST", path, body, f"subscription {subscription_id}", idempotency_key)

    def drop_update(self, subscription_id: str, waits_as: Literal["schedule", "pending-payment"]) -> None:
        """Drop what waits for its time: DELETE /api/v1/subscriptions/{id}/future-update/schedule.

        Or for a payment: DELETE /api/v1/subscriptions/{id}/future-update/pending-payment.
        """
        path = f"/api/v1/subscriptions/{in_path(subscription_id)}/future-update/{waits_as}"
        self.write(Named, "DELETE", path, None, f"subscription {subscription_id}")

    def move_subscription(
        self, subscription_id: str, move: Literal["delegate", "migrate", "transfer"], *, body: Mapping[str, Any]
    ) -> Subscription:
        """Move a subscription, without a key: POST /api/v1/subscriptions/{id}/migrate.

        Or to another resource: POST /api/v1/subscriptions/{id}/transfer.
        Or to another customer: POST /api/v1/subscriptions/{id}/delegate.
        """
        path = f"/api/v1/subscriptions/{in_path(subscription_id)}/{move}"
        return self.write(Subscription, "POST", path, body, f"subscription {subscription_id}")

    def mark_invoice_paid(self, subscription_id: str, *, idempotency_key: str) -> None:
        """Mark the latest invoice of a subscription as paid: POST /api/v1/subscriptions/{id}/invoice/paid."""
        path = f"/api/v1/subscriptions/{in_path(subscription_id)}/invoice/paid"
        self.write(Named, "POST", path, {}, f"subscription {subscription_id}", idempotency_key)

    def live_subscriptions(self, customer_id: str) -> Iterator[Subscription]:
        """Read a customer's subscriptions that are active, in trial or awaiting payment: GET /api/v1/subscriptions."""
        query = {"customerId": customer_id, "status": _LIVE}
        subject = f"subscriptions of customer {customer_id}"
        for page in self.pages(Subscription, "/api/v1/subscriptions", query, subject):
            yield from page.items

    def all_subscriptions(self, *, customer_id: str | None, after: str | None) -> Iterator[Part[Subscription]]:
        """Read all subscriptions page by page, of one customer or of all, after a cursor or from the start."""
        query = {} if customer_id is None else {"customerId": customer_id}
        return self.pages(Subscription, "/api/v1/subscriptions", query, "subscriptions", after)

    def subscription_pages(self, customer_id: str | None) -> Iterator[Part[Subscription]]:
        """Read page by page all subscriptions of a customer, or those of all customers that have not ended."""
        query = {"status": _NOT_ENDED} if customer_id is None else {"customerId": customer_id}
        subject = "subscriptions" if customer_id is None else f"subscriptions of customer {customer_id}"
        return self.pages(Subscription, "/api/v1/subscriptions", query, subject)

    def subscriptions_of(self, customer_id: str, *, ended: bool) -> Iterator[Subscription]:
        """Read a customer's subscriptions that have not ended, or with ``ended`` all: GET /api/v1/subscriptions.

        Raises:
            StiggUnavailable: after the last one, if some of them could not be read.
        """
        query = {"customerId": customer_id} if ended else {"customerId": customer_id, "status": _NOT_ENDED}
        subject = f"subscriptions of customer {customer_id}"
        return self.whole_list(Subscription, "/api/v1/subscriptions", query, subject)

    def preview_subscription(self, *, body: Mapping[str, Any]) -> Preview:
        """Read what a subscription would cost: POST /api/v1/subscriptions/preview."""
        subject = f"plan {body['planId']} for customer {body['customerId']}"
        request = StiggRequest("POST", "/api/v1/subscriptions/preview", body, asks=True)
        return parse(Preview, self._explained(request, subject), request)

    def reach(self) -> None:
        """Read one subscription, to check that Stigg answers and accepts the key: GET /api/v1/subscriptions."""
        request = StiggRequest("GET", "/api/v1/subscriptions", query={"limit": "1"})
        self._session.send(request, subject="subscriptions")

    def get_plan(self, plan_id: str) -> Plan:
        """Read a plan: GET /api/v1/plans/{id}. The refusal of an unknown one lists similar ids."""
        request = StiggRequest("GET", f"/api/v1/plans/{in_path(plan_id)}")
        return parse(Plan, self._explained(request, f"plan {plan_id}"), request)

    def find_plan(self, plan_id: str) -> Plan | None:
        """Read a plan that may not exist; None if Stigg does not show it."""
        return self.find(Plan, f"/api/v1/plans/{in_path(plan_id)}", f"plan {plan_id}")

    def published_plans(self) -> Iterator[Plan]:
        """Read the published plans: GET /api/v1/plans. One that cannot be read is left out."""
        for page in self.pages(Plan, "/api/v1/plans", {"status": "PUBLISHED"}, "plans"):
            yield from page.items

    def catalog(self, collection: Collection) -> Iterator[CatalogItem]:
        """Read what can be sold, of plans and add-ons the published ones: GET /api/v1/ with the collection's name."""
        query = {"status": "PUBLISHED"} if collection in {"addons", "plans"} else {}
        for page in self.pages(CatalogItem, f"/api/v1/{collection}", query, collection):
            yield from page.items

    def create_credit_grant(self, *, body: Mapping[str, Any], idempotency_key: str) -> CreditGrant:
        """Grant credits: POST /api/v1/credits/grants."""
        subject = f"a grant of {body['currencyId']} for customer {body['customerId']}"
        return self.write(CreditGrant, "POST", "/api/v1/credits/grants", body, subject, idempotency_key)

    def void_credit_grant(self, grant_id: str, *, idempotency_key: str) -> CreditGrant:
        """Void a grant, so that no more of its credits can be used: POST /api/v1/credits/grants/{id}/void.

        It takes no fields, but Stigg answers 401 to a POST that is not JSON.
        """
        path = f"/api/v1/credits/grants/{in_path(grant_id)}/void"
        return self.write(CreditGrant, "POST", path, {}, f"grant {grant_id}", idempotency_key)

    def credit_grants(
        self, customer_id: str, *, currency_id: str | None, resource_id: str | None
    ) -> Iterator[CreditGrant]:
        """Read a customer's grants of one currency or of all, of one resource or of none: GET /api/v1/credits/grants.

        Raises:
            StiggUnavailable: after the last grant, if some of them could not be read.
        """
        named = {"customerId": customer_id, "currencyId": currency_id, "resourceId": resource_id}
        query = {name: value for name, value in named.items() if value is not None}
        return self.whole_list(CreditGrant, "/api/v1/credits/grants", query, f"grants of customer {customer_id}")

    def grant_promotional_entitlement(
        self, customer_id: str, *, body: Mapping[str, Any], idempotency_key: str
    ) -> PromotionalEntitlement:
        """Give a customer a feature: POST /api/v1/customers/{id}/promotional-entitlements.

        It replaces the customer's promotional entitlement to that feature.
        """
        path = f"/api/v1/customers/{in_path(customer_id)}/promotional-entitlements"
        subject = f"feature {body['featureId']} for customer {customer_id}"
        terms = {"promotionalEntitlements": [body]}
        return self.write(Granted, "POST", path, terms, subject, idempotency_key).data[0]

    def promotional_entitlements(self, customer_id: str) -> Iterator[PromotionalEntitlement]:
        """Read a customer's promotional entitlements: GET /api/v1/customers/{id}/promotional-entitlements.

        Raises:
            StiggUnavailable: after the last one, if some of them could not be read.
        """
        path = f"/api/v1/customers/{in_path(customer_id)}/promotional-entitlements"
        return self.whole_list(PromotionalEntitlement, path, {}, f"entitlements of customer {customer_id}")

    def revoke_promotional_entitlement(self, customer_id: str, feature_id: str) -> PromotionalEntitlement:
        """Take a feature back: DELETE /api/v1/customers/{id}/promotional-entitlements/{featureId}."""
        path = f"/api/v1/customers/{in_path(customer_id)}/promotional-entitlements/{in_path(feature_id)}"
        subject = f"feature {feature_id} for customer {customer_id}"
        return self.write(PromotionalEntitlement, "DELETE", path, None, subject)

    def report_usage(self, *, body: Mapping[str, Any], idempotency_key: str) -> Measurement:
        """Report usage of a feature: POST /api/v1/usage. Stigg counts a key once within seven days."""
        reports = {"usages": [{**body, "idempotencyKey": idempotency_key}]}
        request = StiggRequest("POST", "/api/v1/usage", reports, idempotency_key=idempotency_key)
        answer = self._explained(request, f"usage of {body['featureId']} by customer {body['customerId']}")
        return parse(Measurements, answer, request).data[0]

    def trigger_workflow(self, *, trigger_id: str, payload: Mapping[str, Any] | None, is_test: bool) -> WorkflowRun:
        """Trigger a workflow: GraphQL ``triggerWorkflow``. It takes no idempotency key, so a lost answer stays lost."""
        given = {"triggerId": trigger_id, "isTest": is_test} | ({} if payload is None else {"payload": payload})
        body = {"query": _TRIGGER_WORKFLOW, "operationName": "TriggerWorkflow", "variables": {"input": given}}
        request = StiggRequest("POST", "/graphql", body)
        data = self._session.send(request, subject=f"workflow {trigger_id}")
        run = parse(WorkflowRun, data.get("triggerWorkflow") if isinstance(data, dict) else None, request)
        if not run.success:
            raise refusals.workflow_failed(trigger_id)
        return run
