"""Stigg's imports of customers and subscriptions from billing.

Imported only by the actions that import. Both operations take up to 1,000 items. One is sent at a time, so that each
has a key of its own.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stigg_actions.stigg.customer_schemas import Customer
from stigg_actions.stigg.request import in_path
from stigg_actions.stigg.schema_values import Said
from stigg_actions.stigg.schemas import WireModel

if TYPE_CHECKING:
    from stigg_actions.stigg.client import Stigg


class _Accepted(WireModel):
    """The answer to an import. It says too little: what was imported is read afterwards."""

    task_id: Said = None


def find_customer(stigg: "Stigg", customer_id: str) -> Customer | None:
    """Read a customer; None if it does not exist in Stigg: GET /api/v1/customers/{id}."""
    return stigg.find(Customer, f"/api/v1/customers/{in_path(customer_id)}", f"customer {customer_id}")


def import_customer(
    stigg: "Stigg", *, customer: Mapping[str, Any], integration_id: str | None, idempotency_key: str
) -> None:
    """Import a customer: POST /api/v1/customers/import. Stigg skips one that was changed after its ``updatedAt``."""
    body = {"customers": [customer], **_through(integration_id)}
    stigg.write(_Accepted, "POST", "/api/v1/customers/import", body, f"customer {customer['id']}", idempotency_key)


def import_subscription(
    stigg: "Stigg", *, subscription: Mapping[str, Any], integration_id: str | None, idempotency_key: str
) -> None:
    """Have a subscription imported: POST /api/v1/subscriptions/import.

    Stigg notes a task and carries it out later. It skips what does not fit, and shows neither the task nor the reason.
    It changes the subscription that has the id already.
    """
    body = {"subscriptions": [subscription], **_through(integration_id)}
    subject = f"subscription {subscription['id']}"
    stigg.write(_Accepted, "POST", "/api/v1/subscriptions/import", body, subject, idempotency_key)


def _through(integration_id: str | None) -> dict[str, str]:
    return {} if integration_id is None else {"integrationId": integration_id}
