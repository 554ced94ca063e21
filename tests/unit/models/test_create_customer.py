"""Creating or updating customers: what goes to Stigg."""

from typing import Any

import pytest

from stigg_actions.models.create_customer import CreateCustomer
from stigg_actions.models.parsing import parse
from tests.unit.models.conftest import Problems

LINK = {"id": "integration-1", "vendorIdentifier": "STRIPE", "syncedEntityId": "cus_1"}


def test_account_alone() -> None:
    """An account is enough; everything else is optional."""
    assert parse(CreateCustomer, {"salesforceAccountId": "0019000000B98de"}).details() == {}


def test_payment_method() -> None:
    """A payment method goes out with all of its keys, as Stigg asks."""
    request = parse(CreateCustomer, {"customerId": "acme", "defaultPaymentMethod": {"type": "card"}})
    expected = {
        "type": "CARD",
        "billingId": None,
        "cardLast4Digits": None,
        "cardExpiryMonth": None,
        "cardExpiryYear": None,
    }

    assert {"defaultPaymentMethod": expected} == request.details()


def test_payment_method_of_unknown_type() -> None:
    """A payment method may be known by its id alone."""
    request = parse(CreateCustomer, {"customerId": "acme", "defaultPaymentMethod": {"billingId": "pm_1", "type": ""}})
    method: Any = request.details()["defaultPaymentMethod"]

    assert (method["billingId"], method["type"]) == ("pm_1", None)


@pytest.mark.parametrize("blank", [{}, {"type": "", "billingId": None}])
def test_no_payment_method(blank: dict[str, Any]) -> None:
    """A payment method of blanks is none."""
    assert parse(CreateCustomer, {"customerId": "acme", "defaultPaymentMethod": blank}).details() == {}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"defaultPaymentMethod": {"type": "CASH"}}, "defaultPaymentMethod.type"),
        ({"defaultPaymentMethod": {"type": "CARD", "cardLast4Digits": "123"}}, "defaultPaymentMethod.cardLast4Digits"),
        (
            {"defaultPaymentMethod": {"type": "CARD", "cardLast4Digits": "\N{ARABIC-INDIC DIGIT ONE}" * 4}},
            "defaultPaymentMethod.cardLast4Digits",
        ),
        ({"defaultPaymentMethod": {"type": "CARD", "cardExpiryMonth": 13}}, "defaultPaymentMethod.cardExpiryMonth"),
        ({"defaultPaymentMethod": {"type": "CARD", "cardExpiryYear": 99}}, "defaultPaymentMethod.cardExpiryYear"),
        ({"integrations": [{**LINK, "syncedEntityId": ""}]}, "integrations[0].syncedEntityId"),
        ({"integrations": [{**LINK, "vendorIdentifier": "SAP"}]}, "integrations[0].vendorIdentifier"),
        ({"passthrough": {"stripe": {"taxIds": [{"type": "eu_vat"}]}}}, "passthrough.stripe.taxIds[0].value"),
        ({"passthrough": {"zuora": {"currency": "euro"}}}, "passthrough.zuora.currency"),
        ({"passthrough": {"paypal": {}}}, "passthrough.paypal"),
        ({"metadata": [{"key": "salesforceOrgId", "value": "x"}]}, "metadata"),
        ({"billingCurrency": "euro"}, "billingCurrency"),
        ({"email": "acme"}, "email"),
    ],
)
def test_rules(problems: Problems, fields: dict[str, Any], field: str) -> None:
    """What Stigg would not take is refused under its path."""
    assert [field] == list(problems(CreateCustomer, {"customerId": "acme", **fields}))


def test_others_metadata() -> None:
    """What is reserved is reserved in Stigg's own metadata, not in a billing provider's."""
    passthrough = {"stripe": {"metadata": {"correlationId": "x"}}}

    assert parse(CreateCustomer, {"customerId": "acme", "passthrough": passthrough}).details() == {
        "passthrough": passthrough
    }


def test_metadata_as_text() -> None:
    """Metadata may be JSON text inside what is handed on, too."""
    passthrough = {"stripe": {"metadata": '{"a": 1}', "invoiceCustomFields": [{"key": "PO", "value": "17"}]}}
    request = parse(CreateCustomer, {"customerId": "acme", "passthrough": passthrough})

    assert request.details() == {
        "passthrough": {"stripe": {"metadata": {"a": "1"}, "invoiceCustomFields": {"PO": "17"}}}
    }


def test_published_zones() -> None:
    """What is published has the customer's timezone alone, for Apex knows no case; both are taken."""
    published = CreateCustomer.model_json_schema()["properties"]
    request = parse(CreateCustomer, {"customerId": "acme", "timezone": "Europe/Berlin", "timeZone": "Asia/Tokyo"})

    assert [name for name in published if name.lower() == "timezone"] == ["timezone"]
    assert (request.details(), request.time_zone) == ({"timezone": "Europe/Berlin"}, "Asia/Tokyo")
