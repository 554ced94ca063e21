"""What the models send is what Stigg takes, by the parameter types of its official SDK."""

import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from stigg.types import v1
from stigg.types.v1.credits import GrantCreateParams

from local.stigg_emulator.shapes import currencies as emulated
from local.stigg_emulator.shapes.fields import Field, ListOf, Nullable, Record, Tagged
from stigg_actions import decimal_json
from stigg_actions.errors import RequestInvalid
from stigg_actions.models import currencies
from stigg_actions.models.base import ActionRequest, Model
from stigg_actions.models.create_credit_grant import CreateCreditGrant, GrantTerms
from stigg_actions.models.create_customer import CreateCustomer, CustomerDetails
from stigg_actions.models.create_subscription import CreateSubscription
from stigg_actions.models.parsing import parse
from stigg_actions.models.preview_subscription import PreviewSubscription
from stigg_actions.models.subscription_reference import SubscriptionRequest
from stigg_actions.models.terms import FullTerms, PlanChoice
from stigg_actions.models.update_subscription import ClearedFields, UpdateSubscription
from stigg_actions.subscriptions.pricing import PRICED
from tests.contract.sdk_shapes import body_problems, sdk_record
from tests.support.valid_requests import CUSTOMER, GRANT, PLAUSIBLE, PREVIEWS, SUBSCRIPTIONS, UPDATES, Body, spoiled

type Send = Callable[[Body], Any]


def subscription(body: Body) -> Any:  # noqa: ANN401 - JSON
    """Return what goes to POST /api/v1/subscriptions, with the ids that are put in elsewhere."""
    return {"customerId": "acme", **_sent(CreateSubscription, body, CreateSubscription.terms)}


def preview(body: Body) -> Any:  # noqa: ANN401 - JSON
    """Return what goes to POST /api/v1/subscriptions/preview, with the id that is put in elsewhere."""
    asked = _sent(PreviewSubscription, body, PreviewSubscription.asked)
    return {"customerId": "acme", **{name: asked[name] for name in asked if name in PRICED}}


def update(body: Body) -> Any:  # noqa: ANN401 - JSON
    """Return what goes to PATCH /api/v1/subscriptions/{id}, when nothing of it stands already."""
    return _sent(UpdateSubscription, body, lambda request: {**request.given(), **request.modifiers()})


def customer(body: Body) -> Any:  # noqa: ANN401 - JSON
    """Return what goes to POST /api/v1/customers, with the id that is put in elsewhere."""
    return {"id": "acme", **_sent(CreateCustomer, body, CreateCustomer.details)}


def grant(body: Body) -> Any:  # noqa: ANN401 - JSON
    """Return what goes to POST /api/v1/credits/grants, with the id that is put in elsewhere."""
    return {"customerId": "acme", **_sent(CreateCreditGrant, body, CreateCreditGrant.terms)}


def _sent[Request: ActionRequest](model: type[Request], body: Body, terms: Callable[[Request], object]) -> Any:  # noqa: ANN401
    return json.loads(decimal_json.dumps(terms(parse(model, body))))


def _aliases(model: type[Model]) -> set[str | None]:
    return {field.alias for field in model.model_fields.values()}


OPERATIONS = pytest.mark.parametrize(
    ("params", "send", "bodies"),
    [
        (v1.SubscriptionProvisionParams, subscription, SUBSCRIPTIONS),
        (v1.SubscriptionPreviewParams, preview, PREVIEWS),
        (v1.SubscriptionUpdateParams, update, UPDATES),
        (v1.CustomerProvisionParams, customer, [CUSTOMER]),
        (GrantCreateParams, grant, [GRANT]),
    ],
    ids=["subscription", "preview", "update", "customer", "grant"],
)


@pytest.mark.parametrize(
    ("params", "models", "set_elsewhere"),
    [
        (v1.SubscriptionProvisionParams, (FullTerms, PlanChoice), {"id", "customerId"}),
        (v1.CustomerProvisionParams, (CustomerDetails,), {"id"}),
        (GrantCreateParams, (GrantTerms,), {"customerId"}),
    ],
)
def test_every_field_is_offered(params: type, models: tuple[type[Model], ...], set_elsewhere: set[str]) -> None:
    """Our fields are Stigg's, all of them, but for ids that are put in elsewhere and one short form of ours."""
    expected = set(sdk_record(params).fields) - set_elsewhere

    assert expected == set().union(*map(_aliases, models)) - {"planBaseChargeOverride"}


def test_every_field_of_a_change_is_offered() -> None:
    """Our fields are those of Stigg's PATCH, all of them, but for how lists are meant and what is to be emptied."""
    ours = {"clearFields", "dryRun", "mode", "planBaseChargeOverride"}
    removals = {"removeAddons", "removeCharges", "removeEntitlements", "removePriceOverrides"}
    offered = _aliases(UpdateSubscription) - _aliases(SubscriptionRequest)

    assert offered == set(sdk_record(v1.SubscriptionUpdateParams).fields) | ours | removals


def test_what_can_be_emptied() -> None:
    """A field can be emptied exactly where Stigg's PATCH takes null for it."""
    body = {"subscriptionId": "sub-1", "clearFields": ["budget", "cancellationDate", "minimumSpend", "salesforceId"]}
    fields = sdk_record(v1.SubscriptionUpdateParams).fields

    assert update(body) == {name: None for name, field in fields.items() if isinstance(field, Nullable)}
    assert _aliases(ClearedFields) == {"clearFields"}


def test_every_priced_field_is_sent() -> None:
    """What goes to Stigg's preview is all that it takes."""
    assert set(sdk_record(v1.SubscriptionPreviewParams).fields) == PRICED


@OPERATIONS
def test_full_requests(params: type, send: Send, bodies: list[Body]) -> None:
    """Requests that use every field there is fit Stigg's types."""
    assert [body_problems(params, send(body)) for body in bodies] == [[]] * len(bodies)


@OPERATIONS
def test_full_requests_are_full(params: type, send: Send, bodies: list[Body]) -> None:
    """Every field that Stigg has, at every depth, can be reached through ours."""
    given_fields = {path for body in bodies for path in filled(send(body))}

    assert set(fields_of(sdk_record(params))) - given_fields - {"id"} == set()


@OPERATIONS
def test_whatever_is_accepted(params: type, send: Send, bodies: list[Body]) -> None:
    """Whatever request our models accept fits Stigg's types."""

    @settings(max_examples=60)
    @given(spoiled(bodies, PLAUSIBLE))
    def holds(body: Body) -> None:
        with suppress(RequestInvalid):
            assert body_problems(params, send(body)) == []

    holds()


def test_currencies() -> None:
    """The currencies that we take are Stigg's, wherever the SDK lists some, and those of the emulator."""
    sources = (inspect.getsource(module) for module in _modules_of_params())
    lists = [re.findall(r'"(\w+)"', codes) for source in sources for codes in re.findall(r"Literal\[([^]]*)\]", source)]
    of_currencies = [set(codes) for codes in lists if "usd" in codes]

    assert len(of_currencies) > 10
    assert [codes for codes in of_currencies if codes != currencies.CURRENCIES] == []
    assert set(emulated.CURRENCIES) == currencies.CURRENCIES


def _modules_of_params() -> Iterator[ModuleType]:
    """Yield the SDK's modules of parameters of requests."""
    for found in pkgutil.walk_packages(v1.__path__, f"{v1.__name__}."):
        if found.name.endswith("_params"):
            yield importlib.import_module(found.name)


def fields_of(field: Field, at: str = "") -> Iterator[str]:
    """Name every field of a shape by its path, without indices."""
    match field:
        case Record():
            for name, inner in field.fields.items():
                yield f"{at}{name}"
                yield from fields_of(inner, f"{at}{name}.")
        case Tagged():
            for record in field.records.values():
                yield from fields_of(record, at)
        case Nullable(inner) | ListOf(inner):
            yield from fields_of(inner, at)


def filled(value: object, at: str = "") -> Iterator[str]:
    """Name every field of a body by its path, without indices."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{at}{name}"
            yield from filled(inner, f"{at}{name}.")
    elif isinstance(value, list):
        for inner in value:
            yield from filled(inner, at)
