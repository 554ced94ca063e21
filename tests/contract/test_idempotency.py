"""`Idempotency-Key`: one effect, one answer, for 24 hours; POST only."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from local.stigg_emulator.hosting import Emulator
from tests.contract.client import Api, refusal

GRANT = {
    "customerId": "acme",
    "currencyId": "cred-type-tokens",
    "amount": 100,
    "displayName": "Gift",
    "grantType": "PROMOTIONAL",
}


@pytest.fixture(autouse=True)
def customer(api: Api) -> None:
    """Create the customer `acme`."""
    api.customer()


def grant_ids(emulator: Emulator) -> list[str]:
    """List the grants that exist."""
    return [grant["id"] for grant in emulator.state()["grants"]]


def test_repeat(api: Api, emulator: Emulator) -> None:
    """A repeat gets the stored answer and has no effect."""
    first, second = (api.call("POST", "/credits/grants", GRANT, idempotency_key="key-1") for _ in range(2))

    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert len(grant_ids(emulator)) == 1


def test_concurrent_repeats(api: Api, emulator: Emulator) -> None:
    """Of concurrent duplicates one has the effect, and all get its answer."""
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(api.call, "POST", "/credits/grants", GRANT, idempotency_key="key-1") for _ in range(8)]
    answers = {call.result().json()["data"]["id"] for call in calls}

    assert answers == set(grant_ids(emulator))


def test_other_key(api: Api, emulator: Emulator) -> None:
    """Another key is another request."""
    for key in ("key-1", "key-2"):
        api.call("POST", "/credits/grants", GRANT, idempotency_key=key)

    assert len(grant_ids(emulator)) == 2


def test_forgotten(api: Api, emulator: Emulator) -> None:
    """After 24 hours a key is forgotten."""
    api.call("POST", "/credits/grants", GRANT, idempotency_key="key-1")
    emulator.advance(24 * 3600)
    api.call("POST", "/credits/grants", GRANT, idempotency_key="key-1")

    assert len(grant_ids(emulator)) == 2


def test_refusals_are_stored(api: Api, emulator: Emulator) -> None:
    """A refusal is stored too: what was in the way is gone, the answer stays."""
    api.subscribe("sub-1")
    emulator.invoice("sub-1", "OPEN")
    body = {"customerId": "acme", "planId": "plan-free"}
    api.call("POST", "/subscriptions", body, idempotency_key="key-1")
    emulator.invoice("sub-1", "PAID")

    stored = api.call("POST", "/subscriptions", body, idempotency_key="key-1")

    assert refusal(stored) == (400, "SubscriptionHasUnpaidInvoice")
    assert api.call("POST", "/subscriptions", body, idempotency_key="key-2").status_code == 201


def test_lost_answer(api: Api, emulator: Emulator) -> None:
    """An answer that was lost is given to the repeat."""
    emulator.fault("POST", "/credits/grants$", "statusAfter", 502, times=1)
    lost = api.call("POST", "/credits/grants", GRANT, idempotency_key="key-1")
    found = api.call("POST", "/credits/grants", GRANT, idempotency_key="key-1")

    assert (lost.status_code, found.status_code) == (502, 201)
    assert [found.json()["data"]["id"]] == grant_ids(emulator)


def test_patch_has_no_keys(api: Api) -> None:
    """A key on a PATCH means nothing."""
    for name in ("Acme", "Globex"):
        api.call("PATCH", "/customers/acme", {"name": name}, idempotency_key="key-1")

    assert api.get("/customers/acme").json()["data"]["name"] == "Globex"
