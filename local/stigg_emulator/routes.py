"""The table of operations: method and path, what a request may hold, and how often it may come."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from local.stigg_emulator import (
    cancellation,
    customers,
    entitlements,
    grants,
    invoices,
    plans,
    preview,
    provision,
    subscriptions,
    updates,
    workflows,
)
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.shapes import credits as credit_shapes
from local.stigg_emulator.shapes import customers as customer_shapes
from local.stigg_emulator.shapes import queries
from local.stigg_emulator.shapes import subscriptions as subscription_shapes
from local.stigg_emulator.shapes import workflows as workflow_shapes
from local.stigg_emulator.shapes.fields import Record
from local.stigg_emulator.world import Call, World

API = "/api/v1"
GRAPHQL = "/graphql"
NO_FIELDS = Record()


def no_delay(_world: World, _call: Call) -> float:
    """Answer at once."""
    return 0


@dataclass(frozen=True)
class Route:
    """One operation. `entity` names the thing whose writes Stigg counts together, if it counts them."""

    method: str
    template: str
    handle: Callable[[World, Call], Json]
    body: Record = NO_FIELDS
    query: frozenset[str] = frozenset()
    status: int = 200
    per_minute: int = 250
    entity: Callable[[Call], str] | None = None
    writes: bool = True
    delay: Callable[[World, Call], float] = no_delay

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The template as a regular expression."""
        return re.compile(self.template.replace("{id}", "(?P<id>[^/]+)"))

    @property
    def operation(self) -> str:
        """The operation's name: method and template."""
        return f"{self.method} {self.template}"


def read(
    template: str, handle: Callable[[World, Call], Json], per_minute: int, query: frozenset[str] = frozenset()
) -> Route:
    """Build a route that only reads."""
    return Route("GET", f"{API}{template}", handle, query=query, per_minute=per_minute, writes=False)


def _customer(call: Call) -> str:
    return f"customer:{call.id}"


def _subscription(call: Call) -> str:
    return f"subscription:{call.id}"


def _customer_and_resource(call: Call) -> str:
    resource = call.body.get("resourceId")
    return f"provision:{call.body.get('customerId')}:{resource}"


CUSTOMER = f"{API}/customers/{{id}}"
SUBSCRIPTION = f"{API}/subscriptions/{{id}}"
GRANTS = f"{API}/credits/grants"

CUSTOMER_ROUTES = (
    Route("POST", f"{API}/customers", customers.create_customer, customer_shapes.PROVISION, status=201),
    read("/customers", customers.list_customers, 1500, queries.CUSTOMERS),
    read("/customers/{id}", customers.get_customer, 3000),
    Route("PATCH", CUSTOMER, customers.update_customer, customer_shapes.UPDATE, entity=_customer),
    Route("POST", f"{CUSTOMER}/archive", customers.archive_customer, entity=_customer),
    Route("POST", f"{CUSTOMER}/unarchive", customers.unarchive_customer, entity=_customer),
    Route(
        "POST",
        f"{CUSTOMER}/payment-method",
        customers.attach_payment_method,
        customer_shapes.ATTACH_PAYMENT_METHOD,
        entity=_customer,
    ),
    Route("DELETE", f"{CUSTOMER}/payment-method", customers.detach_payment_method, entity=_customer),
    read("/customers/{id}/invoices", invoices.list_invoices, 1500, queries.INVOICES),
    read("/customers/{id}/entitlements", entitlements.list_entitlements, 3000, queries.ENTITLEMENTS),
)

SUBSCRIPTION_ROUTES = (
    Route(
        "POST",
        f"{API}/subscriptions",
        provision.provision,
        subscription_shapes.PROVISION,
        status=201,
        entity=_customer_and_resource,
    ),
    read("/subscriptions", subscriptions.list_subscriptions, 1500, queries.SUBSCRIPTIONS),
    Route(
        "POST",
        f"{API}/subscriptions/preview",
        preview.preview,
        subscription_shapes.PREVIEW,
        per_minute=3000,
        writes=False,
    ),
    read("/subscriptions/{id}", subscriptions.get_subscription, 3000),
    Route("PATCH", SUBSCRIPTION, updates.update, subscription_shapes.UPDATE, entity=_subscription),
    Route("POST", f"{SUBSCRIPTION}/cancel", cancellation.cancel, subscription_shapes.CANCEL, entity=_subscription),
    Route(
        "POST",
        f"{SUBSCRIPTION}/transfer",
        subscriptions.transfer,
        subscription_shapes.TRANSFER,
        entity=_subscription,
    ),
    Route("DELETE", f"{SUBSCRIPTION}/future-update/schedule", subscriptions.drop_scheduled, entity=_subscription),
    Route(
        "DELETE",
        f"{SUBSCRIPTION}/future-update/pending-payment",
        subscriptions.drop_pending_payment,
        entity=_subscription,
    ),
    Route("POST", f"{SUBSCRIPTION}/invoice/paid", invoices.mark_paid, entity=_subscription),
)

OTHER_ROUTES = (
    read("/plans/{id}", plans.get_plan, 3000),
    Route("POST", GRANTS, grants.create_grant, credit_shapes.GRANT, status=201),
    read("/credits/grants", grants.list_grants, 1500, queries.GRANTS),
    Route("POST", f"{GRANTS}/{{id}}/void", grants.void_grant, per_minute=500),
    Route("POST", GRAPHQL, workflows.trigger_workflow, workflow_shapes.TRIGGER, delay=workflows.latency),
)

ROUTES = CUSTOMER_ROUTES + SUBSCRIPTION_ROUTES + OTHER_ROUTES
