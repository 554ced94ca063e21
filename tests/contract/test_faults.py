"""Faults: which let the effect happen, which do not, and when they end."""

import time

import httpx
import pytest

from local.stigg_emulator.hosting import AdminError, Emulator, running_emulator
from tests.contract.client import Api
from tests.support.tls import unused_tls


def customers(emulator: Emulator) -> list[str]:
    """List the customers that exist."""
    return [customer["id"] for customer in emulator.state()["customers"]]


@pytest.mark.parametrize(("fault", "effect"), [("cutBefore", []), ("cutAfter", ["acme"])])
def test_cut(api: Api, emulator: Emulator, fault: str, effect: list[str]) -> None:
    """A cut connection answers nothing; the effect has happened or has not."""
    emulator.fault("POST", "/customers$", fault)
    with pytest.raises(httpx.RemoteProtocolError):
        api.post("/customers", id="acme")

    assert effect == customers(emulator)
    assert emulator.state()["calls"][0]["status"] is None


@pytest.mark.parametrize(("fault", "effect"), [("status", []), ("statusAfter", ["acme"])])
def test_status(api: Api, emulator: Emulator, fault: str, effect: list[str]) -> None:
    """A status is answered instead; the effect has happened or has not."""
    emulator.fault("POST", "/customers$", fault, 503)

    assert api.post("/customers", id="acme").status_code == 503
    assert effect == customers(emulator)


def test_chosen_answer(api: Api, emulator: Emulator) -> None:
    """A fault can choose body and headers: a gateway's HTML, a `Retry-After`."""
    chosen = {"status": 429, "body": "<html>", "headers": {"Retry-After": "7", "Content-Type": "text/html"}}
    emulator.fault("GET", "/customers", "status", chosen)
    answer = api.get("/customers/acme")

    assert (answer.status_code, answer.text, answer.headers["retry-after"]) == (429, "<html>", "7")
    assert answer.headers["content-type"] == "text/html"


def test_garbage(api: Api, emulator: Emulator) -> None:
    """A garbled answer is no JSON, but the effect has happened."""
    emulator.fault("POST", "/customers$", "garbage")
    with pytest.raises(ValueError, match="Unterminated string"):
        api.post("/customers", id="acme").json()

    assert customers(emulator) == ["acme"]


def test_latency(api: Api, emulator: Emulator) -> None:
    """A slow answer arrives whole, after its time."""
    emulator.fault("*", "/customers", "latency", 0.2)
    begun = time.monotonic()

    assert api.customer()["id"] == "acme"
    assert time.monotonic() - begun >= 0.2


def test_drip(api: Api, emulator: Emulator) -> None:
    """A dripping answer arrives byte by byte."""
    emulator.fault("*", "/customers", "drip", 0.001)
    begun = time.monotonic()

    assert api.customer()["id"] == "acme"
    assert time.monotonic() - begun >= 0.1


def test_hang(emulator: Emulator) -> None:
    """A hanging call never answers and has no effect; others go on."""
    emulator.fault("POST", "/customers$", "hang")
    with httpx.Client(
        base_url=emulator.url, headers={"X-API-KEY": emulator.key}, timeout=0.1, verify=unused_tls()
    ) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.post("/api/v1/customers", json={"id": "acme"})
        assert client.get("/api/v1/customers").status_code == 200

    assert customers(emulator) == []


def test_hang_does_not_block_the_end() -> None:
    """An emulator stops while a call hangs."""
    begun = time.monotonic()
    with running_emulator() as emulator:
        emulator.fault("*", ".", "hang")
        with httpx.Client(timeout=0.1, verify=unused_tls()) as client, pytest.raises(httpx.ReadTimeout):
            client.get(emulator.url)

    assert time.monotonic() - begun < 5


def test_times(api: Api, emulator: Emulator) -> None:
    """A fault ends after so many times; one without a number when it is deleted."""
    emulator.fault("GET", "/customers", "status", 500, times=2)
    emulator.fault("GET", "/customers", "status", 502)
    statuses = [api.get("/customers").status_code for _ in range(4)]
    emulator.clear_faults()

    assert statuses == [500, 500, 502, 502]
    assert api.get("/customers").status_code == 200


@pytest.mark.parametrize(("path", "fault", "value"), [("(", "hang", None), (".", "status", None), (".", "fire", 1)])
def test_malformed_fault(emulator: Emulator, path: str, fault: str, value: object) -> None:
    """A fault that makes no sense is refused."""
    with pytest.raises(AdminError):
        emulator.fault("GET", path, fault, value)
