"""Keys and transport: who may call, what a request must look like, what the emulator says of itself."""

import httpx
import pytest

from local.stigg_emulator.hosting import AdminError, Emulator
from tests.contract.client import Api, refusal
from tests.support.tls import unused_tls


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("active", (201, None)),
        ("expired", (401, "ApiKeyExpired")),
        ("revoked", (401, "Unauthenticated")),
        ("readOnly", (403, "AccessDeniedError")),
    ],
)
def test_key(api: Api, emulator: Emulator, status: str, expected: tuple[int, str | None]) -> None:
    """A key is active, expired, revoked or lacks the permission to write."""
    emulator.set_key("server-other", status)
    answer = api.call("POST", "/customers", {"id": "acme"}, X_API_KEY="server-other")

    assert expected == (answer.status_code, answer.json().get("code"))


@pytest.mark.parametrize("path", ["/customers", "/plans", "/addons", "/features", "/credits/custom-currencies"])
def test_read_only_key_reads(api: Api, emulator: Emulator, path: str) -> None:
    """A key without permission to write may read."""
    emulator.set_key("server-other", "readOnly")

    assert api.call("GET", path, X_API_KEY="server-other").status_code == 200


@pytest.mark.parametrize("headers", [{}, {"X-API-KEY": "server-unknown"}])
def test_no_key(emulator: Emulator, headers: dict[str, str]) -> None:
    """Without a known key nothing is answered."""
    answer = httpx.get(f"{emulator.url}/api/v1/customers", headers=headers, verify=unused_tls())

    assert refusal(answer) == (401, "Unauthenticated")


def test_content_type(emulator: Emulator) -> None:
    """A POST that does not say that it is JSON is refused as unauthenticated."""
    answer = httpx.post(f"{emulator.url}/api/v1/customers", headers={"X-API-KEY": emulator.key}, content=b"{}")

    assert refusal(answer) == (401, "Unauthenticated")


@pytest.mark.parametrize("body", [b"{", b"[]", b"1"])
def test_body(emulator: Emulator, body: bytes) -> None:
    """A body is a JSON object."""
    headers = {"X-API-KEY": emulator.key, "Content-Type": "application/json"}
    answer = httpx.post(f"{emulator.url}/api/v1/customers", headers=headers, content=body)

    assert refusal(answer) == (400, "BadUserInput")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "starting_after=1", "createdAt[gte]=today", "after=unknown"]
)
def test_query(api: Api, query: str) -> None:
    """Unknown filters, limits out of range, malformed dates and unknown cursors are refused."""
    assert api.get(f"/customers?{query}").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/subscriptions?status=ACTIVE,DONE",
        "/plans?status=ACTIVE",
        "/addons?status=NEW",
        "/features?status=PUBLISHED",
        "/features?featureType=TEXT",
        "/features?meterType=NONE",
        "/credits/custom-currencies?status=PUBLISHED",
    ],
)
def test_unknown_word(api: Api, path: str) -> None:
    """A filter's unknown word is refused."""
    assert refusal(api.get(path)) == (400, "BadUserInput")


def test_unknown_route(api: Api) -> None:
    """There is nothing at other paths."""
    assert api.get("/nothing").status_code == 404


def test_calls(api: Api, emulator: Emulator) -> None:
    """Calls are listed in order, with status and key; admin calls are not."""
    api.call("POST", "/customers", {"id": "acme"}, idempotency_key="key-1")
    api.get("/customers/other")
    seen = [(call["method"], call["status"], call["idempotencyKey"]) for call in emulator.state()["calls"]]

    assert seen == [("POST", 201, "key-1"), ("GET", 404, None)]


def test_description(emulator: Emulator) -> None:
    """It says that it is an emulator, and what it does not model."""
    description = httpx.get(f"{emulator.url}/_emulator").json()

    assert "not Stigg" in description["emulator"]
    assert "subscriptions" in description["models"]
    assert any("usage" in item for item in description["doesNotModel"])


def test_unknown_admin_call(emulator: Emulator) -> None:
    """An admin call for something that is not there is refused."""
    with pytest.raises(AdminError, match="Subscription not found"):
        emulator.invoice("sub-1")
