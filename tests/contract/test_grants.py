"""Credit grants: status by the clock, payment, what is listed, what is refused."""

import pytest

from local.stigg_emulator.hosting import AdminError, Emulator
from tests.contract.client import CARD, Api, Json, data, refusal

GIFT = {
    "customerId": "acme",
    "currencyId": "cred-type-tokens",
    "amount": 100,
    "displayName": "Gift",
    "grantType": "PROMOTIONAL",
}
SOLD = {**GIFT, "grantType": "PAID", "cost": {"amount": 20, "currency": "usd"}}


@pytest.fixture(autouse=True)
def customer(api: Api, emulator: Emulator) -> None:
    """Create the customer `acme` at the start of 2040."""
    emulator.set_clock("2040-01-01T00:00:00Z")
    api.customer()


def listed(api: Api, path: str) -> list[Json]:
    """Read the items of a list."""
    items: list[Json] = api.get(path).json()["data"]
    return items


def test_status_by_the_clock(api: Api, emulator: Emulator) -> None:
    """A grant is scheduled, then active, then expired."""
    api.post("/credits/grants", **GIFT, effectiveAt="2040-02-01T00:00:00Z", expireAt="2040-03-01T00:00:00Z")
    seen = []
    for day in ("2040-01-15", "2040-02-15", "2040-03-15"):
        emulator.set_clock(f"{day}T00:00:00Z")
        seen.append(emulator.state()["grants"][0]["status"])

    assert seen == ["SCHEDULED", "ACTIVE", "EXPIRED"]


def test_every_post_is_a_new_grant(api: Api, emulator: Emulator) -> None:
    """Two equal requests without a key are two grants, with the usual priority."""
    for _ in range(2):
        api.post("/credits/grants", **GIFT)

    assert [grant["priority"] for grant in emulator.state()["grants"]] == [50, 50]


def test_invoiced(api: Api, emulator: Emulator) -> None:
    """An invoiced grant is unusable until its invoice is paid."""
    grant = data(api.post("/credits/grants", **SOLD, paymentCollectionMethod="INVOICE"))
    assert (grant["status"], grant["latestInvoice"]["status"]) == ("PAYMENT_PENDING", "OPEN")

    emulator.pay_grant(grant["id"])
    assert emulator.state()["grants"][0]["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("customer_id", "method", "status"),
    [("acme", "NONE", "ACTIVE"), ("acme", "CHARGE", "PAYMENT_PENDING"), ("globex", "CHARGE", "ACTIVE")],
)
def test_charged(api: Api, customer_id: str, method: str, status: str) -> None:
    """A charged grant is active when there is a card to charge, an uncollected one at once."""
    api.customer("globex", defaultPaymentMethod=CARD)
    body = {**SOLD, "customerId": customer_id, "paymentCollectionMethod": method}

    assert status == data(api.post("/credits/grants", **body))["status"]


def test_listed_by_resource(api: Api) -> None:
    """Without a resource id only grants without a resource are listed."""
    general = data(api.post("/credits/grants", **GIFT))
    special = data(api.post("/credits/grants", **GIFT, resourceId="site-1"))
    path = "/credits/grants?customerId=acme"

    assert listed(api, path) == [general]
    assert listed(api, f"{path}&resourceId=site-1") == [special]
    assert listed(api, f"{path}&currencyId=other") == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"customerId": "nobody"}, "CustomerNotFound"),
        ({"currencyId": "cred-x"}, "CustomCurrencyNotFound"),
        ({"amount": 0}, "BadUserInput"),
        ({"amount": "100"}, "BadUserInput"),
        ({"priority": 101}, "BadUserInput"),
        ({"priority": 1.5}, "BadUserInput"),
        ({"displayName": "x" * 256}, "BadUserInput"),
        ({"grantType": "RECURRING"}, "BadUserInput"),
        ({"cost": {"amount": 1, "currency": "usd"}}, "BadUserInput"),
        ({"expireAt": "2039-01-01T00:00:00Z"}, "ExpireAtMustBeLaterThanEffectiveAtError"),
        ({"id": "grant-1"}, "BadUserInput"),
    ],
)
def test_refused(api: Api, change: Json, code: str) -> None:
    """A grant that makes no sense is refused."""
    assert (400, code) == refusal(api.post("/credits/grants", **{**GIFT, **change}))


def test_list_needs_a_customer(api: Api) -> None:
    """Grants are listed for one customer."""
    assert refusal(api.get("/credits/grants")) == (400, "BadUserInput")


def test_void(api: Api, emulator: Emulator) -> None:
    """A grant is voided once, and not after it has expired."""
    first, second = (data(api.post("/credits/grants", **GIFT, expireAt="2040-02-01T00:00:00Z")) for _ in range(2))
    void = f"/credits/grants/{first['id']}/void"

    assert data(api.post(void))["status"] == "VOIDED"
    assert refusal(api.post(void)) == (400, "CreditGrantAlreadyVoided")
    emulator.set_clock("2040-02-02T00:00:00Z")
    assert refusal(api.post(f"/credits/grants/{second['id']}/void")) == (400, "CreditGrantCannotBeVoided")
    assert refusal(api.post("/credits/grants/other/void")) == (404, "CreditGrantNotFound")


def test_use(api: Api, emulator: Emulator) -> None:
    """A grant shows how many of its credits were used, also after it was voided."""
    grant = data(api.post("/credits/grants", **GIFT))
    emulator.use_credits(grant["id"], 2)
    emulator.use_credits(grant["id"], 1.5)

    assert data(api.post(f"/credits/grants/{grant['id']}/void"))["consumedAmount"] == 3.5
    with pytest.raises(AdminError, match="Credit grant not found"):
        emulator.use_credits("other", 1)


def test_entitlements(api: Api) -> None:
    """Active grants add up with the credits of the plan."""
    assert data(api.get("/customers/acme/entitlements"))["accessDeniedReason"] == "NoActiveSubscription"

    api.subscribe("sub-1", "plan-growth")
    api.post("/credits/grants", **GIFT)
    items = data(api.get("/customers/acme/entitlements"))["entitlements"]
    assert [item["usageLimit"] for item in items if item["type"] == "CREDIT"] == [1100]
