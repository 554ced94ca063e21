"""Contracts: created all or nothing, with custom-priced subscriptions only, and archived with them."""

import pytest

from local.stigg_emulator.hosting import Emulator
from tests.contract.client import Api, Json, data, refusal

ENTERPRISE: Json = {"customerId": "acme", "planId": "plan-enterprise", "id": "sub-1"}
WORKSPACE: Json = {
    "customerId": "acme",
    "planId": "plan-workspace",
    "id": "sub-2",
    "resourceId": "desk",
    "billingPeriod": "MONTHLY",
    "paymentCollectionMethod": "NONE",
}
BAD_INPUT = (400, "BadUserInput")
DUPLICATE = (409, "DuplicatedEntityNotAllowed")


@pytest.fixture(autouse=True)
def customer(api: Api) -> None:
    """Create the customer `acme`."""
    api.customer(name="Acme")


def new(*subscriptions: Json, **fields: object) -> Json:
    """Return the body of a contract with new subscriptions."""
    parts = [{"newSubscription": subscription} for subscription in subscriptions]
    return {"customerId": "acme", "contractId": "c-1", "subscriptions": parts, **fields}


def members(contract: Json) -> list[str]:
    """Return the ids of a contract's subscriptions."""
    return [one["subscriptionId"] for one in contract["subscriptions"]]


def test_created(api: Api, emulator: Emulator) -> None:
    """A contract is created with its subscriptions, which then show it; the same id answers with what there is."""
    made = data(api.post("/contracts", **new(ENTERPRISE, WORKSPACE, name="Deal", poNumber="PO-1")))
    again = data(api.post("/contracts", **new(name="Other")))

    assert (made["name"], made["poNumber"], made["state"], made["billingState"]) == ("PO-1", "PO-1", "ACTIVE", "ACTIVE")
    assert members(made) == ["sub-1", "sub-2"]
    assert api.subscription("sub-1")["contractId"] == made["id"]
    assert again == made == data(api.get("/contracts/c-1"))
    assert api.get("/customers/acme/contracts").json()["data"] == emulator.state()["contracts"] == [made]


def test_states(api: Api) -> None:
    """A contract is a draft until one of its subscriptions is active, and canceled once it is archived."""
    draft = data(api.post("/contracts", customerId="acme", setupBilling=False))
    api.post("/contracts", **new(ENTERPRISE))
    archived = data(api.post("/contracts/c-1/archive"))

    assert (draft["state"], draft["billingState"], draft["billingId"], draft["name"]) == ("DRAFT", None, None, "Acme")
    assert (archived["state"], archived["billingState"]) == ("CANCELED", "CANCELED")
    assert api.subscription("sub-1")["status"] == "CANCELED"
    assert refusal(api.post("/contracts/c-1/archive")) == (400, "EntityIsArchivedError")
    assert data(api.post("/contracts", **new()))["state"] == "CANCELED"


def test_changed(api: Api) -> None:
    """A change replaces what it holds; billing is added and never removed, and what leaves stays active."""
    api.post("/contracts", **new(ENTERPRISE, WORKSPACE, setupBilling=False))
    changed = data(api.patch("/contracts/c-1", name="New", setupBilling=True, subscriptionIds=["sub-2"]))

    assert (changed["name"], changed["billingState"], members(changed)) == ("New", "ACTIVE", ["sub-2"])
    assert data(api.patch("/contracts/c-1", setupBilling=False))["billingState"] == "ACTIVE"
    assert (api.subscription("sub-1")["status"], api.subscription("sub-1")["contractId"]) == ("ACTIVE", None)
    assert members(data(api.patch("/contracts/c-1", subscriptionIds=[]))) == []


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (new(ENTERPRISE, WORKSPACE | {"planId": "plan-free", "id": "sub-3"}), BAD_INPUT),
        (new(ENTERPRISE, WORKSPACE | {"paymentCollectionMethod": "INVOICE"}), BAD_INPUT),
        (new(ENTERPRISE, ENTERPRISE | {"id": "sub-3", "resourceId": "site"}), DUPLICATE),
        (new(ENTERPRISE | {"minimumSpend": {"amount": 1, "currency": "eur"}}, WORKSPACE), BAD_INPUT),
        (new(ENTERPRISE | {"planId": "plan-none"}), (400, "PlanNotFound")),
        (new(ENTERPRISE | {"customerId": "globex"}), BAD_INPUT),
        (new(customerId="none"), (400, "CustomerNotFound")),
        (new() | {"subscriptions": [{}]}, BAD_INPUT),
        (new() | {"subscriptions": [{"existingSubscriptionId": "none"}]}, (404, "SubscriptionNotFound")),
    ],
)
def test_all_or_nothing(api: Api, emulator: Emulator, body: Json, answer: tuple[int, str]) -> None:
    """If one subscription is refused, there is neither a contract nor any of them."""
    api.customer("globex")

    assert refusal(api.post("/contracts", **body)) == answer
    assert (emulator.state()["contracts"], emulator.state()["subscriptions"]) == ([], [])


def test_existing_subscriptions(api: Api) -> None:
    """A live subscription of the same customer can be linked, to one contract at a time."""
    api.post("/subscriptions", **ENTERPRISE)
    linked = {"customerId": "acme", "subscriptions": [{"existingSubscriptionId": "sub-1"}]}

    assert members(data(api.post("/contracts", **linked, contractId="c-1"))) == ["sub-1"]
    assert refusal(api.post("/contracts", **linked, contractId="c-2")) == DUPLICATE
    api.patch("/contracts/c-1", subscriptionIds=[])
    api.post("/subscriptions/sub-1/cancel", cancellationTime="IMMEDIATE")
    assert refusal(api.post("/contracts", **linked, contractId="c-2")) == (400, "InvalidSubscriptionStatus")


def test_unknown(api: Api) -> None:
    """A contract that does not exist is not found by any operation."""
    answers = [api.get("/contracts/none"), api.patch("/contracts/none"), api.post("/contracts/none/archive")]

    assert [refusal(answer) for answer in answers] == [(404, "ContractNotFound")] * 3
