"""A plain HTTP client for the emulator, with what the behaviour tests repeat."""

from types import TracebackType
from typing import Any, Self

import httpx

from local.stigg_emulator.hosting import Emulator
from tests.support.tls import unused_tls

type Json = dict[str, Any]

MUTATION = """
mutation TriggerWorkflow($input: TriggerWorkflowInput!) {
  triggerWorkflow(input: $input) { success response }
}
"""
CARD = {"billingId": "pm_1", "cardExpiryMonth": 1, "cardExpiryYear": 2099, "cardLast4Digits": "4242", "type": "CARD"}


class Api:
    """Calls the emulator as Stigg is called; answers are httpx's, bodies are keyword arguments."""

    def __init__(self, emulator: Emulator) -> None:
        self._client = httpx.Client(
            base_url=emulator.url, headers={"X-API-KEY": emulator.key}, timeout=5, verify=unused_tls()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def call(self, method: str, path: str, body: Json | None = None, **headers: str) -> httpx.Response:
        """Call a path under `/api/v1`; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.request(method, f"/api/v1{path}", json=body, headers=named)

    def post(self, path: str, **body: object) -> httpx.Response:
        """POST a body."""
        return self.call("POST", path, body)

    def patch(self, path: str, **body: object) -> httpx.Response:
        """PATCH with a body."""
        return self.call("PATCH", path, body)

    def get(self, path: str) -> httpx.Response:
        """GET a path."""
        return self.call("GET", path)

    def customer(self, customer_id: str = "acme", **fields: object) -> Json:
        """Create a customer."""
        return data(self.post("/customers", id=customer_id, **fields))

    def promote(self, feature_id: str, **terms: object) -> httpx.Response:
        """Grant a promotional entitlement to the customer `acme`, for a month unless `fields` say otherwise."""
        anchors = [f"{anchor}ResetPeriodConfiguration" for anchor in ("monthly", "weekly", "yearly")]
        flags = ["hasSoftLimit", "hasUnlimitedUsage", "isVisible"]
        every = dict.fromkeys(["customEndDate", "enumValues", "resetPeriod", "usageLimit", *flags, *anchors])
        item = {**every, "featureId": feature_id, "period": "1 month", **terms}
        return self.post("/customers/acme/promotional-entitlements", promotionalEntitlements=[item])

    def subscribe(self, subscription_id: str, plan_id: str = "plan-starter", **fields: object) -> Json:
        """Provision a subscription for the customer `acme`, invoiced monthly unless told otherwise."""
        return data(self.provision(subscription_id, plan_id, **fields))

    def provision(self, subscription_id: str, plan_id: str = "plan-starter", **fields: object) -> httpx.Response:
        """Ask for a subscription for the customer `acme`, invoiced monthly unless told otherwise."""
        usual = {"customerId": "acme", "billingPeriod": "MONTHLY", "paymentCollectionMethod": "INVOICE"}
        return self.post("/subscriptions", **{"id": subscription_id, "planId": plan_id, **usual, **fields})

    def subscription(self, subscription_id: str) -> Json:
        """Read a subscription."""
        return data(self.get(f"/subscriptions/{subscription_id}"))

    def status(self, subscription_id: str) -> tuple[str, str | None]:
        """Read a subscription's status and why it was canceled."""
        shown = self.subscription(subscription_id)
        return shown["status"], shown["cancelReason"]

    def trigger(self, **fields: object) -> httpx.Response:
        """Trigger a workflow."""
        body = {"query": MUTATION, "operationName": "TriggerWorkflow", "variables": {"input": fields}}
        return self._client.post("/graphql", json=body)


def data(response: httpx.Response) -> Json:
    """Take the data out of a successful answer."""
    assert response.is_success, response.text
    found: Json = response.json()["data"]
    return found


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Read status and code of a refusal."""
    return response.status_code, response.json()["code"]
