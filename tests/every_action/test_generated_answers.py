"""Whatever Stigg may answer by its SDK's own types is read, and passes through every action."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import cycle
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st
from pydantic import BaseModel
from stigg.types import v1
from stigg.types.v1.credits import CreditGrantResponse, CustomCurrencyListResponse, GrantListResponse
from stigg.types.v1.customer_list_contracts_response import Data as ContractData
from stigg.types.v1.customers import (
    PromotionalEntitlementListResponse,
    PromotionalEntitlementRevokeResponse,
)
from stigg.types.v1.subscriptions import CancelSubscription, InvoiceMarkAsPaidResponse

from stigg_actions.stigg import account, contracts, imports
from stigg_actions.stigg.client import Stigg
from tests.contract.sdk_answers import sdk_answer
from tests.support.drawn import drawn
from tests.support.fakes import Answer as Reply
from tests.support.fakes import (
    ScriptedStigg,
    WillingStigg,
)
from tests.support.fixtures import Connect
from tests.support.generated_answers import Json, answers, text_of
from tests.support.in_memory import deployed
from tests.support.some import some
from tests.support.valid_requests import BY_ACTION

type Operation = Callable[[Stigg], object]


def one_with_id(contract: contracts.Contract) -> SimpleNamespace:
    """Return a contract as a thing with an id, as the other lists have them."""
    return SimpleNamespace(id=contract.contract_id)


ONE: dict[str, tuple[type[BaseModel], Operation]] = {
    "provision_customer": (
        v1.CustomerResponse,
        lambda stigg: stigg.provision_customer(body={"id": "acme"}, idempotency_key="k"),
    ),
    "get_customer": (v1.CustomerResponse, lambda stigg: stigg.get_customer("acme")),
    "update_customer": (v1.CustomerResponse, lambda stigg: stigg.update_customer("acme", body={})),
    "archive_customer": (v1.CustomerResponse, lambda stigg: stigg.archive_customer("acme", idempotency_key="k")),
    "unarchive_customer": (v1.CustomerResponse, lambda stigg: stigg.unarchive_customer("acme", idempotency_key="k")),
    "provision_subscription": (
        v1.SubscriptionProvisionResponse,
        lambda stigg: stigg.provision_subscription(body={"planId": "p", "customerId": "c"}, idempotency_key="k"),
    ),
    "get_subscription": (v1.Subscription, lambda stigg: stigg.get_subscription("sub-1")),
    "update_subscription": (v1.Subscription, lambda stigg: stigg.update_subscription("sub-1", body={})),
    "cancel_subscription": (
        v1.Subscription,
        lambda stigg: stigg.cancel_subscription("sub-1", body={}, idempotency_key="k"),
    ),
    "move_subscription": (v1.Subscription, lambda stigg: stigg.move_subscription("sub-1", "migrate", body={})),
    "preview_subscription": (
        v1.SubscriptionPreviewResponse,
        lambda stigg: stigg.preview_subscription(body={"planId": "p", "customerId": "c"}),
    ),
    "get_contract": (v1.ContractRetrieveResponse, lambda stigg: contracts.get_contract(stigg, "c-1")),
    "create_contract": (
        v1.ContractCreateResponse,
        lambda stigg: contracts.create_contract(stigg, body={"contractId": "c-1"}, idempotency_key="k"),
    ),
    "update_contract": (v1.ContractUpdateResponse, lambda stigg: contracts.update_contract(stigg, "c-1", body={})),
    "archive_contract": (
        v1.ContractDeleteResponse,
        lambda stigg: contracts.archive_contract(stigg, "c-1", idempotency_key="k"),
    ),
    "import_customer": (
        v1.CustomerImportResponse,
        lambda stigg: imports.import_customer(stigg, customer={"id": "c"}, integration_id=None, idempotency_key="k"),
    ),
    "import_subscription": (
        v1.SubscriptionImportResponse,
        lambda stigg: imports.import_subscription(
            stigg, subscription={"id": "s"}, integration_id=None, idempotency_key="k"
        ),
    ),
    "drop_update": (CancelSubscription, lambda stigg: stigg.drop_update("sub-1", "pending-payment")),
    "mark_invoice_paid": (
        InvoiceMarkAsPaidResponse,
        lambda stigg: stigg.mark_invoice_paid("sub-1", idempotency_key="k"),
    ),
    "entitlements": (
        v1.CustomerRetrieveEntitlementsResponse,
        lambda stigg: account.entitlements_of(stigg, "acme", "site-1"),
    ),
    "get_plan": (v1.Plan, lambda stigg: stigg.get_plan("plan-growth")),
    "find_plan": (v1.Plan, lambda stigg: stigg.find_plan("plan-growth")),
    "create_credit_grant": (
        CreditGrantResponse,
        lambda stigg: stigg.create_credit_grant(body={"currencyId": "c", "customerId": "c"}, idempotency_key="k"),
    ),
    "revoke_promotional_entitlement": (
        PromotionalEntitlementRevokeResponse,
        lambda stigg: stigg.revoke_promotional_entitlement("acme", "f"),
    ),
    "void_credit_grant": (
        CreditGrantResponse,
        lambda stigg: stigg.void_credit_grant("cred-grant-1", idempotency_key="k"),
    ),
}
LISTED: dict[str, tuple[type[BaseModel], Callable[[Stigg], list[Any]]]] = {
    "live_subscriptions": (v1.SubscriptionListResponse, lambda stigg: list(stigg.live_subscriptions("acme"))),
    "subscriptions_of": (
        v1.SubscriptionListResponse,
        lambda stigg: list(stigg.subscriptions_of("acme", ended=True)),
    ),
    "all_subscriptions": (
        v1.SubscriptionListResponse,
        lambda stigg: [one for page in stigg.all_subscriptions(customer_id=None, after=None) for one in page.items],
    ),
    "subscription_pages": (
        v1.SubscriptionListResponse,
        lambda stigg: [one for page in stigg.subscription_pages(None) for one in page.items],
    ),
    "invoices": (v1.CustomerListInvoicesResponse, lambda stigg: list(account.open_invoices_of(stigg, "acme"))),
    "contracts": (
        ContractData,
        lambda stigg: [SimpleNamespace(id=one.contract_id) for one in contracts.contracts_of(stigg, "acme")],
    ),
    "plans": (v1.PlanListResponse, lambda stigg: list(stigg.catalog("plans"))),
    "addons": (v1.AddonListResponse, lambda stigg: list(stigg.catalog("addons"))),
    "features": (v1.FeatureListFeaturesResponse, lambda stigg: list(stigg.catalog("features"))),
    "currencies": (CustomCurrencyListResponse, lambda stigg: list(stigg.catalog("credits/custom-currencies"))),
    "promotional_entitlements": (
        PromotionalEntitlementListResponse,
        lambda stigg: list(stigg.promotional_entitlements("acme")),
    ),
    "credit_grants": (
        GrantListResponse,
        lambda stigg: list(stigg.credit_grants("acme", currency_id="c", resource_id=None)),
    ),
}
NAMES = {"invoices": "invoiceId", "contracts": "contractId"}
"""The fields that hold the ids of items which are not named ``id``."""
PAGINATION = st.sampled_from(["absent", None, {}, {"next": None}, {"next": None, "prev": "x"}, {"addedLater": 1}])


@cache
def answers_of(model: type[BaseModel]) -> st.SearchStrategy[Json]:
    """Make answers of a type: one strategy for all operations that answer with it."""
    return answers(sdk_answer(model))


@cache
def pages_of(model: type[BaseModel]) -> st.SearchStrategy[tuple[list[Json], object]]:
    """Make pages of such items, and what their pagination says."""
    return st.tuples(st.lists(answers_of(model), max_size=4), PAGINATION)


def as_answered(value: object) -> Any:  # noqa: ANN401 - any JSON
    """Return a value as JSON text keeps it."""
    return json.loads(text_of(value))


@pytest.mark.parametrize("name", ONE)
def test_one(connect: Connect, name: str) -> None:
    """An answer of any kind that the types allow is read, and is about the thing that Stigg says."""
    model, operation = ONE[name]
    camel = {"id": "id", "customer_id": "customerId", "plan_id": "planId", "product_id": "productId"}

    for answer in some(drawn(answers_of(model), 60)):
        read = operation(Stigg(connect(ScriptedStigg(Reply(200, text_of(answer))))))

        shown = as_answered(answer)["data"]
        for attribute, field in {**camel, "currency_id": "currencyId"}.items():
            expected = shown.get(field)
            assert getattr(read, attribute, expected) == expected


def test_a_list_of_one(connect: Connect) -> None:
    """The answer to a grant of a feature is a list of the one that was granted, which is read."""
    for granted in some(drawn(answers_of(PromotionalEntitlementListResponse), 60)):
        stigg = Stigg(connect(ScriptedStigg(Reply(201, text_of({"data": [granted]})))))
        read = stigg.grant_promotional_entitlement("acme", body={"featureId": "f"}, idempotency_key="k")

        assert read.id == as_answered(granted)["id"]


@pytest.mark.parametrize("name", LISTED)
def test_lists(connect: Connect, name: str) -> None:
    """A page of such items is read whole, whatever its pagination says; what is broken beside them is left out."""
    model, operation = LISTED[name]
    for items, pagination in some(drawn(pages_of(model), 40)):
        page = {"data": items, **({} if pagination == "absent" else {"pagination": pagination})}
        read = operation(Stigg(connect(ScriptedStigg(Reply(200, text_of(page))))))

        assert [one.id for one in read] == [item[NAMES.get(name, "id")] for item in as_answered(items)]


class GeneratedStigg:
    """Plays a willing Stigg whose answers hold, beside what they must, whatever was generated for their kind."""

    def __init__(self, made: dict[str, Json]) -> None:
        self._willing = WillingStigg()
        self._made = made

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.url.path.startswith("/api/v1/plans/"):
            return Reply(200, text_of(self._made["plan"])).response()
        willing = self._willing(request)
        if willing.is_error or request.url.path == "/graphql":
            return willing
        return Reply(willing.status_code, text_of(self._around(request, willing.json()))).response()

    def _around(self, request: httpx.Request, message: Json) -> Json:
        path = request.url.path
        if isinstance(message["data"], list):
            made = self._made[_kind(path)]["data"]
            return {"data": [{**made, **item} for item in message["data"]], "pagination": None}
        if path.endswith("/preview"):
            return self._made["preview"]
        if path == "/api/v1/subscriptions":
            inner = {**self._made["subscription"]["data"], **message["data"]["subscription"]}
            return {"data": {**self._made["provisioned"]["data"], **message["data"], "subscription": inner}}
        return {"data": {**self._made[_kind(path)]["data"], **message["data"]}}


def _kind(path: str) -> str:
    """Return what an operation answers with, by its path."""
    words = {
        "contracts": "contract",
        "promotional-entitlements": "promotion",
        "grants": "grant",
        "customers": "customer",
    }
    return next((kind for word, kind in words.items() if word in path), "subscription")


MADE = st.fixed_dictionaries(
    {
        "customer": answers_of(v1.CustomerResponse),
        "subscription": answers_of(v1.Subscription),
        "provisioned": answers_of(v1.SubscriptionProvisionResponse),
        "preview": answers_of(v1.SubscriptionPreviewResponse),
        "plan": answers_of(v1.Plan),
        "grant": answers_of(CreditGrantResponse),
        "contract": answers_of(v1.ContractCreateResponse),
        "promotion": answers_of(PromotionalEntitlementRevokeResponse),
    }
)
MADE_OFTEN = 25
"""How many of them: one generation serves every action."""


@contextmanager
def deployment(action: str, stigg: GeneratedStigg) -> Iterator[Callable[[object], Json]]:
    """Deploy an action in memory; return what calls it through API Gateway."""
    with deployed(action, stigg) as handler:

        def call(body: object) -> Json:
            event: Json = {"httpMethod": "POST", "requestContext": {}, "headers": None, "body": json.dumps(body)}
            answer: Json = handler(event, None)
            return answer

        yield call


BY_STATE = {
    "migrate_subscription",
    "provision_contract",
    "provision_opportunity",
    "renew_subscription",
    "reschedule_cancellation",
    "adopt_subscription",
    "import_subscription",
    "delegate_subscription",
    "transfer_subscription",
    "update_subscription",
}
"""Actions that refuse what does not fit the subscription that Stigg shows."""
OF_A_CUSTOMER = {"import_customer", "import_subscription"}
"""Actions that refuse for a customer that Stigg shows as archived."""
FIELDS_BY_STATE = {
    *("subscriptionId", "salesforceRecordId"),  # one that does not run
    "cancellationDate",  # an end before the start
    *("addons", "charges", "entitlements", "priceOverrides"),  # a list of which another change waits
    "lineItems[0].subscriptionId",  # one of another customer
    *("planId", "billingPeriod"),  # of a product that the customer has, of a plan that is paid
    "setupBilling",  # of a contract that is billed
    *("subscriptions[0].planId", "subscriptions[0].subscriptionId"),  # not custom-priced
    "subscriptions[0].paymentCollectionMethod",
}


@pytest.mark.parametrize("action", BY_ACTION)
def test_actions(action: str) -> None:
    """Every action succeeds, and so does its repeat, or refuses by field what does not fit what Stigg shows."""
    statuses = {200} | ({400} if action in BY_STATE else set()) | ({422} if action in OF_A_CUSTOMER else set())

    for body, made in some(zip(cycle(BY_ACTION[action]), drawn(MADE, MADE_OFTEN), strict=False)):
        with deployment(action, GeneratedStigg(made)) as call:
            answered = [call(body) for _ in range(2)]

        bodies = [json.loads(answer["body"]) for answer in answered]
        problems = {problem["field"] for body in bodies for problem in body.get("details", ())}
        assert {answer["statusCode"] for answer in answered} <= statuses
        assert problems <= FIELDS_BY_STATE
