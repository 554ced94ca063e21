"""Every body that an action sends to Stigg is one that the official SDK's parameter types accept, exactly."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle, product
from typing import Any, TypedDict

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stigg.types import v1
from stigg.types.v1.credits import GrantCreateParams, GrantListParams
from stigg.types.v1.customers import PromotionalEntitlementCreateParams

from stigg_actions.errors import ActionError
from stigg_actions.models.currencies import CURRENCIES
from tests.contract.sdk_shapes import body_problems, sdk_record
from tests.every_action.test_generated_answers import MADE, MADE_OFTEN, GeneratedStigg
from tests.support import fakes
from tests.support.drawn import drawn
from tests.support.fakes import WillingStigg
from tests.support.in_memory import deployed
from tests.support.some import some
from tests.support.valid_requests import BY_ACTION, PLAUSIBLE, Body, spoiled


class NoFields(TypedDict):
    """The body of an operation to which Stigg's types give none: an empty object, because every POST is JSON."""


PARAMS: dict[tuple[str, str], type] = {
    ("POST", r"/api/v1/customers"): v1.CustomerProvisionParams,
    ("PATCH", r"/api/v1/customers/[^/]+"): v1.CustomerUpdateParams,
    ("POST", r"/api/v1/customers/[^/]+/archive"): NoFields,
    ("POST", r"/api/v1/customers/[^/]+/unarchive"): NoFields,
    ("POST", r"/api/v1/contracts"): v1.ContractCreateParams,
    ("PATCH", r"/api/v1/contracts/[^/]+"): v1.ContractUpdateParams,
    ("POST", r"/api/v1/contracts/[^/]+/archive"): NoFields,
    ("POST", r"/api/v1/customers/import"): v1.CustomerImportParams,
    ("POST", r"/api/v1/subscriptions/import"): v1.SubscriptionImportParams,
    ("POST", r"/api/v1/subscriptions"): v1.SubscriptionProvisionParams,
    ("PATCH", r"/api/v1/subscriptions/[^/]+"): v1.SubscriptionUpdateParams,
    ("POST", r"/api/v1/subscriptions/[^/]+/cancel"): v1.SubscriptionCancelParams,
    ("POST", r"/api/v1/subscriptions/[^/]+/migrate"): v1.SubscriptionMigrateParams,
    ("POST", r"/api/v1/subscriptions/[^/]+/invoice/paid"): NoFields,
    ("POST", r"/api/v1/subscriptions/[^/]+/transfer"): v1.SubscriptionTransferParams,
    ("POST", r"/api/v1/subscriptions/[^/]+/delegate"): v1.SubscriptionDelegateParams,
    ("POST", r"/api/v1/subscriptions/preview"): v1.SubscriptionPreviewParams,
    ("POST", r"/api/v1/credits/grants"): GrantCreateParams,
    ("POST", r"/api/v1/credits/grants/[^/]+/void"): NoFields,
    ("POST", r"/api/v1/usage"): v1.UsageReportParams,
    ("POST", r"/api/v1/customers/[^/]+/promotional-entitlements"): PromotionalEntitlementCreateParams,
}
QUERIES: dict[str, type] = {
    "/api/v1/subscriptions": v1.SubscriptionListParams,
    "/api/v1/credits/grants": GrantListParams,
    "/api/v1/customers/acme/invoices": v1.CustomerListInvoicesParams,
    "/api/v1/customers/acme/entitlements": v1.CustomerRetrieveEntitlementsParams,
}
ECHOES = ("paymentCollectionMethod must be one of", "minimumSpend.currency must be one of")
"""Words of Stigg's own that are new, and are given back as they were shown."""

EXISTING = {
    "id": "acme",
    "metadata": {"seats": 7, "vip": True, "none": None},
    "integrations": [
        {"id": "i-1", "vendorIdentifier": "HUBSPOT", "syncData": {"status": "OK"}},
        {"id": "integration-2", "vendorIdentifier": "STRIPE", "syncedEntityId": None},
        {"vendorIdentifier": "AUTH0"},
    ],
    "addedLater": 1,
}


class Recorder:
    """Notes what is sent to a Stigg that is played; customers exist already, if they are to."""

    def __init__(self, stigg: fakes.Handler, *, customers_exist: bool = False) -> None:
        self._stigg = stigg
        self._customers_exist = customers_exist
        self.sent: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.sent.append(request)
        if self._customers_exist and request.url.path.startswith("/api/v1/customers"):
            return self._of_customers(request)
        return self._stigg(request)

    @staticmethod
    def _of_customers(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return fakes.refusal("DuplicatedEntityNotAllowed", status=409).response()
        sent = json.loads(request.content or "{}")
        return fakes.data({**EXISTING, **sent}).response()

    def problems(self) -> Iterator[str]:
        """Say what in the bodies, and the names in the queries, the SDK's types do not allow."""
        for request in self.sent:
            if request.content and request.url.path != "/graphql":
                yield from body_problems(_params(request), json.loads(request.content))
            if request.url.path in QUERIES and request.method == "GET":
                known = sdk_record(QUERIES[request.url.path]).fields
                yield from (f"query {name}" for name in request.url.params if name not in known)


def _params(request: httpx.Request) -> type:
    found = [
        params
        for (method, path), params in PARAMS.items()
        if method == request.method and re.fullmatch(path, request.url.path)
    ]
    assert len(found) == 1 or request.url.path.endswith("/preview"), request.url.path
    return found[-1]


def sent_by(action: str, body: Body, recorder: Recorder) -> Recorder:
    """Call an action, whatever comes of it."""
    with deployed(action, recorder) as call, suppress(ActionError):
        call(body, None)
    return recorder


@pytest.mark.parametrize("customers_exist", [False, True])
@pytest.mark.parametrize("action", BY_ACTION)
def test_full_requests(action: str, *, customers_exist: bool) -> None:
    """Requests that use every field lead to bodies that fit, for customers that are new and those that exist."""
    for body in some(BY_ACTION[action]):
        recorder = sent_by(action, body, Recorder(WillingStigg(), customers_exist=customers_exist))

        assert recorder.sent
        assert list(recorder.problems()) == []


@pytest.mark.parametrize("action", BY_ACTION)
def test_whatever_is_accepted(action: str) -> None:
    """Whatever request an action accepts leads to bodies that fit."""

    @settings(max_examples=40)
    @given(spoiled(BY_ACTION[action], PLAUSIBLE), st.booleans())
    def holds(body: Body, customers_exist: bool) -> None:  # noqa: FBT001 - as hypothesis gives it
        recorder = sent_by(action, body, Recorder(WillingStigg(), customers_exist=customers_exist))

        assert list(recorder.problems()) == []

    holds()


@pytest.mark.parametrize("action", BY_ACTION)
def test_whatever_stigg_shows(action: str) -> None:
    """What is read from Stigg and sent again - metadata, add-ons, links, money - fits, whatever it was read from."""
    known = cycle(product((False, True), BY_ACTION[action]))
    for (customers_exist, body), made in some(zip(known, drawn(MADE, MADE_OFTEN), strict=False)):
        recorder = sent_by(action, body, Recorder(GeneratedStigg(made), customers_exist=customers_exist))

        assert [problem for problem in recorder.problems() if not problem.startswith(ECHOES)] == []


def test_every_route_is_tried() -> None:
    """The requests of these tests reach every operation that has a body."""
    reached = set()
    for action, bodies in BY_ACTION.items():
        for body in bodies:
            for exist in (False, True):
                sent = sent_by(action, body, Recorder(WillingStigg(), customers_exist=exist)).sent
                reached |= {_params(one) for one in sent if one.content and one.url.path != "/graphql"}

    assert reached == set(PARAMS.values())


def test_currencies() -> None:
    """The currencies that requests may name are those of the SDK, all of them and no other."""
    field: Any = sdk_record(v1.SubscriptionProvisionParams).fields["minimumSpend"]

    assert set(field.inner.fields["currency"].words) == CURRENCIES


@pytest.mark.parametrize("currency", ["HUF", "twd", "XXX"])
def test_a_currency_that_stigg_does_not_have(currency: str) -> None:
    """A currency beyond Stigg's list is refused by name, before anything is sent."""
    body = {**BY_ACTION["create_subscription"][-1], "minimumSpend": {"amount": 5, "currency": currency}}
    recorder = Recorder(WillingStigg())
    with deployed("create_subscription", recorder) as call, pytest.raises(ActionError) as refused:
        call(body, None)

    (problem,) = refused.value.details
    assert problem.field == "minimumSpend.currency"
    assert f"is {currency.upper()}, a currency that Stigg does not accept" in problem.problem
    assert recorder.sent == []
