"""The emulator answers with exactly the fields that the official SDK's types have, in all the ways that they allow."""

import hashlib
import json

import pytest
from pydantic import BaseModel
from stigg import Stigg
from stigg.types import v1
from stigg.types.v1.credits import CreditGrantResponse, CustomCurrencyListResponse, GrantListResponse
from stigg.types.v1.customer_list_contracts_response import Data as ContractData
from stigg.types.v1.customers import (
    PromotionalEntitlementCreateResponse,
    PromotionalEntitlementListResponse,
    PromotionalEntitlementRevokeResponse,
)

from local.stigg_emulator.hosting import AdminError, Emulator
from local.stigg_emulator.shapes import answered_subscriptions, answers, catalog, imports, promotions, usage
from local.stigg_emulator.shapes.currencies import CURRENCIES
from local.stigg_emulator.shapes.fields import Field, ListOf, Record
from local.stigg_emulator.variety import KINDS, NEW_FIELD, NEW_WORD
from tests.contract.client import CARD, Api, Json, refusal
from tests.contract.sdk_answers import answer_problems, sdk_answer
from tests.contract.sdk_shapes import plain_record

ONE = {
    "customer": (answers.CUSTOMER, v1.CustomerResponse),
    "subscription": (answered_subscriptions.SUBSCRIPTION, v1.Subscription),
    "provisioned": (answered_subscriptions.PROVISIONED, v1.SubscriptionProvisionResponse),
    "preview": (answers.PREVIEW, v1.SubscriptionPreviewResponse),
    "plan": (catalog.PLAN, v1.Plan),
    "grant": (answers.GRANT, CreditGrantResponse),
    "usage": (ListOf(usage.MEASUREMENT), v1.UsageReportResponse),
    "entitlements": (answers.CUSTOMER_ENTITLEMENTS, v1.CustomerRetrieveEntitlementsResponse),
    "contract": (answers.CONTRACT, v1.ContractCreateResponse),
    "contract read": (answers.CONTRACT, v1.ContractRetrieveResponse),
    "imported customers": (imports.NEW_CUSTOMERS, v1.CustomerImportResponse),
    "import task": (imports.TASK, v1.SubscriptionImportResponse),
    "revoked": (promotions.PROMOTION, PromotionalEntitlementRevokeResponse),
}
LISTED: dict[str, tuple[Record, type[BaseModel]]] = {
    "customers": (answers.CUSTOMER, v1.CustomerListResponse),
    "subscriptions": (answered_subscriptions.SUBSCRIPTION, v1.SubscriptionListResponse),
    "grants": (answers.GRANT, GrantListResponse),
    "promotions": (promotions.PROMOTION, PromotionalEntitlementListResponse),
    "invoices": (answers.INVOICE, v1.CustomerListInvoicesResponse),
    "contracts": (answers.CONTRACT, ContractData),
    "plans": (catalog.PLAN, v1.PlanListResponse),
    "addons": (catalog.ADDON, v1.AddonListResponse),
    "features": (catalog.FEATURE, v1.FeatureListFeaturesResponse),
    "currencies": (catalog.CURRENCY, CustomCurrencyListResponse),
}
WORKSPACE = [
    {
        "newSubscription": {
            "customerId": "acme",
            "planId": "plan-workspace",
            "resourceId": "desk",
            "billingPeriod": "MONTHLY",
            "paymentCollectionMethod": "NONE",
        }
    }
]
MEASURED = {"customerId": "acme", "featureId": "feature-api-calls", "value": 3}
LOSSLESS = ("null", "absent", "extra", "noPagination")


@pytest.mark.parametrize(("shape", "model"), ONE.values(), ids=ONE)
def test_shapes(shape: Field, model: type[BaseModel]) -> None:
    """Names, types, enums, what is required and what is optional are the SDK's, at every depth."""
    assert plain_record(sdk_answer(model)) == plain_record(Record({"data": shape}))


@pytest.mark.parametrize(("shape", "model"), LISTED.values(), ids=LISTED)
def test_shapes_of_lists(shape: Record, model: type[BaseModel]) -> None:
    """The same holds for the items of lists."""
    assert plain_record(sdk_answer(model)) == plain_record(shape)


def full_life(api: Api) -> dict[str, tuple[type[BaseModel], Json]]:
    """Use every operation that answers with something; return the answers with the SDK's type of each."""
    link = {"id": "int-1", "syncedEntityId": "001000000000001", "vendorIdentifier": "SALESFORCE"}
    made = api.post("/customers", id="acme", defaultPaymentMethod=CARD, integrations=[link]).json()
    discount = {"name": "Deal", "amountsOff": [{"amount": 1, "currency": "usd"}]}
    provisioned = api.provision(
        "sub-1",
        "plan-growth",
        addons=[{"id": "addon-seats", "quantity": 1}],
        appliedCoupon={"discount": discount},
        budget={"hasSoftLimit": True, "limit": 3},
        entitlements=[
            {"type": "FEATURE", "id": "feature-seats", "usageLimit": 3},
            {"type": "CREDIT", "id": "cred-type-tokens", "amount": 5, "cadence": "MONTH"},
        ],
        minimumSpend={"amount": 1, "currency": "usd"},
        priceOverrides=[{"featureId": "feature-api-calls", "amount": 1, "currency": "usd"}],
        trialOverrideConfiguration={"isTrial": True},
    ).json()
    preview = {"customerId": "acme", "planId": "plan-starter", "billingPeriod": "MONTHLY"}
    cost = {"cost": {"amount": 2, "currency": "usd"}, "paymentCollectionMethod": "INVOICE"}
    given = {"customerId": "acme", "currencyId": "cred-type-tokens", "amount": 5, "displayName": "Sold"}
    return {
        "customer": (v1.CustomerResponse, made),
        "updated": (v1.CustomerResponse, api.patch("/customers/acme", name="Acme").json()),
        "provisioned": (v1.SubscriptionProvisionResponse, provisioned),
        "subscription": (v1.Subscription, api.get("/subscriptions/sub-1").json()),
        "preview": (v1.SubscriptionPreviewResponse, api.post("/subscriptions/preview", **preview).json()),
        "plan": (v1.Plan, api.get("/plans/plan-growth").json()),
        "usage": (v1.UsageReportResponse, api.post("/usage", usages=[MEASURED]).json()),
        "grant": (CreditGrantResponse, api.post("/credits/grants", **given, **cost, grantType="PAID").json()),
        "promotion": (PromotionalEntitlementCreateResponse, api.promote("feature-seats", usageLimit=3).json()),
        "entitlements": (v1.CustomerRetrieveEntitlementsResponse, api.get("/customers/acme/entitlements").json()),
        "contract": (
            v1.ContractCreateResponse,
            api.post("/contracts", customerId="acme", subscriptions=WORKSPACE).json(),
        ),
        "changed": (v1.Subscription, api.patch("/subscriptions/sub-1", metadata={"a": "b"}).json()),
        "canceled": (v1.Subscription, api.post("/subscriptions/sub-1/cancel", cancellationTime="IMMEDIATE").json()),
        **{
            path: (model, item)
            for path, model in (
                ("/customers", v1.CustomerListResponse),
                ("/subscriptions", v1.SubscriptionListResponse),
                ("/credits/grants?customerId=acme", GrantListResponse),
                ("/customers/acme/promotional-entitlements", PromotionalEntitlementListResponse),
                ("/customers/acme/invoices", v1.CustomerListInvoicesResponse),
                ("/plans", v1.PlanListResponse),
                ("/addons", v1.AddonListResponse),
                ("/features", v1.FeatureListFeaturesResponse),
                ("/credits/custom-currencies", CustomCurrencyListResponse),
            )
            for item in api.get(path).json()["data"]
        },
    }


def test_answers(api: Api) -> None:
    """Every answer fits the SDK's types, and has no field beyond them, at any depth."""
    assert [problem for answer in full_life(api).values() for problem in answer_problems(*answer)] == []


@pytest.mark.parametrize("kinds", [*((kind,) for kind in LOSSLESS), LOSSLESS, ("requiredOnly",)], ids=str)
@pytest.mark.parametrize("share", [1, 0.5])
def test_varied_answers(api: Api, emulator: Emulator, stigg: Stigg, kinds: tuple[str, ...], share: float) -> None:
    """Answers that are varied still fit the SDK's types, but for fields that these do not have yet."""
    emulator.vary(*kinds, share=share, seed=3)
    answered = full_life(api)
    problems = {problem for answer in answered.values() for problem in answer_problems(*answer)}

    assert {problem for problem in problems if NEW_FIELD not in problem} == set()
    assert any(NEW_FIELD in problem for problem in problems) is ("extra" in kinds)
    assert stigg.v1.subscriptions.retrieve("sub-1").data.id == "sub-1"


def test_nothing_as_null_or_absent(api: Api, emulator: Emulator) -> None:
    """What an optional field lacks comes as null, or is left out; what it has stays."""
    api.customer(name="Acme")
    plain = api.get("/customers/acme").json()["data"]
    emulator.vary("null")
    null = api.get("/customers/acme").json()["data"]
    emulator.vary("absent")
    absent = api.get("/customers/acme").json()["data"]
    emulator.vary()

    assert (plain["integrations"], null["integrations"], null["metadata"]) == ([], None, None)
    assert absent.keys() == {"id", "createdAt", "updatedAt", "name"}
    assert api.get("/customers/acme").json()["data"] == plain


def test_words_and_required_fields(api: Api, emulator: Emulator) -> None:
    """New words come in optional enums alone, and required fields stay."""
    api.customer()
    api.subscribe("sub-1")
    emulator.vary("words")
    words = api.get("/subscriptions/sub-1").json()["data"]
    emulator.vary("requiredOnly")
    required = api.get("/subscriptions/sub-1").json()["data"]

    assert (words["status"], words["paymentCollectionMethod"]) == ("ACTIVE", NEW_WORD)
    assert required.keys() == answered_subscriptions.SUBSCRIPTION.required.keys()


def test_pagination(api: Api, emulator: Emulator) -> None:
    """Only the last page may have no pagination."""
    for number in range(3):
        api.customer(f"customer-{number}")
    emulator.vary("noPagination")
    first = api.get("/customers?limit=2").json()
    last = api.get(f"/customers?limit=2&after={first['pagination']['next']}").json()

    assert first["pagination"]["next"] is not None
    assert (last["pagination"], len(last["data"])) == (None, 1)


def test_variety_is_reproducible_and_ends(api: Api, emulator: Emulator) -> None:
    """The same seed varies in the same way; a reset ends it; an unknown kind is refused."""
    api.customer()
    shown = []
    for seed in (1, 1, 2):
        emulator.vary("absent", "null", share=0.5, seed=seed)
        shown.append(hashlib.sha256(json.dumps(api.get("/customers/acme").json()).encode()).hexdigest())
    emulator.reset()
    api.customer()

    assert shown[0] == shown[1] != shown[2]
    assert "couponId" in api.get("/customers/acme").json()["data"]
    with pytest.raises(AdminError, match="kinds"):
        emulator.vary("anything")


def test_every_kind_is_tried() -> None:
    """There is no kind of variety that these tests leave out."""
    assert {*LOSSLESS, "words", "requiredOnly"} == set(KINDS)


@pytest.mark.parametrize("currency", ["huf", "twd", "ars", "USD", "us", ""])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/customers", {"id": "globex", "billingCurrency": "?"}),
        ("/customers", {"id": "globex", "passthrough": {"zuora": {"currency": "?"}}}),
        ("/subscriptions", {"minimumSpend": {"amount": 1, "currency": "?"}}),
        ("/subscriptions", {"priceOverrides": [{"baseCharge": True, "amount": 1, "currency": "?"}]}),
        ("/subscriptions", {"appliedCoupon": {"discount": {"amountsOff": [{"amount": 1, "currency": "?"}]}}}),
        ("/credits/grants", {"cost": {"amount": 1, "currency": "?"}, "paymentCollectionMethod": "NONE"}),
    ],
)
def test_currencies(api: Api, path: str, body: Json, currency: str) -> None:
    """Only the currencies of the closed list are taken, wherever one is given."""
    api.customer()
    others: dict[str, Json] = {
        "/customers": {},
        "/subscriptions": {"customerId": "acme", "planId": "plan-growth", "billingPeriod": "MONTHLY"},
        "/credits/grants": {
            "customerId": "acme",
            "currencyId": "cred-type-tokens",
            "amount": 1,
            "displayName": "Gift",
            "grantType": "PAID",
        },
    }
    sent = json.loads(json.dumps({**others[path], **body}).replace("?", currency))

    assert refusal(api.post(path, **sent)) == (400, "BadUserInput")
    assert currency not in CURRENCIES
    assert len(CURRENCIES) == 116


def test_addresses(api: Api, emulator: Emulator) -> None:
    """Addresses at the billing provider have 260 to 400 characters, as real ones, and stay the same."""
    api.customer()
    pages = {"successUrl": "https://a.example/ok", "cancelUrl": "https://a.example/no"}
    found = []
    for number in range(20):
        body = api.provision(f"sub-{number}", paymentCollectionMethod="CHARGE", checkoutOptions=pages).json()
        found.append(body["data"]["checkoutUrl"])
    api.subscribe("sub-invoiced")
    invoices = [api.get("/subscriptions/sub-invoiced").json()["data"]["latestInvoice"]["pdfUrl"] for _ in range(2)]

    assert {260 <= len(address) <= 400 for address in (*found, *invoices)} == {True}
    assert (len(set(found)), len(set(map(len, found))) > 5, len(set(invoices))) == (20, True, 1)
    assert [item["checkoutUrl"] for item in emulator.state()["checkouts"]] == found
