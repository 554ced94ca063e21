"""The table of operations: method and path, what a request may hold, and how often it may come."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from local.stigg_emulator import (
    cancellation,
    contracts,
    customers,
    entitlements,
    grants,
    imports,
    invoices,
    moves,
    plans,
    preview,
    promotions,
    provision,
    subscriptions,
    updates,
    usage,
    workflows,
)
from local.stigg_emulator.catalog import Json
from local.stigg_emulator.shapes import answered_subscriptions as shown
from local.stigg_emulator.shapes import answers, queries
from local.stigg_emulator.shapes import catalog as catalog_shapes
from local.stigg_emulator.shapes import contracts as contract_shapes
from local.stigg_emulator.shapes import credits as credit_shapes
from local.stigg_emulator.shapes import customers as customer_shapes
from local.stigg_emulator.shapes import imports as import_shapes
from local.stigg_emulator.shapes import promotions as promotion_shapes
from local.stigg_emulator.shapes import subscriptions as subscription_shapes
from local.stigg_emulator.shapes import usage as usage_shapes
from local.stigg_emulator.shapes import workflows as workflow_shapes
from local.stigg_emulator.shapes.fields import ListOf, Record
from local.stigg_emulator.world import Call, World

API = "/api/v1"
GRAPHQL = "/graphql"
NO_FIELDS = Record()


def no_delay(_world: World, _call: Call) -> float:
    """Answer at once."""
    return 0


@dataclass(frozen=True)
class Route:
    """One operation. `entity` names the thing whose writes Stigg counts together, if it counts them.

    `answer` is the shape of its answer, by which the answer may be varied.
    """

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
    answer: Record | None = None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The template as a regular expression."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template))

    @property
    def operation(self) -> str:
        """The operation's name: method and template."""
        return f"{self.method} {self.template}"


def read(
    template: str,
    handle: Callable[[World, Call], Json],
    per_minute: int,
    answer: Record,
    query: frozenset[str] = frozenset(),
) -> Route:
    """Build a route that only reads."""
    path = f"{API}{template}"
    return Route("GET", path, handle, query=query, per_minute=per_minute, writes=False, answer=answer)


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

A_CUSTOMER = answers.one(answers.CUSTOMER)
A_SUBSCRIPTION = answers.one(shown.SUBSCRIPTION)
A_CHANGE = answers.one(answers.CHANGED)
A_GRANT = answers.one(answers.GRANT)
A_PROMOTION = answers.one(promotion_shapes.PROMOTION)


def _of_customer(method: str, tail: str, handle: Callable[[World, Call], Json], body: Record = NO_FIELDS) -> Route:
    """Build a route that changes one customer."""
    return Route(method, f"{CUSTOMER}{tail}", handle, body, entity=_customer, answer=A_CUSTOMER)


def _of_subscription(
    method: str,
    tail: str,
    handle: Callable[[World, Call], Json],
    body: Record = NO_FIELDS,
    answer: Record = A_SUBSCRIPTION,
) -> Route:
    """Build a route that changes one subscription."""
    return Route(method, f"{SUBSCRIPTION}{tail}", handle, body, entity=_subscription, answer=answer)


CUSTOMER_ROUTES = (
    Route(
        "POST", f"{API}/customers", customers.create_customer, customer_shapes.PROVISION, status=201, answer=A_CUSTOMER
    ),
    read("/customers", customers.list_customers, 1500, answers.page_of(answers.CUSTOMER), queries.CUSTOMERS),
    read("/customers/{id}", customers.get_customer, 3000, A_CUSTOMER),
    _of_customer("PATCH", "", customers.update_customer, customer_shapes.UPDATE),
    _of_customer("POST", "/archive", customers.archive_customer),
    _of_customer("POST", "/unarchive", customers.unarchive_customer),
    _of_customer("POST", "/payment-method", customers.attach_payment_method, customer_shapes.ATTACH_PAYMENT_METHOD),
    _of_customer("DELETE", "/payment-method", customers.detach_payment_method),
    read("/customers/{id}/invoices", invoices.list_invoices, 1500, answers.page_of(answers.INVOICE), queries.INVOICES),
    read("/customers/{id}/contracts", contracts.list_contracts, 1500, answers.CONTRACTS),
    read(
        "/customers/{id}/entitlements",
        entitlements.list_entitlements,
        3000,
        answers.one(answers.CUSTOMER_ENTITLEMENTS),
        queries.ENTITLEMENTS,
    ),
)

PROMOTIONS = f"{CUSTOMER}/promotional-entitlements"

PROMOTION_ROUTES = (
    Route(
        "POST",
        PROMOTIONS,
        promotions.grant_promotions,
        promotion_shapes.GRANT,
        status=201,
        entity=_customer,
        answer=answers.one(ListOf(promotion_shapes.PROMOTION)),
    ),
    read(
        "/customers/{id}/promotional-entitlements",
        promotions.list_promotions,
        1500,
        answers.page_of(promotion_shapes.PROMOTION),
        queries.PROMOTIONS,
    ),
    Route("DELETE", f"{PROMOTIONS}/{{featureId}}", promotions.revoke_promotion, entity=_customer, answer=A_PROMOTION),
)

SUBSCRIPTION_ROUTES = (
    Route(
        "POST",
        f"{API}/subscriptions",
        provision.provision,
        subscription_shapes.PROVISION,
        status=201,
        entity=_customer_and_resource,
        answer=answers.one(shown.PROVISIONED),
    ),
    read(
        "/subscriptions",
        subscriptions.list_subscriptions,
        1500,
        answers.page_of(shown.SUBSCRIPTION),
        queries.SUBSCRIPTIONS,
    ),
    Route(
        "POST",
        f"{API}/subscriptions/preview",
        preview.preview,
        subscription_shapes.PREVIEW,
        per_minute=3000,
        writes=False,
        answer=answers.one(answers.PREVIEW),
    ),
    read("/subscriptions/{id}", subscriptions.get_subscription, 3000, A_SUBSCRIPTION),
    _of_subscription("PATCH", "", updates.update, subscription_shapes.UPDATE),
    _of_subscription("POST", "/cancel", cancellation.cancel, subscription_shapes.CANCEL),
    _of_subscription("POST", "/migrate", moves.migrate, subscription_shapes.MIGRATE),
    _of_subscription("POST", "/transfer", moves.transfer, subscription_shapes.TRANSFER),
    _of_subscription("POST", "/delegate", moves.delegate, subscription_shapes.DELEGATE),
    _of_subscription("DELETE", "/future-update/schedule", subscriptions.drop_scheduled, answer=A_CHANGE),
    _of_subscription("DELETE", "/future-update/pending-payment", subscriptions.drop_pending_payment, answer=A_CHANGE),
    _of_subscription("POST", "/invoice/paid", invoices.mark_paid, answer=A_CHANGE),
)

CONTRACT = f"{API}/contracts/{{id}}"
A_CONTRACT = answers.one(answers.CONTRACT)

CONTRACT_ROUTES = (
    Route("POST", f"{API}/contracts", contracts.create_contract, contract_shapes.CREATE, status=201, answer=A_CONTRACT),
    read("/contracts/{id}", contracts.get_contract, 3000, A_CONTRACT),
    Route("PATCH", CONTRACT, contracts.update_contract, contract_shapes.UPDATE, answer=A_CONTRACT),
    Route("POST", f"{CONTRACT}/archive", contracts.archive_contract, answer=A_CONTRACT),
)

IMPORT_ROUTES = (
    Route(
        "POST",
        f"{API}/customers/import",
        imports.import_customers,
        import_shapes.CUSTOMERS,
        answer=answers.one(import_shapes.NEW_CUSTOMERS),
    ),
    Route(
        "POST",
        f"{API}/subscriptions/import",
        imports.import_subscriptions,
        import_shapes.SUBSCRIPTIONS,
        answer=answers.one(import_shapes.TASK),
    ),
)

CATALOG_ROUTES = (
    read("/addons", plans.list_addons, 1500, answers.page_of(catalog_shapes.ADDON), queries.PACKAGES),
    read("/features", plans.list_features, 1500, answers.page_of(catalog_shapes.FEATURE), queries.FEATURES),
    read("/plans", plans.list_plans, 1500, answers.page_of(catalog_shapes.PLAN), queries.PACKAGES),
    read("/plans/{id}", plans.get_plan, 3000, answers.one(catalog_shapes.PLAN)),
)

OTHER_ROUTES = (
    Route("POST", GRANTS, grants.create_grant, credit_shapes.GRANT, status=201, answer=A_GRANT),
    read(
        "/credits/custom-currencies",
        plans.list_currencies,
        1500,
        answers.page_of(catalog_shapes.CURRENCY),
        queries.CURRENCIES,
    ),
    read("/credits/grants", grants.list_grants, 1500, answers.page_of(answers.GRANT), queries.GRANTS),
    Route("POST", f"{GRANTS}/{{id}}/void", grants.void_grant, per_minute=500, answer=A_GRANT),
    Route(
        "POST",
        f"{API}/usage",
        usage.report,
        usage_shapes.REPORTS,
        per_minute=1500,
        answer=answers.each(usage_shapes.MEASUREMENT),
    ),
    Route("POST", GRAPHQL, workflows.trigger_workflow, workflow_shapes.TRIGGER, delay=workflows.latency),
)

ROUTES = (
    CUSTOMER_ROUTES
    + PROMOTION_ROUTES
    + SUBSCRIPTION_ROUTES
    + CONTRACT_ROUTES
    + IMPORT_ROUTES
    + CATALOG_ROUTES
    + OTHER_ROUTES
)
