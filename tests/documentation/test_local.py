"""docs/local.md says what the emulator really does on request."""

import json
import re
import subprocess
import time
from typing import Any

import httpx
import pytest

from local.stack.template import ROOT
from local.stigg_emulator.admin import Admin
from local.stigg_emulator.catalog import DEFAULT_PATH, load
from local.stigg_emulator.faults import KINDS, Faults
from local.stigg_emulator.gateway import Gateway
from local.stigg_emulator.hosting import Emulator
from tests.support.documented import table
from tests.support.some import some
from tests.support.tls import unused_tls

TEXT = (ROOT / "docs" / "local.md").read_text()
FAULTS = {row[0]: row for row in table(TEXT, "faults")}
ORDER = re.findall(r"^curl .+$", TEXT, re.MULTILINE)


def run(command: str, emulator: Emulator) -> str:
    """Run a documented command as a person would who pastes it."""
    ran = subprocess.run(  # noqa: S603 - what the document says
        ["/bin/bash", "-euc", command],
        env={"STIGG": emulator.url, "PATH": "/usr/bin:/bin", "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


def create(emulator: Emulator, seconds: float = 5) -> httpx.Response:
    """Create a customer in Stigg."""
    headers = {"X-API-KEY": emulator.key}
    with httpx.Client(headers=headers, timeout=seconds, trust_env=False, verify=unused_tls()) as client:
        return client.post(f"{emulator.url}/api/v1/customers", json={"id": "acme"})


def created(emulator: Emulator) -> bool:
    """Whether the customer is in Stigg."""
    return bool(emulator.state()["customers"])


def test_every_fault_is_documented() -> None:
    """The table has every kind of fault, and no other."""
    assert sorted(FAULTS) == sorted(KINDS)


@pytest.mark.parametrize("fault", sorted(KINDS))
def test_whether_stigg_has_acted(emulator: Emulator, fault: str) -> None:
    """Stigg has acted where the table says so, and the caller sees what it says."""
    values = {"latency": 0.1, "drip": 0.001, "hang": 0.1, "status": 503, "statusAfter": 503}
    emulator.fault("POST", "/api/v1/customers$", fault, values.get(fault))
    begun, seen = time.monotonic(), FAULTS[fault][2]
    try:
        answer = create(emulator)
    except httpx.TransportError:
        seen_so = "no answer" in seen
    else:
        right = answer.status_code < 300 and not answer.text.endswith('"id": "')
        seen_so = right is ("the right answer" in seen) and ("status" in seen) is not right

    assert seen_so, seen
    assert created(emulator) is (FAULTS[fault][1] == "yes")
    assert ("late" in seen) <= (time.monotonic() - begun >= 0.1)


def test_the_first_commands(emulator: Emulator) -> None:
    """The first command loses one answer, the second ends all faults."""
    lose, end = ORDER
    run(lose, emulator)
    with pytest.raises(httpx.RemoteProtocolError):
        create(emulator)
    lost_once, again = created(emulator), create(emulator)
    emulator.fault("POST", "/", "status", 503)
    ended = run(end, emulator)

    assert (lost_once, again.status_code, json.loads(ended)) == (True, 409, {"faults": []})
    assert create(emulator).status_code == 409


def test_fields_of_a_fault(emulator: Emulator) -> None:
    """The table of fields has every field that an order may have, and says which it must have."""
    fields = dict(table(TEXT, "fields of a fault"))
    full: dict[str, Any] = {"path": "/api", "fault": "latency", "method": "GET", "value": 0, "times": 1}

    assert set(fields) == set(full)
    for name, meaning in some(fields.items()):
        part = {key: value for key, value in full.items() if key != name}
        answer = httpx.post(f"{emulator.url}/_emulator/faults", json=part, trust_env=False)
        assert answer.is_success is ("required" not in meaning), name


def test_every_route_is_documented() -> None:
    """The table has every route of the emulator's own, and no other."""
    cells = [row[0] for row in table(TEXT, "routes")]
    documented = {tuple(route.split()) for cell in cells for route in re.findall(r"[A-Z]+ /[a-z_/]+", cell)}

    assert documented == Admin(Gateway(load(DEFAULT_PATH)), Faults()).routes


COMPLETE = [
    (row[0], body) for row in table(TEXT, "routes") for body in re.findall(r"\{.*?\}", row[1]) if "..." not in body
]


@pytest.mark.parametrize(("route", "body"), COMPLETE)
def test_bodies_are_taken(emulator: Emulator, route: str, body: str) -> None:
    """A body that the table shows in full is one that the route takes."""
    method, path = route.split()
    answer = httpx.request(method, f"{emulator.url}{path}", json=json.loads(body), trust_env=False, timeout=10)

    assert answer.status_code == 200, answer.text
