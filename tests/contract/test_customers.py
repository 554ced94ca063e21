"""Customers: identity, fields that are replaced as a whole, archiving."""

import pytest

from tests.contract.client import Api, Json, data, refusal

GIFT: Json = {
    "customerId": "acme",
    "currencyId": "cred-type-tokens",
    "amount": 5,
    "displayName": "Gift",
    "grantType": "PROMOTIONAL",
}


def test_duplicate_id(api: Api) -> None:
    """A known id is refused: creation is not an upsert."""
    api.customer(name="Acme")

    assert refusal(api.post("/customers", id="acme", name="Other")) == (409, "DuplicatedEntityNotAllowed")
    assert data(api.get("/customers/acme"))["name"] == "Acme"


def test_duplicate_billing_id(api: Api) -> None:
    """A billing id belongs to one customer."""
    api.customer(billingId="cus_1")

    assert refusal(api.post("/customers", id="globex", billingId="cus_1")) == (409, "DuplicatedEntityNotAllowed")


def test_metadata_is_replaced(api: Api) -> None:
    """An update replaces metadata as a whole, leaves it alone when it is absent, and empties it with `{}`."""
    api.customer(metadata={"a": "1", "b": "2"})

    assert data(api.patch("/customers/acme", metadata={"c": "3"}))["metadata"] == {"c": "3"}
    assert data(api.patch("/customers/acme", name="Acme"))["metadata"] == {"c": "3"}
    assert data(api.patch("/customers/acme", metadata={}))["metadata"] == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": "-acme"},
        {"id": "a" * 256},
        {"id": "acme", "email": "nobody"},
        {"id": "acme", "salesforceId": "001000000000001"},
        {"id": "acme", "billingCurrency": "USD"},
        {"id": "acme", "metadata": {"seats": 3}},
        {"id": "acme", "defaultPaymentMethod": {"type": "CARD"}},
    ],
)
def test_malformed(api: Api, body: Json) -> None:
    """A missing, malformed or unknown field is refused."""
    assert refusal(api.post("/customers", **body)) == (400, "BadUserInput")


def test_archived(api: Api) -> None:
    """An archived customer loses its subscriptions, can buy nothing and cannot be updated until it is restored."""
    api.customer()
    api.subscribe("sub-1")
    api.post("/customers/acme/archive")

    assert api.status("sub-1") == ("CANCELED", "CustomerArchived")
    assert refusal(api.provision("sub-2")) == (400, "EntityIsArchivedError")
    assert refusal(api.post("/credits/grants", **GIFT)) == (400, "EntityIsArchivedError")
    assert refusal(api.patch("/customers/acme", name="Acme")) == (404, "CustomerNotFound")
    api.post("/customers/acme/unarchive")
    assert api.subscribe("sub-2")["subscription"]["status"] == "ACTIVE"
